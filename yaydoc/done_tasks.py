"""Forgets what the queue in the database has done: each wake-up of a worker is a row of its own (I8)."""

from datetime import timedelta

from django.utils import timezone
from django_tasks_db.models import DBTaskResult

KEPT = timedelta(days=2)  # longer than any task runs; what came of it stands in the rows of builds and mails
AT_ONCE = 500  # rows in one transaction, so that nobody waits long for it


def sweep() -> None:
    """Called by the clock. Any number of processes may run it at once."""
    while remove_some():
        pass


def remove_some() -> int:
    """How many are gone now: those that ended, and those whose worker did. What still waits stays."""
    done = DBTaskResult.objects.filter(started_at__lt=timezone.now() - KEPT)
    some = list(done.values_list("pk", flat=True)[:AT_ONCE])
    return DBTaskResult.objects.filter(pk__in=some).delete()[0]
