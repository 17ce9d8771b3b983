"""What is said of a commit, the request that says it, and where the repository is that it belongs to."""

import json
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import quote, unquote, urlsplit

from django.db.models import TextChoices

LONGEST_DESCRIPTION = 140  # characters; with more GitHub answers 422, Gitea takes any number


class Verdict(TextChoices):
    """What a status says. The words are GitHub's and Gitea's own."""

    PENDING = "pending"
    SUCCESS = "success"
    FAILURE = "failure"  # the documentation's fault
    ERROR = "error"  # not the documentation's fault: cancelled, or ours


@dataclass(frozen=True, kw_only=True)
class Status:
    """Of the statuses of a commit with the same `context`, in any case, forges show the one that came last."""

    commit: str
    verdict: Verdict
    context: str
    description: str  # at most LONGEST_DESCRIPTION characters
    target_url: str


@dataclass(frozen=True, kw_only=True)
class Request:
    method: str
    url: str
    headers: dict[str, str] = field(repr=False)  # the token is in them
    body: bytes


def post(url: str, status: Status, headers: dict[str, str]) -> Request:
    """In the form of GitHub's, which Gitea took over. Without a User-Agent GitHub answers 403."""
    body = {
        "state": status.verdict,
        "target_url": status.target_url,
        "description": status.description,
        "context": status.context,
    }
    return Request(
        method="POST",
        url=url,
        headers={**headers, "Content-Type": "application/json", "User-Agent": "Yaydoc"},
        body=json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode(),
    )


class NoSuchPlace(ValueError):
    """The clone URL is none of a repository at this forge. The text says why, in a sentence for people."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """A repository at a forge, as its clone URL tells: `<scheme>://<host><path>/<owner>/<name>.git`."""

    scheme: str
    host: str  # with the port, where the URL names one
    path: str  # of a forge that does not lie at the root of its host; else empty
    owner: str
    name: str

    @classmethod
    def of(cls, clone_url: str) -> Self:
        """Raises NoSuchPlace."""
        parts = urlsplit(clone_url)
        segments = [segment for segment in parts.path.split("/") if segment]
        if parts.scheme not in {"http", "https"} or len(segments) < 2:
            raise NoSuchPlace("The git URL is not the address of a repository at a forge.")
        *path, owner, name = (quote(unquote(segment), safe="") for segment in segments)
        return cls(
            scheme=parts.scheme,
            host=parts.netloc,
            path="".join(f"/{segment}" for segment in path),
            owner=owner,
            name=name.removesuffix(".git"),
        )

    @property
    def origin(self) -> str:
        return f"{self.scheme}://{self.host}"
