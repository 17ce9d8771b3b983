"""Workers of every kind: each sandbox, started as root and as an ordinary user."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[3]
ORDINARY = 1000  # a user id without any rights
MIB = 1024**2


def can_run(python, user):
    def become():
        if user:
            os.setgroups([])
            os.setresgid(user, user, user)
            os.setresuid(user, user, user)

    try:
        return subprocess.run([python, "-c", "import ssl"], preexec_fn=become, cwd="/").returncode == 0
    except PermissionError:
        return False


def python_for(user):
    """An interpreter of our version that a user can run: ours may be in root's home."""
    ours = f"python3.{sys.version_info.minor}"
    found = [sys._base_executable, f"/usr/bin/{ours}", f"/usr/local/bin/{ours}"]
    return next(python for python in found if Path(python).exists() and can_run(python, user))


@dataclass
class Answer:
    exit_code: int
    exceeded: str | None
    seconds: float
    peak_memory: int
    printed: str
    output: str

    @property
    def said(self):
        """What the script printed as JSON in its last line."""
        return json.loads(self.printed.strip().splitlines()[-1])


class Worker:
    """A process that runs commands in one tier, with a data directory of its own."""

    def __init__(self, tier, user):
        self.tier, self.user = tier, user
        self.data = Path(tempfile.mkdtemp(prefix="yaydoc-sandbox-"))
        self.data.chmod(0o755)
        for name in ("db.sqlite3", "secret_key", "releases/1/index.html"):
            path = self.data / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("secret")
            path.chmod(0o600)
        self.python = python_for(user)
        if os.getuid() == 0:
            for path in (self.data, *self.data.rglob("*")):
                os.chown(path, user, user)
        build_user = 64123 if os.getuid() == 0 and not user else user
        # In the Landlock tier the build's own user must be able to run the interpreter.
        self.inner_python = self.python if tier == "bubblewrap" else python_for(build_user)
        self.process = subprocess.Popen(
            [self.python, str(Path(__file__).with_name("worker.py")), str(user)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd="/",
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": os.pathsep.join([str(PROJECT), *(p for p in sys.path if "site-packages" in p)]),
                "PYTHONDONTWRITEBYTECODE": "1",
                "DJANGO_SETTINGS_MODULE": "tests.settings",
                "DATA_DIR": str(self.data),
                "SECRET_KEY": "the key of this worker, which no build may see",
                "CLONE_HOSTS": "public,127.0.0.1",
            },
        )

    def send(self, script, *, reach="NOTHING", hosts=(), max_output=MIB, facts=None, **limits):
        defaults = {"seconds": 10, "memory": 200 * MIB, "processes": 40, "file_size": 4 * MIB}
        ask = {
            "tier": self.tier,
            "python": self.inner_python,
            "script": "import json, os, sys\nfacts = json.loads(sys.argv[1])\n" + script,
            "facts": {"data": str(self.data), "worker": self.process.pid} | (facts or {}),
            "reach": reach,
            "hosts": list(hosts),
            "limits": defaults | limits,
            "max_output": max_output,
        }
        self.process.stdin.write(json.dumps(ask) + "\n")
        self.process.stdin.flush()

    def run(self, script, **how):
        self.send(script, **how)
        answer = json.loads(self.process.stdout.readline())
        assert "error" not in answer, answer
        return Answer(**answer)

    def sweep(self):
        """What a worker does at its start, done by the one that is there after its command."""
        self.send("sweep")
        self.process.stdout.readline()
        assert json.loads(self.process.stdout.readline()) == "swept"

    def end(self):
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        try:
            self.process.wait(10)
        finally:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()
        shutil.rmtree(self.data, ignore_errors=True)


TIERS = ("bubblewrap", "landlock")
KINDS = [
    pytest.param((tier, user), id=f"{tier}-{'user' if user else 'root'}")
    for tier in TIERS
    for user in ((0, ORDINARY) if os.getuid() == 0 else (0,))
]


@pytest.fixture(scope="session", params=KINDS)
def worker(request):
    worker = Worker(*request.param)
    yield worker
    worker.end()


@pytest.fixture(params=KINDS)
def mortal_worker(request):
    worker = Worker(*request.param)
    yield worker
    worker.end()
