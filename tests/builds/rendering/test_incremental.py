"""What is rendered on top of the last render must be, byte for byte, what a clean render gives."""

import filecmp
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from builds.places import RUNNER
from tests.builds.small_projects import write

CONF = """
import os, sys
sys.path.insert(0, os.path.abspath('..'))
project = 'Edited'
extensions = ['sphinx.ext.autodoc', 'sphinx.ext.viewcode', 'sphinx.ext.todo', 'myst_parser']
html_theme = 'classic'
html_static_path = ['_static']
templates_path = ['_templates']
todo_include_todos = True
"""
FILES = {
    "package.py": 'class Base:\n    """Base."""\n\n    def shared(self):\n        """Shared."""\n\n\n'
    'class Thing(Base):\n    """A thing."""\n',
    "docs/conf.py": CONF,
    "docs/_static/own.css": "p { color: red }\n",
    "docs/_templates/layout.html": '{% extends "!layout.html" %}\n',
    "docs/index.rst": "Start\n=====\n\n.. toctree::\n   :maxdepth: 2\n\n   one\n   two\n   code\n\n"
    ".. todolist::\n",
    "docs/one.rst": "One\n===\n\n.. _here:\n\nPart of one\n-----------\n\nWords, :doc:`two`.\n\n"
    ".. index:: apple\n",
    "docs/two.md": "# Two\n\nSee {ref}`here` and {py:class}`package.Thing`.\n\n![picture](pictures/a.svg)\n",
    "docs/code.rst": "Code\n====\n\n.. autoclass:: package.Thing\n   :members:\n   :inherited-members:\n",
    "docs/part.inc": "An included part.\n",
    "docs/pictures/a.svg": '<svg xmlns="http://www.w3.org/2000/svg"/>',
}
ONE = FILES["docs/one.rst"]
INDEX = FILES["docs/index.rst"]
# Each is on top of those before it; None removes a file.
EDITS = {
    "words of a page": {"docs/one.rst": ONE.replace("Words", "Vocabulary")},
    "the title of a page": {"docs/one.rst": ONE.replace("One\n===", "Uno\n===")},
    "the name of a section": {"docs/one.rst": ONE.replace("Part of one\n---", "Section of one\n---")},
    "a label that is gone": {"docs/one.rst": ONE.replace(".. _here:\n", "")},
    "the label is back": {"docs/one.rst": ONE},
    "an index entry": {"docs/one.rst": ONE.replace("apple", "pear")},
    "the order of pages": {"docs/index.rst": INDEX.replace("one\n   two", "two\n   one")},
    "a new page": {
        "docs/index.rst": INDEX.replace("   code\n", "   code\n   three\n"),
        "docs/three.rst": "Three\n=====\n\n.. todo:: more\n\n.. include:: part.inc\n",
    },
    "an included part": {"docs/part.inc": "Another included part.\n"},
    "a todo of another page": {"docs/three.rst": "Three\n=====\n\n.. todo:: less\n"},
    "a page that is gone": {"docs/index.rst": INDEX, "docs/three.rst": None},
    "a docstring": {"package.py": FILES["package.py"].replace('"""A thing."""', '"""A fine thing."""')},
    "the docstring of a base class": {"package.py": FILES["package.py"].replace("Shared.", "Common.")},
    "a new method": {"package.py": FILES["package.py"] + '\n    def new(self):\n        """New."""\n'},
    "a picture instead of another": {
        "docs/two.md": FILES["docs/two.md"].replace("a.svg", "b.svg"),
        "docs/pictures/b.svg": '<svg xmlns="http://www.w3.org/2000/svg" id="b"/>',
    },
    "two pictures of one name": {
        "docs/one.rst": f"{ONE}\n.. image:: more/b.svg\n",
        "docs/more/b.svg": '<svg xmlns="http://www.w3.org/2000/svg" id="c"/>',
    },
    "the style sheet": {"docs/_static/own.css": "p { color: blue }\n"},
    "a static file that is gone": {"docs/_static/own.css": None, "docs/_static/other.css": "b { color: red }\n"},
    "a template": {"docs/_templates/layout.html": '{% extends "!layout.html" %}\n<!-- own -->\n'},
    "conf.py": {"docs/conf.py": CONF.replace("'Edited'", "'Renamed'")},
    "nothing": {},
    "words again": {"docs/one.rst": ONE.replace("Words", "Idioms")},
}
STARTS_AFRESH = {"the style sheet", "a static file that is gone", "a template", "conf.py"}


