"""Asking for builds, and finding them."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import TYPE_CHECKING, Any, Self

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import models, transaction
from django.db.models.functions import Now

from builds.models.automation import Automation
from builds.models.states import COUNTED, UNFINISHED, State, Trigger
from repositories.models import Repository, Version

if TYPE_CHECKING:
    from builds.models.build import Build

MAX_SUPERSEDED_IN_A_ROW = 3
PUSHES = (Trigger.PUSH, Trigger.WATCH)  # by which a newer commit became known
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


class BuildQuerySet(models.QuerySet["Build"]):
    def queued(self) -> Self:
        return self.filter(state=State.QUEUED)

    def running(self) -> Self:
        return self.filter(state=State.RUNNING)

    def unfinished(self) -> Self:
        return self.filter(state__in=UNFINISHED)

    def counted(self) -> Self:
        return self.filter(state__in=COUNTED)

    def news(self) -> Self:
        """Those that ended and are worth telling: not cancelled, of no pull request and of nothing hidden."""
        told = self.filter(state__in=(*COUNTED, State.ERROR)).listed()
        return told.exclude(version__kind=Version.Kind.PULL_REQUEST)

    def listed(self) -> Self:
        """Without those of hidden versions."""
        return self.filter(version__is_hidden=False)

    def superseded_in_a_row(self) -> int:
        """How many of the latest ended builds were each given up for a newer push."""
        ended = self.exclude(state__in=UNFINISHED).order_by("-number")[:MAX_SUPERSEDED_IN_A_ROW]
        return len(list(takewhile(lambda build: build.is_superseded, ended)))

    def supersede_running(self) -> None:
        """Give up the running one for a newer push; not, where that was done too often in a row."""
        if self.superseded_in_a_row() < MAX_SUPERSEDED_IN_A_ROW:
            self.running().update(is_superseded=True, cancel_requested=True)

    def that_answers(self, commit: str) -> "Build | None":
        """The newest one, where it is of this commit, and was neither cancelled nor ended by a fault of ours."""
        newest = self.order_by("-number").first()
        if newest and newest.commit == commit and newest.state in (*UNFINISHED, *COUNTED):
            return newest
        return None

    def point_waiting_at(self, wish: dict[str, Any]) -> "Build | None":
        """The one that waits already, with the fields of this wish; None where none does.

        It stays clean whoever asks, and waits no longer for a quiet time to pass when anybody but a push asks.
        """
        waiting = self.queued().first()
        if waiting is None:
            return None
        told = {**wish, "is_clean": wish["is_clean"] or waiting.is_clean}
        if waiting.trigger != Trigger.WATCH:  # that one would heed a commit that asks not to be built
            del told["trigger"]
        if wish["trigger"] not in PUSHES and waiting.is_held_back:
            told["not_before"] = None
            transaction.on_commit(waiting.wake_worker, robust=True)
        # A worker may claim it at this moment, with the commit that it had: then another build is needed.
        if not self.queued().filter(pk=waiting.pk).update(**told):
            return None
        for name, value in told.items():
            setattr(waiting, name, value)
        return waiting

    def last_start_by_a_push(self) -> datetime:
        """Of the newest one that was not cancelled; long ago where there is none."""
        told = self.filter(trigger__in=PUSHES, started_at__isnull=False).exclude(state=State.CANCELLED)
        newest: datetime | None = told.order_by("-number").values_list("started_at", flat=True).first()
        return newest or LONG_AGO

    def latest_of(self, repositories: Iterable[Repository]) -> Self:
        """The newest build of each of these repositories, by one look-up of an index each.

        `last_build_number` does not name it where that one went with its version.
        """
        builds = self.model.objects.filter(repository=models.OuterRef("pk")).order_by("-number")
        newest = Repository.objects.filter(pk__in=[repository.pk for repository in repositories]).order_by()
        return self.filter(pk__in=newest.values(newest_build=models.Subquery(builds.values("pk")[:1])))

    def newest_of(self, repositories: models.QuerySet[Repository], most: int) -> Self:
        """At most so many of each of these repositories, by a look-up of an index each."""
        return self.filter(
            repository__in=repositories, number__gt=models.F("repository__last_build_number") - most
        )

    def visible_to(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        return self.filter(repository__in=Repository.objects.visible_to(user))

    def past_keeping(self, kept: timedelta) -> Self:
        """Ended longer ago, without pages that are kept, and not the last that counted for their version."""
        ended = self.filter(finished_at__lt=Now() - kept, release=None)
        return ended.exclude(number=models.F("version__status_build_number"))

    def abandoned(self) -> Self:
        """Running ones whose lease is over, by the database's clock."""
        return self.running().filter(lease_expires_at__lt=Now())


class BuildManager(models.Manager.from_queryset(BuildQuerySet)):  # type: ignore[misc]
    @transaction.atomic
    def request(
        self,
        version: Version,
        *,
        trigger: Trigger,
        commit: str = "",
        message: str = "",
        author: str = "",
        clean: bool = False,
    ) -> "Build":
        """The build that will answer this wish: a new one, or the one that waits already.

        An empty `commit` means "the newest when the build starts". While a build of the version waits, it is
        pointed at the newest commit instead of adding another; a push of a commit that is being built, or was
        the last to be built, adds nothing; a push cancels the running build of an older commit. Of a pull request
        the newest commit that was approved is built, never just the newest. `clean` builds use nothing that is
        kept. Where the repository has a quiet time, a push cancels nothing, and waits for it to pass.
        """
        if version.is_pull_request and not commit:
            commit = version.pull_request.approved_commit
        Version.objects.locked().get(pk=version.pk)
        builds = self.filter(version=version)
        by_push = trigger in PUSHES
        wish = {"commit": commit, "message": message, "author": author, "trigger": trigger, "is_clean": clean}
        known: Build | None = builds.that_answers(commit) if by_push and commit else None
        if answer := known or builds.point_waiting_at(wish):
            return answer
        quiet_time = Automation.objects.quiet_time_of(version.repository) if by_push else None
        if by_push and not quiet_time:
            builds.supersede_running()
        build: Build = self.create(
            repository=version.repository,
            version=version,
            number=version.repository.next_build_number(),
            not_before=builds.last_start_by_a_push() + quiet_time if quiet_time else None,
            **wish,
        )
        if not build.is_held_back:  # else the sweeper wakes, as it does for a queue that is away
            transaction.on_commit(build.wake_worker, robust=True)
        return build

    def cancel_all_of(self, version: Version) -> None:
        """End its queued builds, and ask the worker of the running one to end it."""
        for build in self.unfinished().filter(version=version):
            build.cancel()
