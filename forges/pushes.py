"""What a delivery of any forge comes down to, and what can be wrong with one."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

Headers = Mapping[str, str]  # looked up in any case, as `HttpRequest.headers`
Body = Mapping[str, object]  # a parsed JSON object


class Refused(Exception):
    """Not shown to come from the repository's forge: 403. The text says why, in a few words."""


class Malformed(Exception):
    """Rightly signed, but not what its forge documents: 400. The text names the field."""


class RefKind(StrEnum):
    """What was pushed or deleted."""

    BRANCH = "branch"
    TAG = "tag"


@dataclass(frozen=True, kw_only=True)
class Push:
    """New commits on a branch or tag.

    `name` has no `refs/heads/` and is a name that git allows; `commit` is 40 or 64 hex digits. The rest is for
    people and may be empty: `message` may have several lines, and neither it nor `author` is proof of anything.
    """

    kind: RefKind
    name: str
    commit: str
    repository_id: str  # empty: the body names no repository
    default_branch: str = ""  # as the body says
    message: str = ""
    author: str = ""


@dataclass(frozen=True, kw_only=True)
class Deletion:
    """A branch or tag that is gone."""

    kind: RefKind
    name: str
    repository_id: str


class PullRequestAction(StrEnum):
    """What became of a pull request, as far as anything follows from it."""

    OPENED = "opened"
    SYNCHRONIZED = "synchronized"  # it has a new head
    REOPENED = "reopened"
    CLOSED = "closed"  # merged or not


@dataclass(frozen=True, kw_only=True)
class PullRequestEvent:
    """A pull request was opened, changed, or closed.

    `commit` is its head, 40 or 64 hex digits, empty where the body has none. `author` is a name at the forge, and
    `association` what the forge says of how that person belongs to the repository (GitHub's words; empty: the
    forge doesn't say). `title` is for people.
    """

    action: PullRequestAction
    number: int
    commit: str
    is_from_fork: bool  # True as well where that cannot be told
    author: str
    association: str
    title: str
    is_merged: bool
    repository_id: str  # empty: the body names no repository


@dataclass(frozen=True, kw_only=True)
class Ping:
    """The forge tries whether the address answers."""

    repository_id: str


@dataclass(frozen=True, kw_only=True)
class Ignored:
    """Understood, and nothing follows from it. `reason` completes "ignored: …"."""

    reason: str
    repository_id: str


Event = Push | Deletion | PullRequestEvent | Ping | Ignored
