"""Which files and directories can be published, and making the latter."""

import unicodedata
from pathlib import Path

PATH_LENGTH = 1024  # bytes, of a path below its release


def is_publishable(segment: str) -> bool:
    """Whether an address can name it safely.

    Nothing hidden (`.doctrees`, `..`), and nothing that browsers or file systems read in ways of their own.
    """
    if not segment or segment.startswith(".") or "\\" in segment or "/" in segment:
        return False
    # Cs: a byte of a file name that is not UTF-8.
    return not any(unicodedata.category(character) in {"Cc", "Cs"} for character in segment)


def make_directory(path: Path) -> None:
    """With all that is above it, readable for everybody whatever the process' own rules are."""
    if path.is_dir():
        return
    make_directory(path.parent)
    path.mkdir(exist_ok=True)
    path.chmod(0o755)
