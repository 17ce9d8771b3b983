"""Rolling back: serving a kept release again."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from pages.models import Publication, Release
from repositories.models import Repository


@require_POST
def roll_back(request: HttpRequest, owner: str, name: str, release_id: int) -> HttpResponse:
    """Missing and forbidden are the same 404."""
    repository = get_object_or_404(Repository.objects.changeable_by(request.user).named(f"{owner}/{name}"))
    release = get_object_or_404(
        Release.objects.select_related("version"), version__repository=repository, pk=release_id
    )
    publication = get_object_or_404(Publication, version=release.version)
    publication.roll_back_to(release)
    messages.success(
        request, f"Build #{release.build_number} of {release.version.slug} is served again until the next one."
    )
    return HttpResponseRedirect(repository.get_absolute_url())
