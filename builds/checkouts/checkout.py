"""Checking out: a mirror is kept per repository and a worktree per version, so that only what is new moves.

The worktree is reset rather than made anew: git then writes changed files only, and Sphinx, which compares times
of modification, reads those only.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from builds import places, sandbox
from builds.checkouts.git import BrokenMirror, Git
from builds.checkouts.local_repositories import shown_to_git
from builds.checkouts.mirrors import locked, make_mirror, make_worktree, point_back, remove_stale_locks
from builds.checkouts.missing_refs import missing
from builds.checkouts.references import branch_of_head
from builds.errors import BuildFailed
from builds.execution import Execution
from forges.refs import is_name
from repositories.clone_urls import check_clone_url
from repositories.models import Repository, Version
from repositories.web_urls import InvalidURL

COMMIT_ID = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
HEADS_AND_TAGS = ("+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")
REMOTE_HEAD = "refs/yaydoc/HEAD"
MAX_MESSAGE = 2_000  # characters
MAX_AUTHOR = 255


class Commit(NamedTuple):
    id: str
    author: str
    message: str


@dataclass(frozen=True)
class Checkout:
    """A worktree at a commit. Builds may read `git_directory`, never write it: `source/.git` points there."""

    source: Path
    commit: str
    message: str
    author: str
    branch: str  # or tag; empty where the remote's HEAD is on none
    git_directory: Path


def check_out(execution: Execution, repository: Repository, version: Version, commit: str) -> Checkout:
    """The tree of `commit` ('': the newest) of a version, with all tags at hand for tools that read them.

    Learns the repository's default branch if it is not known. Raises BuildFailed where the repository, its
    address, branch or commit is at fault, BuildError where the network is.
    """
    try:
        url = check_clone_url(repository.clone_url)
    except InvalidURL as error:
        raise BuildFailed(str(error), "Correct the repository's git URL.") from error
    _check_names(version, commit)
    git = Git(execution, places.git_mirror(repository.pk), url, repository.forge_token or "")
    with locked(git):
        try:
            found, branch = _fetch(git, repository, version, commit)
        except BrokenMirror:
            execution.say("The kept copy of the repository is damaged: it is fetched anew.")
            sandbox.remove(git.mirror)
            found, branch = _fetch(git, repository, version, commit)
    source = _reset(git, version, found.id)
    execution.say(f"Checked out {found.id[:12]} of {branch or 'HEAD'}: {found.message.partition(chr(10))[0]}")
    return Checkout(source, found.id, found.message, found.author, branch, git.mirror)


def _check_names(version: Version, commit: str) -> None:
    if commit and not COMMIT_ID.fullmatch(commit):
        raise BuildFailed(f"{commit[:80]!r} is no id of a commit.")
    if version.name and not is_name(version.name):
        raise BuildFailed(f"{version.name[:80]!r} is no name of a branch or tag.")
    # Its newest one may be anybody's, and its name is that of no branch.
    if version.is_pull_request and not commit:
        raise BuildFailed("No commit of the pull request was approved.", "Approve one on the repository's page.")


def _fetch(git: Git, repository: Repository, version: Version, commit: str) -> tuple[Commit, str]:
    """Bring the mirror up to date; the commit to build, and the branch or tag it is on."""
    make_mirror(git)
    remove_stale_locks(git.mirror)
    git.execution.say(f"Fetching what is new from {git.url}")
    with shown_to_git(git.url, git.mirror) as (url, readable):
        branch = version.slug if version.is_pull_request else version.name
        refs = list(HEADS_AND_TAGS)
        if not branch:
            branch = _default_branch(git, url, readable)
            refs += [] if branch else [f"+HEAD:{REMOTE_HEAD}"]
        _fetch_refs(git, url, readable, refs)
        if branch and not version.name:
            repository.learn_default_branch(branch)
        if not commit:
            return _head(git, version, branch), branch
        found = _commit_of(git, commit) or _fetch_commit(git, url, readable, version, commit)
    return found, branch


def _default_branch(git: Git, url: str, readable: tuple[Path, ...]) -> str:
    """What the remote's HEAD names, '' where it names no branch. Raises BuildFailed where there are no commits."""
    answer = git.remote("ls-remote", "--symref", "--", url, "HEAD", readable=readable)
    if not re.search(r"^[0-9a-f]+\tHEAD$", answer, re.MULTILINE):
        raise BuildFailed("The repository is empty: there is nothing to build yet.", "Push a first commit.")
    return branch_of_head(answer)


def _fetch_refs(git: Git, url: str, readable: tuple[Path, ...], refs: list[str]) -> None:
    shallow = (
        ("--update-shallow",) if git.url.startswith("file://") else ()
    )  # this checkout may be a shallow clone
    git.remote(
        *(
            "fetch",
            "--quiet",
            "--prune",
            "--force",
            "--no-tags",
            "--no-write-fetch-head",
            *shallow,
            "--",
            url,
            *refs,
        ),
        readable=readable,
    )


def _fetch_commit(git: Git, url: str, readable: tuple[Path, ...], version: Version, commit: str) -> Commit:
    """One that no branch or tag leads to, or not any more. Raises BuildFailed.

    A pull request's is asked for by the reference that its host keeps (GitHub's, Gitea's and Forgejo's have the
    same name), which is not stored: tools find the repository's own branches and tags in the mirror, and nothing
    else. Any other commit is asked for by its id, which many hosts still give away.
    """
    fault = None
    pull_request = [f"refs/pull/{version.name}/head"] if version.is_pull_request else []
    for wanted in (*pull_request, commit):
        try:
            git.remote(
                *("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--", url, wanted), readable=readable
            )
        except BuildFailed as error:
            fault = error
        found = _commit_of(git, commit)
        if found:
            return found
    raise BuildFailed(
        f"The commit {commit} is not in the repository.", "A force push may have removed it: build the newest."
    ) from fault


def _head(git: Git, version: Version, branch: str) -> Commit:
    """The commit that the version's branch or tag leads to. Raises RefMissing."""
    is_tag = version.kind == Version.Kind.TAG
    ref = f"refs/{'tags' if is_tag else 'heads'}/{branch}" if branch else REMOTE_HEAD
    found = _commit_of(git, ref)
    if not found:
        raise missing(git, version, branch)
    return found


def _commit_of(git: Git, revision: str) -> Commit | None:
    """The commit that an id or a full reference leads to, through tags too; None when there is none."""
    answer = git.answer("log", "-1", "--format=%x00%H%x00%an%n%B", "--end-of-options", revision, "--")
    if answer is None:
        return None
    _, commit, told = answer.split("\0", 2)
    author, _, message = told.replace("\0", "").partition("\n")
    return Commit(commit, author[:MAX_AUTHOR], message.strip()[:MAX_MESSAGE])


def _reset(git: Git, version: Version, commit: str) -> Path:
    """The version's tree at `commit`, and nothing else in it."""
    tree = places.source(version)
    if not _try_reset(git, tree, version, commit):
        git.execution.say("The kept tree cannot be reset: it is made anew.")
        sandbox.remove(tree)
        if not _try_reset(git, tree, version, commit):
            raise BuildFailed(f"git cannot check out {commit}: its last lines in the log say why.")
    return tree


def _try_reset(git: Git, tree: Path, version: Version, commit: str) -> bool:
    metadata = make_worktree(git.mirror, tree, str(version.pk), commit)
    is_reset = git.reset(tree, metadata, commit)
    if is_reset:
        point_back(tree, metadata)
    return is_reset
