"""The queue's table does not grow for ever."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from notifications.tasks import deliver_mail
from yaydoc import done_tasks

pytestmark = pytest.mark.django_db


def task(*, enqueued, started=None):
    """A row of the queue; both are days ago. Whether it ended as well does not matter."""
    rows = DBTaskResult.objects.filter(pk=deliver_mail.enqueue(1).id)
    now = timezone.now()
    began = now - timedelta(days=started) if started else None
    rows.update(enqueued_at=now - timedelta(days=enqueued), started_at=began)
    return rows.get().pk


def test_i8_what_was_done_days_ago_is_forgotten_and_what_waits_is_not(monkeypatch):
    monkeypatch.setattr(done_tasks, "AT_ONCE", 2)
    for _ in range(3):
        task(enqueued=3, started=3)
    kept = {task(enqueued=3), task(enqueued=3, started=1), task(enqueued=1, started=1)}

    done_tasks.sweep()

    assert set(DBTaskResult.objects.values_list("pk", flat=True)) == kept


def test_the_clock_sees_to_it():
    assert "yaydoc.done_tasks.sweep" in settings.CLOCK
