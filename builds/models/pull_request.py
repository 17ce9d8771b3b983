"""PullRequest: what is known of a pull request beside its version, and which commit of it may be built."""

from typing import Any, Self

from django.db import models, transaction

from builds.models.build import Build
from builds.models.states import Trigger
from forges.pushes import PullRequestEvent
from pages.models import Publication
from repositories.models import Repository, Version
from repositories.names import pull_request_slug


class PullRequestQuerySet(models.QuerySet["PullRequest"]):
    def of(self, repository: Repository) -> Self:
        return self.filter(version__repository=repository)

    def open(self) -> Self:
        return self.filter(version__is_active=True)

    def waiting(self) -> Self:
        """For somebody's approval of their newest commit."""
        return self.open().exclude(head_commit=models.F("approved_commit"))

    def waiting_first(self) -> Self:
        is_approved = models.Q(head_commit=models.F("approved_commit"))
        return self.order_by(models.Case(models.When(is_approved, then=1), default=0), "-id")

    def with_latest_build(self) -> Self:
        """Each with `build_number` and `build_state` of its newest build (None: no build), and `is_published`."""
        builds = Build.objects.filter(version=models.OuterRef("version")).order_by("-number")
        return self.annotate(
            build_number=models.Subquery(builds.values("number")[:1]),
            build_state=models.Subquery(builds.values("state")[:1]),
            is_published=models.Exists(Publication.objects.filter(version=models.OuterRef("version"))),
        )


class PullRequestManager(models.Manager.from_queryset(PullRequestQuerySet)):  # type: ignore[misc]
    @transaction.atomic
    def record(self, repository: Repository, event: PullRequestEvent) -> "PullRequest":
        """Store what a delivery says of a pull request, with a version of its own when it is the first one.

        `version_added` is not sent: nothing of it is built before somebody or something approves a commit.
        """
        known, _ = repository.versions.get_or_create(
            kind=Version.Kind.PULL_REQUEST,
            name=str(event.number),
            defaults={"slug": pull_request_slug(event.number)},
        )
        # Before the pull request's row, as who approves or closes it: else each waits for the other.
        version = Version.objects.locked().get(pk=known.pk)
        version.repository = repository  # spares a query
        told: dict[str, Any] = {
            "title": event.title,
            "author": event.author,
            "is_from_fork": event.is_from_fork,
            "head_commit": event.commit,
        }
        pull_request: PullRequest
        pull_request, _ = self.update_or_create(version=version, defaults=told)
        pull_request.version = version
        return pull_request


class PullRequest(models.Model):
    """A pull request of a repository. Its version is active as long as it is open."""

    version = models.OneToOneField(Version, models.CASCADE, related_name="pull_request")
    title = models.CharField(max_length=255, blank=True)
    author = models.CharField(max_length=255, blank=True)  # a name at the forge
    is_from_fork = models.BooleanField("from a fork", default=True)
    is_merged = models.BooleanField("merged", default=False)
    head_commit = models.CharField(max_length=64)  # the newest one that was told of
    approved_commit = models.CharField(max_length=64, blank=True)  # the newest one that may be built

    objects = PullRequestManager()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return str(self.version)

    @property
    def number(self) -> str:
        return self.version.name

    @property
    def short_commit(self) -> str:
        """Of the head."""
        return self.head_commit[:7]

    @property
    def waits_for_approval(self) -> bool:
        return self.version.is_active and self.head_commit != self.approved_commit

    @transaction.atomic
    def approve(self, commit: str, *, trigger: Trigger = Trigger.PUSH) -> Build | None:
        """Let `commit` be built. None: it is not the head (any more), or the pull request is closed.

        One commit, not all that may come: what is approved is what somebody has seen.
        """
        open_ones = Version.objects.filter(pk=self.version_id, is_active=True).locked()
        # Of this table only: through a join, PostgreSQL would take a row that changed while it waited for it, too.
        head = PullRequest.objects.filter(pk=self.pk, head_commit=commit)
        if not commit or not open_ones.first() or not head.update(approved_commit=commit):
            return None
        self.approved_commit = commit
        build: Build = Build.objects.request(
            self.version, trigger=trigger, commit=commit, message=self.title, author=self.author
        )
        return build

    @transaction.atomic
    def close(self, *, is_merged: bool) -> None:
        """End its builds and serve nothing of it any more. What is kept on disk goes with the next sweep."""
        Version.objects.filter(pk=self.version_id).update(is_active=False)
        PullRequest.objects.filter(pk=self.pk).update(is_merged=is_merged)
        Build.objects.cancel_all_of(self.version)
        Publication.objects.withdraw(self.version)

    @transaction.atomic
    def reopen(self) -> None:
        """Take it up again. A build that ended after the closing may have published: that is withdrawn."""
        Publication.objects.withdraw(self.version)
        Version.objects.filter(pk=self.version_id).update(is_active=True)
        self.version.is_active = True
