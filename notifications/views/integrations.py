"""The tab Integrations of a repository's settings: who else is told of its builds."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from notifications.hooks.forms import NewHookForm
from notifications.models import Hook
from repositories.lookup import changeable_or_404
from repositories.models import Repository


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
    }
    return render(request, "notifications/integrations.html", context | forms)
