"""A build's page, and its buttons."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from builds import retention
from builds.models import Build, Trigger
from builds.views.log import first_look, seen
from builds.views.steps import downloads_of, find_build, steps
from builds.views.warnings import warnings_of
from repositories.lookup import changeable_or_404, may_change, visible_or_404


@require_safe
def build_page(request: HttpRequest, owner: str, name: str, number: int) -> HttpResponse:
    repository = visible_or_404(request.user, owner, name)
    build = find_build(repository, number)
    return render(
        request,
        "builds/build.html",
        {
            "repository": repository,
            "build": build,
            "steps": steps(build),
            "warnings": warnings_of(build),
            "downloads": downloads_of(build),
            "log": first_look(build),
            "is_past_keeping": is_past_keeping(build),
            "days_kept": retention.KEPT.days,
            "seen": seen(build),
            "may_change": may_change(request.user, repository),
        },
    )


def is_past_keeping(build: Build) -> bool:
    """Whether its log may have been removed."""
    return bool(build.finished_at and build.finished_at < timezone.now() - retention.KEPT)


@login_required
@require_POST
def cancel(request: HttpRequest, owner: str, name: str, number: int) -> HttpResponse:
    build = find_build(changeable_or_404(request.user, owner, name), number)
    if build.is_finished:
        messages.info(request, "The build had ended already.")
        return redirect(build)
    build.cancel()
    messages.success(request, "The build is being cancelled.")
    return redirect(build)


@login_required
@require_POST
def again(request: HttpRequest, owner: str, name: str, number: int) -> HttpResponse:
    """Ask for another build of the same version; it takes the newest commit, so nothing old gets published."""
    build = find_build(changeable_or_404(request.user, owner, name), number)
    if build.version.is_closed:
        messages.error(request, "The pull request is closed.")
        return redirect(build)
    return redirect(Build.objects.request(build.version, trigger=Trigger.PERSON))
