"""A worker whose queue is on Redis: a real one, started for the test."""

import shutil
import socket
import subprocess

import pytest

from tests.builds.checkouts.git_server import GitRepository
from tests.databases import own_database
from tests.instance import Instance
from tests.on_postgres import free_port

pytestmark = pytest.mark.skipif(not shutil.which("redis-server"), reason="redis-server is not installed")
ENDLESS = "import time\ntime.sleep(600)\n"
STATES = "from builds.models import Build; print(*Build.objects.values_list('state', 'setbacks', 'attempt'))"


@pytest.fixture
def redis(tmp_path):
    """The URL of an empty server that keeps nothing on disk."""
    port = free_port()
    server = subprocess.Popen(
        ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)],
        stdout=subprocess.DEVNULL,
    )
    yield f"redis://127.0.0.1:{port}/0"
    server.terminate()
    server.wait()


@pytest.fixture
def yaydoc(tmp_path, redis):
    with own_database(tmp_path) as url:
        instance = Instance(tmp_path, url, QUEUE_URL=redis, BUILD_CONCURRENCY="2", CLONE_PROTOCOLS="https,file")
        instance.wait_for("Redis", lambda: can_connect(redis), seconds=10)
        instance.manage("migrate", "--verbosity", "0")
        instance.manage(
            "shell", "-c", "from django.contrib.auth.models import User; User.objects.create_superuser('olivia')"
        )
        yield instance
        instance.close()


def can_connect(url):
    with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2].partition("/")[0]))):
        return True


def test_a_worker_on_redis_builds_several_at_once_and_gives_them_back_when_it_is_stopped(yaydoc, tmp_path):
    for name in ("one", "two"):
        repository = GitRepository(tmp_path / name)
        repository.commit("Write", docs__conf_dot_py=ENDLESS, docs__index_dot_rst="Small\n=====\n")
        yaydoc.manage("register", repository.url, "--name", f"octo/{name}")
    yaydoc.start("worker")

    yaydoc.wait_for("log of both builds", lambda: len(list(tmp_path.glob("logs/*/1.log"))) == 2, seconds=30)
    exit_code = yaydoc.stop("worker")

    assert exit_code == 0
    assert yaydoc.manage("shell", "-c", STATES).strip().endswith("('queued', 0, 1) ('queued', 0, 1)")
