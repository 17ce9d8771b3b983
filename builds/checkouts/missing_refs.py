"""What is said of a branch or tag that the remote does not have."""

import difflib

from builds.checkouts.git import Git
from builds.errors import RefMissing
from repositories.models import Version

COMPARED = 2_000  # branches and tags: comparing takes its time
ANOTHER_DEFAULT = "Push it again, or name another as the default branch in the repository's settings."


def missing(git: Git, version: Version, name: str) -> RefMissing:
    """For the branch or tag `name` of a version, after the mirror was brought up to date."""
    kind = "tag" if version.kind == Version.Kind.TAG else "branch"
    hint = ANOTHER_DEFAULT if version.is_default else _what_to_do(git, kind, name)
    return RefMissing(f"There is no {kind} {name} at the remote.", hint)


def _what_to_do(git: Git, kind: str, name: str) -> str:
    nearest = _nearest(git, kind, name)
    if not nearest:
        return "It is built as soon as it is pushed. The repository's settings, under Versions, remove it."
    return f"There is the {nearest}: the repository's settings, under Versions, add that, and remove this one."


def _nearest(git: Git, kind: str, name: str) -> str:
    """Kind and name of what may be meant; the same name of the other kind first. '' for none."""
    other = "branch" if kind == "tag" else "tag"
    if name in _names(git, other):
        return f"{other} {name}"
    close = difflib.get_close_matches(name, _names(git, kind), n=1)
    return f"{kind} {close[0]}" if close else ""


def _names(git: Git, kind: str) -> list[str]:
    prefix = "refs/tags/" if kind == "tag" else "refs/heads/"
    told = git.answer("for-each-ref", f"--count={COMPARED}", "--format=%(refname)", prefix) or ""
    return [line.removeprefix(prefix) for line in told.splitlines()]
