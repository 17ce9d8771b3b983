"""Asking for the link that confirms an address, and the page behind the link."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from notifications.mails import confirmations
from notifications.mails.confirmations import NotNeeded, NotWanted
from notifications.mails.limits import TooMany
from notifications.models import DisabledAddress, Preferences
from notifications.outbox import Refused, TryLater
from repositories.lookup import changeable_or_404
from repositories.models import Repository

SENT = "A link was sent to {}. Mail goes there once it is used."


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_address(request: HttpRequest, token: str) -> HttpResponse:
    """A GET changes nothing: scanners follow the links of every mail."""
    preferences = confirmations.preferences_of_token(token)
    if preferences is None or (request.method == "POST" and not confirmations.confirm(preferences)):
        raise Http404("This link to confirm an address is not of ours, or not valid any more.")
    is_disabled = DisabledAddress.objects.of(preferences.mail_to).exists()
    context = {"preferences": preferences, "is_disabled": is_disabled}
    response = render(request, "notifications/confirm_address.html", context)
    response["X-Robots-Tag"] = "noindex"
    return response


@login_required
@require_POST
def ask_repository(request: HttpRequest, owner: str, name: str) -> HttpResponse:
    """Send the link to the repository's own address once more."""
    repository = changeable_or_404(request.user, owner, name)
    send_to_repository(request, Preferences.objects.of(repository))
    return back_to(repository)


@login_required
@require_POST
def ask_registrant(request: HttpRequest, owner: str, name: str) -> HttpResponse:
    repository = changeable_or_404(request.user, owner, name)
    send_to_user(request, repository.registrant)
    return back_to(repository)


@login_required
@require_POST
def ask_myself(request: HttpRequest) -> HttpResponse:
    send_to_user(request, cast(User, request.user))
    return redirect("/settings/")


def send_to_repository(request: HttpRequest, preferences: Preferences) -> None:
    """And tell the one who asked what came of it."""
    if not preferences.mail_to:
        return
    try:
        confirmations.ask_repository(preferences, cast(User, request.user))
    except (TooMany, NotWanted, Refused, TryLater) as reason:
        messages.error(request, f"No link was sent to {preferences.mail_to}: {reason}")
    else:
        messages.success(request, SENT.format(preferences.mail_to))


def send_to_user(request: HttpRequest, user: User) -> None:
    try:
        address = confirmations.ask_user(user, request)
    except (NotNeeded, TooMany, Refused, TryLater) as reason:
        messages.error(request, f"No link was sent: {reason}")
    else:
        messages.success(request, SENT.format(address))


def back_to(repository: Repository) -> HttpResponse:
    return redirect("notifications:settings", repository.owner, repository.name)
