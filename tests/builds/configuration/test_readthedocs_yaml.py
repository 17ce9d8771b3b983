"""What a repository asks for in its `.readthedocs.yaml`, version 2."""

from pathlib import PurePosixPath

import pytest

from builds.configuration.config import Config, Install, MkDocsOptions, SphinxOptions, Submodules
from builds.configuration.reading import read_config
from builds.errors import BuildFailed
from tests.builds.configuration.bad_configs import BAD_CONFIGS

NAME = ".readthedocs.yaml"


@pytest.fixture
def checkout(tmp_path):
    source = tmp_path / "checkout"
    for name in ("docs/conf.py", "docs/requirements.txt", "docs/mkdocs.yml", "package/pyproject.toml"):
        path = source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return source


@pytest.fixture
def read(checkout):
    def read(text, name=NAME):
        (checkout / name).write_text(text if "version" in text else f"version: 2\n{text}")
        return read_config(checkout)

    return read


def test_every_key_of_the_format_is_read(read):
    config = read("""---
version: 2
formats: [pdf, epub]
build:
  os: ubuntu-24.04
  tools: {python: "3.12", nodejs: "22"}
  apt_packages: [graphviz]
  jobs:
    post_checkout: [git fetch --unshallow]
    pre_install: [echo before]
    create_environment: []
    build:
      html:
        - sphinx-build docs $READTHEDOCS_OUTPUT/html
sphinx:
  configuration: docs/conf.py
  builder: dirhtml
  fail_on_warning: true
python:
  install:
    - requirements: docs/requirements.txt
    - path: package
      extra_requirements: [docs]
      groups: [dev]
    - path: package[docs, more]
    - method: uv
      command: sync
      groups: [docs]
submodules: {include: all, recursive: true}
search:
  ranking: {"api/*": -1}
  ignore: [404.html]
""")
    assert config == Config(
        file=NAME,
        python="3.12",
        installs=(
            Install(requirements=PurePosixPath("docs/requirements.txt")),
            Install(path=PurePosixPath("package"), extras=("docs",), groups=("dev",)),
            Install(path=PurePosixPath("package"), extras=("docs", "more")),
            Install(path=PurePosixPath(), groups=("docs",), is_sync=True),
        ),
        jobs={
            "post_checkout": ("git fetch --unshallow",),
            "pre_install": ("echo before",),
            "create_environment": (),
            "build.html": ("sphinx-build docs $READTHEDOCS_OUTPUT/html",),
        },
        sphinx=SphinxOptions(PurePosixPath("docs/conf.py"), "dirhtml", True),
        formats=("pdf", "epub"),
        submodules=Submodules(include="all", is_recursive=True),
        system_packages=("graphviz",),
        notes=(f"{NAME}, line 6: build.tools: what is installed on this server is used: nodejs",),
    )


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("formats: all", "formats", ("htmlzip", "pdf", "epub")),
        ("mkdocs:\n  configuration: docs/mkdocs.yml", "mkdocs", MkDocsOptions(PurePosixPath("docs/mkdocs.yml"))),
        ("mkdocs: {}", "mkdocs", MkDocsOptions()),
        ("sphinx:\n  builder: htmldir", "sphinx", SphinxOptions(builder="dirhtml")),
        ("submodules:\n  exclude: [big]", "submodules", Submodules(exclude=("big",))),
        ("build:\n  commands:\n    - make html", "commands", ("make html",)),
        ("python:\n  install: []", "installs", ()),
        ("build:\n  os: ubuntu-lts-latest", "installs", None),
        ("build:\n  tools:\n    python: 3.9", "python", "3.9"),
        (
            "python:\n  install:\n    - {method: uv, command: pip, requirements: docs/requirements.txt}",
            "installs",
            (Install(requirements=PurePosixPath("docs/requirements.txt")),),
        ),
        (
            "python:\n  install:\n    - {method: uv, command: pip, path: package, extras: all}",
            "installs",
            (Install(path=PurePosixPath("package"), extras="all"),),
        ),
        (
            "python:\n  install:\n    - {method: uv, command: sync, path: package, groups: all, extras: [a]}",
            "installs",
            (Install(path=PurePosixPath("package"), extras=("a",), groups="all", is_sync=True),),
        ),
        (
            "python:\n  install:\n    - method: setuptools\n      path: package",
            "installs",
            (Install(path=PurePosixPath("package")),),
        ),
    ],
)
def test_one_key_alone(read, text, field, value):
    assert getattr(read(text), field) == value


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("version: 3", 1, "version: 2 is expected"),
        ("sphinks: {}", 2, 'unknown key "sphinks" (did you mean "sphinx"?)'),
        (
            "sphinx:\n  config: docs/conf.py",
            3,
            'unknown key "sphinx.config" (did you mean "sphinx.configuration"?)',
        ),
        ("sphinx:\n  configuration: doc/conf.py", 3, "sphinx.configuration: there is no file doc/conf.py"),
        ("sphinx:\n  builder: pdf", 3, 'sphinx.builder: "pdf" is not known: one of html, dirhtml'),
        ("sphinx:\n  fail_on_warning: maybe", 3, "sphinx.fail_on_warning: true or false is expected"),
        ("build:\n  tools:\n    python: 3.10", 4, 'build.tools.python: write "3.10" in quotes (read as 3.1)'),
        ("build:\n  tools:\n    phyton: '3'", 4, '(did you mean "build.tools.python"?)'),
        ("build:\n  jobs:\n    post_instal: []", 4, '(did you mean "build.jobs.post_install"?)'),
        ("build:\n  jobs:\n    pre_build: make", 4, "build.jobs.pre_build: a list of commands is expected"),
        ("build:\n  jobs:\n    pre_build: [1]", 4, "build.jobs.pre_build: a command is expected"),
        ("build:\n  commands: [make]\n  jobs:\n    pre_build: [make]", 2, "commands and jobs cannot be used"),
        ("python:\n  install: docs/requirements.txt", 3, "python.install: a list is expected"),
        ("python:\n  install:\n    - requirements: no.txt", 4, "there is no file no.txt"),
        ("python:\n  install:\n    - path: nowhere", 4, "python.install.path: directory does not exist"),
        ("python:\n  install:\n    - method: pip", 4, "python.install: requirements or path is expected"),
        ("python:\n  install:\n    - path: ../..", 4, "must stay inside the repository"),
        (
            "python:\n  install:\n    - {method: uv, command: sync, requirements: docs/requirements.txt}",
            4,
            "python.install: sync has no requirements: write command: pip",
        ),
        ("python:\n  install:\n    - {path: package, groups: all}", 4, "all groups need method: uv"),
        ("conda:\n  environment: environment.yml", 2, "conda: environments of Conda are not supported"),
        ("sphinx: {}\nmkdocs: {}", 3, "sphinx and mkdocs cannot be used together"),
        ("submodules:\n  include: [a]\n  exclude: [b]", 2, "include and exclude cannot be used together"),
        ("formats: [docx]", 2, 'formats: "docx" is not known'),
        ("sphinx:\n  configuration: /etc/conf.py", 3, "sphinx.configuration: must stay inside the repository"),
        ("sphinx:\n  configuration: a/../../conf.py", 3, "sphinx.configuration: must stay inside the repository"),
        ("mkdocs:\n  configuration: ../mkdocs.yml", 3, "mkdocs.configuration: must stay inside the repository"),
        ("python:\n  install:\n    - requirements: -r/etc/passwd", 4, "must not start with a dash"),
        ("python:\n  install:\n    - path: /", 4, "python.install.path: must stay inside the repository"),
    ],
)
def test_what_is_wrong_is_told_with_file_line_and_advice(read, text, line, message):
    with pytest.raises(BuildFailed) as caught:
        read(text)
    assert caught.value.reason.startswith(f"{NAME}, line {line}: ")
    assert message in caught.value.reason