class Renders:
    """Runs the runner as the sandbox would, here without one."""

    def __init__(self, root: Path, place: Path) -> None:
        self.root, self.place = root, place
        place.mkdir()

    def render(self, *, clean: bool = False, key: str = "same", builder: str = "html") -> str:
        """One render; returns what it printed."""
        facts = {
            name: str(self.place / path)
            for name, path in {
                "output": "output",
                "previous": "previous",
                "doctrees": "doctrees",
                "state": "state.json",
                "report": "report.json",
                "warnings": "warnings.json",
            }.items()
        }
        facts |= {"root": str(self.root), "docs": str(self.root / "docs"), "conf": str(self.root / "docs")}
        facts |= {
            "key": key,
            "clean": clean,
            "builder": builder,
            "fails_on_warning": False,
            "site": {"is_made": False, "settings": {}, "subprojects": []},
        }
        file = self.place / "facts.json"
        file.write_text(json.dumps(facts))
        done = subprocess.run(
            [sys.executable, str(RUNNER / "drive.py"), str(file)],
            cwd=self.root / "docs",
            env={"PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1", "PATH": os.environ["PATH"]},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @property
    def warnings(self) -> list[tuple[str, int | None, str]]:
        told = json.loads((self.place / "warnings.json").read_text())
        return [(one["file"], one["line"], one["text"]) for one in told["warnings"]]

    @property
    def files(self) -> dict[str, Path]:
        output = self.place / "output"
        return {path.relative_to(output).as_posix(): path for path in output.rglob("*") if path.is_file()}


def differences(one: Renders, other: Renders) -> list[str]:
    names = set(one.files) ^ set(other.files)
    both = set(one.files) & set(other.files)
    return sorted(names | {n for n in both if not filecmp.cmp(one.files[n], other.files[n], shallow=False)})


def edit(root: Path, files: dict[str, str | None]) -> None:
    """As git does when it resets a worktree: files that differ are written, and get a new time."""
    for name, text in files.items():
        path = root / name
        if text is None:
            path.unlink()
        elif not path.exists() or path.read_text() != text:
            write(root, {name: text})


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A checkout, rendered once; the edits of this module go on top of each other."""
    root = write(tmp_path_factory.mktemp("checkout"), FILES)
    renders = Renders(root, tmp_path_factory.mktemp("kept") / "render")
    renders.render()
    return renders


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_gives_what_a_clean_render_gives(kept, tmp_path, name):
    edit(kept.root, EDITS[name])
    printed = kept.render()
    clean = Renders(kept.root, tmp_path / "clean")

    clean.render(clean=True)

    assert differences(kept, clean) == []
    assert kept.warnings == clean.warnings
    assert ("Rendering everything" in printed) == (name in STARTS_AFRESH), printed


def test_a_page_of_words_is_all_that_is_written_for_its_words(kept):
    kept.render()
    edit(kept.root, {"docs/one.rst": ONE.replace("Words", "Sayings")})

    printed = kept.render()

    written = [line.split()[-1] for line in printed.splitlines() if line.startswith("writing output... [")]
    assert sorted(written) == ["index", "one"]


def test_words_of_a_markdown_page_do_not_write_the_others(kept):
    edit(kept.root, {"docs/two.md": FILES["docs/two.md"]})
    kept.render()
    edit(kept.root, {"docs/two.md": FILES["docs/two.md"] + "\nMore words.\n"})

    printed = kept.render()

    written = [line.split()[-1] for line in printed.splitlines() if line.startswith("writing output... [")]
    assert sorted(written) == ["index", "two"]


@pytest.mark.parametrize("builder", ["html", "dirhtml"])
def test_code_is_shown_anew_with_all_pages_only(kept, builder):
    edit(kept.root, {"docs/one.rst": ONE, "package.py": FILES["package.py"]})
    kept.render(builder=builder)
    code = next(path for name, path in kept.files.items() if name.startswith("_modules/package"))
    inode = code.stat().st_ino
    edit(kept.root, {"docs/one.rst": ONE.replace("Words", "Terms")})

    kept.render(builder=builder)

    assert code.stat().st_ino == inode
    edit(kept.root, {"package.py": FILES["package.py"].replace("Shared.", "Public.")})
    kept.render(builder=builder)
    assert code.stat().st_ino != inode
    assert "Public." in code.read_text()


def test_another_environment_renders_everything(kept):
    kept.render()

    printed = kept.render(key="another")

    assert "Rendering everything: the environment changed." in printed


def test_a_render_that_was_killed_is_not_built_upon(kept):
    kept.render()
    (kept.place / "state.json").unlink()  # the runner removes it when it begins

    printed = kept.render()

    assert "Rendering everything: no finished render is kept." in printed


def test_every_fiftieth_render_is_a_clean_one(kept):
    kept.render(clean=True)
    state = json.loads((kept.place / "state.json").read_text())
    (kept.place / "state.json").write_text(json.dumps(state | {"renders": 50}))

    printed = kept.render()

    assert "Rendering everything: after 50 renders" in printed
    assert json.loads((kept.place / "state.json").read_text())["renders"] == 1


def test_labels_that_are_defined_twice_make_the_next_render_a_clean_one(kept):
    edit(kept.root, {"docs/two.md": "# Two\n\n(here)=\n## There\n"})
    kept.render()
    edit(kept.root, {"docs/two.md": FILES["docs/two.md"]})

    printed = kept.render()

    assert "labels are defined twice" in printed
