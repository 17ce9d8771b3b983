"""What is said of a branch or tag that the remote does not have."""

import difflib
from collections.abc import Iterable

from builds.checkouts.git import Git
from builds.errors import RefMissing
from repositories.models import Version

COMPARED = 2_000  # branches and tags
LONGEST = 50  # characters of those: comparing takes their square, which somebody may have made large
PREFIXES = {"branch": "refs/heads/", "tag": "refs/tags/"}
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
    if git.answer("show-ref", "--verify", "--quiet", "--", f"{PREFIXES[other]}{name}") is not None:
        return f"{other} {name}"
    near = closest(name, _names(git, kind))
    return f"{kind} {near}" if near else ""


def closest(name: str, names: Iterable[str]) -> str:
    """The one of these that is most like `name`; '' where none is."""
    if len(name) > LONGEST:
        return ""
    return next(iter(difflib.get_close_matches(name, [one for one in names if len(one) <= LONGEST], n=1)), "")


def _names(git: Git, kind: str) -> list[str]:
    prefix = PREFIXES[kind]
    told = git.answer("for-each-ref", f"--count={COMPARED}", "--format=%(refname)", prefix) or ""
    return [line.removeprefix(prefix) for line in told.splitlines()]
