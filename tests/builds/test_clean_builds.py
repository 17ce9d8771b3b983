"""Builds from nothing: asked for, or repeated because the first try stood on what earlier builds left."""

import pytest

from builds import pipeline, places, sandbox
from builds.errors import BuildFailed
from builds.models import Build, State, Trigger
from builds.rendering.environment import Environment
from builds.rendering.failures import Failure
from builds.rendering.reuse import may_be_of_reuse
from tests.builds.checkouts.git_server import GitRepository
from tests.builds.small_projects import environment_of_the_tests, start

CONF = """
project = 'Small'
html_theme = 'basic'

def setup(app):
    app.connect('env-before-read-docs', refuse)

def refuse(app, env, docnames):
    if env.all_docs and env.found_docs - set(docnames):
        raise RuntimeError('something stale was found')
"""
INDEX = "Small\n=====\n\n.. toctree::\n\n   other\n"


@pytest.fixture
def origin(tmp_path, repository, settings):
    """Somebody's repository, whose conf.py fails wherever pages were kept."""
    tmp_path.chmod(0o755)
    settings.CLONE_PROTOCOLS = ["file"]
    origin = GitRepository(tmp_path / "origin")
    origin.commit("Start", docs__conf_dot_py=CONF, docs__index_dot_rst=INDEX, docs__other_dot_rst="Other\n=====\n")
    repository.clone_url = origin.url
    repository.save()
    yield origin
    for path in (places.git_mirror(repository.pk), places.version_directory(repository.default_version)):
        sandbox.remove(path)


@pytest.fixture
def build(origin, version, monkeypatch):
    """Builds the newest commit in the tests' own environment; `asked` tells whether a clean one was asked for."""
    asked = []

    def prepare(execution, plan, *, clean=False):
        asked.append(clean)
        made = environment_of_the_tests()
        return Environment(made.python, made.key, not clean, made.folder)

    monkeypatch.setattr(pipeline, "prepare_environment", prepare)

    def run(*, clean=False):
        version.refresh_from_db()
        build = Build.objects.request(version, trigger=Trigger.PERSON, clean=clean)
        execution = start(build)
        with execution.log:
            try:
                build.finish(State.SUCCESS, release=pipeline.produce(execution))
            except BuildFailed as failed:
                build.finish(State.FAILED, failed.reason)
        sandbox.remove(execution.scratch)
        return build

    run.asked = asked
    return run


def stages(build):
    return [entry["name"] for entry in build.stages]


def test_a_build_whose_reuse_fails_is_repeated_from_nothing_and_only_that_counts(origin, build, as_owner):
    first = build()
    origin.commit("Change a page", docs__other_dot_rst="Other\n=====\n\nWords.\n")

    second = build()

    assert (first.state, second.state, second.reason) == (State.SUCCESS, State.SUCCESS, "")
    assert stages(first) == ["checkout", "configuration", "environment", "render", "publish"]
    assert stages(second) == [*stages(first)[:4], *stages(first)]
    assert [entry["reused"] for entry in second.stages if entry["name"] == "render"] == [True, False]
    assert build.asked == [False, False, True]
    assert (second.pages, second.warning_count, second.peak_memory > 2**20) == (first.pages, 0, True)
    page = as_owner.get(second.get_absolute_url()).text
    assert "once more from nothing, and only that counts" in page
    assert "from nothing, after a failure on top of what was kept" in page


def test_a_failure_that_comes_again_from_nothing_is_the_one_that_is_told(origin, build):
    build()
    origin.commit("Break it", docs__conf_dot_py=CONF.replace("if env.all_docs and", "if 1 or"))
    broken = build()  # conf.py changed: nothing is built upon, so there is nothing to repeat
    origin.commit("Go on", docs__conf_dot_py=CONF)
    build()
    origin.commit("Break the page", docs__other_dot_rst="Other\n=====\n\n.. raw:: html\n   :file: ../gone.html\n")

    again = build()

    assert (broken.state, len(stages(broken))) == (State.FAILED, 4)
    assert "something stale was found" in broken.reason
    assert again.state == State.SUCCESS  # the directive is only warned of
    assert [warning.file for warning in again.warnings.all()] == ["docs/other.rst"]


