"""Where the documentation of a checkout is found, and what it is found to need."""

import os
from pathlib import PurePosixPath

import pytest

from builds.configuration.config import BuildOptions, Config, Theme
from builds.configuration.reading import read_config
from builds.detection.plans import Kind, find_docs
from builds.detection.requirements import Package, Requirements, Synced
from builds.errors import BuildFailed
from tests.builds.small_projects import write

CONF = "project = 'Small'\nextensions = []\nhtml_theme = 'alabaster'\n"
PAGE = "Title\n=====\n"
GROUP = "pyproject.toml:docs"
PROJECT = "[project]\nname = 'small'\nversion = '1'\n"


def plan_of(root, files, **options):
    return find_docs(
        write(root, files), Config(file=".yaydoc.yml", build=BuildOptions(**options)) if options else Config()
    )


@pytest.mark.parametrize(
    "folder",
    ["docs", "doc", "docs/source", "doc/source", "documentation", "dev/docs/source", "", "website/manual"],
)
def test_a_conf_py_is_found_in_every_usual_place(tmp_path, folder):
    plan = plan_of(tmp_path, {f"{folder}/conf.py".lstrip("/"): CONF, f"{folder}/index.rst".lstrip("/"): PAGE})

    assert (plan.kind, plan.conf, plan.docs) == (Kind.SPHINX, folder, folder)


@pytest.mark.parametrize("conf", ["", "project = 'Small'\n", "raise RuntimeError('broken')\n", "\0"])
def test_a_conf_py_beside_the_index_of_a_docs_folder_counts_whatever_it_says(tmp_path, conf):
    plan = plan_of(tmp_path, {"docs/conf.py": conf, "docs/index.rst": PAGE})

    assert (plan.kind, plan.conf) == (Kind.SPHINX, "docs")


def test_pages_may_lie_below_the_conf_py(tmp_path):
    plan = plan_of(tmp_path, {"docs/conf.py": CONF, "docs/source/index.md": "# Title\n"})

    assert (plan.conf, plan.docs) == ("docs", "docs/source")


@pytest.mark.parametrize(
    "files",
    [
        {"conf.py": "DEBUG = True\nDATABASE = 'x'\n"},  # another program's settings
        {"docs/conf.py": "project = 'web'\n"},
        {"docs/conf.py": CONF, "docs/readme.bin": "no page beside it"},
        {"tests/roots/basic/conf.py": CONF, "tests/roots/basic/index.rst": PAGE},
        {"examples/site/conf.py": CONF, "examples/site/index.rst": PAGE},
        {"node_modules/x/docs/conf.py": CONF, "node_modules/x/docs/index.rst": PAGE},
    ],
)
def test_what_is_no_conf_py_of_the_docs_is_passed_by(tmp_path, files):
    plan = plan_of(tmp_path, {**files, "README.md": "# Title\n"})

    assert plan.kind == Kind.PLAIN


def test_the_folder_that_yaydoc_yml_names_is_the_only_one(tmp_path):
    files = {"docs/conf.py": CONF, "docs/index.rst": PAGE, "manual/start.md": "# Start\n"}

    plan = plan_of(tmp_path, files, source=PurePosixPath("manual"))

    assert (plan.kind, plan.docs) == (Kind.PLAIN, "manual")
    assert plan.documents.names == ["start"]


def test_a_checkout_without_pages_is_told_what_to_do(tmp_path):
    with pytest.raises(BuildFailed) as failed:
        plan_of(tmp_path, {"main.c": "int main;"})

    assert failed.value.reason == (
        "There is nothing to render: no conf.py, no mkdocs.yml, no Markdown, no reStructuredText."
    )
    assert "README.md" in failed.value.hint


def test_links_out_of_the_checkout_are_not_read(tmp_path):
    write(tmp_path / "elsewhere", {"conf.py": CONF, "index.rst": PAGE, "secret.md": "# Secret\n"})
    root = write(tmp_path / "checkout", {"README.md": "# Title\n"})
    (root / "docs").symlink_to(tmp_path / "elsewhere")
    (root / "more.md").symlink_to(tmp_path / "elsewhere/secret.md")

    plan = find_docs(root, Config())

    assert plan.kind == Kind.PLAIN
    assert plan.documents.names == ["README"]
    assert "docs" in plan.documents.left_out


