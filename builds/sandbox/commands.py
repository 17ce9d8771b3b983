"""What is asked of the sandbox, and what it answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import Path

from django.db.models import TextChoices


class Reach(Enum):
    """Which hosts a command may speak to, always through the filtering proxy (`builds.sandbox.network.proxy`)."""

    NOTHING = auto()
    INDEXES = auto()  # settings.PACKAGE_INDEX_HOSTS and git hosts
    PUBLIC = auto()  # any public address, ports 80 and 443


class Limit(TextChoices):
    """Which limit ended a command."""

    TIME = "time"
    MEMORY = "memory"
    PROCESSES = "processes"
    FILE_SIZE = "file_size", "file size"
    OUTPUT = "output"
    DISK = "disk"


@dataclass(frozen=True, kw_only=True)
class Command:
    """A process to start, and all that it may see.

    `environment` is added to the sandbox's own (PATH, HOME, LANG, TMPDIR, certificates, proxies), which is made
    from empty. `readable` and `writable` are absolute, exist, and keep their paths inside; besides them only
    /usr, a few files of /etc, the interpreter that runs us, and `tool()` copies are visible. `hosts` are names,
    with an optional `:port`, that may be reached besides `reach`; their addresses must be public ones all the
    same, unless the operator named the host in the settings.
    """

    argv: Sequence[str]
    cwd: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    readable: Sequence[Path] = ()
    writable: Sequence[Path] = ()
    reach: Reach = Reach.NOTHING
    hosts: Sequence[str] = ()

    @property
    def has_network(self) -> bool:
        return self.reach is not Reach.NOTHING or bool(self.hosts)


@dataclass(frozen=True, kw_only=True)
class Limits:
    """For all processes of a command together: wall clock in seconds, memory in bytes, processes and threads;
    `file_size` in bytes, of each file that is written; `free_disk` in bytes, that must stay free where builds
    write: nothing else bounds how many files they fill."""

    seconds: float
    memory: int
    processes: int
    file_size: int
    free_disk: int = 0


@dataclass(frozen=True)
class Outcome:
    """How a command ended. `exit_code` is negative for a signal; `peak_memory` is in bytes, sampled."""

    exit_code: int
    exceeded: Limit | None
    seconds: float
    peak_memory: int
