"""The tab Integrations of a repository's settings: who else is told of its builds."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from forges.statuses.registry import api_of
from forges.statuses.status import NoSuchPlace
from notifications.hooks.forms import NewHookForm
from notifications.models import CommitStatus, Hook
from repositories.forge_tokens import ForgeTokenForm
from repositories.lookup import changeable_or_404
from repositories.models import Repository

STATUSES_SHOWN = 10


@login_required
@never_cache
@require_safe
def integrations(request: HttpRequest, owner: str, name: str) -> HttpResponse:
    return render_integrations(request, changeable_or_404(request.user, owner, name))


def render_integrations(request: HttpRequest, repository: Repository, **forms: Any) -> HttpResponse:
    """The page, with a form that was filled in wrongly in place of an empty one."""
    context = {
        "repository": repository,
        "hooks": Hook.objects.filter(repository=repository).with_last_call(),
        "hook_form": NewHookForm(repository=repository),
        "token_form": ForgeTokenForm(),
        **about_statuses(repository),
    }
    return render(request, "notifications/integrations.html", context | forms)


def about_statuses(repository: Repository) -> dict[str, Any]:
    """What a token must be allowed, where one is made, and the last statuses; nothing for forges without any."""
    api = api_of(repository.forge)
    if api is None:
        return {}
    try:
        token_page = api.token_page(repository.clone_url)
    except NoSuchPlace:
        return {}
    statuses = CommitStatus.objects.filter(repository=repository).select_related("build__repository")
    return {
        "token_permission": api.PERMISSION,
        "token_page": token_page,
        "statuses": statuses.order_by("-pk")[:STATUSES_SHOWN],
    }
