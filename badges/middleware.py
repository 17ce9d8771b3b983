"""The short way to a badge: past sessions, cookies, languages, compression and framing rules.

A badge needs none of them, and each would cost time or add a header (Set-Cookie, Vary, X-Frame-Options) that
a badge must not have. So this stands first in MIDDLEWARE and answers the badges' addresses itself.
"""

import re
from collections.abc import Callable
from functools import lru_cache

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from badges.views import badge
from repositories.names import InvalidName, RepositoryName

ADDRESS = re.compile(r"/([^/]+/[^/]+)\.(svg|json)")
KEPT_SLUGS = 4096


@lru_cache(maxsize=KEPT_SLUGS)
def slug_of(name: str) -> str:
    """Raises InvalidName."""
    return RepositoryName.parse(name).slug


class BadgeMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        address = ADDRESS.fullmatch(request.path_info)
        if not address:
            return self.get_response(request)
        try:
            slug = slug_of(address[1])
        except InvalidName:
            return self.get_response(request)
        request.get_host()  # refuses a strange host, as CommonMiddleware does for all other addresses
        return badge(request, slug, address[2])
