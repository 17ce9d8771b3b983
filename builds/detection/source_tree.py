"""Reading a checkout that a stranger wrote: regular files beneath its root, bounded in size and number."""

import os
import re
import stat
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path, PurePosixPath

LARGEST_TEXT = 512 * 1024  # bytes that are read of one file
MOST_FILES = 50_000
DEEPEST = 12  # folders

# Folders that hold other people's files, test data or generated ones, in lower case.
SKIPPED = frozenset(
    "node_modules bower_components vendor third_party thirdparty site-packages venv env dist build target out"
    " _build __pycache__ test tests testing testdata test_data fixtures spec specs __tests__ __fixtures__"
    " templates".split()
)


class SourceTree:
    """A checkout. Paths are relative to its root, with forward slashes; "" is the root itself."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()

    def path(self, relative: str) -> Path | None:
        """Where it really is, or None when that is not beneath the root."""
        try:
            found = (self.root / relative).resolve()
        except (OSError, RuntimeError, ValueError):
            return None
        return found if found.is_relative_to(self.root) else None

    def is_file(self, relative: str) -> bool:
        found = self.path(relative)
        return found is not None and found.is_file()

    def is_folder(self, relative: str) -> bool:
        found = self.path(relative)
        return found is not None and found.is_dir()

    def text(self, relative: str) -> str:
        """What a file says, or '' when there is none. Bytes that are not UTF-8 are replaced."""
        found = self.path(relative)
        return read_bounded(found, LARGEST_TEXT).decode(errors="replace") if found else ""

    def children(self, relative: str) -> list[str]:
        """The names in a folder, sorted."""
        found = self.path(relative)
        try:
            return sorted(entry.name for entry in os.scandir(found)) if found else []
        except OSError:
            return []

    @cached_property
    def _walked(self) -> tuple[list[str], list[str]]:
        files: list[str] = []
        skipped: list[str] = []
        for folder, folders, names in os.walk(self.root):
            here = Path(folder).relative_to(self.root)
            kept = [name for name in sorted(folders) if self._is_walked(here / name)]
            skipped += [(here / name).as_posix() for name in folders if name not in kept]
            folders[:] = kept
            files += [(here / name).as_posix() for name in sorted(names) if is_utf8(name)]
            skipped += [(here / name).as_posix() for name in sorted(names) if not is_utf8(name)]
            if len(files) > MOST_FILES:
                break
        return files, skipped

    def _is_walked(self, folder: Path) -> bool:
        name = folder.name.lower()
        if name.startswith(".") or name in SKIPPED or not is_utf8(name) or len(folder.parts) > DEEPEST:
            return False
        return not (self.root / folder).is_symlink()

    @property
    def files(self) -> list[str]:
        """All files outside the folders that are skipped."""
        return self._walked[0]

    @property
    def skipped_folders(self) -> list[str]:
        return self._walked[1]


def is_utf8(name: str) -> bool:
    """Whether a file's name is text: no other can be in an address, and Sphinx fails of it."""
    return not any("\ud800" <= character <= "\udfff" for character in name)


def read_bounded(path: Path, limit: int) -> bytes:
    """The first `limit` bytes of a regular file, or b'' when it is none (but a folder, a pipe, or a link)."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError):
        return b""
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        return b""
    with os.fdopen(descriptor, "rb") as file:
        return file.read(limit)


def natural(path: str) -> list[tuple[int, int | str]]:
    """A key to sort by as people do: `chapter-2` before `chapter-10`."""
    parts = re.split(r"(\d{1,18})", path.lower())
    return [(0, int(part)) if part.isdecimal() else (1, part) for part in parts if part]


def ancestors(folder: str) -> Iterator[str]:
    """The folder, then each above it, the root ("") last."""
    here = PurePosixPath(folder)
    while here != PurePosixPath("."):
        yield here.as_posix()
        here = here.parent
    yield ""
