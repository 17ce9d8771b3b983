"""Outgoing: what a row of the outbox is, whatever it is sent through, and how it moves (I5)."""

from datetime import datetime, timedelta
from typing import Any, ClassVar, Self, TypeVar

from django.db import models, transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.module_loading import import_string

from builds.liveness import is_alive, worker_name

LEASE = timedelta(minutes=5)  # how long a claim holds; a whole conversation with a slow server takes less
LIFETIME = timedelta(hours=24)  # older news is no news


def end_of_life() -> datetime:
    return timezone.now() + LIFETIME


class OutgoingState(models.TextChoices):
    """Where a row is. What isn't queued, being sent or held stays as it is, unless a person sends it again."""

    QUEUED = "queued"
    SENDING = "sending"
    HELD = "held"  # back during a pause, and told of in its digest
    SENT = "sent"
    SUPPRESSED = "suppressed"  # by a rule of ours: nobody to send it to, or turned off since
    REFUSED = "refused"  # by the other side, for good
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    BOUNCED = "bounced"  # sent, and came back later, or was reported as spam


UNSETTLED = (OutgoingState.QUEUED, OutgoingState.SENDING, OutgoingState.HELD)
MOVING = ["state", "reason", "attempt", "failures", "worker", "expires_at", "sent_at"]  # fields

Row = TypeVar("Row", bound="Outgoing")


class OutgoingQuerySet(models.QuerySet[Row]):
    def queued(self) -> Self:
        return self.filter(state=OutgoingState.QUEUED)

    def sending(self) -> Self:
        return self.filter(state=OutgoingState.SENDING)

    def held(self) -> Self:
        return self.filter(state=OutgoingState.HELD)

    def settled(self) -> Self:
        return self.exclude(state__in=UNSETTLED)

    def due(self) -> Self:
        """Queued ones whose time has come, by the database's clock."""
        waited = models.Q(not_before=None) | models.Q(not_before__lte=Now())
        return self.queued().filter(waited, expires_at__gt=Now())

    def too_old(self) -> Self:
        return self.queued().filter(expires_at__lte=Now())

    def abandoned(self) -> Self:
        """Claimed ones whose lease is over."""
        return self.sending().filter(lease_expires_at__lt=Now())

    def suppress_held(self, reason: str) -> int:
        """Settle those that are held, at once; how many they were."""
        return self.held().update(state=OutgoingState.SUPPRESSED, reason=reason)


