"""What a forge's answer to a commit status means.

Sources: GitHub, "Create a commit status", "Rate limits for the REST API" (Exceeding the rate limit) and
"Troubleshooting the REST API" (404 where a token may not see a repository); Gitea and Forgejo,
routers/api/v1/repo/status.go and routers/api/v1/api.go.
"""

import json
import time
from datetime import timedelta

from notifications.http_client import Answer
from notifications.mails.wording import one_line
from notifications.outbox import Refused, Suppressed, TryLater

CREATED = 201
PASSING = frozenset({408, 425, 429})  # besides faults of the server's own, from 500 on
# Deliveries until a commit that the forge does not know is given up: it comes within minutes of its push, or was
# pushed over.
PATIENCE_FOR_A_COMMIT = 4


def check(answer: Answer, *, forge: str, commit: str, failures: int) -> None:
    """Raises TryLater, Refused or Suppressed for anything but a status that was made.

    `forge` is its name for people, `failures` how many deliveries of this status did not succeed before.
    """
    status, said = answer.status, message_of(answer)
    told = f"{forge} answered {status}{f': {said}' if said else '.'}"
    if status == CREATED:
        return
    if status in PASSING or status >= 500 or is_rate_limit(answer):
        raise TryLater(told, wait=asked_wait(answer))
    if status in {404, 422} and commit in answer.text:
        if failures + 1 < PATIENCE_FOR_A_COMMIT:
            raise TryLater(told)
        raise Suppressed(f"The commit is not there (any more). {told}")
    raise Refused(f"{advice(status)} {told}")


def advice(status: int) -> str:
    """What its owner can do about it."""
    if status == 401:
        return "The token is not valid: it may have expired, or was revoked."
    if status == 403:
        return "The token may not write commit statuses."
    if status == 404:
        return "The token does not reach the repository, or there is none at the git URL."
    if 300 <= status < 400:
        return "The repository has moved: correct its git URL."
    return "The status was not taken."


def is_rate_limit(answer: Answer) -> bool:
    """GitHub answers 403 as well as 429 beyond its primary and its secondary limits."""
    if answer.status != 403:
        return False
    is_used_up = answer.headers.get("X-RateLimit-Remaining") == "0"
    return is_used_up or "Retry-After" in answer.headers or "rate limit" in answer.text.lower()


def asked_wait(answer: Answer) -> timedelta:
    """How long the forge asks to be left alone; zero when it names no time, or none that can be read."""
    if answer.retry_after:
        return answer.retry_after
    if answer.headers.get("X-RateLimit-Remaining") == "0":
        return timedelta(seconds=max(0, number(answer.headers.get("X-RateLimit-Reset")) - int(time.time())))
    return timedelta(0)


def number(text: str | None) -> int:
    """A whole number of at most 10 digits; 0 for anything else."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= 10 else 0


def message_of(answer: Answer) -> str:
    """The sentence of an API's answer; nothing of a page."""
    try:
        body = json.loads(answer.text)
    except (ValueError, RecursionError):
        return ""
    return one_line(str(body.get("message", ""))) if isinstance(body, dict) else ""
