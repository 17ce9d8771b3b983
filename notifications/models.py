"""Mail: one row of the outbox, written in the transaction that stores the result it tells of (I5)."""

from datetime import datetime, timedelta
from typing import Any, Self

from django.db import models, transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.module_loading import import_string

from builds.liveness import is_alive, worker_name
from builds.models import Build
from notifications.rules import Event
from repositories.models import Repository

LEASE = timedelta(minutes=5)  # how long a claim holds; a whole conversation with a slow server takes less
LIFETIME = timedelta(hours=24)  # older news is no news
DELIVER_MAIL = "notifications.tasks.deliver_mail"  # by name: the tasks import this module


def end_of_life() -> datetime:
    return timezone.now() + LIFETIME


class MailState(models.TextChoices):
    """Where a mail is. What isn't queued or being sent stays as it is, unless a person sends it again."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    SUPPRESSED = "suppressed"  # by a rule of ours: nobody to send it to, or turned off since
    REFUSED = "refused"  # by the server, for good
    EXPIRED = "expired"
    CANCELLED = "cancelled"


UNSETTLED = (MailState.QUEUED, MailState.SENDING)
MOVING = ["state", "reason", "attempt", "failures", "worker", "expires_at", "sent_at"]  # fields


class MailQuerySet(models.QuerySet["Mail"]):
    def queued(self) -> Self:
        return self.filter(state=MailState.QUEUED)

    def sending(self) -> Self:
        return self.filter(state=MailState.SENDING)

    def due(self) -> Self:
        """Queued ones whose time has come, by the database's clock."""
        waited = models.Q(not_before=None) | models.Q(not_before__lte=Now())
        return self.queued().filter(waited, expires_at__gt=Now())

    def too_old(self) -> Self:
        return self.queued().filter(expires_at__lte=Now())

    def abandoned(self) -> Self:
        """Claimed ones whose lease is over."""
        return self.sending().filter(lease_expires_at__lt=Now())


class Mail(models.Model):
    """What is told to one recipient of one build; sent at least once, always under the same Message-ID."""

    repository = models.ForeignKey(Repository, models.CASCADE, related_name="mails")
    build = models.ForeignKey(Build, models.CASCADE, related_name="mails")
    event = models.CharField(max_length=20, choices=Event)
    recipient = models.CharField(max_length=254, blank=True)  # empty: nobody to send it to
    subject = models.CharField(max_length=255)
    # What was true when the result was stored, as `notifications.outbox.facts_of` makes it.
    facts = models.JSONField(default=dict, editable=False)

    state = models.CharField(max_length=10, choices=MailState, default=MailState.QUEUED, editable=False)
    reason = models.TextField(blank=True, editable=False)  # why it isn't sent (yet), in plain words
    attempt = models.PositiveSmallIntegerField(default=0, editable=False)  # claims
    failures = models.PositiveSmallIntegerField(default=0, editable=False)  # deliveries that did not succeed
    worker = models.CharField(max_length=255, blank=True, editable=False)  # who claimed it, see worker_name
    lease_expires_at = models.DateTimeField(null=True, editable=False)
    not_before = models.DateTimeField(null=True, editable=False)  # of the next delivery
    woken_at = models.DateTimeField(null=True, editable=False)  # when a worker was last told of it

    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(default=end_of_life, editable=False)
    sent_at = models.DateTimeField(null=True, editable=False)

    objects = MailQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["build", "event", "recipient"], name="mail_is_written_once"),
            models.CheckConstraint(
                condition=~models.Q(state="sending") | models.Q(lease_expires_at__isnull=False),
                name="mail_being_sent_has_a_lease",
            ),
        ]
        indexes = [
            models.Index(
                fields=["state", "id"],
                condition=models.Q(state__in=["queued", "sending"]),
                name="mail_unsettled",
            ),
            models.Index(fields=["repository", "event", "-created_at"], name="mail_of_repository"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} → {self.recipient or 'nobody'}"

    # -- moving the state; nothing else writes it

    def wake_worker(self) -> None:
        """Tell the queue. The row is the truth: a lost or doubled wake-up does no harm."""
        import_string(DELIVER_MAIL).enqueue(self.pk)
        Mail.objects.filter(pk=self.pk).update(woken_at=Now())

    def wake_on_commit(self) -> None:
        """As `wake_worker`, once it is stored. A queue that is away is no fault of the build's."""
        transaction.on_commit(self.wake_worker, robust=True)

    def claim(self) -> bool:
        """Queued → being sent, by this process. False: somebody else has it, or it is not due."""
        claimed = (
            Mail.objects.due()
            .filter(pk=self.pk)
            .update(
                state=MailState.SENDING,
                attempt=models.F("attempt") + 1,
                worker=worker_name(),
                lease_expires_at=Now() + LEASE,
            )
        )
        if claimed:
            self.refresh_from_db(fields=MOVING)
        return bool(claimed)

    def is_abandoned(self) -> bool:
        """Whether nobody sends a claimed mail any more: its process is gone, or its lease is over."""
        return is_alive(self.worker) is False or Mail.objects.abandoned().filter(pk=self.pk).exists()

    def mark_sent(self) -> bool:
        return self._settle(MailState.SENT, sent_at=Now(), reason="")

    def suppress(self, reason: str) -> bool:
        return self._settle(MailState.SUPPRESSED, reason=reason)

    def mark_refused(self, reason: str) -> bool:
        return self._settle(MailState.REFUSED, reason=reason, failures=models.F("failures") + 1)

    def expire(self, reason: str) -> bool:
        return self._settle(MailState.EXPIRED, reason=reason)

    def cancel(self) -> bool:
        """False: it is being sent, or settled already."""
        return self.state == MailState.QUEUED and self._settle(MailState.CANCELLED, reason="Cancelled by hand.")

    def retry_after(self, wait: timedelta, *, reason: str) -> bool:
        """Being sent → queued, after a delivery that did not succeed."""
        return self._settle(
            MailState.QUEUED, reason=reason, not_before=Now() + wait, failures=models.F("failures") + 1
        )

    def take_back(self, wait: timedelta) -> bool:
        """Being sent → queued: whoever claimed it is gone."""
        not_before = Now() + wait if wait else None
        return self._settle(MailState.QUEUED, reason="The process that sent it was lost.", not_before=not_before)

    def send_again(self) -> bool:
        """Queue a settled mail once more, as new. False: it is under way, or has no recipient."""
        if self.state in UNSETTLED or not self.recipient:
            return False
        queued = self._settle(
            MailState.QUEUED,
            reason="",
            failures=0,
            not_before=None,
            expires_at=end_of_life(),
        )
        if queued:
            self.wake_on_commit()
        return queued

    def _settle(self, state: MailState, **fields: Any) -> bool:
        """Move on from the state and attempt that this object saw last. False: fenced out (I3)."""
        mine = Mail.objects.filter(pk=self.pk, state=self.state, attempt=self.attempt)
        moved = mine.update(state=state, lease_expires_at=None, worker="", woken_at=None, **fields)
        if moved:
            self.refresh_from_db(fields=MOVING)
        return bool(moved)
