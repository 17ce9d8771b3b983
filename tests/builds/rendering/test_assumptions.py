"""The first lines of a log: what was found, what a build goes by, and why."""

import pytest

from builds.configuration.reading import read_config
from builds.detection.plans import find_docs
from builds.errors import BuildFailed
from builds.rendering.assumptions import assumptions
from builds.rendering.installer import unknown_guesses
from builds.rendering.pythons import choose_interpreter, spoken
from tests.builds.small_projects import CONF, INDEX, write

NOTHING = "There is no .yaydoc.yml or .readthedocs.yaml: what follows was found out."
READ_THE_DOCS = """\
version: 2
build: {os: ubuntu-24.04, tools: {python: "3"}}
sphinx: {configuration: docs/conf.py}
python:
  install:
    - requirements: docs/requirements.txt
    - {path: ., extra_requirements: [docs]}
"""
SPHINX = {"docs/conf.py": CONF, "docs/index.rst": INDEX}


def told(root, files):
    write(root, files)
    return list(assumptions(find_docs(root, read_config(root))))


@pytest.fixture
def python():
    return f"Python {spoken(choose_interpreter())}, as nothing asks for another."


def test_what_was_found_out_is_told(tmp_path, python):
    assert told(tmp_path, {"README.md": "# A\n", "docs/a.md": "# B\n", "tour.ipynb": "{}"}) == [
        NOTHING,
        "Found 2 pages, but no conf.py: one is made.",
        python,
        "Nothing that is required was found: Sphinx, MyST and furo in Yaydoc's own versions render the pages.",
        "1 notebook is left out: to have them shown, with the output that they hold, name myst-nb in"
        " docs/requirements.txt.",
    ]


def test_what_conf_py_names_and_nothing_requires_is_told(tmp_path, python):
    conf = "extensions = ['sphinx_nothing', 'myst_parser']\nproject = 'x'\nhtml_theme = 'basic'\n"
    files = {**SPHINX, "docs/conf.py": conf, "docs/requirements.txt": "numpy\n"}

    assert told(tmp_path, files) == [
        NOTHING,
        "Found docs/conf.py.",
        python,
        "Installed: docs/requirements.txt; sphinx-nothing, myst-parser (named by conf.py, required nowhere),"
        " beside Yaydoc's own Sphinx, MyST and furo.",
    ]


def test_what_a_file_says_is_told_as_such(tmp_path):
    files = {
        **SPHINX,
        ".readthedocs.yaml": READ_THE_DOCS,
        "docs/requirements.txt": "sphinx<9\n",
        "pyproject.toml": "[project]\nname = 'x'\nversion = '1'\n",
    }

    assert told(tmp_path, files) == [
        "Read .readthedocs.yaml.",
        "Found docs/conf.py.",
        f"Python {spoken(choose_interpreter('3'))}, for 3, as build.tools.python says.",
        "Installed: docs/requirements.txt; the package itself with its extra docs, as .readthedocs.yaml says.",
    ]


def test_guesses_that_the_index_does_not_have_are_known_by_uvs_words(tmp_path):
    conf = "extensions = ['sphinx_nothing', 'sphinx_design']\n"
    wanted = find_docs(write(tmp_path, {**SPHINX, "docs/conf.py": conf}), read_config(tmp_path)).requirements
    failed = BuildFailed(
        "No solution found. Because sphinx-nothing was not found in the package registry and you require it"
    )

    assert unknown_guesses(wanted, failed) == {"sphinx-nothing"}
    assert unknown_guesses(wanted, BuildFailed("there is no version of sphinx-design==99")) == frozenset()


@pytest.mark.parametrize(
    ("files", "names"),
    [
        ({"docs/requirements.txt": "myst-nb>=1\n"}, ["README", "tour/one"]),
        ({"docs/requirements.txt": "numpy\n"}, ["README"]),
        ({"requirements.txt": "myst-nb\n"}, ["README"]),  # the code's, which is not looked into
        ({".yaydoc.yml": "", "requirements.txt": "myst_nb\n"}, ["README", "tour/one"]),
        (
            {
                ".yaydoc.yml": "",
                "pyproject.toml": "[project]\nname = 'x'\n[dependency-groups]\ndocs = [\n    'myst-nb',\n]\n",
            },
            ["README", "tour/one"],
        ),
    ],
)
def test_notebooks_are_pages_where_myst_nb_is_required(tmp_path, files, names):
    root = write(tmp_path, {"README.md": "# A\n", "tour/one.ipynb": "{}", **files})

    plan = find_docs(root, read_config(root))

    assert (plan.documents.names, plan.shows_notebooks) == (names, len(names) > 1)
