"""Watch: when a repository's remote is looked at, and what the looks found."""

from datetime import datetime, timedelta
from typing import Any, Self

from django.db import models
from django.db.models.functions import Now

from builds.models.build import Build
from repositories.models import Repository

HURRIED = timedelta(minutes=1)  # since the last look, before another is hurried
LEASE = timedelta(minutes=2)  # how long a claim holds; a look takes a minute at most


class WatchQuerySet(models.QuerySet["Watch"]):
    def wanted(self) -> Self:
        """Those of repositories that are built at all."""
        return self.filter(repository__is_enabled=True, repository__automation__paused_at=None)

    def due(self) -> Self:
        """Those to look at now, the longest due first; by the database's clock."""
        return self.wanted().filter(next_look_at__lte=Now()).order_by("next_look_at")

    def make_due(self) -> int:
        """Look at the wanted ones of these next; how many that are."""
        return self.wanted().update(next_look_at=Now())


class WatchManager(models.Manager.from_queryset(WatchQuerySet)):  # type: ignore[misc]
    def claim_next(self) -> "Watch | None":
        """One that is due, for this process alone; None: nothing is due."""
        while watch := self.due().select_related("repository").first():
            if watch.claim():
                claimed: Watch = watch
                return claimed
        return None

    def hurry(self, repository: Repository) -> None:
        """Look now: something was told of whose meaning only the remote knows. Not often, since pushes may be."""
        of_it = self.filter(repository=repository)
        of_it.exclude(looked_at__gt=Now() - HURRIED).update(next_look_at=Now())


class Watch(models.Model):
    """Looking at one repository's remote. Each has one from its registration on."""

    repository = models.OneToOneField(Repository, models.CASCADE, related_name="watch")
    next_look_at = models.DateTimeField(db_default=Now(), db_index=True)
    attempt = models.PositiveIntegerField(default=0)  # claims; each later write names it (I3)
    looked_at = models.DateTimeField(null=True)  # the last look that the remote answered
    failures = models.PositiveIntegerField(default=0)  # looks in a row
    problem = models.TextField(blank=True)  # of the last look, in plain words
    digest = models.CharField(max_length=64, blank=True)  # of all branches and tags that were seen
    # The remote's own default branch, where the repository's is gone there; '' where all is well.
    moved_to = models.CharField(max_length=255, blank=True)
    changed_at = models.DateTimeField(db_default=Now())  # the last look that saw others than the one before
    # The last push that a look found and no delivery had told of.
    missed_at = models.DateTimeField(null=True)
    missed_build = models.ForeignKey(Build, models.SET_NULL, null=True, related_name="+")

    objects = WatchManager()

    class Meta:
        verbose_name_plural = "watches"

    def __str__(self) -> str:
        return f"Watch of {self.repository.full_name}"

    def claim(self) -> bool:
        """Nobody else looks until the lease is over. False: somebody does."""
        # Of this table only: through a join, PostgreSQL would take a row that changed while it waited for it, too.
        mine = Watch.objects.filter(pk=self.pk, attempt=self.attempt, next_look_at__lte=Now())
        claimed = mine.update(attempt=models.F("attempt") + 1, next_look_at=Now() + LEASE)
        self.attempt += claimed
        return bool(claimed)

    def settle(self, *, wait: timedelta, **found: Any) -> bool:
        """Store what a claimed look found. False, with nothing changed: it was given up on (I3)."""
        mine = Watch.objects.filter(pk=self.pk, attempt=self.attempt)
        return bool(mine.update(next_look_at=Now() + wait, **found))

    def misses_deliveries(self, last_delivery: datetime | None) -> bool:
        """Whether a look found a push that was not told of, and none was told of since.

        One that asked not to be built, which its delivery told as well, ended as cancelled.
        """
        if self.missed_at is None or self.missed_build is None or self.missed_build.state == "cancelled":
            return False
        return last_delivery is None or last_delivery < self.missed_at
