"""Sessions that are over are removed, and no other."""

from datetime import timedelta

from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts import retention


def test_only_sessions_that_are_over_go(db, monkeypatch):
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    for number in range(5):
        Session.objects.create(session_key=f"over-{number}", expire_date=timezone.now() - timedelta(minutes=1))
    Session.objects.create(session_key="open", expire_date=timezone.now() + timedelta(minutes=1))

    retention.sweep()

    assert [session.pk for session in Session.objects.all()] == ["open"]
