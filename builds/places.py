"""Where each thing of a build is, below the directory that builds may write to."""

import hashlib
import shutil
from functools import cache
from pathlib import Path

from builds import sandbox
from repositories.models import Version

BUILDER = "builder"  # the trust domain of what holds nothing but our own, hashed requirements
# A build may ask git for the version it is of; the mirror belongs to another user. Source: git-config(1).
GIT = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*"}
RUNNER = Path(__file__).parent / "runner"
PROGRAMS = "bin"  # the folder in it of what a repository's own lines find in PATH


def mirrors() -> Path:
    return sandbox.build_directory() / "mirrors"


def versions() -> Path:
    return sandbox.build_directory() / "versions"


def environments() -> Path:
    return sandbox.build_directory() / "environments"


def git_mirror(repository_id: int) -> Path:
    return mirrors() / f"{repository_id}.git"


def submodules(repository_id: int) -> Path:
    """The mirrors of what a repository has as submodules."""
    return mirrors() / f"{repository_id}.submodules"


def version_directory(version: Version) -> Path:
    return versions() / str(version.pk)


def source(version: Version) -> Path:
    """The kept working tree."""
    return version_directory(version) / "source"


def trust_domain(version: Version) -> str:
    """Whose code may have written what a build of `version` reuses. Nothing kept is shared between two of them.

    The branches and tags of a repository trust each other; a pull request is a stranger's, and trusts itself only.
    """
    if version.kind == Version.Kind.PULL_REQUEST:
        return f"version-{version.pk}"
    return f"repository-{version.repository_id}"


@cache
def runner_files() -> dict[str, bytes]:
    """What runs inside the sandbox, by its path relative to the runner's folder."""
    return {
        path.relative_to(RUNNER).as_posix(): path.read_bytes()
        for path in sorted(RUNNER.rglob("*"))
        if path.suffix in {".py", ".txt", ".css"} or path.parent.name == PROGRAMS
    }


@cache
def runner_digest() -> str:
    total = hashlib.sha256()
    for name, content in runner_files().items():
        total.update(f"{name}\0{len(content)}\0".encode() + content)
    return total.hexdigest()[:16]


def runner() -> Path:
    """A copy of the runner's files that a build can read, named by what is in them."""
    place = sandbox.build_directory() / "tools" / f"runner-{runner_digest()}"
    if place.is_dir():
        return place
    part = place.with_name(f"{place.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    for name, content in runner_files().items():
        target = part / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    for path in (part, *part.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    place.parent.chmod(0o755)
    part.replace(place)
    return place
