"""Repositories that attack from their conf.py, through the whole pipeline, in every sandbox."""

import contextlib
import http.server
import json
import os
import shutil
import stat
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection
from django.test import override_settings

from builds import logs, pipeline, sandbox
from builds.models import Build, State, Trigger
from pages.models import Publication
from repositories.models import Repository
from repositories.names import RepositoryName
from tests.builds.git_server import GitRepository

pytestmark = (
    pytest.mark.django_db
)  # which reads only: builds run in fixtures of the module, outside its transaction

CONF = "project = 'Small'\nextensions = []\nhtml_theme = 'basic'\n"
PAGE = "Small\n=====\n\nThe old words.\n"
CANARY = "canary-1f0c"  # stands in everything that a build must not get
HOSTILE = Path(__file__).with_name("hostile_conf.py").read_text()


@dataclass
class Ended:
    """A build that is over."""

    state: str
    reason: str
    log: str
    release: Path | None


@dataclass
class Project:
    """A repository whose pages are up, and of which each next commit may be hostile."""

    repository: Repository
    origin: GitRepository

    def build(self, conf=CONF, **files):
        self.origin.commit(docs__conf_dot_py=conf, docs__index_dot_rst=PAGE, **files)
        build = Build.objects.request(self.repository.default_version, trigger=Trigger.PERSON)
        assert build.claim()
        pipeline.run(build)
        build.refresh_from_db()
        log = "".join(logs.read_all(build))
        return Ended(build.state, build.reason, log, build.release.directory if build.release else None)

    @property
    def published(self):
        """Every file of the published release, with its bytes."""
        directory = Publication.objects.get(version=self.repository.default_version).release.directory
        return {path: path.read_bytes() for path in directory.rglob("*") if path.is_file()}


@pytest.fixture(scope="module", params=["bubblewrap", "landlock"])
def data_directory(request, django_db_setup, django_db_blocker):
    """A data directory that everybody may look into, so that what is kept from a build is by the sandbox."""
    directory = Path(tempfile.mkdtemp(prefix="yaydoc-hostile-"))
    directory.chmod(0o755)
    changed = override_settings(
        DATA_DIR=directory,
        SANDBOX=request.param,
        CLONE_PROTOCOLS=["https", "file"],
        BUILD_USER_ID=60_000 + os.getpid() % 1_000,  # no other Yaydoc's of this machine
    )
    with django_db_blocker.unblock(), changed:
        forget_the_tier()
        yield directory
        call_command("flush", verbosity=0, interactive=False)
        connection.close()
    forget_the_tier()
    shutil.rmtree(directory, ignore_errors=True)


def forget_the_tier():
    sandbox.tier.cache_clear()
    sandbox.interpreters.cache_clear()


@pytest.fixture(scope="module")
def registrant(data_directory):
    return get_user_model().objects.create_user("mallory", "mallory@example.org", "correct horse battery")


def register(name, registrant, directory):
    origin = GitRepository(directory / "origins" / name)
    repository = Repository.objects.register(
        name=RepositoryName.parse(f"octo/{name}"), clone_url=origin.url, forge="git", registrant=registrant
    )
    Build.objects.filter(repository=repository).delete()
    return Project(repository, origin)


@pytest.fixture(scope="module")
def victim(data_directory, registrant):
    """Somebody else's documentation. The first build, which makes the environment."""
    project = register("victim", registrant, data_directory)
    ended = project.build(docs__private_dot_rst=f"Private\n=======\n\n{CANARY}\n", docs__name_dot_txt=CANARY)
    assert ended.state == State.SUCCESS, ended.log
    (data_directory / "db.sqlite3").write_text(f"{CANARY} database")
    (data_directory / "secret_key").write_text(f"{CANARY} key")
    (data_directory / "secret_key").chmod(0o404)
    return project


@pytest.fixture(scope="module")
def project(data_directory, registrant, victim):
    project = register("mallory", registrant, data_directory)
    ended = project.build()
    assert ended.state == State.SUCCESS, ended.log
    return project


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
    files += [*own_logs.rglob("1.log"), "/etc/shadow", "/root/.bashrc", f"/proc/{os.getpid()}/environ"]
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
        ended = project.build(HOSTILE, docs__facts_dot_json=json.dumps(facts))
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