def test_a_pipe_in_place_of_conf_py_holds_nobody_up(tmp_path):
    write(tmp_path, {"README.md": "# Title\n", "docs/index.md": "# Docs\n"})
    os.mkfifo(tmp_path / "docs/conf.py")
    os.mkfifo(tmp_path / "pyproject.toml")

    assert find_docs(tmp_path, Config()).kind == Kind.PLAIN


# -- pages of a repository without conf.py


def test_pages_come_in_the_order_of_folders_with_what_opens_them_first(tmp_path):
    names = "README.md CHANGELOG.md about.md docs/part-10.md docs/part-2.md docs/index.md docs/api/z.rst"
    names += " .github/PULL_REQUEST_TEMPLATE.md PULL_REQUEST_TEMPLATE.md vendor/lib/README.md"

    documents = plan_of(tmp_path, dict.fromkeys(names.split(), "# x\n")).documents

    assert documents.first == "README"
    assert [(group.caption, group.names) for group in documents.groups] == [
        ("", ("about", "CHANGELOG")),
        ("Docs", ("docs/index", "docs/part-2", "docs/part-10")),
        ("Docs / Api", ("docs/api/z",)),
    ]


def test_pages_in_one_folder_only_are_rendered_from_there(tmp_path):
    plan = plan_of(tmp_path, {"documentation/a.md": "# A\n", "documentation/b/c.md": "# C\n"})

    assert plan.docs == "documentation"
    assert plan.documents.first is None


def test_of_two_pages_with_one_name_the_markdown_one_counts(tmp_path):
    documents = plan_of(tmp_path, {"README.md": "# M\n", "README.rst": PAGE}).documents

    assert documents.names == ["README"]
    assert documents.left_out == ("README.rst",)


# -- requirements

DOCS = {"docs/conf.py": CONF, "docs/index.rst": PAGE}


@pytest.mark.parametrize(
    ("files", "requirements"),
    [
        ({}, Requirements()),
        ({"docs/requirements.txt": "furo"}, Requirements(files=("docs/requirements.txt",))),
        ({"requirements/docs.txt": "furo"}, Requirements(files=("requirements/docs.txt",))),
        ({"doc-requirements.txt": "furo"}, Requirements(files=("doc-requirements.txt",))),
        ({"requirements.txt": "furo"}, Requirements(files=("requirements.txt",))),
        (
            {"requirements.txt": "flask", "docs/requirements.txt": "furo"},
            Requirements(files=("docs/requirements.txt",)),
        ),
        (
            {"pyproject.toml": PROJECT + "[project.optional-dependencies]\ndoc = ['furo']\n"},
            Requirements(packages=(Package("", ("doc",)),), metadata=("pyproject.toml",)),
        ),
        (
            {"pyproject.toml": PROJECT + "[dependency-groups]\ndocs = ['furo']\n"},
            Requirements(groups=(GROUP,), packages=(Package(""),), metadata=("pyproject.toml",)),
        ),
        (
            {"pyproject.toml": "[dependency-groups]\ndocs = ['furo']\n"},
            Requirements(groups=(GROUP,), metadata=("pyproject.toml",)),
        ),
        ({"pyproject.toml": "[tool.black]\nline-length = 88\n"}, Requirements()),
        ({"pyproject.toml": "not toml ["}, Requirements()),
        (
            {"setup.py": "from setuptools import setup\nsetup(extras_require={'docs': ['furo']})\n"},
            Requirements(packages=(Package("", ("docs",)),), metadata=("setup.py",)),
        ),
        (
            {"setup.cfg": "[metadata]\nname = small\n[options.extras_require]\ndocs =\n    furo\n"},
            Requirements(packages=(Package("", ("docs",)),), metadata=("setup.cfg",)),
        ),
        (
            {"pyproject.toml": PROJECT + "[tool.hatch.envs.docs]\ndependencies = ['furo']\n"},
            Requirements(named=("furo",), packages=(Package(""),), metadata=("pyproject.toml",)),
        ),
        (
            {".readthedocs.yaml": "python:\n  install:\n  - requirements: ci/d.txt\n", "ci/d.txt": "furo"},
            Requirements(files=("ci/d.txt",)),
        ),
        (
            {
                ".readthedocs.yaml": "python:\n  install:\n  - path: .\n    extra_requirements:\n    - rtd\n",
                "pyproject.toml": PROJECT,
            },
            Requirements(packages=(Package("", ("rtd",)),), metadata=("pyproject.toml",)),
        ),
    ],
)
def test_requirements_are_found_where_projects_declare_them(tmp_path, files, requirements):
    assert plan_of(tmp_path, {**DOCS, **files}).requirements == requirements


