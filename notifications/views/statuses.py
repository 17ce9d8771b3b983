"""The forge's token on the tab Integrations: stored and removed, never shown."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from notifications.statuses import writing
from notifications.views.integrations import render_integrations
from repositories import forge_tokens
from repositories.forge_tokens import ForgeTokenForm
from repositories.lookup import changeable_or_404


@login_required
@require_POST
def store_token(request: HttpRequest, owner: str, name: str) -> HttpResponse:
    repository = changeable_or_404(request.user, owner, name)
    form = ForgeTokenForm(request.POST)
    if not form.is_valid():
        return render_integrations(request, repository, token_form=form)
    form.save(repository)
    writing.send_refused_again(repository)
    messages.success(request, "The token is stored.")
    return redirect("notifications:integrations", repository.owner, repository.name)


@login_required
@require_POST
def remove_token(request: HttpRequest, owner: str, name: str) -> HttpResponse:
    repository = changeable_or_404(request.user, owner, name)
    forge_tokens.store(repository, None)
    messages.success(request, "The token is removed.")
    return redirect("notifications:integrations", repository.owner, repository.name)
