"""What became of a repository's mails, for those who may change it, and what they can do about one."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from notifications import retention
from notifications.mails import writing
from notifications.models import Mail, OutgoingState
from repositories.lookup import changeable_or_404
from repositories.models import Repository

MAILS_PER_PAGE = 25
MAILS_AT_A_GLANCE = 5


@login_required
@never_cache
@require_safe
def mails(request: HttpRequest, owner: str, name: str) -> HttpResponse:
    """The whole page, or for htmx just its list, which asks for itself again while something is under way."""
    repository = changeable_or_404(request.user, owner, name)
    is_htmx = "HX-Request" in request.headers
    template = "notifications/mail_list.html" if is_htmx else "notifications/mails.html"
    response = render(request, template, log_of(repository, request.GET.get("page")))
    patch_vary_headers(response, ["HX-Request"])
    return response


def log_of(repository: Repository, page: str | None, *, size: int = MAILS_PER_PAGE) -> dict[str, object]:
    """What `mail_list.html` shows: a page of the repository's mails, the newest first. Two queries."""
    rows = Mail.objects.filter(repository=repository).order_by("-created_at", "-id").select_related("build")
    shown: Page[Mail] = Paginator(rows, size).get_page(page)
    for mail in shown:
        if mail.build:
            mail.build.repository = repository  # saves a query for each address
    return {
        "repository": repository,
        "page": shown,
        "is_moving": any(map(is_moving, shown)),
        "days_kept": retention.KEPT.days,
    }


def is_moving(mail: Mail) -> bool:
    """Whether it is worth looking again in a moment."""
    return mail.state == OutgoingState.SENDING or (mail.state == OutgoingState.QUEUED and not mail.failures)


@login_required
@require_POST
def send_test(request: HttpRequest, owner: str, name: str) -> HttpResponse:
    repository = changeable_or_404(request.user, owner, name)
    if not repository.mail_service:
        messages.error(request, "Mail of this repository is turned off: turn it on first.")
        return redirect("notifications:settings", repository.owner, repository.name)
    try:
        mail = writing.record_test(repository.pk)
    except writing.TooSoon:
        messages.error(request, "A test mail was asked for within the last minute. Wait a little.")
    else:
        tell_of_test(request, mail)
    return back_to_log(repository)


def tell_of_test(request: HttpRequest, mail: Mail) -> None:
    if mail.state == OutgoingState.QUEUED:
        messages.success(request, f"A test mail to {mail.recipient} is under way.")
        return
    messages.error(request, f"The test mail cannot be sent: {mail.reason}.")


@login_required
@require_POST
def send_again(request: HttpRequest, owner: str, name: str, mail_id: int) -> HttpResponse:
    repository = changeable_or_404(request.user, owner, name)
    mail = get_object_or_404(Mail, repository=repository, pk=mail_id)
    if mail.send_again():
        messages.success(request, "The mail is queued again.")
    else:
        messages.info(request, "The mail is under way already, or has no recipient.")
    return back_to_log(repository)


@login_required
@require_POST
def cancel(request: HttpRequest, owner: str, name: str, mail_id: int) -> HttpResponse:
    repository = changeable_or_404(request.user, owner, name)
    mail = get_object_or_404(Mail, repository=repository, pk=mail_id)
    if mail.cancel():
        messages.success(request, "The mail is cancelled.")
    else:
        messages.info(request, "The mail is not queued any more.")
    return back_to_log(repository)


def back_to_log(repository: Repository) -> HttpResponse:
    return redirect("notifications:mails", repository.owner, repository.name)
