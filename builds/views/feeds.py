"""Atom feeds of builds that ended: of a repository, and of all repositories of a user. Source: RFC 4287."""

import re
import unicodedata
import uuid
from datetime import datetime
from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.contrib.syndication.views import Feed
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.feedgenerator import Atom1Feed
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import conditional_page, require_POST, require_safe

from builds.models import Build, FeedKey, State
from repositories.lookup import visible_or_404
from repositories.models import Repository

ENTRIES = 50
LABELS = {State.SUCCESS: "Success", State.FAILED: "Failed", State.ERROR: "Could not build"}
# What XML 1.0 cannot carry, not even escaped. Source: XML 1.0, production 2 (Char).
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
UNSEEN = {"Cc", "Cf", "Zl", "Zp"}  # control and bidi characters: a line that shows what isn't there


def one_line(text: str) -> str:
    text = NOT_XML.sub("", text)
    seen = (" " if unicodedata.category(character) in UNSEEN else character for character in text)
    return " ".join("".join(seen).split())


class CleanAtom(Atom1Feed):
    """Django's own, without characters that XML can't carry, and with a time of change also when it is empty."""

    def add_item(self, title: str, link: str, description: str, **kwargs: Any) -> None:  # type: ignore[override]
        kwargs["author_name"] = one_line(kwargs["author_name"]) or "unknown"  # every entry must have one
        super().add_item(one_line(title), link, NOT_XML.sub("\ufffd", description), **kwargs)

    def latest_post_date(self) -> datetime:
        return super().latest_post_date() if self.items else self.feed["since"]


class BuildFeed(Feed):  # type: ignore[type-arg]
    """What both feeds say of a build."""

    feed_type = CleanAtom
    description_template = "builds/feed_entry.html"
    language = "en"

    def item_title(self, build: Build) -> str:
        version = build.version.name or build.version.slug
        commit = f" @ {build.short_commit}" if build.commit else ""
        return f"{LABELS[State(build.state)]}: {build.repository.full_name} #{build.number} ({version}{commit})"

    def item_link(self, build: Build) -> str:
        return build.page_url

    def item_guid(self, build: Build) -> str:
        """The same for ever, wherever Yaydoc moves to and whatever the repository is called."""
        return uuid.uuid5(build.repository.webhook_id, f"builds/{build.number}").urn

    def item_author_name(self, build: Build) -> str:
        return build.author

    def item_pubdate(self, build: Build) -> datetime:
        return build.requested_at

    def item_updateddate(self, build: Build) -> datetime | None:
        return build.finished_at

    def item_categories(self, build: Build) -> list[str]:
        return [build.state]


class RepositoryFeed(BuildFeed):
    """Of one repository, for whoever may see it."""

    def get_object(self, request: HttpRequest, owner: str, name: str) -> Repository:
        return visible_or_404(request.user, owner, name)

    def title(self, repository: Repository) -> str:
        return f"Builds of {repository.full_name}"

    def link(self, repository: Repository) -> str:
        return repository.page_url

    def feed_url(self, repository: Repository) -> str:
        return f"{repository.page_url}builds.atom"

    def feed_guid(self, repository: Repository) -> str:
        return uuid.uuid5(repository.webhook_id, "builds").urn

    def feed_extra_kwargs(self, repository: Repository) -> dict[str, Any]:
        return {"since": repository.registered_at}

    def items(self, repository: Repository) -> list[Build]:
        builds = Build.objects.news().filter(repository=repository).select_related("version")
        newest = list(builds.order_by("-number")[:ENTRIES])
        for build in newest:
            build.repository = build.version.repository = repository  # addresses need its name
        return newest


class UserFeed(BuildFeed):
    """Of all repositories of a user, private ones too, for whoever has its address."""

    def get_object(self, request: HttpRequest, token: str) -> FeedKey:
        key = FeedKey.objects.of_token(token)
        if not key:
            raise Http404("No feed has this address.")
        return key

    def title(self, key: FeedKey) -> str:
        return f"Builds of {key.user.get_username()}'s repositories"

    def link(self, key: FeedKey) -> str:
        return f"{settings.SITE_URL}/"

    def feed_url(self, key: FeedKey) -> str:
        return key.url

    def feed_guid(self, key: FeedKey) -> str:
        return uuid.uuid5(uuid.NAMESPACE_URL, f"{settings.SITE_URL}/feeds/{key.user_id}").urn

    def feed_extra_kwargs(self, key: FeedKey) -> dict[str, Any]:
        return {"since": key.user.date_joined}

    def items(self, key: FeedKey) -> list[Build]:
        builds = Build.objects.news().newest_of(Repository.objects.registered_by(key.user), ENTRIES)
        related = builds.select_related("repository", "version").defer("repository__webhook_secret")
        newest = list(related.order_by("-finished_at", "-pk")[:ENTRIES])
        for build in newest:
            build.version.repository = build.repository
        return newest


@require_safe
@cache_control(no_cache=True)
@conditional_page
def repository_feed(request: HttpRequest, owner: str, name: str) -> HttpResponseBase:
    return RepositoryFeed()(request, owner=owner, name=name)


@require_safe
@cache_control(private=True, no_cache=True)
@conditional_page
def my_feed(request: HttpRequest, token: str) -> HttpResponseBase:
    return UserFeed()(request, token=token)


@login_required
@never_cache
@require_safe
def feed_settings(request: HttpRequest) -> HttpResponse:
    return render(request, "builds/feed_settings.html", {"key": FeedKey.objects.of(cast(User, request.user))})


@login_required
@require_POST
def renew_feed(request: HttpRequest) -> HttpResponse:
    FeedKey.objects.of(cast(User, request.user)).renew()
    messages.success(request, "The address is renewed. The old one shows nothing any more.")
    return redirect("builds:feed-settings")
