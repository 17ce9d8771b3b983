"""The tab Builds of a repository's settings. Each card has a form of its own, with an address of its own."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from builds.forms import AutomationForm, BuildLimitsForm
from builds.models import Automation, BuildLimits, Watch
from repositories.lookup import changeable_or_404
from repositories.models import Repository
from repositories.variables import VariableForm


@login_required
@never_cache
@require_safe
def build_settings(request: HttpRequest, owner: str, name: str) -> HttpResponse:
    return render_build_settings(request, changeable_or_404(request.user, owner, name))


def render_build_settings(request: HttpRequest, repository: Repository, **forms: Any) -> HttpResponse:
    """The page, with a form that was filled in wrongly in place of the stored one."""
    automation = Automation.objects.of(repository)
    context = {
        "repository": repository,
        "automation_form": AutomationForm(instance=automation),
        "watch": watch_of(repository),
        "variables": repository.variables.all(),
        "variable_form": VariableForm(repository=repository),
        "limits_form": BuildLimitsForm(instance=BuildLimits.objects.of(repository)),
    }
    return render(request, "builds/settings.html", context | forms)


def watch_of(repository: Repository) -> Watch | None:
    """None while nobody looks."""
    if not settings.WATCH or not repository.is_enabled or Automation.objects.pauses(repository):
        return None
    watch: Watch | None = Watch.objects.select_related("missed_build").filter(repository=repository).first()
    if watch and watch.missed_build:
        watch.missed_build.repository = repository  # spares its address a query
    return watch


def to_build_settings(request: HttpRequest, repository: Repository, sentence: str) -> HttpResponse:
    """Back to the page, where `sentence` says what was done."""
    messages.success(request, sentence)
    return redirect("builds:settings", repository.owner, repository.name)


@login_required
@require_POST
def store_limits(request: HttpRequest, owner: str, name: str) -> HttpResponse:
    repository = changeable_or_404(request.user, owner, name)
    form = BuildLimitsForm(request.POST, instance=BuildLimits.objects.of(repository))
    if not form.is_valid():
        return render_build_settings(request, repository, limits_form=form)
    form.save()
    return to_build_settings(request, repository, "The limits are stored.")


@login_required
@require_POST
def store_automation(request: HttpRequest, owner: str, name: str) -> HttpResponse:
    repository = changeable_or_404(request.user, owner, name)
    form = AutomationForm(request.POST, instance=Automation.objects.of(repository))
    if not form.is_valid():
        return render_build_settings(request, repository, automation_form=form)
    form.save()
    return to_build_settings(request, repository, "When builds start is stored.")
