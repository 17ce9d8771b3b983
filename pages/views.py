"""Rolling back, which serves a kept release again; and pinning, which keeps one."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from pages.models import MOST_PINNED, Publication, Release
from repositories.models import Repository


def changeable_release_or_404(request: HttpRequest, owner: str, name: str, release_id: int) -> Release:
    """Missing and forbidden are the same 404."""
    repository = get_object_or_404(Repository.objects.changeable_by(request.user).named(f"{owner}/{name}"))
    releases = Release.objects.select_related("version__repository")
    release: Release = get_object_or_404(releases, version__repository=repository, pk=release_id)
    return release


def back(request: HttpRequest, release: Release, sentence: str) -> HttpResponse:
    """To the repository's page, with a sentence that tells what was done."""
    messages.success(request, sentence)
    return HttpResponseRedirect(release.version.repository.get_absolute_url())


@require_POST
def roll_back(request: HttpRequest, owner: str, name: str, release_id: int) -> HttpResponse:
    release = changeable_release_or_404(request, owner, name, release_id)
    publication = get_object_or_404(Publication, version=release.version)
    publication.roll_back_to(release)
    return back(
        request,
        release,
        f"Build #{release.build_number} of {release.version.title} is served again until the next one.",
    )


@require_POST
def pin(request: HttpRequest, owner: str, name: str, release_id: int) -> HttpResponse:
    release = changeable_release_or_404(request, owner, name, release_id)
    if not release.pin():
        messages.error(request, f"{MOST_PINNED} releases of {release.version.title} are pinned: unpin one first.")
        return HttpResponseRedirect(release.version.repository.get_absolute_url())
    return back(request, release, f"Build #{release.build_number} of {release.version.title} is kept.")


@require_POST
def unpin(request: HttpRequest, owner: str, name: str, release_id: int) -> HttpResponse:
    release = changeable_release_or_404(request, owner, name, release_id)
    release.unpin()
    return back(
        request, release, f"Build #{release.build_number} of {release.version.title} is kept like any other now."
    )
