"""The badge as a picture and as data for shields' endpoint badge."""

import json
from datetime import datetime
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils.cache import get_conditional_response
from django.utils.http import http_date

from badges.picture import Content, picture
from badges.reading import read
from badges.status import Status
from badges.wishes import STYLE, wishes

CACHE_SECONDS = 300  # the least that shields takes
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


def badge(request: HttpRequest, slug: str, extension: str) -> HttpResponse:
    """`slug` is a well-formed `owner/name` in lower case, `extension` is `svg` or `json`."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    asked = wishes(request.META.get("QUERY_STRING", ""))
    status, changed_at = read(slug, version=asked.version, branch=asked.branch, live=asked.live)
    content = asked.content(status)
    if extension == "json":
        return as_data(status, content)
    return as_picture(request, status, content, changed_at)


def as_picture(
    request: HttpRequest, status: Status, content: Content, changed_at: datetime | None
) -> HttpResponse:
    """200 whatever the status: a picture answered with 404 vanishes from the README that shows it."""
    drawn = picture(content)
    response = HttpResponse(drawn.body, content_type="image/svg+xml; charset=utf-8")
    response["ETag"] = drawn.etag
    if changed_at:
        response["Last-Modified"] = http_date(changed_at.timestamp())
    # Only the ETag counts: two statuses within one second have the same date.
    answer = get_conditional_response(request, etag=drawn.etag, response=response)
    return _finished(answer or response, status)


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
    http_status = HTTPStatus.NOT_FOUND if status == Status.INVALID else HTTPStatus.OK
    response = HttpResponse(json.dumps(data), content_type="application/json", status=http_status)
    return _finished(response, status)


def _finished(response: HttpResponse, status: Status) -> HttpResponse:
    for header, value in COMMON_HEADERS.items():
        response[header] = value
    response["X-Yaydoc-Status"] = "unknown" if status == Status.UNREADABLE else status.value
    response["Expires"] = http_date()
    if response.status_code != HTTPStatus.NOT_MODIFIED:
        response["Content-Length"] = str(len(response.content))
    return response
