"""Warnings as the runner tells them: those of a full render, whatever part of it was done again."""

import json

import pytest

from tests.builds.rendering.test_incremental import Renders, edit
from tests.builds.small_projects import write

CONF = "project = 'Small'\nhtml_theme = 'classic'\nhtml_theme_options = {'nothing': 1}\n"
ONE = "One\n===\n\n.. image:: missing.png\n\nSee :ref:`nowhere`.\n"
# A page whose image is missing is read each time; alone.rst is not.
FILES = {
    "docs/conf.py": CONF,
    "docs/index.rst": "Start\n=====\n\n.. toctree::\n\n   one\n   two\n",
    "docs/one.rst": ONE,
    "docs/two.rst": "Two\n===\n\nWords.\n\n.. include:: part.inc\n",
    "docs/part.inc": "*open\n",
    "docs/alone.rst": "Alone\n=====\n\nSee :ref:`neither`.\n",
}


@pytest.fixture
def kept(tmp_path):
    return Renders(write(tmp_path / "checkout", FILES), tmp_path / "kept")


def files(renders):
    return sorted({file for file, _, _ in renders.warnings})


def test_a_warning_has_its_place_and_its_kind(kept):
    kept.render()

    told = json.loads((kept.place / "warnings.json").read_text())
    by_text = {one["text"]: one for one in told["warnings"]}
    assert told["total"] == len(by_text) == 6
    assert by_text["undefined label: 'nowhere'"] == {
        "level": "warning",
        "kind": "ref.ref",
        "file": "docs/one.rst",
        "line": 6,
        "text": "undefined label: 'nowhere'",
    }
    assert files(kept) == ["", "docs/alone.rst", "docs/one.rst", "docs/part.inc"]
    assert by_text["unsupported theme option 'nothing' given"]["file"] == ""


def test_of_a_traceback_its_last_words_are_told(tmp_path):
    conf = (
        CONF + "import os, sys\nsys.path.insert(0, os.path.abspath('..'))\nextensions = ['sphinx.ext.autodoc']\n"
    )
    page = {
        "docs/alone.rst": "Alone\n=====\n\n.. automodule:: small\n",
        "small.py": "import nothing_of_the_kind\n",
    }
    renders = Renders(write(tmp_path / "checkout", FILES | {"docs/conf.py": conf} | page), tmp_path / "kept")

    renders.render()

    (text,) = [text for _, _, text in renders.warnings if "autodoc" in text]
    assert text.startswith("autodoc: failed to import 'small'; the following exception was raised: ")
    assert text.endswith(": No module named 'nothing_of_the_kind'")
    assert len(text) < 200


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"docs/two.rst": FILES["docs/two.rst"].replace("Words", "Sayings")},  # the other page's stay
        {"docs/two.rst": "Two\n===\n"},  # what the included file said is gone with it
        {"docs/one.rst": ONE.replace(":ref:`nowhere`", "it")},
        {
            "docs/two.rst": ".. _nowhere:\n.. _neither:\n\nTwo\n===\n"
        },  # another page mends the reference: all are written again
        {"docs/alone.rst": None},
        {"docs/index.rst": FILES["docs/index.rst"] + "   alone\n"},  # nobody reads alone.rst again
        {"docs/conf.py": CONF.replace("'nothing'", "'less'")},
    ],
)
def test_after_a_change_they_are_those_of_a_full_render(kept, tmp_path, change):
    kept.render()
    edit(kept.root, change)
    clean = Renders(kept.root, tmp_path / "clean")

    kept.render()
    clean.render(clean=True)

    assert kept.warnings == clean.warnings


def test_a_render_in_several_processes_tells_the_same(tmp_path):
    pages = {f"docs/page-{number:03}.rst": f"Page\n====\n\n:ref:`no{number}` *open\n" for number in range(101)}
    renders = Renders(write(tmp_path / "checkout", FILES | pages), tmp_path / "kept")
    renders.render()
    first = renders.warnings

    edit(renders.root, {"docs/page-050.rst": "Page\n====\n"})
    renders.render()

    assert len(first) >= 3 * 101  # not in a toctree, a reference, an emphasis
    of_the_page = [one for one in first if one[0] == "docs/page-050.rst"]
    gone = [one for one in of_the_page if "toctree" not in one[2]]
    assert renders.warnings == [one for one in first if one not in gone]
