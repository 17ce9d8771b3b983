"""The pages of an outgoing webhook, for those who may change its repository."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from notifications.hooks import writing
from notifications.hooks.forms import HookForm, NewHookForm
from notifications.models import UNSETTLED, Hook
from notifications.views.integrations import render_integrations
from repositories.lookup import changeable_or_404

# The session names the hook whose secret may be shown, once; the secret itself stays encrypted.
JUST_MADE = "just_made_hook"
SHOWN = 25  # calls


def changeable_hook_or_404(request: HttpRequest, owner: str, name: str, hook: int) -> Hook:
    repository = changeable_or_404(request.user, owner, name)
    found: Hook = get_object_or_404(Hook.objects.select_related("repository"), pk=hook, repository=repository)
    return found


def to_hook(hook: Hook) -> HttpResponse:
    return redirect("notifications:hook", hook.repository.owner, hook.repository.name, hook.pk)


@login_required
@require_POST
def add_hook(request: HttpRequest, owner: str, name: str) -> HttpResponse:
    repository = changeable_or_404(request.user, owner, name)
    form = NewHookForm(request.POST, repository=repository)
    if not form.is_valid():
        return render_integrations(request, repository, hook_form=form)
    hook = form.save()
    request.session[JUST_MADE] = hook.pk
    messages.success(request, "The webhook is stored.")
    return to_hook(hook)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def hook(request: HttpRequest, owner: str, name: str, hook: int) -> HttpResponse:
    """Its settings and its last calls; the secret on the first look after it was made only."""
    found = changeable_hook_or_404(request, owner, name, hook)
    form = HookForm(request.POST or None, instance=found)
    if form.is_valid():
        form.save()
        messages.success(request, "The webhook is stored.")
        return to_hook(found)
    if form.errors:
        found.refresh_from_db()  # the page's heading shows what is stored, not what was typed
    shows_secret = request.session.get(JUST_MADE) == found.pk
    if shows_secret:
        del request.session[JUST_MADE]
    calls = list(found.calls.select_related("build")[:SHOWN])
    context = {
        "repository": found.repository,
        "hook": found,
        "form": form,
        "secret": found.secret if shows_secret else "",
        "calls": calls,
        "is_calling": any(call.state in UNSETTLED and not call.not_before for call in calls),
    }
    return render(request, "notifications/hook.html", context)


@login_required
@require_POST
def renew_secret(request: HttpRequest, owner: str, name: str, hook: int) -> HttpResponse:
    found = changeable_hook_or_404(request, owner, name, hook)
    found.renew_secret()
    request.session[JUST_MADE] = found.pk
    messages.success(request, "The secret is renewed. For 24 hours the old one signs as well.")
    return to_hook(found)


@login_required
@require_POST
def send_test(request: HttpRequest, owner: str, name: str, hook: int) -> HttpResponse:
    found = changeable_hook_or_404(request, owner, name, hook)
    if writing.record_test(found):
        messages.success(request, "A test is on its way. What became of it is shown below.")
    else:
        messages.warning(request, "Another test is under way: wait for it.")
    return to_hook(found)


@login_required
@require_POST
def send_again(request: HttpRequest, owner: str, name: str, hook: int, call: int) -> HttpResponse:
    found = changeable_hook_or_404(request, owner, name, hook)
    if get_object_or_404(found.calls, pk=call).send_again():
        messages.success(request, "It is sent again, under the same id.")
    else:
        messages.warning(request, "It is under way already.")
    return to_hook(found)


@login_required
@require_POST
def remove_hook(request: HttpRequest, owner: str, name: str, hook: int) -> HttpResponse:
    found = changeable_hook_or_404(request, owner, name, hook)
    found.delete()
    messages.success(request, f"The webhook to {found.url} is removed.")
    return redirect("notifications:integrations", owner, name)
