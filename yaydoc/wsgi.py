"""What gunicorn serves: the application and, on its own host name, the published pages."""

import os
from collections.abc import Iterable
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit
from wsgiref.types import StartResponse, WSGIApplication

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver
from django.utils.module_loading import import_string

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yaydoc.settings")

site = get_wsgi_application()
get_resolver().url_patterns  # noqa: B018 -- loads every view now, and not in the first request
docs = import_string("pages.wsgi.application")


def is_for_docs(host: str) -> bool:
    """Whether a Host header names the docs host. Ports count only where nothing else tells the two apart."""
    docs_name = name_in(settings.DOCS_URL)
    if docs_name == name_in(settings.SITE_URL):
        return host.lower() == settings.DOCS_HOST.lower() and settings.DOCS_HOST != settings.SITE_HOST
    return host.rpartition(":")[0].lower() == docs_name or host.lower() == docs_name


@lru_cache
def name_in(url: str) -> str | None:
    return urlsplit(url).hostname


def serve(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    chosen = docs if is_for_docs(environ.get("HTTP_HOST", "")) else site
    answer = chosen(environ, start_response)
    return without_body(answer) if environ["REQUEST_METHOD"] == "HEAD" else answer


def without_body(answer: Iterable[bytes]) -> Iterable[bytes]:
    """What answers HEAD (RFC 9110, 9.3.2): Django leaves this to the server, and gunicorn complains of a body."""
    close = getattr(answer, "close", None)
    if close:
        close()
    return []


application: WSGIApplication = serve
if settings.BADGE_SHORTCUT:
    application = import_string("badges.shortcut.Shortcut")(serve)
