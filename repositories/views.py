"""Registering a repository, and what its registrant sees and changes afterwards."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from repositories.forms import DeleteForm, RegisterForm, SettingsForm
from repositories.lookup import changeable_or_404
from repositories.models import Repository

# The session names the repository whose webhook secret may be shown, once; the secret itself stays encrypted.
JUST_REGISTERED = "just_registered"


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    form = RegisterForm(request.POST or None)
    if form.is_valid():
        repository = form.register(request.user)  # type: ignore[arg-type]
        if repository:
            request.session[JUST_REGISTERED] = repository.pk
            return redirect("repositories:registered", repository.owner, repository.name)
    return render(request, "repositories/register.html", {"form": form})


@login_required
@never_cache
@require_safe
def registered(request: HttpRequest, owner: str, name: str) -> HttpResponse:
    """What to do next: badge, docs address and webhook, the secret on the first look only."""
    repository = changeable_or_404(request.user, owner, name)
    shows_secret = request.session.get(JUST_REGISTERED) == repository.pk
    if shows_secret:
        del request.session[JUST_REGISTERED]
    return render(
        request,
        "repositories/registered.html",
        {"repository": repository, "secret": repository.webhook_secret if shows_secret else ""},
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest, owner: str, name: str) -> HttpResponse:
    repository = changeable_or_404(request.user, owner, name)
    form = SettingsForm(request.POST or None, instance=repository)
    if form.is_valid():
        form.save()
        messages.success(request, "The settings are stored.")
        return redirect("repositories:settings", repository.owner, repository.name)
    if form.errors:
        repository.refresh_from_db()  # the page's heading shows what is stored, not what was typed
    return render_settings(request, repository, form=form)


@login_required
@require_POST
def renew_secret(request: HttpRequest, owner: str, name: str) -> HttpResponse:
    repository = changeable_or_404(request.user, owner, name)
    repository.renew_webhook_secret()
    request.session[JUST_REGISTERED] = repository.pk
    messages.success(request, "The secret is renewed: store it at your forge now, it is shown this once.")
    return redirect("repositories:registered", repository.owner, repository.name)


@login_required
@require_POST
def delete(request: HttpRequest, owner: str, name: str) -> HttpResponse:
    repository = changeable_or_404(request.user, owner, name)
    form = DeleteForm(request.POST, repository=repository)
    if not form.is_valid():
        return render_settings(request, repository, delete_form=form)
    repository.delete()
    messages.success(request, f"{repository.full_name} is deleted.")
    return redirect("/")


def render_settings(
    request: HttpRequest,
    repository: Repository,
    form: SettingsForm | None = None,
    delete_form: DeleteForm | None = None,
) -> HttpResponse:
    return render(
        request,
        "repositories/settings.html",
        {
            "repository": repository,
            "form": form or SettingsForm(instance=repository),
            "delete_form": delete_form or DeleteForm(repository=repository),
        },
    )
