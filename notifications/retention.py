"""Removes what was settled long ago from the outbox."""

from datetime import timedelta

from django.db.models.functions import Now

from notifications.models import Outgoing, Pause
from repositories.retention import Rule

KEPT = timedelta(days=90)  # no limit and no thread looks back further than a day
AT_ONCE = 500  # rows in one transaction, so that nobody waits long for it


def sweep() -> None:
    """Called by the clock. Any number of processes may run it at once."""
    for kind in Outgoing.__subclasses__():
        while remove_oldest(kind):
            pass
    Pause.objects.filter(ended_at__lt=Now() - KEPT, mails=None).delete()


def remove_oldest(kind: type[Outgoing]) -> int:
    """How many are gone now. Ids grow with time, so it is enough to look at the first few."""
    oldest = list(kind.objects.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    old = kind.objects.settled().filter(pk__in=oldest, created_at__lt=Now() - KEPT)
    return old.delete()[1].get(kind._meta.label, 0)


RULES = [
    Rule(
        "Mails, calls of webhooks, commit statuses",
        lambda: f"{KEPT.days} days",
        lambda: f"{sum(kind.objects.count() for kind in Outgoing.__subclasses__()):,}",
    )
]
