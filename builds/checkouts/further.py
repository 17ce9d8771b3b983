"""Repositories that a build fetches besides its own: by https only, each into a kept mirror of its own."""

import hashlib

from builds import places
from builds.checkouts.git import Git
from builds.checkouts.mirrors import make_mirror, remove_stale_locks
from builds.execution import Execution
from repositories.clone_urls import check_clone_url
from repositories.web_urls import InvalidURL


def checked_address(url: str) -> str:
    """In its normal form. Raises InvalidURL: no other protocol, whatever repositories may have."""
    if not url.lower().startswith("https://"):
        raise InvalidURL("only https://host/owner/name is allowed.")
    return check_clone_url(url)


def mirror_of(execution: Execution, url: str) -> Git:
    """git in the mirror of a checked address."""
    place = places.submodules(execution.build.repository_id)
    return Git(execution, place / f"{hashlib.sha256(url.encode()).hexdigest()[:16]}.git", url)


def prepare(git: Git) -> None:
    """Make the mirror unless it is there. The caller holds the lock of the repository's own."""
    git.mirror.parent.mkdir(exist_ok=True)
    git.mirror.parent.chmod(0o755)
    make_mirror(git)
    remove_stale_locks(git.mirror)
