"""What each key of `.yaydoc.yml` does to the pages, by a real Sphinx in the real sandbox."""

import re

import pytest

from builds import sandbox
from builds.configuration.reading import read_config
from builds.detection.plans import find_docs
from builds.rendering.render import render
from builds.rendering.uncounted import uncounted
from tests.builds.small_projects import CONF, environment_of_the_tests, log_of, source_of, write

MATH = "# One\n\nCosts $x$ and more.\n"


@pytest.fixture
def rendered(execution):
    """Renders a checkout of these files: the folder with its pages."""

    def render_files(files):
        source = write(source_of(execution.build), files)
        sandbox.give(source)
        return render(execution, find_docs(source, read_config(source)), environment_of_the_tests())

    return render_files


def said(execution, files):
    """What the log says of keys that do not count."""
    source = write(source_of(execution.build), files)
    return list(uncounted(find_docs(source, read_config(source)), execution.build.repository))


def test_each_key_about_looks_changes_every_page(rendered, execution):
    output = rendered(
        {
            ".yaydoc.yml": "metadata: {debug: true, inline_math: true}\n"
            "build:\n  theme: classic\n  github_ribbon: {position: left, color: green}\n"
            "  github_button: {buttons: {watch: false, follow: false}, large: false}\n",
            "index.md": MATH,
            "more/two.md": "# Two\n",
        }
    )

    page = (output / "more/two.html").read_text()
    assert '<div class="yaydoc-ribbon yaydoc-left yaydoc-green"><a href="https://github.com/octo/docs">' in page
    assert re.findall(r'<a href="https://github.com/([^"]+)">(Star|Watch|Fork|Follow|Issues)<', page) == [
        ("octo/docs", "Star"),
        ("octo/docs/fork", "Fork"),
        ("octo/docs/issues", "Issues"),
    ]
    assert "yaydoc-large" not in page
    assert ".yaydoc-ribbon" in (output / "_static/yaydoc-github.css").read_text()
    assert 'href="../_static/yaydoc-github.css' in page
    assert 'class="math' in (output / "index.html").read_text()
    assert "locale_dir" in log_of(execution)  # one of the lines that Sphinx has with -v only


def test_without_the_keys_there_is_nothing_of_them(rendered, execution):
    output = rendered({".yaydoc.yml": "build: {theme: classic}\n", "index.md": MATH, "more/two.md": "# Two\n"})

    assert not [path for path in output.rglob("*.html") if "yaydoc" in path.read_text()]
    assert not (output / "_static/yaydoc-github.css").exists()
    assert "Costs $x$ and more." in (output / "index.html").read_text()
    assert "locale_dir" not in log_of(execution)


def test_the_keys_that_can_be_honoured_beside_a_conf_py_are(rendered):
    output = rendered(
        {
            ".yaydoc.yml": "metadata: {inline_math: true}\n"
            "build: {source: docs, github_ribbon: , github_button: {buttons: {watch: false}}}\n",
            "docs/conf.py": CONF + "extensions += ['myst_parser']\n",
            "docs/index.md": MATH,
        }
    )

    page = (output / "index.html").read_text()
    assert 'class="yaydoc-ribbon yaydoc-right yaydoc-red"' in page
    assert 'class="yaydoc-github yaydoc-large"' in page
    assert '<a href="https://github.com/octo">Follow</a>' in page
    assert 'class="math' in page


def test_keys_that_do_not_count_are_named(execution):
    keys = "metadata: {version: '1', autoindex: {toc: {show: false}}}\nbuild: {source: docs, github_ribbon: }\n"
    execution.build.repository.forge = "gitea"

    assert said(execution, {".yaydoc.yml": keys, "docs/conf.py": CONF, "docs/index.rst": "A\n=\n"}) == [
        "Beside a conf.py, metadata.autoindex of .yaydoc.yml does not count: the first page is there.",
        "The repository is not at GitHub, so these keys of .yaydoc.yml do not count: build.github_ribbon.",
    ]


def test_beside_a_mkdocs_yml_all_keys_about_pages_are_named(execution):
    keys = "metadata: {version: '1', autoindex: {toc: {show: false}}}\nbuild: {github_ribbon: }\n"

    assert said(execution, {".yaydoc.yml": keys, "mkdocs.yml": "site_name: A\n", "docs/index.md": "# A\n"}) == [
        "Beside mkdocs.yml these keys of .yaydoc.yml do not count: metadata.version, metadata.autoindex,"
        " build.github_ribbon."
    ]
