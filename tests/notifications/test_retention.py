"""What is removed from the outbox, and what that must not change."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import User
from django.db.models import F
from django.db.models.functions import Now

from builds.models import Build
from notifications import outbox, retention
from notifications.mails.headers import thread_id
from notifications.models import DisabledAddress, Mail, Outgoing, OutgoingState, Pause, Preferences

pytestmark = pytest.mark.django_db


def age(days, **fields):
    Mail.objects.update(created_at=Now() - timedelta(days=days), **fields)


def test_settled_mails_are_kept_for_90_days(written_mail):
    age(89.9, state=OutgoingState.SENT)
    retention.sweep()
    assert Mail.objects.count() == 1

    age(90.1)
    retention.sweep()
    assert Mail.objects.count() == 0
    assert Build.objects.count() == 1


@pytest.mark.parametrize("state", [OutgoingState.QUEUED, OutgoingState.SENDING, OutgoingState.HELD])
def test_what_is_not_settled_stays_however_old(written_mail, repository, state):
    pause = Pause.objects.create(repository=repository)
    age(365, state=state, pause=pause, lease_expires_at=Now())
    retention.sweep()
    assert Mail.objects.get().state == state


def test_many_are_removed_in_batches_whatever_stays_among_them(written_mail, repository, monkeypatch):
    monkeypatch.setattr(retention, "AT_ONCE", 4)
    for number in range(10):
        Mail.objects.create(repository=repository, event="test", subject=f"Mail {number}", state="sent")
    age(91)
    assert retention.remove_oldest(Mail) == 3  # the first one is queued still
    retention.sweep()
    assert Mail.objects.get() == written_mail


def test_every_kind_of_row_is_looked_at(monkeypatch):
    looked_at = []
    monkeypatch.setattr(retention, "remove_oldest", lambda kind: looked_at.append(kind))
    retention.sweep()
    assert looked_at == Outgoing.__subclasses__()
    assert Mail in looked_at


def test_ended_pauses_go_when_their_mails_are_gone(written_mail, repository):
    ended = Pause.objects.create(repository=repository, ended_at=Now() - timedelta(days=91))
    age(80, state=OutgoingState.SUPPRESSED, pause=ended)
    Pause.objects.create(repository=repository, began_at=Now() - timedelta(days=91))  # open: the clock stood still
    retention.sweep()
    assert Pause.objects.count() == 2

    age(91)
    retention.sweep()
    assert list(Pause.objects.values_list("ended_at", flat=True)) == [None]


def test_a_thread_holds_together_after_its_first_mail_was_removed(end_build, mails):
    end_build("failed")
    thread = thread_id(mails()[0])
    age(91, state=OutgoingState.SENT)
    end_build("failed")
    retention.sweep()
    end_build("failed")
    assert thread_id(mails()[0]) == thread


def test_our_side_is_told_at_most_once_a_day_after_older_mails_were_removed(end_build, mails):
    end_build("error")
    Mail.objects.update(created_at=F("created_at") - timedelta(hours=23), state=OutgoingState.SENT)
    retention.sweep()
    end_build("error")
    assert [mail.event for mail in mails()] == ["our-side"]


def test_disabled_addresses_are_forgotten_a_year_after_the_last_news_unless_somebody_has_them(
    owner, stranger, repository, monkeypatch
):
    def disable(address, *, days, enabled=None):
        DisabledAddress.objects.disable(address, "bounced")
        since = enabled and Now() - timedelta(days=enabled)
        DisabledAddress.objects.filter(address=address).update(at=Now() - timedelta(days=days), enabled_at=since)

    User.objects.filter(pk=owner.pk).update(email="Olivia@Example.org")
    EmailAddress.objects.create(user=stranger, email="second@example.org")
    Preferences.objects.create(repository=repository, mail_to="ops@example.org")
    for address in ("olivia@example.org", "second@example.org", "ops@example.org"):
        disable(address, days=400)
    disable("gone@example.org", days=366)
    disable("lately@example.org", days=364)
    disable("enabled@example.org", days=400, enabled=364)
    disable("enabled-long-ago@example.org", days=400, enabled=366)
    monkeypatch.setattr(retention, "AT_ONCE", 2)

    retention.sweep()

    kept = {one.address.partition("@")[0] for one in DisabledAddress.objects.all()}
    assert kept == {"olivia", "second", "ops", "lately", "enabled"}


def test_the_clock_calls_it(settings):
    assert settings.CLOCK["notifications.retention.sweep"] == 3600
    assert settings.CLOCK["notifications.mails.pauses.sweep"] <= 60
    assert outbox.WAITS[-1] < retention.KEPT
