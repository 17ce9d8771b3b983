"""Real processes: what is pushed without a webhook is found and built, whoever is killed on the way."""

import signal
from pathlib import Path

import pytest

from tests.builds.checkouts.git_server import GitHost, GitRepository
from tests.databases import own_database
from tests.instance import Instance

NAME = "octo/quiet"
BROKEN = "build:\n  nonsense: 1\n"  # fails before an environment is made
BUILD = 60  # seconds
MODELS = (
    "from builds.models import Build, Watch; from repositories.models import Repository; w = Watch.objects.get"
)
LONG_AGO = "'2026-01-01T00:00:00Z'"
DUE = f"Watch.objects.update(next_look_at={LONG_AGO})"
SWEEP = "from builds import watching; watching.sweep()"  # what the clock does within 15 s
LATER = f"Build.objects.update(requested_at={LONG_AGO})"  # what was just built, a delivery may still tell of


@pytest.fixture
def host(tmp_path):
    with GitHost(tmp_path) as host:
        yield host


@pytest.fixture
def origin(tmp_path):
    tmp_path.chmod(0o755)
    origin = GitRepository(tmp_path / "origin")
    origin.commit("Start", _dot_yaydoc_dot_yml=BROKEN)
    return origin


@pytest.fixture
def yaydoc(tmp_path_factory, host, origin):
    """A worker and a clock, and a repository that was built for the first time."""
    directory = tmp_path_factory.mktemp("yaydoc")
    with own_database(directory) as url:
        hosts = f"public,{host.host}"
        instance = Instance(directory, url, CLONE_PROTOCOLS="https,http", CLONE_HOSTS=hosts)
        try:
            instance.manage("migrate", "--verbosity", "0")
            instance.manage("createsuperuser", "--noinput", "--username", "o", "--email", "o@example.org")
            instance.manage("register", f"http://{host.host}/origin/.git", "--name", NAME)
            for name in ("worker", "clock"):
                instance.start(name)
            wait_for_build(instance, 1)
            yield instance
        finally:
            instance.close()


def ask(yaydoc, expression):
    return yaydoc.manage("shell", "-v", "0", "-c", f"{MODELS}; print({expression})").strip()


def tell(yaydoc, *statements):
    yaydoc.manage("shell", "-v", "0", "-c", "; ".join((MODELS, *statements)))


def wait_for_build(yaydoc, number):
    def ended():
        return f"#{number}: failed after" in (yaydoc.directory / "worker.out").read_text()

    yaydoc.wait_for(f"end of build {number}", ended, seconds=BUILD)


def gits(host) -> list[str]:
    """Processes that look at its repositories."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue  # it ended
        if "ls-remote" in line and f"{host.host}/slow/" in line:
            found.append(line)
    return found


def test_a_push_is_found_and_so_is_one_after_a_worker_and_the_clock_were_killed_in_mid_look(yaydoc, host, origin):
    # a push, and no word of it
    pushed = origin.commit("More", index_dot_md="# Home\n")
    tell(yaydoc, LATER, DUE)
    wait_for_build(yaydoc, 2)
    assert (
        ask(yaydoc, "*Build.objects.filter(number=2).values_list('commit', 'trigger').get()") == f"{pushed} watch"
    )

    # the host does not answer, and both processes are killed while it is waited for
    tell(yaydoc, f"Repository.objects.update(clone_url='http://{host.host}/slow/origin.git')", DUE, SWEEP)
    yaydoc.wait_for("look at the slow host", lambda: gits(host), seconds=30)
    for name in ("clock", "worker"):
        yaydoc.stop(name, signal.SIGKILL)

    # nothing of the look is left, and until its lease is over it is nobody's turn
    yaydoc.wait_for("end of the slow look", lambda: not gits(host), seconds=30)
    assert ask(yaydoc, "Watch.objects.due().count(), w().attempt, w().failures") == "0 2 0"

    # then it is looked at again, once
    pushed = origin.commit("Even more", index_dot_md="# Home again\n")
    tell(yaydoc, f"Repository.objects.update(clone_url='http://{host.host}/origin/.git')", LATER, DUE)
    for name in ("worker", "clock"):
        yaydoc.start(name)
    wait_for_build(yaydoc, 3)
    assert ask(yaydoc, "Build.objects.first().commit, Build.objects.count(), w().attempt") == f"{pushed} 3 3"
