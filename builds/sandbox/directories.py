"""Where strangers' code runs, and who owns what there."""

import hashlib
import os
import shutil
import stat
import subprocess
import sys
from functools import cache
from pathlib import Path

from django.conf import settings

from builds.errors import BuildError
from builds.sandbox.tiers import Tier
from builds.sandbox.user import build_user

SYSTEM_DIRECTORY = Path("/var/lib/yaydoc")  # for builds, where their user cannot reach DATA_DIR


def is_reachable(path: Path) -> bool:
    """Whether the build user may go through every directory on the way to `path`."""
    user = build_user()
    if user is None:
        return os.access(path, os.X_OK)
    for directory in path.resolve().parents:
        status = directory.stat()
        mine = stat.S_IXUSR if status.st_uid == user[0] else stat.S_IXOTH
        if not status.st_mode & mine:
            return False
    return True


def build_directory_of(tier: Tier) -> Path:
    """Where builds live under a sandbox, made if need be: where their user can go, unless paths are bound in.

    Raises BuildError when it belongs to somebody else.
    """
    directory: Path = settings.BUILD_DIR or settings.DATA_DIR / "builds"
    directory = directory.resolve()
    if not tier.hides_parents and build_user() and settings.BUILD_DIR is None:
        settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
        if not is_reachable(directory):
            name = hashlib.sha256(str(settings.DATA_DIR).encode()).hexdigest()[:16]
            directory = SYSTEM_DIRECTORY / name
    directory.mkdir(parents=True, exist_ok=True)
    status = directory.stat()
    if status.st_uid != os.getuid():
        raise BuildError(f"{directory} belongs to somebody else (user {status.st_uid}).")
    if status.st_mode & 0o777 != 0o711:
        directory.chmod(0o711)
    return directory


def inside(path: Path, *, root: Path) -> Path:
    """The path itself, checked: below `root`, where builds write, no link may lead the sandbox elsewhere.

    Raises BuildError when it does, or when there is nothing.
    """
    if not path.is_absolute():
        raise BuildError(f"{path} is not absolute.")
    try:
        real = path.resolve(strict=True)
    except (OSError, RuntimeError) as error:
        raise BuildError(f"{path} cannot be shown to a build: {error}") from error
    if path.is_relative_to(root) and real != path:
        raise BuildError(f"{path} is a link, and may not be.")
    return path


def give(path: Path) -> None:
    """Make a tree the build user's own. Nothing of the build may be running. Links are not followed."""
    user = build_user()
    if user is None:
        return
    if path.is_symlink() or not path.is_dir():
        os.chown(path, *user, follow_symlinks=False)
        return
    try:
        _give_below(path, user)
    except (OSError, RecursionError):
        # Deeper than Python can go.
        _run("chown", "-R", "-h", "-P", f"{user[0]}:{user[1]}", path=path, check=True)


def _give_below(path: Path, user: tuple[int, int]) -> None:
    for _, directories, files, fd in os.fwalk(path, follow_symlinks=False):
        os.chown(fd, *user)
        for name in (*directories, *files):
            status = os.stat(name, dir_fd=fd, follow_symlinks=False)
            if (status.st_uid, status.st_gid) != user:
                os.chown(name, *user, dir_fd=fd, follow_symlinks=False)


def remove(path: Path) -> None:
    """Remove a tree, whatever modes, depth and names a build left in it. No error when there is none.

    A link is removed itself: the tools below would follow it, wherever a build pointed it.
    """
    if path.is_symlink():
        path.unlink()
        return
    try:
        shutil.rmtree(path)
    except FileNotFoundError:
        return
    except NotADirectoryError:
        path.unlink(missing_ok=True)
    except (OSError, RecursionError):
        # Deeper than Python can go, or closed to its owner.
        _run("chmod", "-R", "u+rwx", path=path)
        _run("rm", "-rf", path=path)
        if path.exists():
            raise


def _run(*tool: str, path: Path, check: bool = False) -> None:
    """A tool that goes through trees of any depth. Raises subprocess.CalledProcessError with `check` only."""
    subprocess.run(
        [*tool, "--", str(path)],
        env={"PATH": "/usr/bin:/bin"},
        cwd="/",
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=600,
        check=check,
    )


def visible_paths(tier: Tier) -> list[Path]:
    """What every command may read: the interpreter that runs us, and copies of our own tools."""
    tools = build_directory_of(tier) / "tools"
    tools.mkdir(exist_ok=True)
    tools.chmod(0o755)
    executable = Path(sys._base_executable).resolve()  # type: ignore[attr-defined]
    prefixes = {Path(sys.base_prefix), Path(sys.base_exec_prefix)}
    if not any(executable.is_relative_to(prefix.resolve()) for prefix in prefixes):
        prefixes.add(executable)
    return [*prefixes, tools]


@cache
def copy_of(source: Path, directory: Path) -> Path:
    """A copy which everybody may read and run, made once for each state of the source."""
    status = source.stat()
    state = f"{source} {status.st_size} {status.st_mtime_ns}"
    target = directory / hashlib.sha256(state.encode()).hexdigest()[:16] / source.name
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.parent.chmod(0o755)
        part = target.with_name(f"{target.name}.{os.getpid()}")
        shutil.copyfile(source, part)
        part.chmod(0o755)
        part.replace(target)
    return target
