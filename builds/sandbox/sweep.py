"""Clean up after workers that died: what their commands left running, and on disk."""

import contextlib
import os
from pathlib import Path
from signal import SIGKILL

from builds.models import Build
from builds.sandbox.bubblewrap import LAUNCHER
from builds.sandbox.directories import build_directory_of, remove
from builds.sandbox.probe import tier
from builds.sandbox.user import build_user


def sweep() -> None:
    """End survivors, and remove the scratch directories of builds that no longer run. Any process may."""
    end_survivors()
    scratch = build_directory_of(tier()) / "scratch"
    if not scratch.is_dir():
        return
    found = list(scratch.iterdir())  # before the question who runs: a later one is not in the list
    running = {f"{pk}-{attempt}" for pk, attempt in Build.objects.running().values_list("pk", "attempt")}
    for path in found:
        if path.name not in running and not belongs_to_a_living_worker(path.name):
            remove(path)


def belongs_to_a_living_worker(name: str) -> bool:
    """Whether it is the home of a command (`home-<pid>-<random>`) whose worker lives."""
    kind, _, rest = name.partition("-")
    return kind == "home" and Path("/proc", rest.partition("-")[0]).exists()


def end_survivors() -> None:
    """Processes of builds that no launcher watches over: one that is killed takes its own with it, but not when
    the kernel killed it in the middle of that."""
    user = build_user()
    if user is None:
        return  # they cannot be told from our own user's other processes; bubblewrap leaves none
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        with contextlib.suppress(OSError):
            if is_of(entry, user[0]) and not is_watched(int(entry.name)):
                os.kill(int(entry.name), SIGKILL)


def is_of(entry: Path, user: int) -> bool:
    """Source: proc(5), /proc/<pid>/status."""
    lines = dict(line.split(":", 1) for line in (entry / "status").read_text().splitlines() if ":" in line)
    return int(lines["Uid"].split()[0]) == user and int(lines.get("Seccomp", "0")) == 2


def is_watched(pid: int) -> bool:
    """Whether a launcher is above it. Raises OSError when a process ends meanwhile."""
    while pid > 1:
        stat = Path(f"/proc/{pid}/stat").read_text()
        pid = int(stat.rpartition(")")[2].split()[1])
        command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0") if pid else []
        if LAUNCHER.name in {os.path.basename(part.decode(errors="replace")) for part in command}:  # noqa: PTH119
            return True
    return False