def test_the_nearest_package_above_the_docs_is_the_documented_one(tmp_path):
    files = {f"libs/small/{name}": text for name, text in DOCS.items()}

    plan = plan_of(tmp_path, {**files, "libs/small/pyproject.toml": PROJECT, "pyproject.toml": PROJECT})

    assert plan.conf == "libs/small/docs"
    assert plan.requirements.packages == (Package("libs/small"),)


@pytest.mark.parametrize(
    ("first", "text"),
    [
        (
            "index.md",
            "[Start](quick-start.md), [Use](./use.md#how 'Use'), <a href='guide/z.md'>Z</a>, [B](guide/b.md)",
        ),
        (
            "README.md",
            "[Start][1], [Use][2], [again](quick-start.md), [Z](guide/z)\n\n[1]: quick-start.md\n[2]: <use.md>",
        ),
        (
            "index.rst",
            ":doc:`quick-start`, :doc:`Use it <use>`, `Z <guide/z.rst>`_, `else <https://example.org/a.rst>`_",
        ),
    ],
)
def test_pages_stand_in_the_order_in_which_the_first_page_links_to_them(tmp_path, first, text):
    names = "about.md quick-start.md use.md CHANGELOG.md guide/b.md guide/index.md guide/z.md api/a.md"

    documents = plan_of(tmp_path, {first: text, **dict.fromkeys(names.split(), "# x\n")}).documents

    assert [group.names for group in documents.groups] == [
        ("quick-start", "use", "about", "CHANGELOG"),
        ("guide/index", "guide/z", "guide/b"),
        ("api/a",),
    ]


def test_well_known_extensions_that_nobody_requires_are_added(tmp_path):
    conf = (
        "project = 'x'\nextensions = ['sphinx.ext.autodoc', 'sphinx_copybutton', 'sphinxcontrib.mermaid', 'own']\n"
    )
    conf += "extensions += ['openstackdocstheme', 'reno.sphinxext', 'reno._exts.own', 'reno', 'IPython']\n"
    conf += "html_theme = 'sphinx_rtd_theme'\n"
    files = {"docs/conf.py": conf, "docs/index.rst": PAGE, "docs/requirements.txt": "Sphinx_RTD.theme>=1\n"}

    assert plan_of(tmp_path, files).requirements.named == (
        *("sphinx-copybutton", "sphinxcontrib-mermaid"),
        *("openstackdocstheme", "reno"),
    )


@pytest.mark.parametrize(
    ("theme", "named"),
    [
        ("alabaster", ()),
        ("furo", ()),
        ("sphinx_rtd_theme", ("sphinx-rtd-theme", "myst-parser>=2")),
        ("sphinx_fossasia_theme", ("sphinx-fossasia-theme", "sphinx<7", "myst-parser>=2")),
        ("sphinx-susiai-theme", ("sphinx-susiai-theme", "sphinx<7", "myst-parser>=2")),
    ],
)
def test_the_theme_of_yaydoc_yml_is_required(tmp_path, theme, named):
    plan = plan_of(tmp_path, {"docs/index.md": "# x\n"}, theme=Theme(name=theme))

    assert plan.requirements.named == named


def test_what_a_made_conf_py_needs_is_required_beside_what_the_project_chooses(tmp_path):
    files = {"index.md": "# x\n", "requirements.txt": "sphinx==1.5.5\n"}

    plan = plan_of(tmp_path, files, autoapi=(PurePosixPath("."),))

    assert plan.requirements.named == ("sphinx-autoapi", "myst-parser>=2", "furo")


