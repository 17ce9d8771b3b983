"""Each mail as its reader sees it, from made-up facts: for whoever works on them, with DEBUG only."""

from collections.abc import Callable
from functools import wraps

from csp.constants import SELF
from csp.decorators import csp_update
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from notifications.mails import samples

View = Callable[..., HttpResponseBase]

# Of the HTML of a mail: the styles in its elements, and nothing else; no script, no form, no cookie.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox"


def for_development(view: View) -> View:
    @wraps(view)
    def only_in_debug(request: HttpRequest, **arguments: str) -> HttpResponseBase:
        if not settings.DEBUG or arguments.get("kind", "test") not in samples.KINDS:
            raise Http404("There is no such preview.")
        return view(request, **arguments)

    return only_in_debug


@require_safe
@for_development
def previews(request: HttpRequest) -> HttpResponse:
    subjects = {kind: samples.message(kind).subject for kind in samples.KINDS}
    return render(request, "notifications/previews.html", {"subjects": subjects})


@require_safe
@for_development
@csp_update({"frame-src": [SELF]})  # type: ignore[arg-type]
def preview(request: HttpRequest, kind: str) -> HttpResponse:
    """The same message as it would be sent: head, text, and the HTML in frames of two widths."""
    message = samples.message(kind)
    head, _, _ = message.message().as_string().partition("\n\n")
    return render(
        request,
        "notifications/preview.html",
        {"kind": kind, "kinds": samples.KINDS, "subject": message.subject, "head": head, "text": message.body},
    )


@require_safe
@for_development
@xframe_options_sameorigin
def preview_html(request: HttpRequest, kind: str) -> HttpResponse:
    """The HTML alone, under a policy of its own."""
    message = samples.message(kind)
    assert isinstance(message, EmailMultiAlternatives)  # noqa: S101 - for the type checker
    response = HttpResponse(str(message.alternatives[0][0]))
    response["Content-Security-Policy"] = POLICY
    return response
