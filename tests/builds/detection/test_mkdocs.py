"""Where a mkdocs.yml is found, when it counts, and what it is found to need."""

import os
import time

import pytest

from builds.configuration.reading import read_config
from builds.detection.mkdocs_yml import find_site, read, read_site
from builds.detection.plans import Kind, find_docs
from builds.detection.requirements import Package, Requirements
from builds.detection.source_tree import SourceTree
from builds.errors import BuildFailed
from tests.builds.small_projects import write

CONF = "project = 'Small'\nextensions = []\nhtml_theme = 'alabaster'\n"
MYST = "project = 'Small'\nextensions = ['myst_parser']\n"
PAGE = "Title\n=====\n"
SITE = {"mkdocs.yml": "site_name: Small\n", "docs/index.md": "# Small\n"}
PROJECT = "[project]\nname = 'small'\nversion = '1'\n"
STATED = 'version: 2\nbuild: {os: ubuntu-24.04, tools: {python: "3"}}\n'


def plan_of(root, files):
    write(root, files)
    return find_docs(root, read_config(root))


@pytest.mark.parametrize(
    ("file", "docs"),
    [
        ("mkdocs.yml", "docs"),
        ("mkdocs.yaml", "docs"),
        ("docs/mkdocs.yml", "docs/docs"),
        ("doc/mkdocs.yaml", "doc/docs"),
    ],
)
def test_a_mkdocs_yml_is_found_in_the_root_and_in_docs_folders(tmp_path, file, docs):
    plan = plan_of(tmp_path, {file: "site_name: x\n", f"{docs}/index.md": "# x\n", "README.md": "# x\n"})

    assert (plan.kind, plan.mkdocs_yml, plan.docs) == (Kind.MKDOCS, file, docs)
    assert plan.description == f"Found {file}."


@pytest.mark.parametrize(
    ("files", "kind"),
    [
        # Moved to Sphinx, and left a mkdocs.yml behind; moved to MkDocs, and left a conf.py behind.
        ({"docs/conf.py": CONF, "docs/index.rst": PAGE}, Kind.SPHINX),
        ({"docs/conf.py": CONF, "docs/index.md": "# x\n"}, Kind.MKDOCS),
        # Both are whole.
        ({"docs/conf.py": CONF, "docs/index.rst": PAGE, "docs/index.md": "# x\n"}, Kind.SPHINX),
        ({"docs/conf.py": MYST, "docs/index.md": "# x\n"}, Kind.SPHINX),
        ({"sphinx/conf.py": CONF, "sphinx/index.rst": PAGE, "docs/index.md": "# x\n"}, Kind.SPHINX),
        ({"old/manual/conf.py": CONF, "old/manual/index.rst": PAGE, "docs/README.md": "# x\n"}, Kind.MKDOCS),
        ({"old/manual/conf.py": CONF, "old/manual/index.rst": PAGE, "docs/more.md": "# x\n"}, Kind.SPHINX),
    ],
)
def test_beside_a_conf_py_the_one_with_a_first_page_counts(tmp_path, files, kind):
    assert plan_of(tmp_path, {"mkdocs.yml": "site_name: x\n", **files}).kind == kind


@pytest.mark.parametrize(
    ("stated", "kind", "file"),
    [
        ("mkdocs: {}\n", Kind.MKDOCS, "mkdocs.yml"),
        ("mkdocs: {configuration: web/site.yml}\n", Kind.MKDOCS, "web/site.yml"),
        ("sphinx: {configuration: docs/conf.py}\n", Kind.SPHINX, ""),
    ],
)
def test_readthedocs_yaml_says_which_of_two_it_is(tmp_path, stated, kind, file):
    files = {
        **SITE,
        "docs/conf.py": MYST,
        "web/site.yml": "site_name: Web\n",
        ".readthedocs.yaml": STATED + stated,
    }

    plan = plan_of(tmp_path, files)

    assert (plan.kind, plan.mkdocs_yml) == (kind, file)


