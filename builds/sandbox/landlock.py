"""The sandbox of Landlock and seccomp: the machine's own namespaces, with rights taken away for good.

Source: Linux, Documentation/userspace-api/landlock.rst.
"""

import ctypes
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from builds.sandbox import seccomp
from builds.sandbox.bubblewrap import CONFIGURATION, SYSTEM
from builds.sandbox.commands import Command
from builds.sandbox.environment import certificates
from builds.sandbox.user import build_user

CREATE_RULESET, VERSION_FLAG = 444, 1
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1, 2, 4, 8
MAKE_CHAR, MAKE_BLOCK = 1 << 6, 1 << 11
REFER, TRUNCATE, IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
BIND_TCP, CONNECT_TCP = 1, 2
SCOPE_ABSTRACT_SOCKETS, SCOPE_SIGNALS = 1, 2
READ = EXECUTE | READ_FILE | READ_DIR
# The first version of Landlock that has a right. Source: landlock(7), VERSIONS.
FIRST_WITH_REFER, FIRST_WITH_TRUNCATE, FIRST_WITH_TCP, FIRST_WITH_IOCTL, FIRST_WITH_SCOPES = 2, 3, 4, 5, 6
DEVICES = ("null", "zero", "full", "random", "urandom")
# Of /proc only what tells nothing of other processes; one's own entry cannot be named in a rule.
SYSTEM_FACTS = (
    *(f"/proc/{name}" for name in ("cpuinfo", "meminfo", "stat", "loadavg", "uptime", "version", "filesystems")),
    "/sys/devices/system/cpu",
)
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108  # where the C library keeps semaphores
MAKE_REG, REMOVE_FILE = 1 << 8, 1 << 5
NAMES = ("passwd", "group", "hosts", "nsswitch.conf")


@cache
def abi() -> int:
    """Landlock's version in this kernel; 0: there is none."""
    library = ctypes.CDLL(None, use_errno=True)
    answer = library.syscall(ctypes.c_long(CREATE_RULESET), None, ctypes.c_size_t(0), ctypes.c_uint(VERSION_FLAG))
    return max(0, int(answer))


def has_network() -> bool:
    return abi() >= FIRST_WITH_TCP


def all_rights() -> int:
    rights = (1 << 13) - 1
    for right, first in (
        (REFER, FIRST_WITH_REFER),
        (TRUNCATE, FIRST_WITH_TRUNCATE),
        (IOCTL_DEV, FIRST_WITH_IOCTL),
    ):
        if abi() >= first:
            rights |= right
    return rights


def rules(command: Command, *, visible: Iterable[Path], port: int) -> dict[str, Any]:
    """What the launcher tells the kernel. `port` is the proxy's, 0 for no network."""
    everything = all_rights()
    own = everything & ~(MAKE_CHAR | MAKE_BLOCK | IOCTL_DEV)
    system = [Path("/usr"), *(Path("/", name) for name in SYSTEM), *map(Path, SYSTEM_FACTS)]
    system += [Path("/etc", name) for name in (*CONFIGURATION, *NAMES)]
    system += [bundle] if (bundle := certificates()) else []
    paths = [(str(path), READ) for path in (*system, *visible, *command.readable)]
    paths += [(f"/dev/{name}", (READ_FILE | WRITE_FILE | TRUNCATE) & everything) for name in DEVICES]
    paths += [(str(path), own) for path in command.writable]
    if build_user():
        # Nobody else's files there are this user's to open. Where the user is ours, they would be.
        kept = READ_FILE | WRITE_FILE | MAKE_REG | REMOVE_FILE | TRUNCATE
        paths.append((str(SHARED_MEMORY), kept & everything))
    handled = [everything]
    if abi() >= FIRST_WITH_TCP:
        handled.append(BIND_TCP | CONNECT_TCP)
    if abi() >= FIRST_WITH_SCOPES:
        handled.append(SCOPE_ABSTRACT_SOCKETS | SCOPE_SIGNALS)
    return {"paths": paths, "handled": handled, "ports": [(port, CONNECT_TCP)] if port else []}


def call_filter(*, network: bool) -> bytes:
    return seccomp.landlock_filter(
        network=network,
        signals=abi() >= FIRST_WITH_SCOPES,
        own_user=build_user() is not None,
        truncate=abi() >= FIRST_WITH_TRUNCATE,
    )
