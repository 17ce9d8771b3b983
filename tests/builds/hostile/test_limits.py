"""Builds that go too far: each ends with a sentence, and leaves nothing but the old pages."""

import stat
import time
from dataclasses import dataclass

import pytest
from django.test import override_settings

from builds import sandbox
from builds.models import State
from tests.builds.hostile.projects import CONF, Ended, left_of_builds

# They only read: the builds run in fixtures of the module, outside the tests' transaction.
pytestmark = pytest.mark.django_db

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