def test_asking_for_mkdocs_without_a_mkdocs_yml_fails(tmp_path):
    with pytest.raises(BuildFailed) as failed:
        plan_of(tmp_path, {".readthedocs.yaml": f"{STATED}mkdocs: {{}}\n", "README.md": "# x\n"})

    assert failed.value.reason == ".readthedocs.yaml asks for MkDocs, but there is no mkdocs.yml."


@pytest.mark.parametrize(
    ("source", "kind"),
    [("docs", Kind.MKDOCS), ("web", Kind.MKDOCS), ("manual", Kind.PLAIN), ("sphinx", Kind.SPHINX)],
)
def test_the_folder_that_yaydoc_yml_names_decides(tmp_path, source, kind):
    files = {"manual/a.md": "# x\n", "web/mkdocs.yml": "docs_dir: pages\n", "web/pages/index.md": "# x\n"}
    files |= {"sphinx/conf.py": CONF, "sphinx/index.rst": PAGE}

    plan = plan_of(tmp_path, {**SITE, **files, ".yaydoc.yml": f"build: {{source: {source}, theme: furo}}\n"})

    assert plan.kind == kind


# -- reading


def test_tags_anchors_and_merge_keys_are_passed_by(tmp_path):
    text = """
    site_name: !ENV [NAME, Small]
    docs_dir: manual
    theme: &theme {name: material, icon: !!python/name:os.system }
    plugins:
      - search
      - mkdocstrings: {handlers: {python: {paths: [src]}}}
      - !ENV [MORE, "x"]
      - redirects
    extra: {<<: *theme}
    markdown_extensions:
      pymdownx.emoji: {emoji_index: !!python/object/apply:os.system ["touch pwned"]}
      admonition:
    hooks: [hook.py]
    """
    site = read_site(SourceTree(write(tmp_path, {"mkdocs.yml": text})), "mkdocs.yml")

    assert (site.docs, site.theme, site.has_hooks) == ("manual", "material", True)
    assert site.plugins == ("search", "mkdocstrings", "redirects")
    assert site.extensions == ("pymdownx.emoji", "admonition")
    assert not (tmp_path / "pwned").exists()


@pytest.mark.parametrize("value", ["!ENV DOCS", "!ENV [DOCS, manual]", "!!python/name:os.getcwd", "[a]", "null"])
def test_a_folder_of_pages_that_only_mkdocs_can_tell_is_taken_for_the_usual_one(tmp_path, value):
    site = read_site(SourceTree(write(tmp_path, {"mkdocs.yml": f"docs_dir: {value}\n"})), "mkdocs.yml")

    assert site.docs == "docs"


def test_what_is_inherited_counts_where_nothing_else_is_said(tmp_path):
    files = {
        "mkdocs.yml": "INHERIT: ci/base.yml\ntheme: {name: material}\n",
        "ci/base.yml": "INHERIT: ../mkdocs.yml\ntheme: readthedocs\nplugins: [redirects]\n",
    }
    site = read_site(SourceTree(write(tmp_path, files)), "mkdocs.yml")

    assert (site.theme, site.plugins) == ("material", ("redirects",))


@pytest.mark.parametrize(
    "text",
    [
        "[" * 500_000,
        "a: " + "{a: " * 120_000,
        "theme: material\n" + "- " * 200_000,
        "a: &a [x]\n" + "".join(f"b{n}: [*a, *a]\n" for n in range(20_000)),
        "\0",
        "- a\n- b\n",
        "just text",
        "a: !!timestamp 2020-99-99\n? [b]\n: c\n",
    ],
)
def test_a_hostile_file_takes_little_time_and_says_nothing(text):
    began = time.process_time()
    said = read(text)
    assert time.process_time() - began < 2
    assert not {"theme", "plugins", "docs_dir"} & set(said) or said["theme"] == "material"


def test_what_stands_before_a_fault_is_read():
    assert read("theme: material\nplugins: [a\n")["theme"] == "material"


