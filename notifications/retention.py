"""Removes what was settled long ago from the outbox, and disabled addresses that are nobody's any more."""

from datetime import timedelta

from django.db.models.functions import Now

from notifications.mails.recipients import used_among
from notifications.models import DisabledAddress, Outgoing, Pause
from repositories.retention import Rule

KEPT = timedelta(days=90)  # no limit and no thread looks back further than a day
# Of a disabled address that is nobody's: who called our mail spam is not asked again soon if a stranger names it.
ADDRESS_KEPT = timedelta(days=365)
AT_ONCE = 500  # rows in one transaction, so that nobody waits long for it


def sweep() -> None:
    """Called by the clock. Any number of processes may run it at once."""
    for kind in Outgoing.__subclasses__():
        while remove_oldest(kind):
            pass
    Pause.objects.filter(ended_at__lt=Now() - KEPT, mails=None).delete()
    remove_unused_addresses()


def remove_oldest(kind: type[Outgoing]) -> int:
    """How many are gone now. Ids grow with time, so it is enough to look at the first few."""
    oldest = list(kind.objects.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    old = kind.objects.settled().filter(pk__in=oldest, created_at__lt=Now() - KEPT)
    return old.delete()[1].get(kind._meta.label, 0)


def remove_unused_addresses() -> None:
    old, seen = DisabledAddress.objects.untouched_for(ADDRESS_KEPT), 0
    while some := dict(old.filter(pk__gt=seen).order_by("pk").values_list("address", "pk")[:AT_ONCE]):
        unused = some.keys() - used_among(some.keys())
        old.filter(address__in=unused).delete()
        seen = max(some.values())


RULES = [
    Rule(
        "Mails, calls of webhooks, commit statuses",
        lambda: f"{KEPT.days} days",
        lambda: f"{sum(kind.objects.count() for kind in Outgoing.__subclasses__()):,}",
    ),
    Rule(
        "Addresses that mail came back from",
        lambda: f"while an account or a repository has them, and {ADDRESS_KEPT.days} days after the last news",
        lambda: f"{DisabledAddress.objects.count():,}",
    ),
]
