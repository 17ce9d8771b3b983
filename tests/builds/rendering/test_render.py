"""Rendering, by a real Sphinx in the real sandbox."""

import json
import time

import pytest

from builds import places, sandbox
from builds.configuration.reading import read_config
from builds.detection.plans import find_docs
from builds.errors import BuildFailed
from builds.rendering.failures import Failure, explain
from builds.rendering.render import check_output, render
from builds.rendering.reports import read_failure
from tests.builds.small_projects import CONF, INDEX, environment_of_the_tests, log_of, source_of, start, write

STRICT = """
version: 2
build: {os: ubuntu-24.04, tools: {python: "3"}}
sphinx: {configuration: docs/conf.py, fail_on_warning: true}
"""


@pytest.fixture
def build(request_build):
    build = request_build()
    yield build
    sandbox.remove(places.version_directory(build.version))


@pytest.fixture
def execution(build):
    execution = start(build)
    yield execution
    execution.log.close()
    sandbox.remove(execution.scratch)


@pytest.fixture
def rendered(execution):
    """Renders a checkout of these files: the folder with its pages."""

    def render_files(files, **options):
        source = write(source_of(execution.build), files)
        sandbox.give(source)
        return render(execution, find_docs(source, read_config(source)), environment_of_the_tests(), **options)

    return render_files


def test_a_projects_own_conf_py_is_rendered(rendered):
    output = rendered(
        {"docs/conf.py": CONF, "docs/index.rst": INDEX, "docs/other.rst": "Other\n=====\n\nWords.\n"}
    )

    assert "<title>Small" in (output / "index.html").read_text()
    assert "Words." in (output / "other.html").read_text()
    assert not [path.name for path in output.rglob("*") if path.name in {".doctrees", "environment.pickle"}]


def test_one_changed_page_is_read_alone_the_second_time(rendered, execution):
    files = {"docs/conf.py": CONF, "docs/index.rst": INDEX, "docs/other.rst": "Other\n=====\n\nWords.\n"}
    rendered(files)

    output = rendered({"docs/other.rst": "Other\n=====\n\nOther words.\n"})

    assert "Other words." in (output / "other.html").read_text()
    assert "0 added, 1 changed, 0 removed" in log_of(execution)


def test_a_clean_render_is_given_when_asked_for(rendered, execution):
    files = {"docs/conf.py": CONF, "docs/index.rst": INDEX, "docs/other.rst": "Other\n=====\n"}
    rendered(files)

    rendered({}, clean=True)

    assert "Rendering everything: asked for." in log_of(execution)
    assert "2 added, 0 changed, 0 removed" in log_of(execution).rpartition("Rendering everything")[2]


@pytest.mark.parametrize(
    ("conf", "reason", "hint"),
    [
        ("1 / 0\n", "conf.py failed: ZeroDivisionError: division by zero", "Correct conf.py"),
        ("import nothing_of_the_kind\n", "No module named 'nothing_of_the_kind'", "docs/requirements.txt"),
        ("project = (\n", "conf.py has a syntax error", "Correct conf.py"),
        ("import sys; sys.exit(3)\n", "ended the process (sys.exit)", "Correct conf.py"),
        (
            "extensions = ['sphinx_nothing']\n",
            "extension sphinx_nothing is not installed",
            "docs/requirements.txt",
        ),
        ("html_theme = 'nothing_theme'\n", "theme nothing_theme is not installed", "html_theme"),
        ("root_doc = 'start'\n", "The first page, start.rst, is missing", "root_doc"),
        ("from jinja2 import contextfunction\n", "cannot import name", "written for an older jinja2"),
        ("extensions = ['sphinx.ext.pngmath']\n", "sphinx.ext.pngmath", "written for an older sphinx"),
        ("def setup(app):\n    app.add_stylesheet('x.css')\n", "add_stylesheet", "call add_css_file"),
        (
            "extensions = ['sphinx.ext.intersphinx']\nintersphinx_mapping = {'https://docs.python.org/3': None}\n",
            "intersphinx_mapping",
            "Since Sphinx 8 each entry has a name: {'python'",
        ),
        ("import os; release = os.environ['VERSION']\n", "KeyError: 'VERSION'", "os.environ.get('VERSION', '')"),
        (
            "from importlib.metadata import version; release = version('engine-of-ours')\n",
            "engine-of-ours",
            "the version of engine-of-ours, which is not installed",
        ),
        ("release = open('../VERSION').read()\n", "No such file", "Is ../VERSION committed?"),
        (
            "release = open('index.rst', 'rb').read().decode() + b'\\xfc'.decode()\n",
            "codec can't decode",
            "as UTF-8",
        ),
        ("import subprocess; subprocess.run(['doxygen'])\n", "doxygen", "program doxygen is not installed"),
    ],
)
def test_what_ended_sphinx_is_told_in_plain_words(rendered, conf, reason, hint):
    files = {"docs/conf.py": f"project = 'Broken'\ncopyright = 'me'\n{conf}", "docs/index.rst": INDEX}

    with pytest.raises(BuildFailed) as failed:
        rendered(files)

    assert reason in failed.value.reason
    assert hint in failed.value.hint


def test_a_page_that_sphinx_ended_at_is_named(rendered, execution):
    files = {"docs/conf.py": CONF, "docs/index.rst": INDEX}
    page = write(source_of(execution.build), files) / "docs/other.rst"
    page.write_bytes("Other\n=====\n\nMüller\n".encode("latin-1"))

    with pytest.raises(BuildFailed) as failed:
        rendered({})

    assert failed.value.reason.startswith("docs/other.rst: Sphinx ended with UnicodeDecodeError: 'utf-8' codec")
    assert failed.value.hint == "Save the file that it speaks of as UTF-8."


