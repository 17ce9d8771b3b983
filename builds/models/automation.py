"""Automation: what is built of a repository without anybody's asking, and when that is paused."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models.functions import Now

from repositories.models import BuildStatus, Repository

if TYPE_CHECKING:
    from builds.models.build import Build

MOST_FAILURES_IN_A_ROW = 25  # of the default version; then nothing is built before somebody asks


MINUTE = timedelta(minutes=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Schedule(models.TextChoices):
    """How often the default version is built whatever happens."""

    NEVER = "", "never"
    DAILY = "daily", "every day"
    WEEKLY = "weekly", "every week"

    def next_time(self, repository_id: int, after: datetime) -> datetime | None:
        """The first minute after `after` that is the repository's own; those of all are spread evenly.

        Ids that follow each other get minutes that lie far apart. Source: Knuth, TAOCP 3, 6.4, Fibonacci hashing.
        """
        if self == Schedule.NEVER:
            return None
        period = timedelta(days=1 if self == Schedule.DAILY else 7) // MINUTE
        own_minute = repository_id * 2654435769 % 2**32 * period // 2**32
        passed = (after - EPOCH) // MINUTE
        return EPOCH + (passed + ((own_minute - passed) % period or period)) * MINUTE


class Quiet(models.IntegerChoices):
    """Minutes from the start of one build of a version by a push to the start of the next."""

    NONE = 0, "none"
    SHORT = 5, "5 minutes"
    LONG = 30, "30 minutes"


class AutomationQuerySet(models.QuerySet["Automation"]):
    def paused(self) -> Self:
        return self.filter(paused_at__isnull=False)

    def pauses(self, repository: Repository) -> bool:
        """Whether pushes to a repository build nothing at present. One query, by an index."""
        return self.paused().filter(repository=repository).exists()

    def due(self) -> Self:
        """Those whose scheduled build is to start, the longest due first; by the database's clock."""
        return self.filter(scheduled_for__lte=Now()).order_by("scheduled_for")

    def quiet_time_of(self, repository: Repository) -> timedelta:
        minutes = self.filter(repository=repository).values_list("quiet_minutes", flat=True).first()
        return timedelta(minutes=minutes or 0)

    def was_paused_by(self, build: "Build") -> bool:
        return self.filter(repository_id=build.repository_id, paused_by_number=build.number).exists()


class AutomationManager(models.Manager.from_queryset(AutomationQuerySet)):  # type: ignore[misc]
    def of(self, repository: Repository) -> "Automation":
        """That of one repository; while nothing has changed it, the default, which is not stored."""
        return self.filter(repository=repository).first() or Automation(repository=repository)

    def count(self, build: "Build") -> None:
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
    schedule = models.CharField(max_length=10, choices=Schedule, default=Schedule.NEVER, blank=True)
    scheduled_for = models.DateTimeField(null=True, editable=False)  # the next scheduled build
    quiet_minutes = models.PositiveSmallIntegerField("quiet time", choices=Quiet, default=Quiet.NONE)
    failures_in_a_row = models.PositiveIntegerField(default=0, editable=False)  # of the default version
    paused_at = models.DateTimeField(null=True, editable=False)
    paused_by_number = models.PositiveIntegerField(null=True, editable=False)  # of the build that did it

    objects = AutomationManager()

    class Meta:
        verbose_name_plural = "automation"
        indexes = [
            models.Index(
                fields=["scheduled_for"],
                condition=models.Q(scheduled_for__isnull=False),
                name="automation_scheduled",
            )
        ]

    def __str__(self) -> str:
        return f"Automation of {self.repository.full_name}"

    @property
    def is_paused(self) -> bool:
        return self.paused_at is not None

    def choose(self, schedule: Schedule, quiet: Quiet, *, now: datetime) -> None:
        """Store a person's wishes."""
        Automation.objects.update_or_create(
            repository=self.repository,
            defaults={
                "schedule": schedule,
                "scheduled_for": schedule.next_time(self.repository_id, now),
                "quiet_minutes": quiet,
            },
        )

    def take_turn(self, *, now: datetime) -> bool:
        """Set the next time of the schedule. False: somebody else did, and this turn is theirs."""
        mine = Automation.objects.filter(pk=self.pk, scheduled_for=self.scheduled_for)
        return bool(mine.update(scheduled_for=Schedule(self.schedule).next_time(self.repository_id, now)))
