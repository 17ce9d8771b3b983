"""The start page: my repositories, or what Yaydoc is."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from builds.models import UNFINISHED, Build
from repositories import notices
from repositories.models import BuildStatus, Repository, RepositoryQuerySet

PAGE_SIZE = 50
SEARCH_FROM = 8  # repositories: fewer are found by looking


@dataclass(frozen=True)
class Row:
    """One repository of the list, with its latest build when it has one."""

    repository: Repository
    build: Build | None


@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    if not request.user.is_authenticated:
        return render(request, "builds/landing.html")
    mine = Repository.objects.registered_by(request.user)
    counts = count_by_status(mine)
    search = request.GET.get("q", "").strip()[:100]
    status = request.GET.get("status", "")
    found = mine.defer("webhook_secret")
    if search:
        found = found.filter(slug__contains=search.lower())
    if status in BuildStatus.values:
        found = found.filter(build_status=status)
    page: Page[Repository] = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    rows = with_latest_builds(page)
    kept = {"q": search, "status": status if status in BuildStatus.values else ""}
    filters = urlencode({name: value for name, value in kept.items() if value})
    return render(
        request,
        "builds/dashboard.html",
        {
            "notices": notices.of_user(request.user),
            "page": page,
            "rows": rows,
            "total": sum(counts.values()),
            "tabs": [(value, label, counts.get(value, 0)) for value, label in reversed(BuildStatus.choices)],
            "has_search": sum(counts.values()) >= SEARCH_FROM,
            "is_building": any(row.build and row.build.state in UNFINISHED for row in rows),
            "filters": f"{filters}&" if filters else "",
            **kept,
        },
    )


def count_by_status(repositories: RepositoryQuerySet) -> dict[str, int]:
    counted = repositories.order_by().values_list("build_status").annotate(Count("pk"))
    return dict(counted)


def with_latest_builds(page: Page[Repository]) -> list[Row]:
    """Two queries, whatever the number of repositories and builds."""
    repositories = list(page)
    builds = {build.repository_id: build for build in Build.objects.latest_of(repositories)}
    for repository in repositories:
        if repository.pk in builds:
            builds[repository.pk].repository = repository  # its address needs the name
    return [Row(repository, builds.get(repository.pk)) for repository in repositories]
