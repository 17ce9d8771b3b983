"""DisabledAddress: where no mail goes any more, whichever repository it would be about."""

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models.functions import Coalesce, Greatest, Lower, Now
from django.utils import timezone


class DisabledAddressQuerySet(models.QuerySet["DisabledAddress"]):
    def disabled(self) -> Self:
        return self.filter(enabled_at=None)

    def untouched_for(self, time: timedelta) -> Self:
        """Those of which no news came for so long: neither that mail came back, nor that it is read."""
        heard = Greatest("at", Coalesce("enabled_at", "at"))
        return self.alias(heard=heard).filter(heard__lt=Now() - time)

    def of(self, address: str) -> Self:
        """The one of this address, in whatever case: one or none."""
        return self.disabled().filter(address=address.lower())


class DisabledAddressManager(models.Manager.from_queryset(DisabledAddressQuerySet)):  # type: ignore[misc]
    def disable(
        self, address: str, kind: "DisabledAddress.Kind", detail: str = "", *, at: datetime | None = None
    ) -> bool:
        """Send nothing to `address` from now on. Of a second reason the newer counts.

        False: what happened `at` (now, unless given) is older news than that somebody reads there.
        """
        # Nothing has happened yet that is to come: no link that is asked for today could be newer than it.
        at = min(at or timezone.now(), timezone.now())
        if self.filter(address=address.lower(), enabled_at__gte=at).exists():
            return False
        values = {"kind": kind, "detail": detail, "at": at, "enabled_at": None}
        self.update_or_create(values, address=address.lower())
        return True

    def enable(self, address: str) -> bool:
        """Whether it was disabled."""
        return bool(self.of(address).update(enabled_at=timezone.now()))


class DisabledAddress(models.Model):
    """An address that mail came back from for good, or whose owner called our mail spam.

    Apart from `Repository.mail_service`, which says whether mail is wanted: this says that it cannot be sent.
    """

    class Kind(models.TextChoices):
        BOUNCED = "bounced"
        COMPLAINT = "complaint", "reported as spam"

    address = models.EmailField(unique=True)  # in lower case
    kind = models.CharField(max_length=10, choices=Kind)
    detail = models.TextField(blank=True)  # what the other side said
    at = models.DateTimeField("since")
    enabled_at = models.DateTimeField("enabled again", null=True)  # what is told of older mails counts no more

    objects = DisabledAddressManager()

    class Meta:
        verbose_name_plural = "disabled addresses"
        ordering = ["-at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(address=Lower("address")), name="disabled_address_is_in_lower_case"
            )
        ]

    def __str__(self) -> str:
        return self.address

    @property
    def obstacle(self) -> str:
        """Why a mail is not sent, as its row says it."""
        return "address bounced" if self.kind == self.Kind.BOUNCED else "spam complaint"