def test_after_a_failed_render_the_next_one_starts_afresh(rendered, execution):
    files = {"docs/conf.py": CONF, "docs/index.rst": INDEX, "docs/other.rst": "Other\n=====\n"}
    rendered(files)
    with pytest.raises(BuildFailed):
        rendered({"docs/conf.py": "1 / 0\nproject = copyright = ''\nextensions = []\n"})

    rendered({"docs/conf.py": CONF})

    assert "Rendering everything: no finished render is kept." in log_of(execution).rpartition("ZeroDivision")[2]


@pytest.mark.parametrize(
    "leave",
    [
        "shutil.rmtree(output); os.symlink('/', output)",
        "(output / 'inner').mkdir(); (output / 'inner' / 'page').touch(); (output / 'inner').chmod(0)",
        "(place / 'state.json').mkdir(); (place / 'report.json').mkdir()",
        "(place / 'previous').touch(); shutil.rmtree(place / 'doctrees'); os.symlink('/usr', place / 'doctrees')",
        "place.chmod(0o500)",
        "os.chdir(output); [(os.mkdir('a'), os.chdir('a')) for _ in range(1990)]",
    ],
    ids=["link", "closed", "folders", "file", "closed place", "deep"],
)
def test_whatever_a_render_leaves_the_next_one_is_made(rendered, leave):
    spoil = f"""
import os, pathlib, shutil, sys
def setup(app):
    app.connect("build-finished", spoil)
def spoil(app, error):
    output = pathlib.Path(app.outdir)
    place = output.parent
    {leave}
    os._exit(3)
"""
    with pytest.raises(BuildFailed, match="exit code 3"):
        rendered({"docs/conf.py": CONF + spoil, "docs/index.rst": "Small\n=====\n"})

    output = rendered({"docs/conf.py": CONF})

    assert "<title>Small" in (output / "index.html").read_text()


def test_warnings_that_are_errors_fail_the_build_also_those_of_pages_that_are_kept(rendered, execution):
    files = {"docs/conf.py": CONF, "docs/index.rst": INDEX, "docs/other.rst": "Other\n=====\n\n:ref:`nowhere`\n"}
    rendered(files)
    assert [str(warning) for warning in execution.build.warnings.all()] == [
        "docs/other.rst:4: undefined label: 'nowhere'"
    ]

    with pytest.raises(BuildFailed) as failed:
        rendered({".readthedocs.yaml": STRICT})

    assert failed.value.reason == (
        "There is a warning, and fail_on_warning is set. It is: docs/other.rst:4: undefined label: 'nowhere'"
    )
    assert failed.value.hint == "Correct what they speak of, or take fail_on_warning out."


def test_a_first_page_of_another_name_is_found_at_the_door(rendered):
    output = rendered(
        {"docs/conf.py": CONF + "root_doc = 'contents'\n", "docs/contents.rst": "Contents\n========\n"}
    )

    assert "<h1>Contents" in (output / "index.html").read_text()


def test_pages_that_are_removed_by_the_docs_themselves_fail_the_build(rendered):
    conf = (
        "import shutil\n"
        "def setup(app):\n"
        "    app.connect('build-finished', lambda app, error: shutil.rmtree(app.outdir))\n"
    )

    with pytest.raises(BuildFailed, match=r"wrote no output|index.html is missing"):
        rendered({"docs/conf.py": CONF + conf, "docs/index.rst": "Small\n=====\n"})


def test_settings_of_yaydoc_yml_hold_where_conf_py_is_silent(rendered):
    output = rendered(
        {
            ".yaydoc.yml": "metadata:\n  projectname: Named\n  author: Ada\n  version: '1.5'\n"
            "build:\n  source: docs\n  mock: [not_installed_here]\n",
            "docs/conf.py": "project = 'Own name'\nextensions = ['sphinx.ext.autodoc']\nhtml_theme = 'basic'\n"
            "import sys, os; sys.path.insert(0, os.path.abspath('..'))\n",
            "docs/index.rst": "Start\n=====\n\n|release|\n\n.. autofunction:: small.answer\n",
            "small.py": 'import not_installed_here\n\ndef answer():\n    """Gives 42."""\n',
        }
    )

    page = (output / "index.html").read_text()
    assert "Own name" in page
    assert "Named" not in page
    assert "1.5" in page
    assert "Ada" in page
    assert "Gives 42." in page


@pytest.mark.parametrize("written", [b"", b"[1]", b"{", b'{"kinds": 1, "message": 7}', b"[" * 60_000])
def test_a_report_that_the_build_made_up_is_no_more_than_text(tmp_path, written):
    report = tmp_path / "report.json"
    report.write_bytes(written)

    told = read_failure(report)

    assert told in (None, Failure(message="7"))


def test_a_report_is_explained_quickly_whatever_stands_in_it(tmp_path):
    report = tmp_path / "report.json"
    report.write_text(json.dumps({"kinds": ["Error"] * 3000, "message": "a" * 20_000 + "\nlast"}))
    began = time.process_time()

    told = explain(read_failure(report), 1, "")

    assert told.reason == "Sphinx ended with Error: last"
    assert time.process_time() - began < 0.5


def test_a_report_that_is_a_link_is_not_followed(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text(json.dumps({"message": "of the worker"}))
    report = tmp_path / "report.json"
    report.symlink_to(secret)

    assert read_failure(report) is None


def test_output_that_is_a_link_is_no_output(tmp_path):
    write(tmp_path / "elsewhere", {"index.html": "somebody else's"})
    output = tmp_path / "output"
    output.symlink_to(tmp_path / "elsewhere")

    with pytest.raises(BuildFailed, match="no output"):
        check_output(output, "")