# -- what ends a build

FORK = "import os, time\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        time.sleep(.01)\n"
FOR_EVER = "import signal\nfor number in (1, 2, 15): signal.signal(number, signal.SIG_IGN)\nwhile True: pass\n"
LARGE = "with open('large', 'wb', buffering=0) as file:\n    while True: file.write(bytes(65536))\n"
SWAP = """
import os, shutil
def swap(app, error):
    shutil.rmtree(app.outdir)
    os.symlink("/", app.outdir)
def setup(app):
    app.connect("build-finished", swap)
"""
# What the next checkout finds where git's own directory is named, and every folder closed.
GIT = """
import os, pathlib
root = pathlib.Path(__file__).parents[1]
(root / ".git").unlink()
(root / ".git").symlink_to("../../../..")
(root / "docs").chmod(0)
root.chmod(0)
os._exit(3)
"""
ENDS = {  # what conf.py does, and what the build says of it
    "memory": ("data = bytearray()\nwhile True: data += bytes(10**7)\n", "more than 400 MiB of memory"),
    "processes": (FORK, "more than 60 processes"),
    "time": (FOR_EVER, "longer than 6 s"),
    "file size": (LARGE, "a file of more than 16 MiB"),
    "exit": ("import os\nos._exit(0)\n", "wrote no output"),
    "output": (SWAP, "wrote no output"),
    "checkout": (GIT, "exit code 3"),
}


@dataclass
class Attack:
    """A build with one of the above, and what was there before and after it."""

    ended: Ended
    sentence: str
    before: dict
    after: dict
    left: list


@pytest.fixture(scope="module")
def attacks(project):
    """One after the other, by their names."""
    made = {}
    with override_settings(BUILD_TIMEOUT=6, BUILD_MEMORY=400, BUILD_PROCESSES=60, BUILD_FILE_SIZE=16):
        for name, (conf, sentence) in ENDS.items():
            before = project.published
            ended = project.build(CONF + conf)
            made[name] = Attack(ended, sentence, before, project.published, left_of_builds())
    return made


@pytest.fixture(scope="module")
def repaired(project, attacks):
    return project.build(CONF)


@pytest.mark.parametrize("name", ENDS)
def test_a_build_that_goes_too_far_fails_with_a_sentence(attacks, name):
    attack = attacks[name]

    assert attack.ended.state == State.FAILED, attack.ended.log
    assert attack.sentence in attack.ended.reason, attack.ended.log


@pytest.mark.parametrize("name", ENDS)
def test_i7_the_old_pages_stay(attacks, name):
    attack = attacks[name]

    assert len(attack.before) > 5
    assert attack.after == attack.before


@pytest.mark.parametrize("name", ENDS)
def test_i10_nothing_is_left_of_it(attacks, name):
    assert attacks[name].left == []


def test_after_all_of_them_the_next_build_succeeds_and_changes_nothing_else(repaired, data_directory):
    assert repaired.state == State.SUCCESS, repaired.log
    assert stat.S_IMODE((data_directory / "secret_key").stat().st_mode) == 0o404


DAEMON = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        beats = os.open("../../render/beats", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        while True:
            os.write(beats, b"x")
            time.sleep(.01)
    os._exit(0)
time.sleep(.2)
"""


@pytest.fixture(scope="module")
def daemon(project):
    """The build that leaves one, and the file that it writes to."""
    ended = project.build(CONF + DAEMON)
    version = project.repository.default_version
    return ended, sandbox.build_directory() / "versions" / str(version.pk) / "render" / "beats"


def test_i10_a_daemon_ends_with_its_build(daemon):
    ended, beats = daemon
    written = beats.stat().st_size
    time.sleep(0.3)

    assert ended.state == State.SUCCESS
    assert (written > 0, beats.stat().st_size) == (True, written)
    assert left_of_builds() == []


def left_of_builds():
    """Processes that work below the builds' directory, and what is left of scratch."""
    builds = sandbox.build_directory()
    left = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and (entry / "cwd").readlink().is_relative_to(builds):
                left.append((entry / "cmdline").read_bytes())
    return left + list((builds / "scratch").iterdir())
