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


@dataclass(frozen=True, kw_only=True)
class Ping:
    """The forge tries whether the address answers."""

    repository_id: str


@dataclass(frozen=True, kw_only=True)
class Ignored:
    """Understood, and nothing follows from it. `reason` completes "ignored: …"."""

    reason: str
    repository_id: str


Event = Push | Deletion | Ping | Ignored
