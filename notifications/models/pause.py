"""Pause: a time in which one repository's mails are held back, because they were too many."""

from datetime import datetime, timedelta
from typing import ClassVar, Self

from django.db import models
from django.db.models.functions import Now

from repositories.models import Repository

LENGTH = timedelta(hours=1)


class PauseQuerySet(models.QuerySet["Pause"]):
    def open(self) -> Self:
        return self.filter(ended_at=None)

    def over(self) -> Self:
        """Open ones whose time is over, by the database's clock."""
        return self.open().filter(began_at__lte=Now() - LENGTH)


class Pause(models.Model):
    """While it is open, mails about the repository's builds are held; its digest tells of them all."""

    repository = models.ForeignKey(Repository, models.CASCADE, related_name="pauses")
    began_at = models.DateTimeField(db_default=Now(), editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)

    objects: ClassVar[PauseQuerySet] = PauseQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["repository"], condition=models.Q(ended_at=None), name="one_pause_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.repository.full_name}, since {self.began_at:%Y-%m-%d %H:%M} UTC"

    @property
    def ends_at(self) -> datetime:
        """When its digest is due."""
        return self.began_at + LENGTH

    def end(self) -> None:
        """An ended one stays as it is."""
        Pause.objects.open().filter(pk=self.pk).update(ended_at=Now())
        self.refresh_from_db(fields=["ended_at"])
