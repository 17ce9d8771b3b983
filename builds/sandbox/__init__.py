"""The only part of Yaydoc that starts processes: strangers' code, shut in.

As root, commands run as settings.BUILD_USER_ID; started as an ordinary user, they stay that user.
"""

import sys
from collections.abc import Callable
from pathlib import Path

from builds.sandbox.commands import Command, Limit, Limits, Outcome, Reach
from builds.sandbox.directories import build_directory_of, copy_of, give, remove, visible_paths
from builds.sandbox.interpreters import interpreters
from builds.sandbox.interpreters import versions as interpreter_versions
from builds.sandbox.probe import tier
from builds.sandbox.running import run_in
from builds.sandbox.sweep import sweep
from builds.sandbox.tiers import Tier

__all__ = [
    "Command",
    "Limit",
    "Limits",
    "Outcome",
    "Reach",
    "Tier",
    "build_directory",
    "capture",
    "give",
    "interpreter_versions",
    "interpreters",
    "remove",
    "run",
    "sweep",
    "tier",
    "tool",
]

CAPTURED = 1024**2  # bytes


def run(
    command: Command,
    limits: Limits,
    *,
    write: Callable[[bytes], None],
    should_stop: Callable[[], bool],
) -> Outcome:
    """Run a command to its end; what it prints goes to `write` as it comes.

    `should_stop` is asked ten times a second; when it says so, or a limit is exceeded, or either function raises,
    the command and all that it started ends at once, and `exit_code` is -9. How much is printed is for `write` to
    bound. Raises BuildError when the sandbox itself fails.
    """
    return run_in(
        tier(),
        command,
        limits,
        write=write,
        should_stop=should_stop,
        max_output=sys.maxsize,
    )


def capture(
    command: Command, limits: Limits, *, should_stop: Callable[[], bool] = lambda: False
) -> tuple[Outcome, bytes]:
    """The same, with what was printed, of which 1 MiB is the limit."""
    printed = bytearray()
    outcome = run_in(tier(), command, limits, write=printed.extend, should_stop=should_stop, max_output=CAPTURED)
    return outcome, bytes(printed)


def build_directory() -> Path:
    """Where strangers' code runs: made, and open for the build user to go through."""
    return build_directory_of(tier())


def tool(source: Path) -> Path:
    """Where a file of ours can be read and run in every command: itself, else a copy."""
    for path in (Path("/usr"), *visible_paths(tier())):
        if tier().hides_parents and source.is_relative_to(path):
            return source
    return copy_of(source.resolve(), build_directory() / "tools")
