"""Removes sessions that are over: Django leaves each that nobody signed out of."""

from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone

from repositories.retention import Rule

AT_ONCE = 500  # rows in one transaction, so that nobody waits long for it


def sweep() -> None:
    """Called by the clock. Any number of processes may run it at once."""
    over = Session.objects.filter(expire_date__lt=timezone.now())
    while some := list(over.values_list("pk", flat=True)[:AT_ONCE]):
        Session.objects.filter(pk__in=some).delete()


RULES = [
    Rule(
        "Sessions", lambda: f"{settings.SESSION_COOKIE_AGE // 86_400} days", lambda: f"{Session.objects.count():,}"
    )
]
