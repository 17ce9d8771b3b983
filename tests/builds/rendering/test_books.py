"""ePub and PDF beside the pages, by a real Sphinx in the real sandbox."""

import zipfile
from types import SimpleNamespace

import pytest

from builds import sandbox
from builds.configuration.reading import read_config
from builds.detection.plans import find_docs
from builds.rendering import books
from builds.rendering.building import build_pages
from repositories.models import Version
from tests.builds.small_projects import CONF, INDEX, environment_of_the_tests, log_of, source_of, write

YAML = """
version: 2
build: {os: ubuntu-24.04, tools: {python: "3"}}
sphinx: {configuration: docs/conf.py, fail_on_warning: true}
formats: all
"""
OTHER = "Other\n=====\n\nWords.\n"
FILES = {".readthedocs.yaml": YAML, "docs/conf.py": CONF, "docs/index.rst": INDEX, "docs/other.rst": OTHER}
MAKEFILE = "all-pdf:\n\tprintf '%s' '$(LATEXMKOPTS)' > small.pdf; exit 1\n"


@pytest.fixture
def built(execution):
    """Builds a checkout of these files."""

    def build(files):
        source = write(source_of(execution.build), files)
        sandbox.give(source)
        return build_pages(execution, find_docs(source, read_config(source)), environment_of_the_tests())

    return build


def text_of(epub):
    with zipfile.ZipFile(epub) as archive:
        return archive.read("mimetype").decode(), archive.read("other.xhtml").decode()


def test_an_epub_is_made_of_what_was_read_for_the_pages_and_leaves_the_next_render_its_own(
    built, execution, monkeypatch
):
    monkeypatch.setattr(books, "ENGINES", ("no-such-engine",))
    first = built(FILES)
    mimetype, page = text_of(next(first.downloads["epub"].glob("*.epub")))
    second = built({"docs/other.rst": OTHER.replace("Words", "Other words")})

    log = log_of(execution)
    assert (mimetype, "Words." in page) == ("application/epub+zip", True)
    assert list(first.downloads) == ["epub"]
    assert "PDF needs LaTeX, which is not installed here." in log
    # Pages, ePub, pages, ePub: all was read once, and then what changed.
    read = [line for line in log.splitlines() if "added," in line]
    assert [line.partition(": ")[2].removeprefix("[new config] ") for line in read] == [
        "2 added, 0 changed, 0 removed",
        "0 added, 0 changed, 0 removed",
        "0 added, 1 changed, 0 removed",
        "0 added, 0 changed, 0 removed",
    ]
    assert "Other words." in text_of(next(second.downloads["epub"].glob("*.epub")))[1]
    assert "Other words." in (second.pages / "other.html").read_text()


def test_a_book_that_cannot_be_made_costs_no_pages(built, execution):
    conf = (
        CONF + "def setup(app):\n    app.connect('builder-inited', lambda app: 1 / (app.builder.name != 'epub'))\n"
    )

    made = built(FILES | {"docs/conf.py": conf, ".readthedocs.yaml": YAML.replace("all", "[epub]")})

    assert (made.pages / "other.html").exists()
    assert made.downloads == {}
    assert "The ePub could not be made; the pages are published without it." in log_of(execution)


def test_a_pdf_is_made_by_sphinxs_own_makefile(built, execution, monkeypatch):
    """With a makefile in place of Sphinx's, which calls LaTeX."""
    monkeypatch.setattr(books, "has_latex", lambda: True)
    conf = (
        CONF
        + f"""
def replace(app, error):
    if app.builder.name == 'latex':
        assert 'latexmk' in (app.outdir / 'Makefile').read_text()
        (app.outdir / 'Makefile').write_text({MAKEFILE!r})

def setup(app):
    app.connect('build-finished', replace)
"""
    )

    made = built(FILES | {"docs/conf.py": conf, ".readthedocs.yaml": YAML.replace("all", "[pdf]")})

    assert (made.downloads["pdf"] / "small.pdf").read_text() == "-f -interaction=nonstopmode"
    assert (made.downloads["pdf"] / "small.tex").is_file()


def test_a_preview_has_no_books(built, execution):
    Version.objects.filter(pk=execution.build.version_id).update(kind=Version.Kind.PULL_REQUEST)
    execution.build.version.refresh_from_db()

    assert built(FILES).downloads == {}
    assert "ePub" not in log_of(execution)


def test_what_makes_no_books_is_said(execution):
    plan = SimpleNamespace(kind=books.Kind.MKDOCS)

    assert books.make_book(execution, plan, None, "epub") is None
    assert "ePub is made of Sphinx projects only." in log_of(execution)
