"""A build that tries to read, reach, write and publish what it should not, and publishes what it got."""

import http.server
import json
import os
import stat
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from builds import sandbox
from builds.models import State
from pages.models import Publication
from tests.builds.hostile.projects import CANARY, Ended

# They only read: the builds run in fixtures of the module, outside the tests' transaction.
pytestmark = pytest.mark.django_db

CONF = Path(__file__).with_name("raiding_conf.py").read_text()


class Canary(http.server.BaseHTTPRequestHandler):
    """A service of the machine's own network."""

    asked = []

    def do_GET(self):
        self.asked.append(self.path)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(f"{CANARY} network".encode())

    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="module")
def service():
    Canary.asked.clear()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Canary) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def others():
    """Processes with a secret in their environment: one of the worker's user, one of the build's."""
    users = [{}, {"user": settings.BUILD_USER_ID}] if os.getuid() == 0 else [{}]
    processes = [
        subprocess.Popen(["sleep", "600"], env={"SECRET": f"{CANARY} environment"}, **user) for user in users
    ]
    yield [process.pid for process in processes]
    for process in processes:
        process.kill()
        process.wait()


def private_places(data_directory, victim):
    """Files and folders that a build has no business in."""
    builds, repository = sandbox.build_directory(), victim.repository
    version = builds / "versions" / str(repository.default_version.pk)
    release = Publication.objects.get(version=repository.default_version).release.directory
    own_logs = data_directory / "logs"
    files = [data_directory / "db.sqlite3", data_directory / "secret_key", connection.settings_dict["NAME"]]
    files += [
        version / "source/docs/private.rst",
        version / "render/output/private.html",
        release / "private.html",
    ]
    files += [*own_logs.rglob("1.log"), "/etc/shadow", Path.home() / ".bashrc", f"/proc/{os.getpid()}/environ"]
    folders = [data_directory, data_directory / "releases", release, own_logs, version, version / "source"]
    folders += [builds / "versions", builds / "mirrors", builds / "mirrors" / f"{repository.pk}.git"]
    folders += [victim.origin.path, builds / "environments", builds / "tools"]
    return [str(path) for path in files], [str(path) for path in folders]


def tree(folder):
    """Everything below a folder, with what would change if it were written to; but the marks of last use."""
    found = {}
    for path in sorted(path for path in folder.rglob("*") if path.suffix != ".complete"):
        status = path.lstat()
        found[str(path)] = (status.st_mode, status.st_size, status.st_mtime_ns, status.st_uid)
    return found


@dataclass
class Raid:
    """What the hostile conf.py of all attempts came home with."""

    ended: Ended
    loot: dict
    asked: list
    changed: list


@pytest.fixture(scope="module")
def raid(data_directory, project, victim, service, others):
    files, folders = private_places(data_directory, victim)
    facts = {
        "files": files,
        "folders": folders,
        "pids": [str(pid) for pid in (*others, os.getpid())],
        "port": service,
        "urls": [f"http://127.0.0.1:{service}/", f"http://localhost:{service}/", "http://169.254.169.254/latest/"],
        "targets": [f"127.0.0.1:{service}", "169.254.169.254:80", f"[::ffff:127.0.0.1]:{service}"],
        "secret": project.repository.webhook_secret,
    }
    assert CANARY not in json.dumps(facts)
    kept = [
        sandbox.build_directory() / "environments",
        sandbox.build_directory() / "tools",
        data_directory / "logs",
    ]
    kept += [Path(folder) for folder in folders if "victim" in folder or "releases/" in folder]
    before = [tree(folder) for folder in kept]
    os.environ["CANARY"] = f"{CANARY} own environment"
    try:
        ended = project.build(CONF, docs__facts_dot_json=json.dumps(facts))
    finally:
        del os.environ["CANARY"]
    after = [tree(folder) for folder in kept]
    changed = [path for old, new in zip(before, after, strict=True) for path in old if old[path] != new.get(path)]
    assert ended.state == State.SUCCESS, ended.log
    return Raid(ended, json.loads((ended.release / "loot.json").read_text()), list(Canary.asked), changed)


def test_the_hostile_build_tried_it_all(raid):
    kinds = {name.split(" ")[0] for name in raid.loot}

    assert {"read", "list", "connect", "fetch", "tunnel", "write", "own", "point", "link", "make", "set"} <= kinds
    assert len(raid.loot) > 40


def test_nothing_private_is_in_the_log_or_the_pages(raid):
    pages = [path.read_bytes() for path in raid.ended.release.rglob("*") if path.is_file()]

    assert CANARY not in raid.ended.log
    assert [name for name, got in raid.loot.items() if CANARY in str(got)] == []
    assert [page for page in pages if CANARY.encode() in page] == []


def test_no_file_of_the_database_the_keys_or_others_can_be_read(raid):
    read = {name: got for name, got in raid.loot.items() if name.startswith("read ")}

    assert [name for name, got in read.items() if not got.startswith("refused")] == []


def test_nothing_of_the_workers_environment_is_in_the_builds(raid):
    assert not {"CANARY", "SECRET_KEY", "DATA_DIR", "DATABASE_URL"} & set(raid.loot["own environment"])


def test_no_private_address_is_reached_directly_or_through_the_proxy(raid):
    network = [name for name in raid.loot if name.startswith(("connect ", "fetch ", "tunnel "))]

    assert [name for name in network if not raid.loot[name].startswith("refused")] == []
    assert raid.asked == []


def test_nothing_is_written_into_releases_environments_or_others_trees(raid, data_directory):
    assert raid.changed == []
    assert list(data_directory.rglob("written.pth")) == []


def test_links_pipes_and_set_ids_of_the_output_are_not_published(raid):
    published = list(raid.ended.release.rglob("*"))
    kinds = {stat.S_IFMT(path.lstat().st_mode) for path in published}

    assert kinds == {stat.S_IFREG, stat.S_IFDIR}
    assert [path for path in published if path.lstat().st_mode & 0o6000] == []
    assert [path.name for path in published if path.name.startswith(("link-", "hard-", "pipe", "up"))] == []


def test_the_log_shows_neither_escape_codes_nor_the_webhook_secret(raid, project):
    secret = project.repository.webhook_secret

    assert "red" in raid.ended.log
    assert "the secret is [secret], or [secret]" in raid.ended.log
    assert secret not in raid.ended.log
    assert not {"\x1b", "\x07", "\x9b"} & set(raid.ended.log)
