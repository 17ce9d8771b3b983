"""The pull requests on a repository's page, and the button that approves one."""

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from builds.models import PullRequest
from repositories.forge_pages import pull_request_page
from repositories.lookup import changeable_or_404
from repositories.models import Repository


@dataclass(frozen=True)
class PullRequestRow:
    pull_request: PullRequest
    page: str  # at the forge; empty where that is unknown


def pull_request_rows(repository: Repository, *, limit: int) -> list[PullRequestRow]:
    """The open ones, those that wait first, then the newest; none where they are not built. At most one query."""
    if not repository.builds_pull_requests:
        return []
    found = PullRequest.objects.of(repository).open().with_latest_build().waiting_first().select_related("version")
    return [PullRequestRow(one, pull_request_page(repository, one.number)) for one in found[:limit]]


@login_required
@require_POST
def approve(request: HttpRequest, owner: str, name: str, number: int) -> HttpResponse:
    """Build the commit that the form names, if it is still the newest one."""
    repository = changeable_or_404(request.user, owner, name)
    found = PullRequest.objects.of(repository).select_related("version__repository")
    pull_request = get_object_or_404(found, version__name=str(number))
    if not repository.is_enabled or not repository.builds_pull_requests:
        messages.error(request, "Builds of this repository's pull requests are switched off in its settings.")
        return redirect(repository)
    build = pull_request.approve(request.POST.get("commit", ""))
    if build is None:
        messages.error(request, "The pull request has changed since you looked. Nothing was approved.")
        return redirect(repository)
    messages.success(request, f"Commit {build.short_commit} is approved.")
    return redirect(build)
