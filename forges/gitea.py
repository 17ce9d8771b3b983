"""Gitea's and Forgejo's deliveries: GitHub's shape of body under a signature of their own.

They send GitHub's headers besides their own. Source: Gitea, "Webhooks".
"""

from forges import fields, github, signatures
from forges.pushes import Body, Event, Headers, Refused

SIGNATURE = "X-Gitea-Signature"
EVENT = "X-Gitea-Event"
FOREIGN = ("x-github-", "x-gitlab-", "x-event-key")


def verify(headers: Headers, body: bytes, secret: str) -> None:
    """Raises Refused unless `body`, as it came, is signed with `secret`."""
    is_theirs = EVENT in headers or SIGNATURE in headers
    if not is_theirs and any(name.lower().startswith(FOREIGN) for name in headers):
        raise Refused("provider mismatch")
    # Hexadecimal without a prefix, other than X-Hub-Signature-256 beside it.
    signatures.require(headers.get(SIGNATURE, ""), expected=signatures.digest(body, secret), secret=secret)


def event(headers: Headers) -> str:
    return fields.line(headers.get(EVENT) or "push", limit=100)


def delivery_id(headers: Headers) -> str:
    return fields.line(headers.get("X-Gitea-Delivery", ""), limit=100)


def parse(headers: Headers, body: Body) -> Event:
    """What a verified delivery says. Raises Malformed."""
    return github.parse_event(event(headers), body)
