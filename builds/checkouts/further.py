"""Repositories that a build fetches besides its own: by https only, each into a kept mirror of its own."""

import hashlib
import os
from pathlib import Path

from builds import places, sandbox
from builds.checkouts.git import Git
from builds.checkouts.mirrors import make_mirror, remove_stale_locks
from builds.execution import Execution
from repositories.clone_urls import check_clone_url
from repositories.web_urls import InvalidURL

MOST_KEPT = 100  # mirrors in one place: as many as one build can ask for, of submodules and subprojects


def checked_address(url: str) -> str:
    """In its normal form. Raises InvalidURL: no other protocol, whatever repositories may have."""
    if not url.lower().startswith("https://"):
        raise InvalidURL("only https://host/owner/name is allowed.")
    return check_clone_url(url)


def mirror_of(execution: Execution, url: str) -> Git:
    """git in the mirror of a checked address.

    What only a pull request names lies with its version, and goes with it: it takes no room of the repository's.
    """
    version, name = execution.build.version, f"{hashlib.sha256(url.encode()).hexdigest()[:16]}.git"
    mirror = places.submodules(version.repository_id) / name
    if version.is_pull_request and not mirror.exists():
        mirror = places.version_directory(version) / "submodules" / name
    return Git(execution, mirror, url)


def prepare(git: Git) -> None:
    """Make the mirror unless it is there. The caller holds the lock of the repository's own."""
    place = git.mirror.parent
    place.mkdir(exist_ok=True)
    place.chmod(0o755)
    make_mirror(git)
    os.utime(git.mirror)  # its last use
    for path in least_used(place):
        sandbox.remove(path)
    remove_stale_locks(git.mirror)


def least_used(place: Path) -> list[Path]:
    """The mirrors that are too many in one place."""
    mirrors = sorted(place.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
    return mirrors[MOST_KEPT:]
