"""What is refused before any view sees it."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

NUL = "\x00"


class NoNulMiddleware:
    """Answers 400 to a NUL in path, query or form: PostgreSQL can't store one, and no honest client sends it.

    Forms are looked at where Django's CSRF check reads them too, so bodies of views that are exempt from it, such
    as signed webhooks, reach their view unread.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if NUL in request.path_info or has_nul(request.GET):
            return render(request, "400.html", status=400)
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> None:
        if request.method == "POST" and not getattr(view, "csrf_exempt", False) and has_nul(request.POST):
            raise BadRequest("A form field holds a NUL character.")


def has_nul(fields: QueryDict) -> bool:
    return any(NUL in name or any(NUL in value for value in values) for name, values in fields.lists())
