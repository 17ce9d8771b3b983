"""The breaker: twenty mails an hour, then one that says so, and one digest of all the others."""

import threading
from collections import Counter
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F

from builds.models import Build, State, Trigger
from notifications import outbox
from notifications.mails import messages, pauses, rows, writing
from notifications.mails.recipients import Recipient
from notifications.mails.rules import Event
from notifications.models import DisabledAddress, Mail, OutgoingState, Pause
from notifications.models.outgoing import OutgoingQuerySet
from repositories.models import Repository, Version
from repositories.names import RepositoryName

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
A_SECOND = timedelta(seconds=1)


@pytest.fixture
def few(monkeypatch):
    """Three mails an hour instead of twenty, so that tests are quick."""
    monkeypatch.setattr(pauses, "AT_MOST", 3)


@pytest.fixture
def fail(end_build):
    def fail(times):
        return [end_build("failed", commit=f"{number:040x}") for number in range(times)]

    return fail


@pytest.fixture
def all_pass_time(pass_time):
    """Moves every mail and pause back."""

    def move(time):
        for mail in Mail.objects.all():
            pass_time(mail, time)
        Pause.objects.update(began_at=F("began_at") - time)

    return move


@pytest.fixture
def deliver_all(run_mail_tasks):
    def deliver():
        outbox.sweep()
        run_mail_tasks()

    return deliver


def states(*, event=None):
    chosen = Mail.objects.filter(event=event) if event else Mail.objects.filter(build__isnull=False)
    return dict(Counter(chosen.values_list("state", flat=True)))


def told(smtp):
    return [subject.partition(":")[0] for subject in smtp.subjects]


# -- it begins


def test_of_more_than_twenty_mails_in_an_hour_the_rest_is_held_and_one_says_so(fail, deliver_all, smtp):
    fail(23)
    deliver_all()

    assert Counter(told(smtp)) == {"First build failed": 1, "Still failing": 19, "Paused": 1}
    assert states() == {"sent": 20, "held": 3}
    assert smtp.subjects[20] == "Paused: octo/docs \N{EN DASH} Yaydoc"


def test_what_is_held_says_why_and_until_when(few, fail):
    fail(4)
    pause = Pause.objects.get()
    assert Mail.objects.held().get().reason == (
        f"too many mails in an hour: told in a digest at {pause.ends_at:%H:%M} UTC"
    )
    assert pause.ends_at - pause.began_at == HOUR


def test_twenty_mails_in_more_than_an_hour_are_no_reason(few, fail, all_pass_time):
    fail(3)
    all_pass_time(HOUR + A_SECOND)
    fail(3)
    assert (states(), Pause.objects.count()) == ({"queued": 6}, 0)


def test_mails_that_reach_nobody_are_no_reason(few, fail, owner):
    owner.email = ""
    owner.save()
    fail(5)
    assert (states(), Pause.objects.count()) == ({"suppressed": 5}, 0)


def test_mails_to_an_address_that_refused_them_are_no_reason(few, fail):
    DisabledAddress.objects.disable("olivia@example.org", DisabledAddress.Kind.BOUNCED, "550")
    fail(5)
    DisabledAddress.objects.all().delete()
    fail(1)
    assert (states(), Pause.objects.count()) == ({"suppressed": 5, "queued": 1}, 0)


def test_test_mails_are_no_reason(few, fail, repository, all_pass_time):
    for _ in range(3):
        writing.record_test(repository.pk)
        all_pass_time(timedelta(minutes=2))
    fail(3)
    assert states() == {"queued": 3}


def test_a_test_mail_is_not_held(few, fail, repository):
    fail(4)
    assert writing.record_test(repository.pk).state == OutgoingState.QUEUED


@pytest.fixture
def other(owner):
    """Another repository, whose first build waits."""
    return Repository.objects.register(
        name=RepositoryName.parse("octo/other"),
        clone_url="https://github.com/octo/other.git",
        forge="github",
        registrant=owner,
        default_branch="main",
    )


def test_another_repository_is_mailed_as_ever(few, fail, other, end_build):
    fail(4)
    end_build("failed", build=Build.objects.get(repository=other))
    assert Mail.objects.get(repository=other).state == OutgoingState.QUEUED


def test_a_fault_of_ours_is_held_like_the_others(few, fail, end_build):
    fail(4)
    end_build("error")
    assert states(event=Event.OUR_SIDE) == {"held": 1}


def test_a_held_mail_is_neither_sent_nor_sent_again_and_can_be_cancelled(few, fail, deliver_all, smtp):
    fail(4)
    held = Mail.objects.held().get()
    assert (held.claim(), held.send_again()) == (False, False)
    deliver_all()
    assert held.subject not in smtp.subjects
    assert held.cancel()
    assert states() == {"sent": 3, "cancelled": 1}


