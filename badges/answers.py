"""A picture as an answer: put together once for each picture and status, then kept.

Only the dates are added for each request.
"""

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from http import HTTPStatus
from time import time
from typing import NamedTuple

from django.http import HttpResponse
from django.http.response import ResponseHeaders
from django.utils.http import http_date

from badges.picture import KEPT_PICTURES, Picture
from badges.status import Status

# Header → value. An SVG file is a document that can hold scripts: the policy lets it have none.
COMMON_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "X-Yaydoc-Status",
    "Cross-Origin-Resource-Policy": "cross-origin",
    # With Expires: what Django's never_cache sets. Fastly, which serves GitHub's images, obeys private and
    # max-age only.
    "Cache-Control": "max-age=0, no-cache, no-store, must-revalidate, private",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
}

Headers = dict[str, tuple[str, str]]  # the name in lower case → name and value


class Answer(NamedTuple):
    """All but the dates."""

    status: HTTPStatus
    headers: Headers
    body: bytes


def headers_of(status: Status) -> dict[str, str]:
    """What all answers about this status have, pictures and data."""
    shown = "unknown" if status == Status.UNREADABLE else status.value
    return {**COMMON_HEADERS, "X-Yaydoc-Status": shown}


@lru_cache(maxsize=KEPT_PICTURES)
def answer(status: Status, picture: Picture, *, is_known: bool = False) -> Answer:
    """200 whatever the status: a picture answered with 404 vanishes from the README that shows it.

    304 for a client that has this picture.
    """
    headers = {"ETag": picture.etag, **headers_of(status)}
    if is_known:
        return Answer(HTTPStatus.NOT_MODIFIED, _checked(headers), b"")
    headers |= {"Content-Type": "image/svg+xml; charset=utf-8", "Content-Length": str(len(picture.body))}
    return Answer(HTTPStatus.OK, _checked(headers), picture.body)


def _checked(headers: dict[str, str]) -> Headers:
    return ResponseHeaders(headers)._store


def dated(answer: Answer, changed_at: datetime | None) -> Headers:
    """The answer's headers with the time of the change of status."""
    if changed_at is None:
        return answer.headers
    return {**answer.headers, "last-modified": ("Last-Modified", _date(int(changed_at.timestamp())))}


def expires() -> tuple[str, str]:
    """At once."""
    return "Expires", _date(int(time()))


_date = lru_cache(maxsize=KEPT_PICTURES)(http_date)


class Offer(NamedTuple):
    """What may be given again, until the status changes: no header and no other time makes it another answer."""

    etag: str
    found: Answer
    known: Answer  # for a client that has the picture
    changed_at: datetime | None


# The key in the environment of a WSGI request under which the view puts its Offer, where somebody wants one.
OFFERED = "badges.offered"


class Answered(HttpResponse):
    """An answer as Django wants it. Its headers are taken over: checking twelve each time would take 10 µs."""

    def __init__(self, answer: Answer, changed_at: datetime | None) -> None:
        super().__init__(answer.body, status=answer.status, content_type="image/svg+xml")
        self.headers._store = {**dated(answer, changed_at), "expires": expires()}

    def items(self) -> Iterable[tuple[str, str]]:
        return self.headers._store.values()