@pytest.mark.parametrize(
    ("requirements", "name_renderer"),
    [
        ("sphinx==8.2.3\n", True),
        ("Sphinx>=7\nfuro\n", True),
        ("furo\nsphinx-copybutton\n", False),
        ("# with sphinx_rtd_theme\nsphinx_rtd_theme\n", False),
    ],
)
def test_requirements_that_name_renderer_bring_it(tmp_path, requirements, name_renderer):
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "conf.py").write_text("project = 'p'\nextensions = []\n")
    (docs / "index.rst").write_text("Title\n=====\n")
    (docs / "requirements.txt").write_text(requirements)
    assert find_docs(tmp_path, Config()).requirements.name_renderer is name_renderer


def test_what_has_a_name_that_is_not_utf8_is_passed_by(tmp_path):
    write(tmp_path, {"README.md": "# Words\n"})
    odd = os.fsdecode(b"\xff")
    write(tmp_path, {f"{odd}.md": "# Odd\n", f"{odd}/conf.py": CONF, f"{odd}/index.rst": PAGE})

    plan = find_docs(tmp_path, Config())

    assert (plan.kind, plan.documents.names) == (Kind.PLAIN, ["README"])
    assert set(plan.documents.left_out) == {odd, f"{odd}.md"}


def test_what_a_configuration_file_states_is_all_that_is_required(tmp_path):
    files = {
        **DOCS,
        ".readthedocs.yaml": "version: 2\nsphinx: {configuration: manual/conf.py}\npython:\n  install:\n"
        "    - {requirements: ci/all.txt}\n    - {path: libs/small, extra_requirements: [rtd], groups: [docs]}\n"
        "    - {method: uv, groups: [more]}\n",
        "ci/all.txt": "furo\n",
        "docs/requirements.txt": "not-asked-for\n",
        "libs/small/pyproject.toml": PROJECT,
        "manual/conf.py": DOCS["docs/conf.py"],
        "manual/index.rst": "Manual\n======\n",
        "uv.lock": "",
    }
    root = write(tmp_path, files)

    plan = find_docs(root, read_config(root))

    assert (plan.conf, plan.docs) == ("manual", "manual")
    assert plan.requirements == Requirements(
        files=("ci/all.txt",),
        groups=("libs/small/pyproject.toml:docs",),
        packages=(Package("libs/small", ("rtd",)),),
        synced=(Synced("", groups=("more",), is_locked=True),),
        metadata=("libs/small/pyproject.toml", "uv.lock"),
        are_stated=True,
    )


def test_a_folder_of_nothing_but_its_readme_gets_no_heading_of_its_own(tmp_path):
    names = ["README", "guide", "crates/cli/README", "crates/core/README", "fuzz/README", "docs/README", "docs/a"]

    documents = plan_of(tmp_path, {f"{name}.md": "# Title\n" for name in names}).documents

    assert [(group.caption, group.names) for group in documents.groups] == [
        ("", ("fuzz/README", "guide")),
        ("Crates", ("crates/cli/README", "crates/core/README")),
        ("Docs", ("docs/README", "docs/a")),
    ]


@pytest.mark.parametrize(
    ("line", "folders"),
    [
        (".", ("",)),
        ("-e .", ("",)),
        ("  --editable=./libs/small[docs]  # ours", ("libs/small",)),
        ("./libs/small ; python_version > '3'", ("libs/small",)),
        ("-e ../elsewhere", ()),
        ("./no/package", ()),
        ("furo>=2024.1", ()),
        ("-r ./other.txt", ()),
    ],
)
def test_folders_that_a_requirements_file_installs_are_known(tmp_path, line, folders):
    files = {**DOCS, "docs/requirements.txt": f"sphinx\n{line}\n", "pyproject.toml": PROJECT}
    root = write(tmp_path, {**files, "libs/small/pyproject.toml": PROJECT})

    assert find_docs(root, read_config(root)).requirements.local == folders
