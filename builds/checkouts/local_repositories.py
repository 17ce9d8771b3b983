"""Repositories on this machine, by `file://`: shown to a git that runs as somebody else."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from builds import sandbox
from builds.errors import BuildFailed

BARE = "[core]\n\trepositoryformatversion = 0\n\tbare = true\n"


@contextmanager
def shown_to_git(url: str, mirror: Path) -> Iterator[tuple[str, tuple[Path, ...]]]:
    """The address to fetch from, and what git must be able to read for it.

    A worker that is root becomes another user before git starts, who may not be allowed to go where the repository
    is. So root makes a copy of its git directory first, of files that are new only: objects never change.
    """
    parts = urlsplit(url)
    if parts.scheme != "file":
        yield url, ()
        return
    path = Path(unquote(parts.path))
    own, common = _git_directories(path)
    if os.getuid() != 0:
        yield url, tuple(dict.fromkeys((path, own, common)))
        return
    copy = mirror.with_name(f"{mirror.stem}.local.git")
    _copy(own, common, copy)
    yield f"file://{quote(str(copy))}", (copy,)


def _git_directories(path: Path) -> tuple[Path, Path]:
    """The git directory of a bare repository, clone or worktree, and the one that holds its objects.

    Raises BuildFailed.
    """
    own = path
    if (path / ".git").is_dir():
        own = path / ".git"
    elif (path / ".git").is_file():
        own = (path / (path / ".git").read_text().removeprefix("gitdir:").strip()).resolve()
    common = own
    if (own / "commondir").is_file():
        common = (own / (own / "commondir").read_text().strip()).resolve()
    if not (own / "HEAD").is_file() or not (common / "objects").is_dir():
        raise BuildFailed(f"There is no git repository in {path}.", "Correct the repository's git URL.")
    return own, common


def _copy(own: Path, common: Path, copy: Path) -> None:
    """References first, objects after them: what they lead to is complete then, whoever pushes meanwhile."""
    copy.mkdir(parents=True, exist_ok=True)
    sandbox.remove(copy / "refs")
    (copy / "refs").mkdir()
    (copy / "config").write_text(BARE)
    shutil.copyfile(own / "HEAD", copy / "HEAD")
    for name in ("packed-refs", "shallow"):
        (copy / name).unlink(missing_ok=True)
        if (common / name).is_file():
            shutil.copyfile(common / name, copy / name)
    for name in ("refs", "objects"):
        _copy_missing(common / name, copy / name)
    for directory, _, files in os.walk(copy):
        Path(directory).chmod(0o755)
        for file in files:
            if (Path(directory) / file).stat().st_mode & 0o444 != 0o444:
                (Path(directory) / file).chmod(0o644)


def _copy_missing(source: Path, target: Path) -> None:
    """Regular files only, and those of a name that is not there yet."""
    for directory, _, files in os.walk(source):
        below = target / Path(directory).relative_to(source)
        below.mkdir(parents=True, exist_ok=True)
        for file in files:
            path = Path(directory) / file
            if path.is_symlink() or (below / file).exists() or file.startswith("tmp_") or file.endswith(".lock"):
                continue
            part = below / f"{file}.part"
            shutil.copyfile(path, part)
            part.replace(below / file)