@pytest.mark.django_db(transaction=True)
def test_of_builds_that_end_at_once_one_begins_the_pause(few, repository):
    versions = [Version.objects.create(repository=repository, name=f"branch-{n}") for n in range(8)]
    builds = [Build.objects.request(version, trigger=Trigger.PERSON, commit="a" * 40) for version in versions]
    assert all(build.claim() for build in builds)
    together = threading.Barrier(len(builds))

    def end(build):
        together.wait()
        build.finish(State.FAILED, "Because.")
        connection.close()

    threads = [threading.Thread(target=end, args=[build]) for build in builds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert states() == {"queued": 3, "held": 5}
    assert (states(event=Event.PAUSED), Pause.objects.count()) == ({"queued": 1}, 1)


@pytest.mark.parametrize("event", [Event.PAUSED, Event.DIGEST])
def test_the_database_takes_one_mail_of_a_kind_for_each_pause(few, fail, repository, event):
    fail(4)
    pause = Pause.objects.get()
    Mail.objects.filter(build=None).delete()
    facts = {"at_most": 3, "until": pause.ends_at.isoformat(), "held": 1, "since": pause.began_at.isoformat()}
    rows.add(repository, event, Recipient("olivia@example.org"), pause=pause, facts=facts)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.add(repository, event, Recipient("sam@example.org"), pause=pause, facts=facts)


# -- it ends


def test_the_digest_comes_after_an_hour_and_lists_every_build_it_held_back(
    few, fail, all_pass_time, deliver_all, smtp, end_build
):
    builds = fail(5)
    builds.append(end_build("success", commit="f" * 40))
    all_pass_time(HOUR - timedelta(seconds=30))
    pauses.sweep()
    assert states(event=Event.DIGEST) == {}

    all_pass_time(timedelta(seconds=31))
    pauses.sweep()
    deliver_all()

    assert smtp.subjects[-1] == "Digest: octo/docs (3 mails) \N{EN DASH} Yaydoc"
    assert states() == {"sent": 3, "suppressed": 3}
    ended = Pause.objects.get().ended_at
    reasons = set(Mail.objects.filter(state="suppressed").values_list("reason", flat=True))
    assert reasons == {f"told in the digest of {ended:%-d %B, %H:%M} UTC"}
    text = smtp.taken[-1].get_body(("plain",)).get_content()
    html = smtp.taken[-1].get_body(("html",)).get_content()
    for build, words in zip(builds[3:], ["Still failing", "Still failing", "Fixed"], strict=True):
        assert f"#{build.number:<5} {words.lower():<18} main @ {build.commit[:7]}" in text
        assert f'href="{build.page_url}"' in html
    assert f"{builds[0].repository.page_url}builds/<its number>/" in text
    for build in builds[:3]:
        assert build.page_url not in html  # told in a mail of its own
    assert "Success" in text  # how it stands now


def test_after_a_pause_the_next_mails_go_out_again(few, fail, all_pass_time):
    fail(6)
    all_pass_time(HOUR + A_SECOND)
    pauses.sweep()
    Mail.objects.filter(state="suppressed").update(created_at=F("created_at") + HOUR)  # as if held just now
    fail(4)
    assert states() == {"queued": 6, "suppressed": 3, "held": 1}
    assert Pause.objects.count() == 2


def test_what_was_held_and_cancelled_does_not_count_afterwards(few, fail, all_pass_time):
    fail(6)
    assert all(mail.cancel() for mail in Mail.objects.held())
    all_pass_time(HOUR + A_SECOND)
    pauses.sweep()
    Mail.objects.filter(state="cancelled").update(created_at=F("created_at") + HOUR)
    fail(3)
    assert states() == {"queued": 6, "cancelled": 3}


def test_a_pause_that_has_ended_keeps_its_time(few, fail, all_pass_time):
    fail(4)
    pause = Pause.objects.get()
    pause.end()
    Pause.objects.update(ended_at=F("ended_at") - HOUR)
    ended = Pause.objects.get().ended_at
    pause.end()
    assert pause.ended_at == ended


def test_any_number_of_clocks_write_one_digest(few, fail, all_pass_time):
    fail(4)
    all_pass_time(HOUR + A_SECOND)
    over = Pause.objects.get()
    pauses.sweep()
    pauses.sweep()
    assert pauses.end(over) is None
    assert states(event=Event.DIGEST) == {"queued": 1}


@pytest.mark.django_db(transaction=True)
def test_clocks_that_end_a_pause_at_once_write_one_digest(few, fail, all_pass_time):
    fail(5)
    all_pass_time(HOUR + A_SECOND)
    together = threading.Barrier(6)

    def sweep():
        together.wait()
        pauses.sweep()
        connection.close()

    threads = [threading.Thread(target=sweep) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert states(event=Event.DIGEST) == {"queued": 1}
    assert Mail.objects.get(event=Event.DIGEST).facts["held"] == 2


@pytest.mark.parametrize("until", [timedelta(0), HOUR + A_SECOND])
def test_with_mail_turned_off_meanwhile_neither_is_sent(few, fail, all_pass_time, deliver_all, smtp, until):
    fail(3)
    deliver_all()
    fail(2)
    Repository.objects.update(mail_service=False)
    all_pass_time(until)
    deliver_all()
    all_pass_time(HOUR + A_SECOND)
    pauses.sweep()
    Repository.objects.update(mail_service=True)
    pauses.sweep()
    deliver_all()

    assert told(smtp) == ["First build failed", "Still failing", "Still failing"]
    assert states() == {"sent": 3, "suppressed": 2}
    assert states(event=Event.DIGEST) == {}


def test_a_digest_is_not_sent_when_mail_was_turned_off_after_it_was_written(
    few, fail, all_pass_time, deliver_all, smtp
):
    fail(4)
    deliver_all()
    all_pass_time(HOUR + A_SECOND)
    pauses.sweep()
    Repository.objects.update(mail_service=False)
    deliver_all()
    assert "Digest" not in told(smtp)
    assert Mail.objects.get(event=Event.DIGEST).reason == "mail was turned off"


def test_without_anything_held_there_is_no_digest(few, fail, all_pass_time):
    fail(4)
    assert Mail.objects.held().get().cancel()
    all_pass_time(HOUR + A_SECOND)
    pauses.sweep()
    assert states(event=Event.DIGEST) == {}
    assert Pause.objects.get().ended_at


def test_what_was_cancelled_by_hand_is_not_in_the_digest(few, fail, all_pass_time, deliver_all, smtp):
    builds = fail(6)
    assert Mail.objects.get(build=builds[4]).cancel()
    all_pass_time(HOUR + A_SECOND)
    pauses.sweep()
    deliver_all()
    html = smtp.taken[-1].get_body(("html",)).get_content()
    assert [build.page_url in html for build in builds] == [False, False, False, True, False, True]
    assert "2 mails" in smtp.subjects[-1]


@pytest.mark.parametrize(
    ("owner_of", "name"),
    [(Pause, "end"), (OutgoingQuerySet, "suppress_held"), (rows, "add"), (Mail, "wake_on_commit")],
)
def test_a_fault_while_a_pause_ends_neither_loses_nor_doubles_the_digest(
    few, fail, all_pass_time, monkeypatch, caplog, owner_of, name
):
    fail(5)
    all_pass_time(HOUR + A_SECOND)
    real = getattr(owner_of, name)

    def done_and_lost(*arguments, **options):
        real(*arguments, **options)
        raise ConnectionError("the database is gone")

    with monkeypatch.context() as patched:
        patched.setattr(owner_of, name, done_and_lost)
        pauses.sweep()
    assert "cannot be ended" in caplog.text
    assert (states()["held"], states(event=Event.DIGEST)) == (2, {})

    pauses.sweep()
    pauses.sweep()
    assert (states()["suppressed"], states(event=Event.DIGEST)) == (2, {"queued": 1})


def test_one_repositorys_fault_keeps_no_other_waiting(
    few, fail, all_pass_time, monkeypatch, other, end_build, caplog
):
    fail(4)
    end_build("failed", build=Build.objects.get(repository=other))
    for _ in range(3):
        end_build("failed", of=other.default_version)
    all_pass_time(HOUR + A_SECOND)
    real = rows.locked

    def first_is_broken(pk):
        if pk != other.pk:
            raise LookupError("a fault")
        return real(pk)

    monkeypatch.setattr(rows, "locked", first_is_broken)
    pauses.sweep()
    assert [mail.repository for mail in Mail.objects.filter(event=Event.DIGEST)] == [other]


@pytest.mark.parametrize("held", [1, 12])
def test_a_digest_of_any_size_costs_a_fixed_number_of_queries(
    few, fail, all_pass_time, smtp, django_assert_num_queries, held
):
    fail(3 + held)
    all_pass_time(HOUR + A_SECOND)
    with django_assert_num_queries(12):
        pauses.sweep()
    digest = Mail.objects.select_related("repository").get(event=Event.DIGEST)
    with django_assert_num_queries(2):
        assert messages.compose(digest).body.count(" @ ") == held
