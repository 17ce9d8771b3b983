"""Submodules that a configuration asks for: fetched under the rules for every repository, from https only.

They are checked out as plain files: a build finds their history nowhere.
"""

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from builds import sandbox
from builds.checkouts.checkout import Checkout
from builds.checkouts.further import checked_address, mirror_of, prepare
from builds.checkouts.git import BrokenMirror, Git
from builds.checkouts.mirrors import locked
from builds.configuration.config import Submodules
from builds.errors import BuildFailed
from builds.execution import Execution
from repositories.web_urls import InvalidURL

HINT = "Correct its path and address in .gitmodules, or leave it out below submodules in .readthedocs.yaml."
MOST, DEEPEST = 50, 5  # in all, and within each other
HEADS_AND_TAGS = ("+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")
LINK = "160000"  # the mode of a submodule's entry in a tree. Source: git-fast-import(1)


@dataclass(frozen=True)
class Submodule:
    path: str  # relative to the checkout
    url: str
    commit: str


def check_out_submodules(execution: Execution, checkout: Checkout, wanted: Submodules) -> None:
    """Put the files of each where the repository has it. Raises BuildFailed, BuildError."""
    if not wanted.include and not wanted.exclude:
        return
    git = Git(execution, checkout.git_directory, execution.build.repository.clone_url)
    with locked(git):
        _check_out_below(execution, checkout, wanted, git)


def _check_out_below(execution: Execution, checkout: Checkout, wanted: Submodules, git: Git) -> None:
    waiting = [(git, checkout.commit, "", 1)]
    done = 0
    while waiting:
        git, commit, folder, depth = waiting.pop(0)
        for module in _of(git, commit, folder):
            if not folder and not _is_wanted(module.path, wanted):
                continue
            done += 1
            if done > MOST or depth > DEEPEST:
                raise BuildFailed(f"There are more than {MOST} submodules, or {DEEPEST} within each other.", HINT)
            within = _check_out(execution, checkout, module)
            if wanted.is_recursive:
                waiting.append((within, module.commit, module.path, depth + 1))


def _is_wanted(path: str, wanted: Submodules) -> bool:
    if wanted.include:
        return wanted.include == "all" or _is_among(path, wanted.include)
    return wanted.exclude != "all" and not _is_among(path, wanted.exclude)


def _is_among(path: str, names: tuple[str, ...]) -> bool:
    return path in {name.strip("/") for name in names}


def _of(git: Git, commit: str, folder: str) -> Iterator[Submodule]:
    """Those of a commit, in the order of its .gitmodules. Raises BuildFailed."""
    told = git.answer("config", "--blob", f"{commit}:.gitmodules", "--null", "--get-regexp", r"^submodule\.")
    values = dict(entry.split("\n", 1) for entry in (told or "").split("\0") if "\n" in entry)
    for key, path in values.items():
        if not key.endswith(".path"):
            continue
        _check_path(path)
        linked = _linked_commit(git, commit, path)
        if linked:
            url = _absolute(values.get(f"{key.removesuffix('.path')}.url", ""), git.url)
            yield Submodule(f"{folder}/{path}".strip("/"), _checked(url, path), linked)


def _check_path(path: str) -> None:
    parts = PurePosixPath(path).parts
    if not path.isprintable() or not parts or parts[0] == "/" or {"..", ".git"} & set(parts) or path[0] in "-:":
        raise BuildFailed(f"The submodule {path[:80]!r} has a path that cannot be.", HINT)


def _linked_commit(git: Git, commit: str, path: str) -> str:
    """Which commit of it belongs to that of its repository; '' where .gitmodules names one that is not there."""
    entry = (git.answer("ls-tree", "-z", commit, "--", path) or "").split("\0")[0].split()
    return entry[2] if entry[:1] == [LINK] else ""


def _absolute(url: str, of: str) -> str:
    """One that begins with a dot is relative to its repository's. Source: git-submodule(1)."""
    if not url.startswith(("./", "../")):
        return url
    parts = urlsplit(of)
    return f"{parts.scheme}://{parts.netloc}{posixpath.normpath(posixpath.join(parts.path, url))}"


def _checked(url: str, path: str) -> str:
    """The address in its normal form. Raises BuildFailed."""
    try:
        return checked_address(url)
    except InvalidURL as error:
        refused = f"The submodule {path} cannot be fetched from {url[:200]}"
        raise BuildFailed(f"{refused}: {error}", HINT) from error


def _check_out(execution: Execution, checkout: Checkout, module: Submodule) -> Git:
    """Fetch it, unless its commit is here, and write its files. Returns its repository."""
    execution.say(f"Submodule {module.path}: {module.commit[:12]} of {module.url}")
    git = mirror_of(execution, module.url)
    try:
        prepare(git)
        _fetch(git, module.commit)
    except BrokenMirror as error:
        sandbox.remove(git.mirror)
        raise BuildFailed(
            f"The submodule {module.path} is damaged.", "Build again: it is fetched anew."
        ) from error
    except BuildFailed as error:
        raise BuildFailed(f"The submodule {module.path} could not be fetched: {error.reason}", HINT) from error
    if not git.write_files(checkout.source, module.path, module.commit):
        raise BuildFailed(f"The submodule {module.path} could not be written.", "git's words stand in the log.")
    return git


def _fetch(git: Git, commit: str) -> None:
    """The commit alone where the host gives it away, else all branches and tags. Raises BuildFailed."""
    quietly = ("fetch", "--quiet", "--no-tags", "--no-write-fetch-head")
    if _is_here(git, commit):
        return
    try:
        git.remote(*quietly, "--depth=1", "--", git.url, commit)
    except BuildFailed:
        git.remote(*quietly, "--force", "--", git.url, *HEADS_AND_TAGS)
    if not _is_here(git, commit):
        raise BuildFailed(f"the commit {commit} is not in {git.url}.")


def _is_here(git: Git, commit: str) -> bool:
    return git.answer("cat-file", "-e", f"{commit}^{{commit}}") is not None
