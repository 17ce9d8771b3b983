"""Subprojects: other repositories whose documentation becomes a folder of this one's.

One that cannot be had is left out, and the build goes on: its log and its page say so.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from builds import places, sandbox
from builds.checkouts.checkout import Checkout
from builds.checkouts.further import checked_address, mirror_of, prepare
from builds.checkouts.git import BrokenMirror, Git
from builds.checkouts.mirrors import locked, make_worktree
from builds.configuration.config import Subproject
from builds.detection.source_tree import SKIPPED
from builds.errors import BuildError, BuildFailed, DiskFull
from builds.execution import Execution
from builds.sandbox import Command
from repositories.web_urls import InvalidURL

HEAD = "refs/yaydoc/HEAD"
QUIETLY = ("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--force")
# Files keep their times, so that pages which did not change are not read again. How the other repository renders
# its own documentation does not count here, and would be taken for how this one does.
COPY = """\
[ -d "$1" ] && [ ! -L "$1" ] || exit 3
mkdir -p -- "$2" && cp -RPp -- "$1/." "$2" || exit
find "$2" \\( -name conf.py -o -name mkdocs.yml -o -name mkdocs.yaml -o -name .git \\) -prune -exec rm -rf -- {} +
"""
NO_FOLDER = 3  # the exit code of that, where the source is not there


class LeftOut(Exception):
    """Why a subproject is not among the pages, to be read after "left out: "."""


@dataclass(frozen=True)
class Included:
    """A subproject whose files are in the checkout."""

    folder: str  # relative to that of the pages
    title: str
    url: str
    source: str


def check_out_subprojects(
    execution: Execution, checkout: Checkout, wanted: Sequence[Subproject], docs: str
) -> tuple[Included, ...]:
    """Put the newest files of each below the folder `docs`. Raises what `Execution.check` does, and DiskFull."""
    if not wanted:
        return ()
    included: list[Included] = []
    left_out = 0
    with locked(Git(execution, checkout.git_directory, execution.build.repository.clone_url)):
        for number, subproject in enumerate(wanted):
            try:
                included.append(_include(execution, checkout, subproject, docs, number))
            except LeftOut as fault:
                left_out += 1
                execution.say(f"Subproject {subproject.url[:200]}: left out: {fault}")
    if left_out:
        execution.noted.note = f"{left_out} of {len(wanted)} subprojects left out"
    return tuple(included)


def _include(execution: Execution, checkout: Checkout, wanted: Subproject, docs: str, number: int) -> Included:
    tree = places.version_directory(execution.build.version) / "subprojects" / str(number)
    try:
        url = checked_address(wanted.url)
        git = _fetched(execution, url)
        commit = _reset(git, tree, f"{execution.build.version_id}-{number}")
    except InvalidURL as error:
        raise LeftOut(str(error)) from error
    except DiskFull:
        raise
    except (BuildFailed, BuildError) as error:
        execution.check()  # a limit of the whole build is none of the subproject's
        raise LeftOut(str(error)) from error
    name = _free_name(url, checkout.source / docs)
    folder = checkout.source / docs / name
    _copy(execution, checkout.source, tree, wanted.source, folder)
    execution.say(f"Subproject {url}: {wanted.source} of {commit[:12]} becomes {PurePosixPath(docs, name)}")
    return Included(name, _title(url), url, str(wanted.source))


def _fetched(execution: Execution, url: str) -> Git:
    """Its mirror, with the newest commit; with that of an earlier build where the host cannot be reached."""
    git = mirror_of(execution, url)
    try:
        _fetch(git)
    except BrokenMirror:
        sandbox.remove(git.mirror)
        _fetch(git)
    except DiskFull:
        raise
    except BuildError as error:
        execution.check()
        if not _head(git):
            raise
        execution.say(f"Subproject {url}: {error} What an earlier build fetched is used.")
    return git


def _fetch(git: Git) -> None:
    """The newest commit alone where the host has that, else the whole history. Raises BuildFailed, BuildError."""
    prepare(git)
    wanted = ("--", git.url, f"+HEAD:{HEAD}")
    try:
        git.remote(*QUIETLY, "--depth=1", *wanted)
    except BuildFailed:
        git.execution.check()
        git.remote(*QUIETLY, *wanted)


def _head(git: Git) -> str:
    return (git.answer("rev-parse", "--verify", "--quiet", "--end-of-options", f"{HEAD}^{{commit}}") or "").strip()


def _reset(git: Git, tree: Path, name: str) -> str:
    """Bring the kept tree to the newest commit: only what changed in it is written. Returns the commit."""
    commit = _head(git)
    if not commit:
        raise BuildFailed("it has no commits yet.")
    told = tree.with_suffix(".url")  # whose files they are: the order of subprojects may have changed
    if not told.is_file() or told.read_text() != git.url:
        sandbox.remove(tree)
        sandbox.remove(git.mirror / "worktrees" / name)
    metadata = make_worktree(git.mirror, tree, name, commit)
    if not git.reset(tree, metadata, commit):
        sandbox.remove(tree)
        raise BuildFailed("its files could not be written.")
    told.write_text(git.url)
    return commit


def _copy(execution: Execution, root: Path, tree: Path, source: PurePosixPath, folder: Path) -> None:
    outcome, output = execution.try_capture(
        Command(
            argv=["/bin/sh", "-c", COPY, "sh", str(tree / source), str(folder)],
            cwd=root,
            readable=[tree],
            writable=[root],
        )
    )
    if outcome.exit_code == NO_FOLDER:
        raise LeftOut(f"it has no folder {source}: name the one with its documentation as source.")
    if outcome.exit_code:
        execution.log.write(output)
        raise LeftOut("its files could not be copied.")


def _free_name(url: str, docs: Path) -> str:
    """After the other repository, and none that is there already or that is passed over."""
    name = re.sub(r"[^\w.-]+", "-", _title(url), flags=re.ASCII).strip(".-_") or "subproject"
    return next(one for one in _names(name) if one.lower() not in SKIPPED and not (docs / one).exists())


def _names(name: str) -> Iterator[str]:
    yield name
    yield f"{name}-docs"
    number = 2
    while True:
        yield f"{name}-{number}"
        number += 1


def _title(url: str) -> str:
    return url.removesuffix(".git").rstrip("/").rpartition("/")[2]
