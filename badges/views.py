"""The badge as a picture and as data for shields' endpoint badge."""

import json
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils.cache import get_conditional_response

from badges.answers import OFFERED, Answered, Offer, answer, expires, headers_of
from badges.picture import Content, picture
from badges.reading import Reading, read
from badges.status import STORED, Status
from badges.wishes import STYLE, wishes

CACHE_SECONDS = 300  # the least that shields takes


def badge(request: HttpRequest, slug: str, extension: str) -> HttpResponse:
    """`slug` is a well-formed `owner/name` in lower case, `extension` is `svg` or `json`."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    asked = wishes(request.META.get("QUERY_STRING", ""))
    reading = read(slug, version=asked.version, branch=asked.branch, live=asked.live)
    content = asked.content(reading.status)
    if extension == "json":
        return as_data(reading.status, content)
    if OFFERED in request.META and reading.status in STORED and asked.is_of_default_version:
        offer(request, reading, content)
    return as_picture(request, reading, content)


def offer(request: HttpRequest, reading: Reading, content: Content) -> None:
    """To the shortcut in front of Django, which knows when the status of a repository changes."""
    drawn = picture(content)
    found, known = (answer(reading.status, drawn, is_known=is_known) for is_known in (False, True))
    request.META[OFFERED] = Offer(drawn.etag, found, known, reading.changed_at)


def as_picture(request: HttpRequest, reading: Reading, content: Content) -> HttpResponse:
    drawn = picture(content)
    is_known = _is_known(request, drawn.etag)
    return Answered(answer(reading.status, drawn, is_known=is_known), reading.changed_at)


def _is_known(request: HttpRequest, etag: str) -> bool:
    """Only the ETag counts: two statuses within one second have the same date."""
    if "HTTP_IF_NONE_MATCH" not in request.META:
        return False
    response = get_conditional_response(request, etag=etag)
    return response is not None and response.status_code == HTTPStatus.NOT_MODIFIED


def as_data(status: Status, content: Content) -> HttpResponse:
    """Shields refuses a key that it does not know. Source: shields, services/endpoint-common.js"""
    data = {
        "schemaVersion": 1,
        "label": content.label,
        "message": content.message,
        "color": content.colour,
        "isError": status in (Status.FAILED, Status.INVALID, Status.UNREADABLE),
        "cacheSeconds": CACHE_SECONDS,
    }
    if content.style != STYLE:
        data["style"] = content.style
    body = json.dumps(data)
    headers = {
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        **headers_of(status),
        **dict([expires()]),
    }
    http_status = HTTPStatus.NOT_FOUND if status == Status.INVALID else HTTPStatus.OK
    return HttpResponse(body, status=http_status, headers=headers)
