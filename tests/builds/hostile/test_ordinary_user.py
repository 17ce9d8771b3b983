"""A worker that is not root builds as well, and keeps from its builds what it may read itself."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.builds.checkouts.git_server import GitRepository
from tests.builds.sandbox.conftest import ORDINARY, PROJECT, python_for

CONF = """
import os
project = "Small"
extensions = []
html_theme = "basic"
for path in PATHS:
    try:
        print("read:", path, open(path, "rb").read(20))
    except OSError as error:
        print("refused:", path, type(error).__name__)
print("user", os.getuid(), "knows", sorted(os.environ))
"""


@pytest.fixture(scope="module")
def user():
    return os.getuid() or ORDINARY


@pytest.fixture(scope="module")
def directory(user):
    """A data directory of the user's own, one for both sandboxes: so one environment does."""
    directory = Path(tempfile.mkdtemp(prefix="yaydoc-ordinary-"))
    if os.getuid() == 0:
        os.chown(directory, user, user)
    yield directory
    shutil.rmtree(directory)


@pytest.fixture(scope="module")
def origin(directory, user):
    repository = GitRepository(directory / "origin")
    private = [str(directory / name) for name in ("db.sqlite3", "secret_key")]
    conf = CONF.replace("PATHS", repr(private))
    repository.commit("Start", docs__conf_dot_py=conf, docs__index_dot_rst="Small\n=====\n\nOrdinary words.\n")
    if os.getuid() == 0:
        for path in (repository.path, *repository.path.rglob("*")):
            os.chown(path, user, user)
    return repository


@pytest.mark.parametrize("tier", ["bubblewrap", "landlock"])
def test_a_worker_of_an_ordinary_user_builds_in_every_sandbox(tier, user, directory, origin):
    done = subprocess.run(
        [python_for(user), str(Path(__file__).with_name("ordinary.py")), str(user), origin.url],
        cwd="/",
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join([str(PROJECT), *(path for path in sys.path if "site-packages" in path)]),
            "PYTHONDONTWRITEBYTECODE": "1",
            "DJANGO_SETTINGS_MODULE": "yaydoc.settings",
            "DATA_DIR": str(directory),
            "SANDBOX": tier,
            "CLONE_PROTOCOLS": "https,file",
        },
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    assert (said["tier"], said["state"]) == (tier, "success"), said["log"]
    assert "Ordinary words." in said["page"]
    assert said["user"] == user
    assert f"user {user}" in said["log"]
    assert said["log"].count("\nrefused: ") == 2
    assert "DJANGO_SETTINGS_MODULE" not in said["log"]
