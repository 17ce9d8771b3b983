"""Looks at what the processes of a command use, ten times a second."""

import os
from collections.abc import Callable
from pathlib import Path

from builds.sandbox import landlock
from builds.sandbox.bubblewrap import TEMPORARY
from builds.sandbox.commands import Limit, Limits
from builds.sandbox.launcher import descendants
from builds.sandbox.user import build_user

PAGE = os.sysconf("SC_PAGE_SIZE")
INTERVAL = 0.1  # seconds between looks
FILES_IN_MEMORY = (TEMPORARY, Path("/dev/shm"))  # noqa: S108  # memory that is no process' own


def resident(pid: int) -> int:
    """Bytes, shared pages counted in full. Source: proc(5), /proc/<pid>/statm."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE


def proportional(pid: int) -> int:
    """Bytes, a page that n processes share counted as 1/n. Source: proc(5), /proc/<pid>/smaps_rollup."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0


def threads(pid: int) -> int:
    """Source: proc(5), /proc/<pid>/stat, field 20."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[17])


def used(path: Path) -> int:
    """Bytes in the file system of a path; 0 when there is none any more."""
    try:
        state = os.statvfs(path)
    except OSError:
        return 0
    return (state.f_blocks - state.f_bfree) * state.f_frsize


def free(path: Path) -> int:
    """Bytes that an ordinary user can still write to the file system of a path."""
    state = os.statvfs(path)
    return state.f_bavail * state.f_frsize


def shared_by_builds() -> int:
    """Bytes of the build user's files in /dev/shm; where the user is ours, builds cannot write there."""
    user = build_user()
    if user is None:
        return 0
    try:
        states = [path.lstat() for path in landlock.SHARED_MEMORY.iterdir()]
    except OSError:
        return 0
    return sum(state.st_blocks * 512 for state in states if state.st_uid == user[0])


class Watcher:
    """Of one command: `pid` is the process that the worker started; all that is below it counts.

    `own_files`: the sandbox has file systems in memory of its own, which count too; else what the
    build user has in the machine's /dev/shm counts. `disk` is where builds write.
    """

    def __init__(self, pid: int, limits: Limits, *, own_files: bool, disk: Path) -> None:
        self.pid = pid
        self.disk = disk
        self.limits = limits
        self.own_files = own_files
        self.peak_memory = 0

    def exceeded(self) -> Limit | None:
        """Raises nothing: a process that ended while looked at counts as nothing."""
        if free(self.disk) < self.limits.free_disk:
            return Limit.DISK
        pids = list(descendants(self.pid))
        if self._sum(pids, threads) >= self.limits.processes:
            return Limit.PROCESSES
        files = self._file_memory(pids)
        memory = self._sum(pids, resident) + files
        if memory > self.limits.memory:
            # Forked processes share pages, which the cheap look counts again and again: look closer.
            memory = self._sum(pids, proportional) + files
        self.peak_memory = max(self.peak_memory, memory)
        return Limit.MEMORY if memory > self.limits.memory else None

    def _sum(self, pids: list[int], measure: Callable[[int], int]) -> int:
        total = 0
        for pid in pids:
            try:
                total += measure(pid)
            except (OSError, ValueError, IndexError):
                continue
        return total

    def _file_memory(self, pids: list[int]) -> int:
        if not self.own_files:
            return shared_by_builds()
        return sum(used(Path(f"/proc/{pids[0]}/root{path}")) for path in FILES_IN_MEMORY) if pids else 0
