"""The files of kept mirrors and worktrees: made, locked, and cleaned of what a killed git left."""

import os
from contextlib import AbstractContextManager
from pathlib import Path

from builds import locks, sandbox
from builds.checkouts.git import Git

LOCK_PATIENCE = 600  # seconds; another build may be fetching a large repository for the first time


def locked(git: Git) -> AbstractContextManager[None]:
    """One fetch at a time per mirror, on this machine. Raises BuildError, and what `Execution.check` does."""
    git.mirror.parent.mkdir(parents=True, exist_ok=True)
    git.mirror.parent.chmod(0o755)
    return locks.waited_for(
        git.mirror.with_suffix(".lock"),
        patience=LOCK_PATIENCE,
        refusal="Another build has been fetching the repository for very long.",
        meanwhile=git.execution.check,
    )


def make_mirror(git: Git) -> None:
    if (git.mirror / "HEAD").exists() and (git.mirror / "objects").is_dir():
        return
    git.mirror.mkdir(parents=True, exist_ok=True)
    sandbox.give(git.mirror)
    git.change("init", "--quiet", "--bare", "--template=")


def remove_stale_locks(mirror: Path) -> None:
    """What a killed fetch left. The caller holds the mirror's lock, so none of these is in use."""
    for pattern in ("*.lock", "refs/**/*.lock", "objects/*.lock", "objects/info/**/*.lock", "objects/pack/tmp_*"):
        for path in mirror.glob(pattern):
            path.unlink(missing_ok=True)


def make_worktree(mirror: Path, tree: Path, name: str, commit: str) -> Path:
    """The directory for a tree, and git's metadata of it, which lie in the mirror where no build can write.

    The same files that `git worktree add` makes. Source: gitrepository-layout(5). Returns the metadata.
    """
    if tree.is_symlink() or not tree.is_dir():
        sandbox.remove(tree)
        tree.mkdir(parents=True)
        sandbox.give(tree)
    tree.chmod(0o755)  # a build may have closed it, and then no command could start in it
    metadata = mirror / "worktrees" / name
    is_whole = all((metadata / file).is_file() for file in ("HEAD", "commondir", "gitdir"))
    if not is_whole or not any(tree.iterdir()):
        sandbox.remove(metadata)
        metadata.mkdir(parents=True)
        _write(metadata / "commondir", "../..\n")
        _write(metadata / "gitdir", f"{tree}/.git\n")
        _write(metadata / "locked", "kept by Yaydoc\n")
        _write(metadata / "HEAD", f"{commit}\n")
        sandbox.give(mirror / "worktrees")
    for lock in metadata.glob("*.lock"):
        lock.unlink()
    return metadata


def point_back(tree: Path, metadata: Path) -> None:
    """Let git commands of a build (setuptools-scm's, say) find the history; they can only read it."""
    pointer, content = tree / ".git", f"gitdir: {metadata}\n"
    if pointer.is_symlink() or not pointer.is_file() or pointer.read_text(errors="replace") != content:
        sandbox.remove(pointer)
        _write(pointer, content)
        sandbox.give(pointer)  # git mistrusts a pointer of somebody else's


def _write(path: Path, content: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
    with os.fdopen(descriptor, "w") as file:
        file.write(content)
