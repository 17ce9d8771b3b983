"""A repository's page, and the button that builds."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Page, Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from builds.models import UNFINISHED, Automation, Build, Delivery, Trigger, Watch
from builds.views.history import history_of
from builds.views.pull_requests import pull_request_rows
from builds.views.versions import in_order
from pages.downloads import links_of_served
from pages.models import Publication, Release
from repositories.lookup import changeable_or_404, may_change, visible_or_404
from repositories.models import Repository, Version, VersionQuerySet

BUILDS_PER_PAGE = 20
SHOWN = 10  # of versions, pull requests, releases, deliveries: the page stays short where there are hundreds
ALL_PULL_REQUESTS = 200  # when all are asked for: strangers open them, as many as they like (I8)


@dataclass(frozen=True)
class VersionRow:
    version: Version
    is_readable: bool  # its pages are served
    downloads: list[tuple[str, str]]  # labels and URLs


@dataclass(frozen=True)
class ReleaseRow:
    release: Release
    is_served: bool


@require_safe
def repository_page(request: HttpRequest, owner: str, name: str) -> HttpResponse:
    repository = visible_or_404(request.user, owner, name)
    is_changeable = may_change(request.user, repository)
    builds = Build.objects.filter(repository=repository).select_related("version").order_by("-number")
    only = chosen_version(repository, request.GET.get("version", ""))
    if only:
        builds = builds.filter(version=only)
    elif not is_changeable:
        builds = builds.listed()
    page: Page[Build] = Paginator(builds, BUILDS_PER_PAGE).get_page(request.GET.get("page"))
    for build in page:
        build.repository = repository  # saves a query for each address
    return render(
        request,
        "builds/repository.html",
        {
            "repository": repository,
            "may_change": is_changeable,
            "page": page,
            "only": only,
            "filters": f"version={only.slug}&" if only else "",
            "history": history_of(repository),
            "latest": latest_of_versions(page),
            "is_building": any(build.state in UNFINISHED for build in page),
            **versions_shown(request, repository),
            **pull_requests_shown(request, repository),
            "releases": release_rows(repository) if is_changeable else [],
            "deliveries": latest_deliveries(repository) if is_changeable else [],
        },
    )


def versions_shown(request: HttpRequest, repository: Repository) -> dict[str, Any]:
    """What the page says of versions, of their pages and of what can be downloaded."""
    has_all = "versions" in request.GET
    versions = in_order(listed_versions(repository))[: None if has_all else SHOWN + 1]
    rows = version_rows(repository, versions if has_all else versions[:SHOWN])
    return {
        "versions": rows,
        "has_more_versions": len(versions) > SHOWN and not has_all,
        "is_published": any(row.version.is_default and row.is_readable for row in rows),
    }


def version_rows(repository: Repository, versions: list[Version]) -> list[VersionRow]:
    """In one query."""
    publications = Publication.objects.filter(version__in=versions).select_related("release")
    releases = {publication.version_id: publication.release for publication in publications}
    rows = []
    for version in versions:
        release = releases.get(version.pk)
        downloads = links_of_served(repository, version, release) if release else []
        rows.append(VersionRow(version, bool(release) and not repository.is_private, downloads))
    return rows


def pull_requests_shown(request: HttpRequest, repository: Repository) -> dict[str, Any]:
    has_all = "pull-requests" in request.GET
    most = ALL_PULL_REQUESTS if has_all else SHOWN
    rows = pull_request_rows(repository, limit=most + 1)
    return {
        "pull_requests": rows[:most],
        "has_more_pull_requests": len(rows) > most,
        "has_all_pull_requests": has_all,
    }


def chosen_version(repository: Repository, slug: str) -> Version | None:
    """The one whose builds are to be shown; None for all, and for what is none."""
    return repository.versions.branches_and_tags().at(slug) if slug else None


def listed_versions(repository: Repository) -> VersionQuerySet:
    """Those that are built or have pages, for whoever may see the repository."""
    has_pages = Q(publication__isnull=False)
    versions: VersionQuerySet = repository.versions.shown().filter(Q(is_active=True) | has_pages)
    return versions


def latest_of_versions(page: Page[Build]) -> Build | None:
    """The newest build on the first page that says something of a branch or tag."""
    builds = page if page.number == 1 else ()
    return next((build for build in builds if not build.version.is_pull_request), None)


def release_rows(repository: Repository) -> list[ReleaseRow]:
    """Pinned and newest releases of branches and tags, and which of them are served."""
    versions = repository.versions.branches_and_tags()
    releases = Release.objects.filter(version__in=versions).select_related("version")
    shown = releases.order_by("-is_pinned", "-pk")[: 2 * SHOWN]
    served = set(Publication.objects.filter(version__repository=repository).values_list("release_id", flat=True))
    return [ReleaseRow(release, release.pk in served) for release in shown]


def latest_deliveries(repository: Repository) -> list[Delivery]:
    deliveries = list(Delivery.objects.filter(repository=repository).select_related("build")[:SHOWN])
    for delivery in deliveries:
        if delivery.build:
            delivery.build.repository = repository
    return deliveries


@login_required
@require_POST
def build_now(request: HttpRequest, owner: str, name: str) -> HttpResponse:
    """Ask for a build of the newest commit of a version, the default one unless the form names another.

    `clean` in the form asks for one that uses nothing that is kept.
    """
    repository = changeable_or_404(request.user, owner, name)
    if not repository.is_enabled:
        messages.error(request, "Builds of this repository are switched off in its settings.")
        return redirect(repository)
    slug = request.POST.get("version") or Version.LATEST
    version = get_object_or_404(repository.versions.branches_and_tags().active(), slug=slug)
    clean = "clean" in request.POST
    return redirect(Build.objects.request(version, trigger=Trigger.PERSON, clean=clean))


@login_required
@require_POST
def resume(request: HttpRequest, owner: str, name: str) -> HttpResponse:
    """Build the newest commit, and let pushes build again."""
    repository = changeable_or_404(request.user, owner, name)
    if not repository.is_enabled:
        messages.error(request, "Builds of this repository are switched off in its settings.")
        return redirect(repository)
    Automation.objects.resume(repository)
    return redirect(Build.objects.request(repository.default_version, trigger=Trigger.PERSON))


@login_required
@require_POST
def follow_branch(request: HttpRequest, owner: str, name: str) -> HttpResponse:
    """Build what the remote's default branch is now called, as `latest`."""
    repository = changeable_or_404(request.user, owner, name)
    branch = Watch.objects.filter(repository=repository).values_list("moved_to", flat=True).first()
    if not branch:
        messages.error(request, "The default branch is at the remote, as far as Yaydoc knows.")
    elif repository.has_version_of(branch):
        messages.error(request, f"{branch} is built as a version of its own already: remove that one first.")
    else:
        repository.change_default_branch(branch)
        messages.success(request, f"{branch} is built as latest from now on.")
    return redirect(repository)
