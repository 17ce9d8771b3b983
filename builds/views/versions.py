"""The tab Versions of a repository's settings: the rule, the versions, and adding one by hand."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from builds import removal
from pages.models import Publication
from repositories.forms import AddVersionForm, VersionRuleForm
from repositories.lookup import changeable_or_404
from repositories.models import Repository, Version
from repositories.version_rules import order

VERSIONS_PER_PAGE = 50
SEARCH_FROM = 10  # versions: fewer are found by looking


@dataclass(frozen=True)
class Row:
    version: Version
    is_published: bool
    is_stable: bool

    @property
    def was_never_there(self) -> bool:
        """Added by hand, and not found at the remote; or it was gone before anything of it was published."""
        return self.version.retired_at is not None and not self.is_published


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def version_settings(request: HttpRequest, owner: str, name: str) -> HttpResponse:
    """The tab; a POST stores the rule."""
    repository = changeable_or_404(request.user, owner, name)
    form = VersionRuleForm(request.POST or None, instance=repository)
    if form.is_valid():
        form.save()
        messages.success(request, "The rule is stored. It counts for what is pushed from now on.")
        return redirect("builds:versions", repository.owner, repository.name)
    return render_versions(request, repository, rule_form=form)


@login_required
@require_POST
def add_version(request: HttpRequest, owner: str, name: str) -> HttpResponse:
    repository = changeable_or_404(request.user, owner, name)
    form = AddVersionForm(request.POST, repository=repository)
    if not form.is_valid():
        return render_versions(request, repository, add_form=form)
    version = form.add()
    messages.success(request, f"{version.title} is a version now. Its first build is on its way.")
    return redirect("builds:versions", repository.owner, repository.name)


@login_required
@require_POST
def change_version(request: HttpRequest, owner: str, name: str, version_id: int) -> HttpResponse:
    """Do what the pressed button says; a word that is none does nothing."""
    repository = changeable_or_404(request.user, owner, name)
    version = get_object_or_404(repository.versions.branches_and_tags().filter(is_default=False), pk=version_id)
    version.repository = repository  # spares a query
    sentence = change(version, request.POST.get("do", ""))
    if sentence:
        messages.success(request, sentence)
    return redirect("builds:versions", repository.owner, repository.name)


def change(version: Version, wish: str) -> str:
    """What was done, in a sentence; "" for nothing."""
    if wish == "switch-on" and version.switch_on():
        return f"{version.title} is built from now on."
    if wish == "switch-off" and version.switch_off():
        return f"{version.title} is built no more. Its pages stay."
    if wish == "hide" and version.hide(True):
        return f"{version.title} is hidden from lists."
    if wish == "show" and version.hide(False):
        return f"{version.title} is in lists again."
    if wish == "remove":
        if removal.remove(version):
            return f"{version.title} is removed."
        return f"The pages of {version.title} are removed. It stays here, switched off, since the rule wants it."
    return ""


def render_versions(
    request: HttpRequest,
    repository: Repository,
    rule_form: VersionRuleForm | None = None,
    add_form: AddVersionForm | None = None,
) -> HttpResponse:
    versions = in_order(repository.versions.branches_and_tags())
    search = request.GET.get("q", "").strip()[:100]
    found = [version for version in versions if search.lower() in version.title.lower()] if search else versions
    page: Page[Version] = Paginator(found, VERSIONS_PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "builds/versions.html",
        {
            "repository": repository,
            "rule_form": rule_form or VersionRuleForm(instance=repository),
            "add_form": add_form or AddVersionForm(repository=repository),
            "page": page,
            "rows": rows(repository, list(page)),
            "total": len(versions),
            "has_search": len(versions) >= SEARCH_FROM,
            "search": search,
            "filters": f"{urlencode({'q': search})}&" if search else "",
        },
    )


def in_order(versions: Iterable[Version]) -> list[Version]:
    """The default version, then those that are built, then the others, each the highest first."""
    highest_first = sorted(versions, key=lambda version: order(version.name), reverse=True)
    return sorted(highest_first, key=lambda version: (not version.is_default, not version.is_active))


def rows(repository: Repository, versions: list[Version]) -> list[Row]:
    published = set(Publication.objects.filter(version__in=versions).values_list("version_id", flat=True))
    stable = repository.stable_version_id
    return [Row(version, version.pk in published, version.pk == stable) for version in versions]
