"""Automation: what is built of a repository without anybody's asking, and when that is paused."""

from typing import Self

from django.db import models
from django.db.models.functions import Now

from builds.models.build import Build
from repositories.models import BuildStatus, Repository

MOST_FAILURES_IN_A_ROW = 25  # of the default version; then nothing is built before somebody asks


class AutomationQuerySet(models.QuerySet["Automation"]):
    def paused(self) -> Self:
        return self.filter(paused_at__isnull=False)

    def pauses(self, repository: Repository) -> bool:
        """Whether pushes to a repository build nothing at present. One query, by an index."""
        return self.paused().filter(repository=repository).exists()

    def was_paused_by(self, build: Build) -> bool:
        return self.filter(repository_id=build.repository_id, paused_by_number=build.number).exists()


class AutomationManager(models.Manager.from_queryset(AutomationQuerySet)):  # type: ignore[misc]
    def of(self, repository: Repository) -> "Automation":
        """That of one repository; while nothing has changed it, the default, which is not stored."""
        return self.filter(repository=repository).first() or Automation(repository=repository)

    def count(self, build: Build) -> None:
        """Take note of a counted build of the default version; call it inside the transaction that ends it."""
        rows = self.filter(repository_id=build.repository_id)
        if build.status == BuildStatus.SUCCESS:
            rows.filter(failures_in_a_row__gt=0).update(failures_in_a_row=0, paused_at=None, paused_by_number=None)
            return
        self.get_or_create(repository_id=build.repository_id)
        rows.update(failures_in_a_row=models.F("failures_in_a_row") + 1)
        rows.filter(failures_in_a_row__gte=MOST_FAILURES_IN_A_ROW, paused_at=None).update(
            paused_at=Now(), paused_by_number=build.number
        )

    def resume(self, repository: Repository) -> None:
        """Count failures anew."""
        self.filter(repository=repository).update(failures_in_a_row=0, paused_at=None, paused_by_number=None)


class Automation(models.Model):
    """Rows are made when a build fails, or when somebody changes a default."""

    repository = models.OneToOneField(Repository, models.CASCADE, related_name="automation")
    failures_in_a_row = models.PositiveIntegerField(default=0, editable=False)  # of the default version
    paused_at = models.DateTimeField(null=True, editable=False)
    paused_by_number = models.PositiveIntegerField(null=True, editable=False)  # of the build that did it

    objects = AutomationManager()

    class Meta:
        verbose_name_plural = "automation"

    def __str__(self) -> str:
        return f"Automation of {self.repository.full_name}"
