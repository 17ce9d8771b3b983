"""Which Pythons a build can use."""

import re
import sys
from functools import cache
from pathlib import Path

from builds.errors import BuildError
from builds.sandbox.commands import Command
from builds.sandbox.directories import build_directory_of
from builds.sandbox.probe import LIMITS, tier
from builds.sandbox.running import run_in

OLDEST = (3, 11)
PLACES = (Path("/usr/local/bin"), Path("/usr/bin"))
NAME = re.compile(r"python3(\.\d+)?$")
TRY = "import sys, ssl, zlib; print('%d.%d' % sys.version_info[:2])"


def interpreters() -> list[Path]:
    """Python executables that work inside the sandbox: the one that runs us first, then the newest."""
    return list(versions())


@cache
def versions() -> dict[Path, tuple[int, ...]]:
    """The same, each with its version: (3, 11)."""
    ours = Path(sys._base_executable)  # type: ignore[attr-defined]
    others = (path for place in PLACES if place.is_dir() for path in place.iterdir() if NAME.match(path.name))
    found: dict[Path, tuple[int, ...]] = {}
    for path in (ours, *sorted(others, key=lambda path: len(path.name), reverse=True)):
        version = version_inside(path)
        known = {known.resolve() for known in found}
        if version and version >= OLDEST and path.resolve() not in known:
            found[path] = version
    order = sorted(found, key=lambda path: (path == ours, found[path]), reverse=True)
    return {path: found[path] for path in order}


def version_inside(python: Path) -> tuple[int, ...] | None:
    """As it says itself, inside; None when it does not run there."""
    printed = bytearray()
    directory = build_directory_of(tier())
    command = Command(argv=[str(python), "-I", "-c", TRY], cwd=directory, readable=[directory])
    try:
        outcome = run_in(
            tier(), command, LIMITS, write=printed.extend, should_stop=lambda: False, max_output=65536
        )
    except BuildError:
        return None
    if outcome.exit_code != 0:
        return None
    return tuple(int(part) for part in printed.decode().split("."))
