"""Which Python a build gets: the nearest to the one that is asked for, of those that work inside the sandbox."""

import re
from pathlib import Path

from builds import sandbox
from builds.errors import BuildError

MINOR = re.compile(r"3\.(\d{1,3})\b")
NEWEST = {"3", "latest"}


def choose_interpreter(wanted: str = "") -> Path:
    """`wanted` is as `build.tools.python` says it; the one that runs us where nothing is. Raises BuildError."""
    found = sandbox.interpreter_versions()
    if not found:
        raise BuildError("There is no Python that works inside the sandbox.")
    if wanted in NEWEST:
        return max(found, key=lambda path: found[path])
    minor = MINOR.match(wanted)
    if not minor:
        return next(iter(found))
    # Of two that are as near, the newer one: what needs a version mostly needs at least that.
    return min(found, key=lambda path: (abs(found[path][1] - int(minor[1])), -found[path][1]))


def spoken(interpreter: Path) -> str:
    """Its version, as people write it."""
    return ".".join(map(str, sandbox.interpreter_versions()[interpreter]))


def remark(wanted: str) -> str:
    """What the log says of the choice; '' where it is what was asked for."""
    version = spoken(choose_interpreter(wanted))
    if wanted in {"", *NEWEST} or wanted == version or wanted.startswith(f"{version}."):
        return ""
    return f"Python {wanted} is asked for; {version} is the nearest here."
