"""Build: one run of the pipeline, and the only methods that move its state."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.module_loading import import_string

from builds.liveness import worker_name
from builds.models.requests import BuildManager, BuildQuerySet
from builds.models.states import COUNTED, UNFINISHED, State, Trigger
from builds.signals import build_ended, build_started
from pages.models import Publication, Release
from repositories.models import BuildStatus, Repository, Version

LEASE = timedelta(seconds=60)  # how long a claim holds without a heartbeat
MAX_SETBACKS = 3  # attempts that may fail by a fault of ours
RUN_BUILD = "builds.tasks.run_build"  # by name: the tasks import this module


def storable(text: str) -> str:
    """PostgreSQL refuses NUL in a text, and no database takes half a character, as in a name that is not UTF-8."""
    return text.replace("\0", "\ufffd").encode(errors="replace").decode()


class Build(models.Model):
    """One run of the pipeline over one commit of a version."""

    repository = models.ForeignKey(Repository, models.CASCADE, related_name="builds")
    version = models.ForeignKey(Version, models.CASCADE, related_name="builds")
    number = models.PositiveIntegerField(editable=False)  # counts within the repository; the order of requests
    trigger = models.CharField(max_length=20, choices=Trigger, default=Trigger.PERSON)
    commit = models.CharField(max_length=64, blank=True)  # empty until known
    message = models.TextField(blank=True)  # of the commit
    author = models.CharField(max_length=255, blank=True)  # of the commit

    state = models.CharField(max_length=10, choices=State, default=State.QUEUED, editable=False)
    stage = models.CharField(max_length=20, blank=True, editable=False)  # what runs now, or where it ended
    stages = models.JSONField(default=list, editable=False)  # [{"name", "seconds", "note", "reused"}], in order
    reason = models.TextField(blank=True, editable=False)  # why it did not succeed, in plain words
    hint = models.TextField(blank=True, editable=False)  # what to do about it
    release = models.OneToOneField(
        Release, models.SET_NULL, null=True, blank=True, related_name="build", editable=False
    )

    # What it told and took. None: not known (yet).
    warning_count = models.PositiveIntegerField(null=True, editable=False)
    new_warning_count = models.PositiveIntegerField(null=True, editable=False)  # not in the last success
    peak_memory = models.PositiveBigIntegerField(null=True, editable=False)  # bytes, of its largest command
    pages = models.PositiveIntegerField(null=True, editable=False)  # HTML files of its release
    is_clean = models.BooleanField(default=False, editable=False)  # asked to use nothing that is kept

    attempt = models.PositiveSmallIntegerField(default=0, editable=False)
    setbacks = models.PositiveSmallIntegerField(default=0, editable=False)  # attempts lost by a fault of ours
    worker = models.CharField(max_length=255, blank=True, editable=False)  # who claimed it, see worker_name
    lease_expires_at = models.DateTimeField(null=True, editable=False)
    not_before = models.DateTimeField(null=True, editable=False)  # of the next attempt
    woken_at = models.DateTimeField(null=True, editable=False)  # when a worker was last told of it
    cancel_requested = models.BooleanField(default=False, editable=False)
    is_superseded = models.BooleanField(default=False, editable=False)

    requested_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, editable=False)
    finished_at = models.DateTimeField(null=True, editable=False)
    duration = models.FloatField(null=True, editable=False)  # seconds, of the last attempt, monotonic

    objects = BuildManager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["repository", "number"], name="build_number_is_unique"),
            models.UniqueConstraint(
                fields=["version"], condition=models.Q(state="running"), name="one_running_build_per_version"
            ),
            models.CheckConstraint(
                condition=~models.Q(state="running") | models.Q(lease_expires_at__isnull=False),
                name="running_build_has_a_lease",
            ),
        ]
        indexes = [
            models.Index(
                fields=["state", "id"],
                condition=models.Q(state__in=["queued", "running"]),
                name="build_unfinished",
            ),
            models.Index(fields=["version", "-number"], name="build_of_version"),
        ]

    def __str__(self) -> str:
        return f"{self.repository.full_name} #{self.number}"

    def get_absolute_url(self) -> str:
        return f"/{self.repository.full_name}/builds/{self.number}/"

    @property
    def page_url(self) -> str:
        return f"{settings.SITE_URL}{self.get_absolute_url()}"

    @property
    def log_url(self) -> str:
        return f"{self.page_url}log"

    @property
    def short_commit(self) -> str:
        return self.commit[:7]

    @property
    def is_held_back(self) -> bool:
        """Whether it waits for the repository's quiet time to pass, not for another attempt."""
        is_new = self.state == State.QUEUED and self.attempt == 0
        return is_new and self.not_before is not None and self.not_before > timezone.now()

    @property
    def is_finished(self) -> bool:
        return self.state not in UNFINISHED

    @property
    def is_counted(self) -> bool:
        return self.state in COUNTED

    @property
    def status(self) -> BuildStatus:
        """What a counted build says of its version."""
        return BuildStatus(self.state)

    # -- moving the state; nothing else writes it

    def wake_worker(self) -> None:
        """Tell the queue. The row is the truth: a lost or doubled wake-up does no harm."""
        Build.objects.filter(pk=self.pk).update(woken_at=Now())
        import_string(RUN_BUILD).enqueue(self.pk)

    def claim(self) -> bool:
        """Queued → running, for this process. False: somebody else has it, or another of the version runs."""
        try:
            with transaction.atomic():
                claimed = (
                    Build.objects.queued()
                    .filter(pk=self.pk)
                    .filter(models.Q(not_before=None) | models.Q(not_before__lte=Now()))
                    .update(
                        state=State.RUNNING,
                        attempt=models.F("attempt") + 1,
                        worker=worker_name(),
                        lease_expires_at=Now() + LEASE,
                        started_at=Now(),
                        stage="",
                        stages=[],
                        warning_count=None,
                        new_warning_count=None,
                        peak_memory=None,
                        pages=None,
                    )
                )
                self.refresh_from_db()
                if claimed and self.commit:
                    build_started.send_robust(sender=Build, build=self)
        except IntegrityError:
            return False
        return bool(claimed)

    def _mine(self) -> BuildQuerySet:
        """This build as this object saw it last: empty once anyone moved it on (I3, fencing)."""
        mine: BuildQuerySet = Build.objects.filter(pk=self.pk, state=self.state, attempt=self.attempt)
        return mine

    def renew_lease(self) -> bool:
        """False: this attempt was given up on, and must stop without writing anything."""
        return bool(self._mine().update(lease_expires_at=Now() + LEASE))

    def record(self, **fields: Any) -> bool:
        """Store what the running attempt found out (stage, …). False: fenced out."""
        for name, value in fields.items():
            setattr(self, name, value)
        return bool(self._mine().update(**fields))

    @transaction.atomic
    def learn_commit(self, commit: str, message: str, author: str) -> bool:
        """Store what the running attempt checked out. False: fenced out."""
        is_news = commit != self.commit
        if not self.record(commit=commit, message=message, author=author):
            return False
        if is_news:
            build_started.send_robust(sender=Build, build=self)
        return True

    def requeue(self, *, reason: str, wait: timedelta = timedelta(0), is_setback: bool = True) -> bool:
        """Running → queued, for another attempt after `wait`. False: this attempt was given up on."""
        requeued = self._mine().update(
            state=State.QUEUED,
            lease_expires_at=None,
            worker="",
            reason=reason,
            setbacks=models.F("setbacks") + int(is_setback),
            not_before=Now() + wait if wait else None,
            woken_at=None,
        )
        if requeued:
            self.refresh_from_db()
        return bool(requeued)

    def was_superseded(self) -> bool:
        self.refresh_from_db(fields=["is_superseded"])
        return self.is_superseded

    def cancel(self) -> None:
        """End a queued build; ask the worker of a running one to end it."""
        if self.state == State.QUEUED and self.finish(State.CANCELLED, "Cancelled before it started."):
            return
        Build.objects.running().filter(pk=self.pk).update(cancel_requested=True)

    @transaction.atomic
    def finish(
        self,
        state: State,
        reason: str = "",
        *,
        hint: str = "",
        release: Release | None = None,
        duration: float | None = None,
    ) -> bool:
        """The only way out: the end of the build, its pages, its version's status and what is told of it, at once.

        False, with nothing changed: this attempt was given up on. `duration` is in seconds.
        """
        # Before the build's row, as who asks for a build or retires the version: else each waits for the other.
        Version.objects.filter(pk=self.version_id).locked().first()
        won = self._mine().update(
            state=state,
            reason=storable(reason),
            hint=storable(hint),
            release=release,
            duration=duration,
            finished_at=Now(),
            lease_expires_at=None,
            worker="",
        )
        if not won:
            return False
        self.refresh_from_db()
        if release:
            Publication.objects.publish(release)
        if self.is_counted:
            self.version.record_result(self)
        build_ended.send_robust(sender=Build, build=self)
        transaction.on_commit(self._wake_next)
        return True

    @transaction.atomic
    def retire_version(self) -> None:
        """Its branch or tag was not at the remote; unless a push that made it asked for a build meanwhile."""
        Version.objects.filter(pk=self.version_id).locked().first()
        if not Build.objects.filter(version=self.version_id, number__gt=self.number).exists():
            self.version.retire()

    def _wake_next(self) -> None:
        following: Build | None = Build.objects.queued().filter(version_id=self.version_id).first()
        if following and not following.is_held_back:
            following.wake_worker()
