"""The button that cancels ends all of a build within seconds, whatever its processes do against it."""

import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest
from django.db import connection

from builds import logs, pipeline
from builds.models import Build, State, Trigger
from tests.builds.checkouts.git_server import GitRepository

WITHIN = 3  # seconds from the button to the end of the last process
# Deaf to every signal that can be ignored, with a daemon of its own and a crowd that forks on.
DEAF = """\
version: 2
build:
  os: ubuntu-24.04
  tools: {python: "3"}
  commands:
    - |
      trap '' TERM INT HUP QUIT USR1 USR2 PIPE
      (trap '' TERM INT HUP; setsid sleep 6421 &)
      (while true; do (trap '' TERM; sleep 6422) & sleep 0.2; done) &
      echo deaf; while true; do sleep 6423 || true; done
"""


def survivors():
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if file.read_bytes() in {b"sleep\0006421\0", b"sleep\0006422\0", b"sleep\0006423\0"}:
                found.append(file)
    return found


def wait_until(condition, seconds):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)


@pytest.mark.django_db(transaction=True)
def test_the_button_ends_a_build_that_ignores_signals_within_three_seconds(
    repository, version, settings, tmp_path, as_owner
):
    settings.CLONE_PROTOCOLS = ["https", "file"]
    tmp_path.chmod(0o755)
    origin = GitRepository(tmp_path / "origin")
    origin.commit("Start", _dot_readthedocs_dot_yaml=DEAF)
    repository.clone_url = origin.url
    repository.save()
    build = Build.objects.request(version, trigger=Trigger.PERSON)
    assert build.claim()

    def run():
        pipeline.run(build)
        connection.close()

    worker = threading.Thread(target=run)
    worker.start()
    wait_until(lambda: "\ndeaf" in logs.tail(build, lines=5, max_bytes=2000) and len(survivors()) > 5, seconds=60)

    pressed = time.monotonic()
    as_owner.post(f"{build.get_absolute_url()}cancel/")
    wait_until(lambda: not worker.is_alive() and not survivors(), seconds=60)
    took = time.monotonic() - pressed

    assert Build.objects.get(pk=build.pk).state == State.CANCELLED
    assert took < WITHIN
