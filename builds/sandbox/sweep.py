"""Clean up after workers that died: what their commands left running, and on disk."""

import contextlib
import os
import time
from pathlib import Path
from signal import SIGKILL

from django.conf import settings

from builds.errors import BuildError
from builds.liveness import is_alive
from builds.models import Build
from builds.sandbox.boot import MARK
from builds.sandbox.directories import build_directory_of, remove
from builds.sandbox.environment import MARK as ENVIRONMENT_MARK
from builds.sandbox.landlock import SHARED_MEMORY
from builds.sandbox.probe import tier
from builds.sandbox.user import build_user

MARGIN = 600  # seconds that a command may take to end after its time is over, and clocks be apart


def sweep() -> None:
    """End survivors, and remove the scratch directories of builds that no longer run. Any process may."""
    try:
        scratch = build_directory_of(tier()) / "scratch"
    except BuildError:
        return  # no sandbox works here, so nothing was built
    end_survivors()
    with contextlib.suppress(OSError):  # a process ended while looked at: the next sweep looks again
        remove_shared_memory()
    if not scratch.is_dir():
        return
    found = list(scratch.iterdir())  # before the question who runs: a later one is not in the list
    running = {f"{pk}-{attempt}" for pk, attempt in Build.objects.running().values_list("pk", "attempt")}
    for path in found:
        if path.name not in running and not is_in_use(path):
            remove(path)


def remove_shared_memory() -> None:
    """What builds left in /dev/shm, once none runs. Where the user is ours, builds cannot write there."""
    user = build_user()
    if user is None or any(entry.stat().st_uid == user[0] for entry in processes()):
        return
    for path in SHARED_MEMORY.iterdir():
        with contextlib.suppress(OSError):
            if path.lstat().st_uid == user[0]:
                path.unlink()


def is_in_use(home: Path) -> bool:
    """Whether it is the home of a command (`starting.home_prefix`) whose worker lives.

    Of a worker on another machine, or in another container, that shares the directory, only the age can tell.
    """
    kind, _, rest = home.name.partition("-")
    worker = rest.rpartition("-")[0].replace("+", ":")
    if kind != "home" or worker.count(":") != 2:
        return False
    lives = is_alive(worker)
    if lives is not None:
        return lives
    with contextlib.suppress(OSError):
        return time.time() - home.stat().st_mtime < settings.BUILD_TIMEOUT_MOST + MARGIN
    return False


def end_survivors() -> None:
    """Processes of builds that no launcher watches over, because it was killed from the outside."""
    for entry in processes():
        with contextlib.suppress(OSError):
            if is_of_a_build(entry) and not is_watched(int(entry.name)):
                os.kill(int(entry.name), SIGKILL)


def processes() -> list[Path]:
    return [entry for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def is_of_a_build(entry: Path) -> bool:
    """By what a process cannot shed: its user, and that its system calls are filtered. Where the user is ours
    too, by its first environment. Source: proc(5). Raises OSError when it ends meanwhile."""
    user = build_user()
    if entry.stat().st_uid not in {(user or (os.getuid(), 0))[0], 0}:  # root's: also who may not be looked into
        return False
    lines = dict(line.split(":", 1) for line in (entry / "status").read_text().splitlines() if ":" in line)
    if int(lines["Uid"].split()[0]) != (user[0] if user else os.getuid()) or int(lines.get("Seccomp", "0")) != 2:
        return False
    return user is not None or f"{ENVIRONMENT_MARK}=1".encode() in (entry / "environ").read_bytes().split(b"\0")


def is_watched(pid: int) -> bool:
    """Whether a launcher is above it. Raises OSError when a process ends meanwhile."""
    while pid > 1:
        stat = Path(f"/proc/{pid}/stat").read_text()
        pid = int(stat.rpartition(")")[2].split()[1])
        command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0") if pid else []
        if MARK.encode() in command:
            return True
    return False
