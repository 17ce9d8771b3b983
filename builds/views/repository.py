"""A repository's page, and the button that builds."""

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from builds.models import UNFINISHED, Build, Delivery, Trigger
from pages.models import Publication, Release
from repositories.lookup import changeable_or_404, may_change, visible_or_404
from repositories.models import Repository, Version

BUILDS_PER_PAGE = 20
SHOWN = 10  # versions, releases and deliveries; the page stays short for repositories with hundreds of tags


@dataclass(frozen=True)
class ReleaseRow:
    release: Release
    is_served: bool


@require_safe
def repository_page(request: HttpRequest, owner: str, name: str) -> HttpResponse:
    repository = visible_or_404(request.user, owner, name)
    is_changeable = may_change(request.user, repository)
    builds = Build.objects.filter(repository=repository).select_related("version").order_by("-number")
    page: Page[Build] = Paginator(builds, BUILDS_PER_PAGE).get_page(request.GET.get("page"))
    for build in page:
        build.repository = repository  # saves a query for each address
    versions = list(repository.versions.listed()[: None if "versions" in request.GET else SHOWN + 1])
    published = set(Publication.objects.filter(version__in=versions).values_list("version_id", flat=True))
    return render(
        request,
        "builds/repository.html",
        {
            "repository": repository,
            "may_change": is_changeable,
            "page": page,
            "latest": page[0] if page.number == 1 and page.object_list else None,
            "is_building": any(build.state in UNFINISHED for build in page),
            "versions": versions if "versions" in request.GET else versions[:SHOWN],
            "has_more_versions": len(versions) > SHOWN and "versions" not in request.GET,
            "published": published,
            "is_published": any(version.is_default and version.pk in published for version in versions),
            "releases": release_rows(repository) if is_changeable else [],
            "deliveries": latest_deliveries(repository) if is_changeable else [],
        },
    )


def release_rows(repository: Repository) -> list[ReleaseRow]:
    """The newest kept releases, and which of them are served."""
    releases = Release.objects.filter(version__repository=repository).select_related("version")[:SHOWN]
    served = set(Publication.objects.filter(version__repository=repository).values_list("release_id", flat=True))
    return [ReleaseRow(release, release.pk in served) for release in releases]


def latest_deliveries(repository: Repository) -> list[Delivery]:
    deliveries = list(Delivery.objects.filter(repository=repository).select_related("build")[:SHOWN])
    for delivery in deliveries:
        if delivery.build:
            delivery.build.repository = repository
    return deliveries


@login_required
@require_POST
def build_now(request: HttpRequest, owner: str, name: str) -> HttpResponse:
    """Ask for a build of the newest commit of a version, the default one unless the form names another."""
    repository = changeable_or_404(request.user, owner, name)
    if not repository.is_enabled:
        messages.error(request, "Builds of this repository are switched off in its settings.")
        return redirect(repository)
    slug = request.POST.get("version") or Version.LATEST
    version = get_object_or_404(repository.versions.active(), slug=slug)
    return redirect(Build.objects.request(version, trigger=Trigger.PERSON))
