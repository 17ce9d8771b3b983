"""Packages that keys of `.yaydoc.yml` need: installed into the build's own environment, then used."""

import re
import sys
from fnmatch import fnmatch
from pathlib import Path

import pytest

from builds import sandbox
from builds.configuration.reading import read_config
from builds.detection.plans import find_docs
from builds.errors import BuildFailed
from builds.places import BUILDER, RUNNER
from builds.rendering.environment import prepare_environment, trust_domain
from builds.rendering.failures import Failure, explain
from builds.rendering.render import render
from builds.rendering.site import not_described
from tests.builds.small_projects import log_of, source_of, write

KEYS = """
build:
  source: docs
  theme: {name: piccolo-theme, options: {source_url: "https://example.org/of-the-options"}}
  autoapi: {language: python, source: src}
"""
CODE = 'import not_installed_anywhere\n\n\ndef answer():\n    """Gives 42."""\n'


@pytest.fixture
def plan_of(execution):
    """The plan of a checkout of these files."""

    def plan(files):
        source = source_of(execution.build)
        sandbox.remove(source / "docs" / "index.md")  # as the checkout does
        write(source, files)
        sandbox.give(source)
        return find_docs(source, read_config(source))

    return plan


def test_a_theme_named_by_its_package_and_pages_of_code_that_cannot_be_run(execution, plan_of):
    files = {".yaydoc.yml": KEYS, "docs/guide.md": "# Guide\n", "src/tool/__init__.py": CODE}
    plan = plan_of(files)
    environment = prepare_environment(execution, plan)
    assert trust_domain(execution, plan) != BUILDER

    output = render(execution, plan, environment)

    page = (output / "index.html").read_text()
    assert "piccolo" in page
    assert "https://example.org/of-the-options" in page
    assert len(re.findall(r'toctree-l1"><a class="reference internal" href="autoapi/index.html"', page)) >= 1
    assert "Gives 42." in (output / "autoapi/tool/index.html").read_text()

    # On top of that: the same as from nothing.
    plan = plan_of({"src/tool/__init__.py": CODE.replace("42", "43"), "src/tool/more.py": "def more(): ...\n"})
    kept = contents_of(render(execution, plan, environment))
    assert "Rendering everything: the Python code changed." in log_of(execution)
    again = contents_of(render(execution, plan_of({}), environment))
    clean = contents_of(render(execution, plan_of({}), environment, clean=True))
    assert "autoapi/tool/more/index.html" in clean
    assert [name for name in clean.keys() | kept.keys() if clean.get(name) != kept.get(name)] == []
    assert [name for name in clean.keys() | again.keys() if clean.get(name) != again.get(name)] == []


def test_what_is_not_described_is_so_below_the_repository_only():
    patterns = not_described(Path("/srv/docs/build/.hidden[1]/tests"))

    def is_described(path):
        return not any(fnmatch(f"/srv/docs/build/.hidden[1]/tests/{path}", pattern) for pattern in patterns)

    assert [path for path in ("a.py", "src/a.py", "contest/a.py") if not is_described(path)] == []
    hidden = ("setup.py", "tests/a.py", "src/tests/b/a.py", ".venv/a.py", "src/.venv/a.py", "docs/conf.py")
    assert [path for path in hidden if is_described(path)] == []


def contents_of(output):
    return {str(path.relative_to(output)): path.read_bytes() for path in output.rglob("*") if path.is_file()}


def test_a_theme_that_the_index_does_not_have_is_named(execution, plan_of):
    plan = plan_of({".yaydoc.yml": "build: {theme: no_theme_of_this_name_at_all}\n", "README.md": "# A\n"})

    with pytest.raises(BuildFailed) as failed:
        prepare_environment(execution, plan)

    assert "no-theme-of-this-name-at-all was not found in the package registry" in failed.value.reason


def test_a_package_without_a_theme_is_named():
    said = "the package requests holds no Sphinx theme"

    failed = explain(Failure(kinds=["ThemeError"], message=said), 2, "")

    assert failed.reason == "The package requests, which build.theme names, holds no Sphinx theme."


@pytest.fixture
def theme_of(tmp_path, monkeypatch):
    """The runner's own, with a package `Old.Theme` that announces nothing, and one without any theme."""
    for name, files in (("old_theme", ["old/look/theme.conf"]), ("no_look", ["no_look.py"])):
        records = {f"{name}-1.dist-info/METADATA": f"Name: {name}\nVersion: 1\n", **dict.fromkeys(files, "")}
        write(tmp_path, {**records, f"{name}-1.dist-info/RECORD": "".join(f"{file},,\n" for file in files)})
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.syspath_prepend(RUNNER)
    import yaydoc_themes

    yield yaydoc_themes.theme_of
    sys.modules.pop("yaydoc_themes")


def test_a_theme_is_found_by_its_name_its_package_and_its_folder(theme_of, tmp_path):
    assert theme_of("classic") == ("classic", [])
    assert theme_of("furo") == ("furo", [])
    assert theme_of("old-theme") == ("look", [str(tmp_path / "old")])
    assert theme_of("of_an_extension") == ("of_an_extension", [])
    with pytest.raises(Exception, match="the package no-look holds no Sphinx theme"):
        theme_of("no-look")