def test_a_link_out_of_the_checkout_and_a_pipe_are_no_mkdocs_yml(tmp_path):
    write(tmp_path / "elsewhere", {"mkdocs.yml": "site_name: x\n"})
    root = write(tmp_path / "checkout", {"README.md": "# x\n"})
    (root / "mkdocs.yml").symlink_to(tmp_path / "elsewhere/mkdocs.yml")
    os.mkfifo(root / "mkdocs.yaml")

    assert find_site(SourceTree(root), ("",)) is None


def test_a_folder_of_pages_outside_the_checkout_is_not_looked_into(tmp_path):
    write(tmp_path, {"index.md": "# x\n"})
    root = write(tmp_path / "checkout", {"mkdocs.yml": "docs_dir: ../\n"})

    assert not read_site(SourceTree(root), "mkdocs.yml").has_first_page


# -- requirements


@pytest.mark.parametrize(
    ("said", "named"),
    [
        # What the builder's own requirements hold needs no other environment than everybody's.
        ("", ()),
        ("theme: material\nmarkdown_extensions: [pymdownx.details, toc]\nplugins: [search, tags, blog]\n", ()),
        ("theme: readthedocs\n", ()),
        ("theme: yeti\n", ("mkdocs-bootswatch",)),
        ("theme: {name: null, custom_dir: x}\n", ()),
        ("theme: no-such-theme\nplugins: [no-such-plugin]\n", ()),
        ("theme: material\nplugins: [social]\n", ("mkdocs-material[imaging]",)),
        ("theme: material\nplugins: [material/tags]\n", ()),
        ("plugins: [tags, redirects: {a: b}]\n", ("mkdocs-plugin-tags", "mkdocs-redirects")),
        ("plugins: {redirects: {}, macros: {}}\n", ("mkdocs-redirects", "mkdocs-macros-plugin")),
        ("markdown_extensions: [callouts, mkdocs-click]\n", ("markdown-callouts", "mkdocs-click")),
    ],
)
def test_packages_of_well_known_themes_plugins_and_extensions_are_guessed(tmp_path, said, named):
    assert plan_of(tmp_path, {**SITE, "mkdocs.yml": said}).requirements == Requirements(named=named, guessed=named)


@pytest.mark.parametrize(
    ("files", "requirements"),
    [
        (
            {"docs/requirements.txt": "mkdocs>=1.5\n"},
            Requirements(
                files=("docs/requirements.txt",),
                named=("mkdocs-material",),
                guessed=("mkdocs-material",),
                name_renderer=True,
            ),
        ),
        ({"requirements.txt": "flask\n"}, Requirements(files=("requirements.txt",))),
        ({"requirements.txt": "MkDocs-Material\n"}, Requirements(files=("requirements.txt",), name_renderer=True)),
        (
            {"docs/requirements.txt": "mkdocs\n", "mkdocs.yml": "markdown_extensions: [pymdownx.tilde]\n"},
            Requirements(
                files=("docs/requirements.txt",),
                named=("pymdown-extensions",),
                guessed=("pymdown-extensions",),
                name_renderer=True,
            ),
        ),
        (  # Material brings it.
            {
                "docs/requirements.txt": "mkdocs_material\n",
                "mkdocs.yml": "theme: material\nmarkdown_extensions: [pymdownx.tilde]\n",
            },
            Requirements(files=("docs/requirements.txt",), name_renderer=True),
        ),
        # The package is of no use where the pages show none of its code.
        ({"pyproject.toml": PROJECT}, Requirements()),
        (
            {"pyproject.toml": f"{PROJECT}[project.optional-dependencies]\ndocs = ['mkdocs-material']\n"},
            Requirements(packages=(Package("", ("docs",)),), name_renderer=True, metadata=("pyproject.toml",)),
        ),
        (
            {"hatch.toml": "[envs.docs]\ndependencies = ['mkdocs-material~=9.7']\n"},
            Requirements(named=("mkdocs-material~=9.7",), name_renderer=True),
        ),
    ],
)
def test_what_the_project_declares_comes_before_guesses(tmp_path, files, requirements):
    site = {**SITE, "mkdocs.yml": "site_name: x\ntheme: material\n"}

    assert plan_of(tmp_path, {**site, **files}).requirements == requirements