def test_a_fault_of_conf_py_is_not_tried_twice(origin, build):
    build()
    origin.commit("Break it", docs__conf_dot_py=CONF + "1 / 0\n")

    broken = build()

    assert (broken.state, stages(broken)) == (
        State.FAILED,
        ["checkout", "configuration", "environment", "render"],
    )


def test_a_clean_build_uses_nothing_that_is_kept(origin, build, version):
    build()
    left = places.version_directory(version) / "left"
    left.touch()
    origin.commit("Change a page", docs__other_dot_rst="Other\n=====\n\nWords.\n")

    clean = build(clean=True)

    assert (clean.state, stages(clean).count("render")) == (State.SUCCESS, 1)
    assert build.asked == [False, True]
    assert not left.exists()
    assert "2 of 2 pages read" in [entry["note"] for entry in clean.stages]


def test_a_clean_build_that_fails_is_not_repeated(claimed_clean, monkeypatch):
    tried = []

    def fail(execution, *, clean):
        tried.append(clean)
        raise BuildFailed("It fails.", may_be_of_reuse=True)

    monkeypatch.setattr(pipeline, "produce_once", fail)

    pipeline.run(claimed_clean)

    assert tried == [True]


@pytest.fixture
def claimed_clean(version):
    build = Build.objects.request(version, trigger=Trigger.PERSON, clean=True)
    assert build.claim()
    return build


# -- what may be of reuse

IMPORT = Failure(kinds=("ConfigError", "Exception"), message="ModuleNotFoundError: No module named 'fast._core'")
DIVISION = Failure(kinds=("ConfigError", "Exception"), message="ZeroDivisionError: division by zero")
EXTENSION = Failure(
    kinds=("ExtensionError",), message="Could not import extension fast (exception: No module named)"
)
CRASH = Failure(kinds=("KeyError", "Exception"), message="'retries'")


@pytest.mark.parametrize(
    ("failure", "said", "of_render", "of_environment"),
    [
        (IMPORT, [], False, True),
        (EXTENSION, [], False, True),
        (DIVISION, [], False, False),
        (CRASH, [], True, False),
        (None, ["Segmentation fault"], True, False),
        (None, ["autodoc: failed to import module 'fast'"], True, True),
        (None, ["undefined label: 'x'"], True, False),
    ],
)
def test_what_is_kept_is_suspected_of_what_it_can_cause(failure, said, of_render, of_environment):
    def ask(*, render, environment):
        return may_be_of_reuse(failure, said, render_was_reused=render, environment_was_reused=environment)

    assert ask(render=True, environment=False) is of_render
    assert ask(render=False, environment=True) is of_environment
    assert not ask(render=False, environment=False)


# -- asking for one


def test_a_button_asks_for_a_clean_build(as_owner, repository):
    assert "Clean build" in as_owner.get("/octo/docs/").text

    as_owner.post("/octo/docs/build/", {"clean": "1"})

    assert [build.is_clean for build in Build.objects.all()] == [True]


def test_a_build_that_waits_becomes_and_stays_clean(as_owner, request_build):
    request_build()

    as_owner.post("/octo/docs/build/", {"clean": "1"})
    request_build(trigger=Trigger.PUSH, commit="b" * 40)

    assert [(build.is_clean, build.commit) for build in Build.objects.all()] == [(True, "b" * 40)]


def test_others_cannot_ask_for_one(as_stranger, as_nobody, repository):
    assert as_stranger.post("/octo/docs/build/", {"clean": "1"}).status_code == 404
    assert as_nobody.post("/octo/docs/build/", {"clean": "1"}).status_code == 302
    assert not Build.objects.exists()
