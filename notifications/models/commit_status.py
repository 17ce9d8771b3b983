"""CommitStatus: one row of the outbox that is shown beside a commit at its forge."""

from typing import ClassVar, Self

from django.db import models

from builds.models import Build
from forges.statuses.status import LONGEST_DESCRIPTION, Verdict
from notifications.models.outgoing import Outgoing, OutgoingQuerySet
from repositories.models import Repository


class CommitStatusQuerySet(OutgoingQuerySet["CommitStatus"]):
    def in_place_of(self, status: "CommitStatus") -> Self:
        """Those that the forge shows in the same place: of the same commit, under the same name."""
        return self.filter(repository=status.repository_id, commit=status.commit, context=status.context)

    def older_than(self, status: "CommitStatus") -> Self:
        return self.in_place_of(status).filter(pk__lt=status.pk)

    def newer_than(self, status: "CommitStatus") -> Self:
        return self.in_place_of(status).filter(pk__gt=status.pk)


class CommitStatus(Outgoing):
    """What is said of one commit. Of those in the same place only the newest is ever sent, one at a time."""

    TASK = "notifications.tasks.post_commit_status"

    repository = models.ForeignKey(Repository, models.CASCADE, related_name="commit_statuses")
    build = models.ForeignKey(Build, models.CASCADE, related_name="commit_statuses")
    commit = models.CharField(max_length=64)  # a build that waits may be pointed at another
    context = models.CharField(max_length=120)  # the name under which the forge shows it
    verdict = models.CharField(max_length=10, choices=Verdict)
    description = models.CharField(max_length=LONGEST_DESCRIPTION)

    objects: ClassVar[CommitStatusQuerySet] = CommitStatusQuerySet.as_manager()  # type: ignore[assignment]

    class Meta(Outgoing.Meta):
        verbose_name_plural = "commit statuses"
        indexes = [
            *Outgoing.Meta.indexes,
            models.Index(fields=["repository", "commit", "context"], name="commit_status_place"),
            models.Index(fields=["repository", "-id"], name="commit_status_of_repository"),
        ]

    def __str__(self) -> str:
        return f"{self.context}: {self.verdict} of {self.commit[:7]}"
