"""Pushing the pages of a release to the branch gh-pages of their repository, as a commit on what is there."""

import re
import shutil
from pathlib import Path

from django.conf import settings

from builds import places, sandbox
from builds.checkouts.git import BrokenMirror, Git
from builds.checkouts.mirrors import locked
from builds.configuration.config import PagesBranch
from builds.errors import BuildError, BuildFailed, DiskFull
from builds.execution import Execution
from pages.compression import COMPRESSED
from pages.formats import DOWNLOADS
from pages.models import Release

BRANCH = "gh-pages"
ATTEMPTS = 3  # while others push to the branch, too
#: The exit code of the lines below where there is nothing to commit.
EQUAL = 4
# A domain that somebody set at the forge stands in the branch only.
COMMIT = f"""\
export GIT_WORK_TREE="$PWD" GIT_INDEX_FILE="$TMPDIR/index"
git add --all --force -- . || exit
if [ -n "$1" ] && [ ! -e CNAME ]; then
    git ls-tree "$1" -- CNAME | git update-index --index-info || exit
fi
tree=$(git write-tree) || exit
if [ -n "$1" ] && [ "$tree" = "$(git rev-parse "$1^{{tree}}")" ]; then exit {EQUAL}; fi
git commit-tree "$tree" ${{1:+-p "$1"}} -m "$2"
"""
# What git prints when a push was not taken, and what that means; the first that fits counts.
# Source: git 2.39, transport.c, http.c and remote-curl.c; GitHub, "Troubleshooting cloning errors".
REFUSALS = (
    (r"network: ", "its host could not be reached"),
    (
        r"Authentication failed|could not read (?:User|Pass)|error: 401",
        "the token is not valid: it may have expired",
    ),
    (r"error: 403|not allowed to|[Pp]ermission", "the token may not write to the repository"),
    (r"error: 404|not found", "the token does not reach the repository"),
    (
        r"unable to access|resolve host|[Cc]onnect|hung up|early EOF|RPC failed|timed? ?out",
        "its host did not answer",
    ),
)
REFUSED = re.compile(r"\[remote rejected\] \(([^)\n]{1,200})\)")
OVERTAKEN = re.compile(r"\[rejected\]|non-fast-forward|fetch first|cannot lock ref|failed to update ref")


class NotPushed(Exception):
    """The build's pages are up all the same; the text says why the branch is not, to be read after a colon."""


def push_pages(execution: Execution, release: Release, wanted: PagesBranch) -> str:
    """Make the branch hold just the pages of `release`; says what came of it. Raises NotPushed, DiskFull.

    Never with force: what was pushed meanwhile is built upon.
    """
    build = execution.build
    token = build.repository.forge_token
    # The first checkout tells the default branch's name to the repository; the version at hand is older.
    if BRANCH in (build.version.name, build.repository.default_branch):
        raise NotPushed(f"{BRANCH} is what the pages are built from.")
    if not build.repository.clone_url.startswith("https://"):
        raise NotPushed("only repositories at an https:// address are pushed to.")
    if not token:
        raise NotPushed(
            "Yaydoc has no token of the repository. Store one under Integrations in its settings, and build again."
        )
    git = Git(execution, places.git_mirror(build.repository_id), build.repository.clone_url, token)
    try:
        with locked(git):
            return _push(git, _copied(execution, release, wanted))
    except DiskFull:
        raise
    except (BuildFailed, BuildError, BrokenMirror) as error:
        raise NotPushed(str(error)) from error
    except OSError as error:
        raise NotPushed(f"Yaydoc could not copy the pages for git: {type(error).__name__}.") from error


def _copied(execution: Execution, release: Release, wanted: PagesBranch) -> Path:
    """The files of the release where git can read them, and those that GitHub Pages asks for."""
    pages = execution.scratch / BRANCH
    sandbox.remove(pages)
    shutil.copytree(release.directory, pages, copy_function=shutil.copyfile, ignore=_ours)
    (pages / ".nojekyll").touch()  # else folders such as _static would be passed over
    if wanted.domain:
        (pages / "CNAME").write_text(f"{wanted.domain}\n")
    sandbox.give(pages)
    return pages


def _ours(directory: str, names: list[str]) -> set[str]:
    return {COMPRESSED, DOWNLOADS} & set(names)


def _push(git: Git, pages: Path) -> str:
    for _ in range(ATTEMPTS):
        commit = _commit(git, pages, _newest(git))
        if not commit:
            return f"{BRANCH} has these pages already"
        output = git.push(f"{commit}:refs/heads/{BRANCH}")
        if output is None:
            git.execution.say(f"Pushed to {BRANCH}: {commit[:12]}")
            return f"pushed to {BRANCH}"
        if not OVERTAKEN.search(output):
            raise NotPushed(f"{_refusal(output)}.")
    raise NotPushed(f"others pushed to {BRANCH} at the same time, {ATTEMPTS} times.")


def _newest(git: Git) -> str:
    """The commit that the branch is at, in the mirror now; '' where there is no such branch yet."""
    ref = f"refs/heads/{BRANCH}"
    found = git.remote("ls-remote", "--", git.url, ref).split()
    if not found:
        return ""
    if git.answer("cat-file", "-e", f"{found[0]}^{{commit}}") is None:
        git.remote(
            "fetch", "--quiet", "--force", "--no-tags", "--no-write-fetch-head", "--", git.url, f"+{ref}:{ref}"
        )
    return found[0]


def _commit(git: Git, pages: Path, parent: str) -> str:
    """A commit of the pages on top of `parent`; '' where that has just these."""
    build = git.execution.build
    message = f"Pages of {build.commit}\n\nBuilt by Yaydoc: {build.page_url}"
    code, output = git.write_commit(pages, COMMIT, parent, message, *_author())
    if code == EQUAL:
        return ""
    if code:
        raise NotPushed("git could not make a commit of the pages: the log has its words.")
    return output.split()[-1]


def _author() -> tuple[str, str]:
    host = settings.SITE_URL.partition("://")[2].partition(":")[0]
    return "Yaydoc", f"yaydoc@{host}"


def _refusal(output: str) -> str:
    if said := REFUSED.search(output):
        return f"its host refuses it ({said[1]})"
    told = "\n".join(line for line in output.splitlines() if line.startswith(("fatal: ", "error: ", "network: ")))
    return next((words for pattern, words in REFUSALS if re.search(pattern, told)), "git's words stand in the log")
