"""A change is in the very next answer of each other process: the web server's two, a worker, some that write."""

import sqlite3
import subprocess
import sys
import time
from contextlib import closing, contextmanager

import psycopg
import pytest

from tests.badges.changer import shown
from tests.builds.checkouts.git_server import GitRepository
from tests.databases import own_database
from tests.instance import ROOT, Instance

CHANGERS = 3
SECONDS = 2.0  # that they change and ask
NEW_CONNECTIONS = 16  # of which some go to each process: one of 32,768 times all go to the same
BUILD = 60  # seconds, of one that ends with the first look at its configuration
REGISTER = """
from django.contrib.auth import get_user_model
from builds.models import Build
from repositories.models import Repository
from repositories.names import RepositoryName
owner = get_user_model().objects.create_superuser("olivia", "olivia@example.org", "correct horse battery")
for number in range(%d):
    Repository.objects.register(name=RepositoryName.parse(f"octo/docs-{number}"), forge="git", registrant=owner,
        clone_url="https://example.org/octo/docs.git")
Build.objects.all().delete()
"""


@pytest.fixture(scope="module", params=[True, False], ids=["shortcut", "Django only"])
def yaydoc(request, tmp_path_factory):
    """With the web server's two processes running, and three repositories that were never built."""
    directory = tmp_path_factory.mktemp("yaydoc")
    with own_database(directory) as url:
        instance = Instance(directory, url, BADGE_SHORTCUT=str(request.param), CLONE_PROTOCOLS="https,file")
        instance.has_shortcut = request.param
        (directory / "static").mkdir()
        try:
            instance.manage("migrate", "--verbosity", "0")
            instance.manage("shell", "--no-imports", "--command", REGISTER % CHANGERS)
            instance.start("web")
            instance.wait_for("answer of web", lambda: instance.ask("/healthz").status == 200, seconds=30)
            yield instance
        finally:
            instance.close()


def everywhere(instance, slug):
    return {shown(slug, instance.port) for _ in range(NEW_CONNECTIONS)}


@contextmanager
def database(instance):
    """A connection of nobody's."""
    url = instance.environment["DATABASE_URL"]
    connect = psycopg.connect if url.startswith("postgres") else sqlite3.connect
    with closing(connect(url.removeprefix("sqlite:///"))) as connection, connection:
        yield connection


def stored(instance, slug):
    with database(instance) as connection:
        query = "SELECT build_status FROM repositories_repository WHERE slug = "
        return connection.execute(f"{query}'{slug}'").fetchone()[0]


def may_be_old(instance, slug):
    """Whether an answer is kept when somebody writes to the database past Django, and so tells nobody."""
    before = everywhere(instance, slug)
    with database(instance) as connection:
        connection.execute("UPDATE repositories_repository SET is_private = NOT is_private")
    return bool(before & everywhere(instance, slug))


def test_no_answer_is_from_before_a_change(yaydoc):
    changers = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.badges.changer", f"octo/docs-{number}", str(yaydoc.port), str(SECONDS)],
            cwd=ROOT,
            env=yaydoc.environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(CHANGERS)
    ]
    told = [list(map(int, changer.communicate(timeout=60)[0].split())) for changer in changers]

    assert [changer.returncode for changer in changers] == [0] * CHANGERS
    assert all(changes > 5 for changes, _, _ in told)
    assert sum(stale for _, _, stale in told) == 0

    # An answer expires during the question seldom, and hardly ever three times.
    assert any(may_be_old(yaydoc, "octo/docs-0") for _ in range(3)) == yaydoc.has_shortcut


def test_end_of_a_build_in_the_worker_is_seen_by_both_web_processes(yaydoc, tmp_path):
    repository = GitRepository(tmp_path / "remote")
    repository.commit("Add a configuration", **{"_dot_yaydoc_dot_yml": "no_such_key: 1\n"})
    yaydoc.manage("register", repository.url, "--name", "octo/small")
    assert everywhere(yaydoc, "octo/small") == {"unknown"}
    yaydoc.start("worker")

    until = time.monotonic() + BUILD
    while (status := stored(yaydoc, "octo/small")) == "unknown" and time.monotonic() < until:
        shown("octo/small", yaydoc.port)

    assert status == "failed", yaydoc.outputs()
    assert everywhere(yaydoc, "octo/small") == {"failed"}
