"""The environments and uv's caches that are kept: what each takes, who uses it, and which are forgotten first.

Beside each folder lies a marker, where no build can write: its content says how large the folder is, its time when
a build used it last. Whoever uses a folder holds `<folder>.use`, shared, until the attempt is over.
"""

import json
import logging
import os
import re
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from builds import locks, places, sandbox

logger = logging.getLogger(__name__)

COMPLETE = ".complete"  # ends the name of a marker
USE = ".use"
# What `builds.rendering.environment.environment_key` makes, and the caches of uv.
ENVIRONMENT = re.compile(r"(?:[a-z]+-(?:\d+-)?)?[0-9a-f]{32}")
CACHE = re.compile(r"cache-[a-z]+(?:-\d+)?")
MOST_ENTRIES = 2_000_000  # files that are counted of one folder: strangers' code fills it


@dataclass(frozen=True)
class Kept:
    """`size` is in bytes on disk, `used_at` in seconds since the epoch."""

    folder: Path
    used_at: float
    size: int


def marker_of(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}{COMPLETE}")


def in_use(folder: Path, *, meanwhile: Callable[[], None] = lambda: None) -> AbstractContextManager[None]:
    """Nobody forgets the folder until the end of the `with` block."""
    return locks.shared(folder.with_name(f"{folder.name}{USE}"), meanwhile=meanwhile)


def note(folder: Path, **facts: object) -> None:
    """Write its marker, with its size. Looking through 10,000 files takes a tenth of a second: it is done when
    something was put there, not when somebody wants to know."""
    marker = marker_of(folder)
    # Two builds of one worker, each in a thread, may have filled the same cache.
    part = marker.with_name(f"{marker.name}.{os.getpid()}-{threading.get_ident()}.part")
    part.write_text(json.dumps({**facts, "size": size_on_disk(folder)}))
    part.replace(marker)


def size_on_disk(folder: Path) -> int:
    """Bytes of all below it, without following links; of what cannot be read, nothing."""
    total, entries, folders = 0, 0, [os.fspath(folder)]
    while folders and entries < MOST_ENTRIES:
        try:
            with os.scandir(folders.pop()) as found:
                for entry in found:
                    entries += 1
                    total += entry.stat(follow_symlinks=False).st_blocks * 512
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
        except OSError:
            continue  # removed meanwhile, or too deep
    return total


def kept(directory: Path) -> list[Kept]:
    """All that is complete, least recently used first."""
    try:
        names = [entry.name for entry in os.scandir(directory) if entry.is_dir(follow_symlinks=False)]
    except FileNotFoundError:
        return []
    wanted = (directory / name for name in names if ENVIRONMENT.fullmatch(name) or CACHE.fullmatch(name))
    return sorted(filter(None, map(look_at, wanted)), key=lambda one: one.used_at)


def look_at(folder: Path) -> Kept | None:
    """None: it is not complete, or gone."""
    marker = marker_of(folder)
    try:
        if not marker.exists() and CACHE.fullmatch(folder.name):
            note_unmeasured(folder, folder.stat().st_mtime)
        used_at = marker.stat().st_mtime
        size = json.loads(marker.read_text()).get("size")
    except (OSError, ValueError):
        return None
    if size is None:
        size = note_unmeasured(folder, used_at)
    return Kept(folder, used_at, size)


def note_unmeasured(folder: Path, used_at: float) -> int:
    """Of an earlier Yaydoc, or whose build was killed. 0 while somebody uses it: its marker is not ours then."""
    with locks.held(folder.with_name(f"{folder.name}{USE}")) as is_free:
        marker = marker_of(folder)
        if not is_free or not (marker.exists() or CACHE.fullmatch(folder.name)):
            return 0
        facts = json.loads(marker.read_text()) if marker.exists() else {}
        note(folder, **facts)
        os.utime(marker, (used_at, used_at))
        return int(json.loads(marker.read_text())["size"])


def forget_least_used(directory: Path | None = None, *, most: int | None = None) -> int:
    """Remove those that no build uses until all others take no more than `most` bytes; how many are gone."""
    most = settings.ENVIRONMENTS_SIZE * 2**20 if most is None else most
    found = kept(directory or places.environments())
    total, gone = sum(one.size for one in found), 0
    for one in found:
        if total <= most:
            break
        if remove_unless_used(one.folder):
            logger.info("%s is forgotten, last used %.1f days ago", one.folder.name, age(one) / 86_400)
            total, gone = total - one.size, gone + 1
    return gone


def age(one: Kept) -> float:
    """Seconds since its last use."""
    return time.time() - one.used_at


def remove_unless_used(folder: Path) -> bool:
    """The marker first, so that what is half gone is taken for nothing. A fault is logged."""
    try:
        with (
            locks.held(folder.with_name(f"{folder.name}{USE}")) as is_unused,
            locks.held(folder.with_name(f"{folder.name}.lock")) as is_not_made,
        ):
            if not is_unused or not is_not_made:
                return False
            marker_of(folder).unlink(missing_ok=True)
            sandbox.remove(folder)
    except OSError as error:
        logger.warning("%s could not be removed: %s", folder, error)
        return False
    return True
