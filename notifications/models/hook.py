"""Hook: an address that is told of a repository's builds; HookCall: one row of the outbox, for one hook."""

import uuid
from datetime import timedelta
from typing import ClassVar, Self

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from encrypted_fields.fields import EncryptedTextField

from builds.models import Build
from notifications.hooks.events import CallType, Wish, usual_wishes
from notifications.hooks.signing import new_secret
from notifications.models.outgoing import UNSETTLED, Outgoing, OutgoingQuerySet, OutgoingState
from repositories.models import Repository

OLD_SECRET_SIGNS = timedelta(hours=24)  # after it was replaced
FAILING_FOR = timedelta(days=3)  # without a single success, and
FAILING_CALLS = 5  # calls in a row given up: then a hook is turned off
KEPT = 100  # settled calls of each hook


class HookQuerySet(models.QuerySet["Hook"]):
    def wanting(self, repository_id: int, wish: Wish) -> list["Hook"]:
        """Those of a repository that are on and asked for this."""
        # Few hooks for each repository; SQLite can't look into a JSON list by an index, or with `contains`.
        return [hook for hook in self.filter(repository=repository_id, is_active=True) if wish in hook.wishes]

    def with_last_call(self) -> Self:
        """Each with `last_call_at`, the time of the newest call."""
        newest = HookCall.objects.filter(hook=models.OuterRef("pk")).order_by("-pk")
        return self.annotate(last_call_at=models.Subquery(newest.values("created_at")[:1]))

    def turned_off(self) -> Self:
        """By us, not by a person."""
        return self.filter(is_active=False).exclude(turned_off_because="")


class Hook(models.Model):
    """An outgoing webhook of a repository."""

    repository = models.ForeignKey(Repository, models.CASCADE, related_name="hooks")
    url = models.CharField("URL", max_length=500)
    secret = EncryptedTextField(default=new_secret, editable=False)
    old_secret = EncryptedTextField(null=True, editable=False)  # the field stores nothing of an empty text
    old_secret_until = models.DateTimeField(null=True, editable=False)
    wishes = models.JSONField("events", default=usual_wishes)  # list of Wish
    is_active = models.BooleanField("on", default=True)
    turned_off_because = models.TextField(blank=True, editable=False)  # by us; empty: by a person, or on
    failing_since = models.DateTimeField(null=True, editable=False)  # no success since
    created_at = models.DateTimeField(auto_now_add=True)

    objects = HookQuerySet.as_manager()

    class Meta:
        verbose_name = "outgoing webhook"
        ordering = ["id"]

    def __str__(self) -> str:
        return self.url

    def secrets(self) -> list[str]:
        """Those that sign at this time, the current one first."""
        if self.old_secret and self.old_secret_until and self.old_secret_until > timezone.now():
            return [self.secret, self.old_secret]
        return [self.secret]

    def renew_secret(self) -> None:
        """The old one signs along for a while, so that a receiver need not change at the same moment."""
        self.old_secret, self.old_secret_until = self.secret, timezone.now() + OLD_SECRET_SIGNS
        self.secret = new_secret()
        self.save(update_fields=["secret", "old_secret", "old_secret_until"])

    # -- how it fares

    def forget_failures(self) -> list[str]:
        """A person has turned it on or off, or moved it; the fields to store."""
        self.turned_off_because, self.failing_since = "", None
        return ["turned_off_because", "failing_since"]

    def turn_off(self, reason: str) -> None:
        """One that a person has turned off meanwhile stays as it is."""
        Hook.objects.filter(pk=self.pk, is_active=True).update(is_active=False, turned_off_because=reason)

    def note_success(self) -> None:
        """What waits for the receiver to be well again goes at once."""
        if self.failing_since:
            Hook.objects.filter(pk=self.pk).update(failing_since=None)
            self.calls.queued().update(not_before=None, woken_at=None)

    def note_failure(self) -> bool:
        """Whether that was one too many: then it is turned off."""
        if not self.failing_since:
            Hook.objects.filter(pk=self.pk, failing_since=None).update(failing_since=timezone.now())
            return False
        given_up = self.calls.given_up().filter(created_at__gte=self.failing_since)
        if self.failing_since > timezone.now() - FAILING_FOR or given_up.count() < FAILING_CALLS:
            return False
        self.turn_off(f"No call has succeeded for {FAILING_FOR.days} days.")
        return True


class HookCallQuerySet(OutgoingQuerySet["HookCall"]):
    def given_up(self) -> Self:
        return self.filter(state__in=(OutgoingState.EXPIRED, OutgoingState.REFUSED))

    def prune(self, hook_id: int) -> None:
        """Forget what was settled before the newest KEPT calls of a hook."""
        calls = self.filter(hook=hook_id)
        oldest_kept = calls.order_by("-pk").values_list("pk", flat=True)[KEPT - 1 : KEPT].first()
        if oldest_kept:
            calls.filter(pk__lt=oldest_kept).exclude(state__in=UNSETTLED).delete()


class HookCall(Outgoing):
    """What is told to one hook of one event; sent at least once, always under the same id with the same body."""

    TASK = "notifications.tasks.deliver_hook_call"

    hook = models.ForeignKey(Hook, models.CASCADE, related_name="calls")
    build = models.ForeignKey(Build, models.CASCADE, null=True, related_name="hook_calls")  # null: a test
    type = models.CharField(max_length=20, choices=CallType)
    message = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    body = models.TextField(editable=False)  # JSON, byte for byte as it is sent; ASCII only
    status_code = models.PositiveSmallIntegerField(null=True, editable=False)  # of the last attempt's answer
    seconds = models.FloatField(null=True, editable=False)  # that the last attempt took

    objects: ClassVar[HookCallQuerySet] = HookCallQuerySet.as_manager()  # type: ignore[assignment]

    class Meta(Outgoing.Meta):
        verbose_name = "webhook call"
        constraints = [
            *Outgoing.Meta.constraints,
            models.UniqueConstraint(fields=["hook", "build", "type"], name="hook_is_told_once"),
        ]

    def __str__(self) -> str:
        return f"{self.type} → {self.hook}"

    @property
    def message_id(self) -> str:
        """As receivers see it: the same for every attempt, and for what is sent again."""
        return f"msg_{self.message.hex}"

    def wait_along(self) -> bool:
        """Wait as long as an earlier call that failed, instead of trying a receiver that is not well.

        So one that hangs holds up other webhooks once, not once for each call. False: there is nothing to wait
        for; a test, and what was tried before or is sent again by hand, never waits.
        """
        if self.attempt or self.type == CallType.TEST or not self.hook.failing_since:
            return False
        waiting = self.hook.calls.queued().filter(failures__gt=0, not_before__gt=Now())
        next_try = waiting.order_by("not_before").values_list("not_before", flat=True).first()
        if not next_try:
            return False
        mine = HookCall.objects.queued().filter(pk=self.pk, attempt=0)
        return bool(
            mine.update(not_before=next_try, woken_at=None, reason="Waits until the receiver is well again.")
        )

    def note_attempt(self, *, seconds: float, status_code: int | None) -> None:
        self.status_code, self.seconds = status_code, seconds
        HookCall.objects.filter(pk=self.pk).update(status_code=status_code, seconds=seconds)