class Outgoing(models.Model):
    """Something to tell the outside world: written in one transaction with its cause, sent at least once."""

    #: The task that delivers one, by name because the tasks import the models. Its argument is the row's id.
    TASK: ClassVar[str]

    state = models.CharField(max_length=10, choices=OutgoingState, default=OutgoingState.QUEUED, editable=False)
    reason = models.TextField(blank=True, editable=False)  # why it isn't sent (yet), in plain words
    attempt = models.PositiveSmallIntegerField(default=0, editable=False)  # claims
    failures = models.PositiveSmallIntegerField(default=0, editable=False)  # deliveries that did not succeed
    worker = models.CharField(max_length=255, blank=True, editable=False)  # who claimed it, see worker_name
    lease_expires_at = models.DateTimeField(null=True, editable=False)
    not_before = models.DateTimeField(null=True, editable=False)  # of the next delivery
    woken_at = models.DateTimeField(null=True, editable=False)  # when a worker was last told of it

    created_at = models.DateTimeField(db_default=Now(), editable=False)  # limits are counted by it
    expires_at = models.DateTimeField(default=end_of_life, editable=False)
    sent_at = models.DateTimeField(null=True, editable=False)

    objects: ClassVar[OutgoingQuerySet[Any]] = OutgoingQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        abstract = True
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state="sending") | models.Q(lease_expires_at__isnull=False),
                name="%(class)s_being_sent_has_a_lease",
            ),
        ]
        indexes = [
            models.Index(
                fields=["state", "id"],
                condition=models.Q(state__in=["queued", "sending"]),
                name="%(class)s_unsettled",
            ),
        ]

    @property
    def can_be_cancelled(self) -> bool:
        return self.state in (OutgoingState.QUEUED, OutgoingState.HELD)

    @property
    def can_be_sent_again(self) -> bool:
        return self.state not in UNSETTLED

    # -- moving the state; nothing else writes it

    @classmethod
    def _rows(cls) -> OutgoingQuerySet[Any]:
        return cls.objects.all()

    def wake_worker(self) -> None:
        """Tell the queue. The row is the truth: a lost or doubled wake-up does no harm."""
        import_string(self.TASK).enqueue(self.pk)
        self._rows().filter(pk=self.pk).update(woken_at=Now())

    def wake_on_commit(self) -> None:
        """As `wake_worker`, once it is stored. A queue that is away is no fault of the build's."""
        transaction.on_commit(self.wake_worker, robust=True)

    def claim(self) -> bool:
        """Queued → being sent, by this process. False: somebody else has it, or it is not due."""
        claimed = (
            self._rows()
            .due()
            .filter(pk=self.pk)
            .update(
                state=OutgoingState.SENDING,
                attempt=models.F("attempt") + 1,
                worker=worker_name(),
                lease_expires_at=Now() + LEASE,
            )
        )
        if claimed:
            self.refresh_from_db(fields=MOVING)
        return bool(claimed)

    def is_abandoned(self) -> bool:
        """Whether nobody sends a claimed row any more: its process is gone, or its lease is over."""
        return is_alive(self.worker) is False or self._rows().abandoned().filter(pk=self.pk).exists()

    def mark_sent(self) -> bool:
        return self._settle(OutgoingState.SENT, sent_at=Now(), reason="")

    def mark_bounced(self, reason: str) -> bool:
        """Sent → bounced. What is told of it may come before our own note that it was sent, hence the others."""
        if self.state not in (*UNSETTLED, OutgoingState.SENT):
            return False
        return self._settle(OutgoingState.BOUNCED, reason=reason)

    def suppress(self, reason: str) -> bool:
        return self._settle(OutgoingState.SUPPRESSED, reason=reason)

    def mark_refused(self, reason: str) -> bool:
        return self._settle(OutgoingState.REFUSED, reason=reason, failures=models.F("failures") + 1)

    def expire(self, reason: str) -> bool:
        return self._settle(OutgoingState.EXPIRED, reason=reason)

    def cancel(self) -> bool:
        """False: it is being sent, or settled already."""
        if not self.can_be_cancelled:
            return False
        return self._settle(OutgoingState.CANCELLED, reason="Cancelled by hand.")

    def retry_after(self, wait: timedelta, *, reason: str) -> bool:
        """Being sent → queued, after a delivery that did not succeed."""
        return self._settle(
            OutgoingState.QUEUED, reason=reason, not_before=Now() + wait, failures=models.F("failures") + 1
        )

    def take_back(self, wait: timedelta) -> bool:
        """Being sent → queued: whoever claimed it is gone."""
        reason = "The process that sent it was lost."
        return self._settle(OutgoingState.QUEUED, reason=reason, not_before=Now() + wait if wait else None)

    def send_again(self) -> bool:
        """Queue a settled row once more, as new. False: it is under way, or held back."""
        if not self.can_be_sent_again:
            return False
        queued = self._settle(
            OutgoingState.QUEUED,
            reason="",
            failures=0,
            not_before=None,
            expires_at=end_of_life(),
        )
        if queued:
            self.wake_on_commit()
        return queued

    def _settle(self, state: OutgoingState, **fields: Any) -> bool:
        """Move on from the state and attempt that this object saw last. False: fenced out (I3)."""
        mine = self._rows().filter(pk=self.pk, state=self.state, attempt=self.attempt)
        moved = mine.update(state=state, lease_expires_at=None, worker="", woken_at=None, **fields)
        if moved:
            self.refresh_from_db(fields=MOVING)
        return bool(moved)