@pytest.mark.parametrize("text", ["version: 1\npython:\n  version: 3\n", "requirements_file: version.txt\n"])
def test_a_file_of_the_version_that_read_the_docs_gave_up_is_passed_over(read, text):
    config = read(text)
    assert (config.installs, config.file) == (None, "")
    assert "only version 2 of this file is read" in config.notes[0]


def test_yaydocs_own_file_comes_first_and_the_other_is_named(checkout, read):
    (checkout / ".yaydoc.yml").write_text("metadata: {author: Ada}\n")
    config = read("sphinks: {}")
    assert (config.file, config.metadata.author) == (".yaydoc.yml", "Ada")
    assert config.notes == (f".yaydoc.yml is read; not read besides: {NAME}",)


# What is no fault of a key, and so as bad in one file as in the other.
HOSTILE = {what: case for what, *case in BAD_CONFIGS if "build" not in str(case[0]) and "must stay" not in case[2]}


@pytest.mark.parametrize(
    "what",
    [
        "a billion laughs",
        "brackets without end",
        "a thousand brackets",
        "a giant number",
        "only text",
        "two documents",
        "a tab",
        "two bytes a character",
        "a NUL",
        "a tag that runs a command",
        "bytes",
        "a list as key",
        "a version of YAML that never was",
        "a megabyte of comment",
    ],
)
def test_what_no_file_may_hold_is_refused_as_in_yaydocs_own(checkout, what):
    content, _, part = HOSTILE[what]
    (checkout / NAME).write_bytes(content if isinstance(content, bytes) else content.encode())

    with pytest.raises(BuildFailed) as caught:
        read_config(checkout)

    assert caught.value.reason.startswith(NAME)
    assert part in caught.value.reason


@pytest.mark.parametrize("key", ["sphinx:\n  configuration", "mkdocs:\n  configuration"])
def test_a_file_that_is_a_link_out_of_the_repository_is_refused(checkout, read, key):
    (checkout / "link").symlink_to("/etc/passwd")

    with pytest.raises(BuildFailed, match="symbolic link leaves the repository"):
        read(f"{key}: link")