def test_what_extras_and_groups_hold_that_are_not_installed_counts_as_missing(tmp_path):
    project = f"{PROJECT}[project.optional-dependencies]\nrecommended = ['mkdocs-minify-plugin']\n"
    project += "[dependency-groups]\ndocs = ['mkdocs', {include-group = 'more'}]\nmore = ['mkdocs-rss-plugin']\n"
    files = {"mkdocs.yml": "plugins: [minify, rss]\n", "pyproject.toml": project}

    plan = plan_of(tmp_path, {**SITE, **files})

    assert (plan.requirements.groups, plan.requirements.named) == (
        ("pyproject.toml:docs",),
        ("mkdocs-minify-plugin",),
    )


def test_the_package_is_installed_where_the_pages_show_its_code(tmp_path):
    plan = plan_of(tmp_path, {**SITE, "mkdocs.yml": "plugins: [mkdocstrings]\n", "pyproject.toml": PROJECT})

    assert plan.requirements == Requirements(
        named=("mkdocstrings[python]",),
        guessed=("mkdocstrings[python]",),
        packages=(Package(""),),
        metadata=("pyproject.toml",),
    )


def test_what_readthedocs_yaml_installs_is_all(tmp_path):
    stated = f"{STATED}mkdocs: {{}}\npython: {{install: [{{requirements: r.txt}}]}}\n"
    files = {**SITE, ".readthedocs.yaml": stated, "r.txt": "mkdocs-redirects\n", "mkdocs.yml": "theme: yeti\n"}

    assert plan_of(tmp_path, files).requirements == Requirements(
        files=("r.txt",), name_renderer=True, are_stated=True
    )


@pytest.mark.parametrize(
    ("version", "requirement"),
    [
        ('"^9.5"', "mkdocs-material>=9.5,<10"),
        ('"^0.5.1"', "mkdocs-material>=0.5.1,<0.6"),
        ('"~9.5"', "mkdocs-material>=9.5,<9.6"),
        ('"~9"', "mkdocs-material>=9,<10"),
        ('"9.5.3"', "mkdocs-material==9.5.3"),
        ('">=9,<10"', "mkdocs-material>=9,<10"),
        ('"*"', "mkdocs-material"),
        ('{version = "^9", extras = ["imaging"]}', "mkdocs-material[imaging]>=9,<10"),
    ],
)
def test_groups_of_poetry_are_read(tmp_path, version, requirement):
    table = '[tool.poetry.group.docs.dependencies]\npython = "^3.9"\nown = {path = "x"}\n'
    table += f"mkdocs-material = {version}\n"

    assert plan_of(tmp_path, {**SITE, "pyproject.toml": table}).requirements.named == (requirement,)


@pytest.mark.parametrize(
    ("stated", "kind", "names_renderer"),
    [
        (
            "mkdocs: {}\nbuild: {os: ubuntu-24.04, tools: {python: '3'}, jobs: {pre_build: [ls]}}\n",
            Kind.MKDOCS,
            True,
        ),
        (
            "mkdocs: {}\nbuild: {os: ubuntu-24.04, tools: {python: '3'}, jobs: {build: {html: [ls]}}}\n",
            Kind.LINES,
            True,
        ),
        ("build: {os: ubuntu-24.04, tools: {python: '3'}, commands: [mkdocs build]}\n", Kind.LINES, False),
    ],
)
def test_lines_of_the_projects_own_find_mkdocs_where_the_file_names_it(tmp_path, stated, kind, names_renderer):
    files = {**SITE, ".readthedocs.yaml": f"version: 2\n{stated}", "docs/requirements.txt": "mkdocs-material\n"}

    plan = plan_of(tmp_path, files)

    assert (plan.kind, plan.renderer.module) == (kind, "mkdocs" if names_renderer else "sphinx")
    assert plan.requirements.name_renderer is names_renderer
