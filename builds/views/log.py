"""A build's log: whole as plain text, or what is new since an offset for the page that follows it."""

import re
from dataclasses import dataclass
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from builds import logs
from builds.models import Build
from builds.views.steps import downloads_of, find_build, steps
from builds.views.warnings import warnings_of
from repositories.lookup import may_change, visible_or_404

STOP_POLLING = 286  # Source: htmx, "Polling": this status ends it
FIRST_LOOK = 196_608  # bytes of the log's end that the page shows
LINES_AT_ONCE = 20_000  # of an answer: a log of ten million empty lines is small, but not as HTML
OFFSET_DIGITS = 16
ERROR = re.compile(r"\b(?:ERROR|CRITICAL|[A-Z]\w*(?:Error|Exception)):|^Traceback |\berror:|\bfatal:")
WARNING = re.compile(r"\b[Ww]arning:|\bWARNING\b")


@dataclass(frozen=True)
class LogPart:
    """Lines of a log as HTML, and the offset in bytes to go on from."""

    lines: SafeString
    offset: int
    start: int = 0


def first_look(build: Build) -> LogPart:
    """The end of the log, at most FIRST_LOOK bytes and in whole lines; `start` tells what was left out."""
    start = max(0, logs.size(build) - FIRST_LOOK)
    data = logs.read_bytes(build, start)
    offset = start + len(data)
    lines = data.split(b"\n")
    if start:
        del lines[0]  # begun before
    shown = b"\n".join(lines[-LINES_AT_ONCE - 1 :])
    return LogPart(as_html(shown.decode(errors="replace")), offset, offset - len(shown))


def next_part(build: Build, offset: int) -> LogPart:
    """What comes after `offset`: not all of it when it is much."""
    data = logs.read_bytes(build, offset)
    lines = data.split(b"\n")
    if len(lines) - 1 > LINES_AT_ONCE:
        data = b"\n".join([*lines[:LINES_AT_ONCE], b""])
    return LogPart(as_html(data.decode(errors="replace")), offset + len(data), offset)


def as_html(text: str) -> SafeString:
    """Escaped lines; commands, warnings and errors are marked for the eye."""
    lines = ((kind_of(line), line) for line in text.split("\n")[:-1])
    return format_html_join("", '<span class="{}">{}\n</span>', lines)


def kind_of(line: str) -> str:
    if line.startswith("$ "):
        return "command"
    if ERROR.search(line):
        return "error"
    if WARNING.search(line):
        return "warning"
    return "line"


def seen(build: Build) -> str:
    """What the upper part of the page depends on: it is sent again only when this changes."""
    return f"{build.state}-{build.stage}-{build.attempt}-{build.commit}-{build.cancel_requested:d}"


@never_cache
@require_safe
def log(request: HttpRequest, owner: str, name: str, number: int) -> HttpResponseBase:
    build = find_build(visible_or_404(request.user, owner, name), number)
    if "offset" in request.GET:
        return log_since(request, build)
    response = StreamingHttpResponse(logs.read_all(build), content_type="text/plain; charset=utf-8")
    response["X-Content-Type-Options"] = "nosniff"
    return response


def log_since(request: HttpRequest, build: Build) -> HttpResponse:
    """What came after `offset`; as on a new page when another attempt began meanwhile. 286 once all is told."""
    is_finished = build.is_finished  # read before the log: what a finished build wrote is there
    offset = asked_offset(request)
    restarts = request.GET.get("attempt") != str(build.attempt) or offset > logs.size(build)
    part = first_look(build) if restarts else next_part(build, offset)
    body = part.lines + rest_of_page(request, build, part)
    is_all = is_finished and not logs.read_bytes(build, part.offset)
    response = HttpResponse(body, status=STOP_POLLING if is_all else HTTPStatus.OK)
    if restarts:
        response["HX-Reswap"] = "innerHTML"
    return response


def rest_of_page(request: HttpRequest, build: Build, part: LogPart) -> str:
    """What htmx puts elsewhere: where to go on from, and the upper part of the page when it changed.

    Without any white space around it, which would stay behind in the log as an empty line.
    """
    context = {"oob": True, "build": build, "log": part, "seen": seen(build)}
    position = render_to_string("builds/log_position.html", context).strip()
    if request.GET.get("seen") == seen(build):
        return position
    repository = build.repository
    context |= {
        "repository": repository,
        "steps": steps(build),
        "warnings": warnings_of(build),
        "downloads": downloads_of(build),
        "may_change": may_change(request.user, repository),
    }
    return position + render_to_string("builds/build_state.html", context, request).strip()


def asked_offset(request: HttpRequest) -> int:
    """In bytes; what is not a sensible number counts as the start."""
    text = request.GET["offset"]
    return int(text) if text.isascii() and text.isdigit() and len(text) < OFFSET_DIGITS else 0
