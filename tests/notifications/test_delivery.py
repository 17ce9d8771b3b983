"""The outbox: sent once where possible, again where needed, never lost, never after a day."""

import socket
import subprocess
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.utils import timezone
from django_tasks_db import DatabaseBackend
from django_tasks_db.models import DBTaskResult

from builds.liveness import process_start
from builds.models import Build, State
from notifications import outbox
from notifications.mails import headers, messages, sending, writing
from notifications.mails.delivery import deliver
from notifications.models import Mail, Outgoing, OutgoingState
from notifications.models.outgoing import LEASE
from repositories.models import BuildStatus, Repository

pytestmark = pytest.mark.django_db


def outcome(mail):
    mail.refresh_from_db()
    return mail.state, mail.reason


def lost_process():
    """Names a process of this machine that has ended."""
    process = subprocess.Popen(["sleep", "60"])
    name = f"{socket.gethostname()}:{process.pid}:{process_start(process.pid)}"
    process.kill()
    process.wait()
    return name


# -- the result and its mail


def test_i5_result_and_mail_are_stored_together_or_not_at_all(request_build):
    build = request_build()
    build.claim()

    with transaction.atomic():
        build.finish(State.FAILED, "Because.")
        mails_before_the_commit = Mail.objects.count()
        transaction.set_rollback(True)  # the machine stops before the commit

    build.refresh_from_db()
    assert (mails_before_the_commit, build.state, Mail.objects.count()) == (1, State.RUNNING, 0)


def test_i5_a_mail_is_sent_though_the_process_died_right_after_the_commit(request_build, run_mail_tasks, smtp):
    build = request_build()
    build.claim()
    build.finish(State.FAILED, "Because.")  # nothing of what waits for the commit is ever run

    outbox.sweep()
    run_mail_tasks()

    assert smtp.subjects == ["First build failed: octo/docs (main @ aaaaaaa) \N{EN DASH} Yaydoc #1"]


def a_fault(*arguments, **options):
    raise LookupError("a fault in the outbox")


def a_database_fault(*arguments, **options):
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM no_such_table")


@pytest.mark.parametrize("fault", [a_fault, a_database_fault])
def test_i5_a_fault_in_a_mail_does_not_lose_the_result(request_build, monkeypatch, version, fault):
    monkeypatch.setattr(writing, "facts_of", fault)
    build = request_build()
    build.claim()

    assert build.finish(State.FAILED, "Because.")

    build.refresh_from_db()
    version.refresh_from_db()
    assert (build.state, version.build_status) == (State.FAILED, BuildStatus.FAILED)
    assert Mail.objects.count() == 0


def test_a_queue_that_is_away_neither_fails_the_build_nor_loses_the_mail(
    end_build, monkeypatch, run_mail_tasks, smtp
):
    def away(*arguments):
        raise ConnectionError("no queue")

    with monkeypatch.context() as patched:
        patched.setattr(DatabaseBackend, "enqueue", away)
        end_build("failed")
    assert Build.objects.get().state == State.FAILED

    outbox.sweep()
    run_mail_tasks()
    assert len(smtp.taken) == 1


def test_storing_a_result_costs_a_bounded_number_of_queries(request_build, django_assert_max_num_queries):
    build = request_build()
    build.claim()
    with django_assert_max_num_queries(39) as queries:
        build.finish(State.FAILED, "Because.")
    of_mail = [query for query in queries.captured_queries if "notifications_mail" in query["sql"]]
    assert len(of_mail) == 4  # is it there already, are there too many, where does its thread begin, and write it


# -- sending


def test_a_mail_is_sent_once_however_often_its_task_runs(written_mail, smtp):
    for _ in range(3):
        deliver(written_mail.pk)
    assert outcome(written_mail) == (OutgoingState.SENT, "")
    assert smtp.data_seen == 1
    assert written_mail.sent_at


def test_a_task_for_a_mail_that_is_gone_does_nothing(written_mail, smtp):
    Build.objects.all().delete()
    deliver(written_mail.pk)
    assert smtp.data_seen == 0


def test_a_passing_fault_of_the_server_is_tried_again_under_the_same_message_id(written_mail, smtp, pass_time):
    smtp.script = ["451 try again later", "250 OK"]

    deliver(written_mail.pk)
    assert outcome(written_mail) == (OutgoingState.QUEUED, "The mail server said: 451 try again later")
    deliver(written_mail.pk)
    assert smtp.data_seen == 1  # not before its time

    pass_time(written_mail, timedelta(minutes=1.3))
    deliver(written_mail.pk)
    assert outcome(written_mail) == (OutgoingState.SENT, "")
    assert smtp.taken[0]["Message-ID"] == headers.message_id(written_mail)


def test_a_connection_that_drops_after_the_data_may_repeat_a_mail_with_the_same_message_id(
    written_mail, smtp, pass_time
):
    smtp.script = ["drop"]
    deliver(written_mail.pk)
    state, reason = outcome(written_mail)
    assert (state, reason.partition(":")[0]) == (OutgoingState.QUEUED, "SMTPServerDisconnected")

    pass_time(written_mail, timedelta(minutes=1.3))
    deliver(written_mail.pk)
    assert outcome(written_mail) == (OutgoingState.SENT, "")
    assert (smtp.data_seen, len(smtp.taken)) == (2, 1)
    assert smtp.taken[0]["Message-ID"] == headers.message_id(written_mail)


@pytest.mark.parametrize("reply", ["550 no such user", "553 not allowed", "501 bad address"])
def test_a_recipient_that_is_refused_for_good_is_never_tried_again(written_mail, smtp, pass_time, reply):
    smtp.rcpt_reply = reply
    deliver(written_mail.pk)
    assert outcome(written_mail) == (OutgoingState.REFUSED, f"The mail server said: {reply}")

    smtp.rcpt_reply = "250 OK"
    pass_time(written_mail, timedelta(hours=13))
    outbox.sweep()
    deliver(written_mail.pk)
    assert smtp.taken == []


def test_a_recipient_that_is_refused_for_now_is_tried_again(written_mail, smtp):
    smtp.rcpt_reply = "450 greylisted"
    deliver(written_mail.pk)
    assert outcome(written_mail) == (OutgoingState.QUEUED, "The mail server said: 450 greylisted")


def test_a_message_that_is_refused_for_good_is_never_tried_again(written_mail, smtp):
    smtp.script = ["554 looks like spam"]
    deliver(written_mail.pk)
    assert outcome(written_mail) == (OutgoingState.REFUSED, "The mail server said: 554 looks like spam")


def test_a_server_that_is_away_is_waited_for(written_mail, settings):
    with socket.create_server(("127.0.0.1", 0)) as gone:
        settings.EMAIL_PORT = gone.getsockname()[1]
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    deliver(written_mail.pk)
    assert outcome(written_mail) == (
        OutgoingState.QUEUED,
        "ConnectionRefusedError: [Errno 111] Connection refused",
    )


def test_a_recipient_that_is_no_address_is_refused(written_mail, smtp):
    Mail.objects.update(recipient="olivia@")
    get_user_model().objects.update(email="olivia@")
    deliver(written_mail.pk)
    state, reason = outcome(written_mail)
    assert (state, reason.partition(":")[0]) == (OutgoingState.REFUSED, "ValueError")


@pytest.mark.parametrize("reason", ["another registrant", "another address", "registrant may not sign in"])
def test_a_mail_that_waits_is_not_sent_to_whom_the_repository_was_taken_from(
    written_mail, owner, stranger, smtp, reason
):
    EmailAddress.objects.create(user=owner, email="olivia@example.org", verified=True)
    if reason == "another address":  # than the repository's own, when the mail was written
        Mail.objects.update(recipient="team@example.org")
    elif reason == "another registrant":
        Repository.objects.update(registrant=stranger)
    else:
        get_user_model().objects.update(is_active=False)

    deliver(written_mail.pk)

    assert outcome(written_mail) == (OutgoingState.SUPPRESSED, "mail goes to another address now")
    assert smtp.taken == []


def test_a_mail_that_waits_is_sent_to_an_address_that_is_still_the_registrants(written_mail, owner, smtp):
    get_user_model().objects.update(email="new@example.org")
    EmailAddress.objects.create(user=owner, email="olivia@example.org")

    deliver(written_mail.pk)

    assert outcome(written_mail) == (OutgoingState.SENT, "")


def test_a_fault_of_ours_in_composing_is_tried_again(written_mail, smtp, monkeypatch, caplog):
    with monkeypatch.context() as patched:
        patched.setattr(messages, "compose", a_fault)
        deliver(written_mail.pk)
    assert outcome(written_mail) == (OutgoingState.QUEUED, "A fault of ours: LookupError.")
    assert "a fault in the outbox" in caplog.text


def test_the_waits_grow_and_are_jittered(written_mail, smtp, pass_time):
    smtp.rcpt_reply = "450 not now"
    waits = []
    for _ in range(6):
        deliver(written_mail.pk)
        written_mail.refresh_from_db()
        waits.append((written_mail.not_before - timezone.now()).total_seconds() / 60)
        Mail.objects.update(not_before=None)

    planned = [1, 5, 30, 120, 360, 720]
    assert [
        round(wait / plan) == 1 and 0.79 < wait / plan < 1.21 for wait, plan in zip(waits, planned, strict=True)
    ] == [True] * 6
    assert len({round(wait / plan, 3) for wait, plan in zip(waits, planned, strict=True)}) > 1

    deliver(written_mail.pk)
    assert outcome(written_mail) == (
        OutgoingState.EXPIRED,
        "Given up after 7 deliveries. The mail server said: 450 not now",
    )


def test_a_mail_that_is_older_than_a_day_is_not_sent(written_mail, smtp, pass_time):
    pass_time(written_mail, timedelta(hours=24, seconds=1))
    deliver(written_mail.pk)
    outbox.sweep()
    deliver(written_mail.pk)
    assert outcome(written_mail) == (OutgoingState.EXPIRED, "Not sent within 24 hours.")
    assert smtp.data_seen == 0


def test_mail_that_was_turned_off_meanwhile_is_suppressed(written_mail, smtp):
    Repository.objects.update(mail_service=False)
    deliver(written_mail.pk)
    assert outcome(written_mail) == (OutgoingState.SUPPRESSED, "mail was turned off")
    Repository.objects.update(mail_service=True)
    deliver(written_mail.pk)
    assert smtp.data_seen == 0


def test_sending_happens_outside_of_any_transaction(transactional_db, request_build, monkeypatch):
    seen = []
    build = request_build()
    build.claim()
    build.finish(State.FAILED, "Because.")
    monkeypatch.setattr(sending, "send", lambda message: seen.append(connection.in_atomic_block))
    deliver(Mail.objects.get().pk)
    assert seen == [False]


def test_delivering_costs_a_bounded_number_of_queries(written_mail, smtp, django_assert_num_queries):
    with django_assert_num_queries(9):
        deliver(written_mail.pk)


# -- a mail provider's HTTP interface


# Source: the answer that anymail's Postmark backend documents for ErrorCode 406.
INACTIVE = (
    "You tried to send to recipient(s) that have been marked as inactive.\n"
    "Found inactive addresses: olivia@example.org.\n"
    "Inactive recipients are ones that have generated a hard bounce or a spam complaint."
)


@pytest.mark.parametrize(
    ("status", "code", "text", "state"),
    [
        (422, 406, INACTIVE, OutgoingState.REFUSED),
        (422, 300, "Invalid 'From' address", OutgoingState.REFUSED),
        (429, 429, "Too many requests", OutgoingState.QUEUED),
        (500, 500, "Internal error", OutgoingState.QUEUED),
        (401, 10, "Bad or missing API token", OutgoingState.QUEUED),
    ],
)
def test_a_provider_that_rejects_is_told_from_one_that_is_busy(written_mail, provider, status, code, text, state):
    provider(status, code, text)
    deliver(written_mail.pk)
    assert outcome(written_mail)[0] == state


# -- what was left behind


def test_a_claim_whose_process_is_gone_is_taken_back_at_once(written_mail, run_mail_tasks, smtp):
    DBTaskResult.objects.all().delete()
    written_mail.claim()
    Mail.objects.update(worker=lost_process())

    outbox.sweep()
    run_mail_tasks()

    assert outcome(written_mail) == (OutgoingState.SENT, "")
    assert (written_mail.attempt, len(smtp.taken)) == (2, 1)


def test_a_claim_of_another_machine_is_taken_back_when_its_lease_is_over(written_mail, pass_time):
    written_mail.claim()
    Mail.objects.update(worker="elsewhere:1:1")
    outbox.sweep()
    assert outcome(written_mail)[0] == OutgoingState.SENDING

    pass_time(written_mail, LEASE + timedelta(seconds=1))
    outbox.sweep()
    assert outcome(written_mail) == (OutgoingState.QUEUED, "The process that sent it was lost.")


def test_a_claim_of_a_living_process_is_left_alone(written_mail):
    written_mail.claim()
    outbox.sweep()
    assert outcome(written_mail)[0] == OutgoingState.SENDING


def test_i3_an_attempt_that_was_given_up_on_changes_nothing(written_mail):
    old = Mail.objects.get()
    assert old.claim()
    again = Mail.objects.get()
    assert again.take_back(timedelta(0))
    assert again.claim()

    assert not old.mark_sent()
    assert not old.mark_refused("late")
    assert outcome(again)[0] == OutgoingState.SENDING
    assert again.mark_sent()


def test_only_one_of_two_workers_gets_a_mail(written_mail):
    first, second = Mail.objects.get(), Mail.objects.get()
    assert [first.claim(), second.claim()] == [True, False]


def test_a_mail_that_takes_its_process_along_every_time_is_slowed_down(written_mail):
    for _ in range(outbox.PATIENCE):
        Mail.objects.update(not_before=None)
        mail = Mail.objects.get()
        assert mail.claim()
        Mail.objects.update(worker="elsewhere:1:1", lease_expires_at=timezone.now() - LEASE)
        outbox.sweep()
    written_mail.refresh_from_db()
    assert written_mail.not_before > timezone.now() + timedelta(minutes=29)


def test_a_lost_task_is_enqueued_again_and_a_waiting_one_is_not_doubled(written_mail, pass_time):
    assert DBTaskResult.objects.count() == 1
    outbox.sweep()
    assert DBTaskResult.objects.count() == 1

    DBTaskResult.objects.all().delete()
    pass_time(written_mail, outbox.REMIND_AFTER + timedelta(seconds=1))
    outbox.sweep()
    outbox.sweep()
    assert DBTaskResult.objects.count() == 1


def test_a_mail_that_waits_for_its_next_delivery_is_woken_when_it_is_due(written_mail, smtp, pass_time):
    smtp.script = ["451 not now"]
    deliver(written_mail.pk)
    DBTaskResult.objects.all().delete()
    outbox.sweep()
    assert DBTaskResult.objects.count() == 0

    pass_time(written_mail, timedelta(minutes=1.3))
    outbox.sweep()
    assert DBTaskResult.objects.count() == 1


def test_a_sweep_of_a_settled_outbox_costs_three_queries_for_each_kind(
    written_mail, smtp, django_assert_num_queries
):
    deliver(written_mail.pk)
    with django_assert_num_queries(3 * len(Outgoing.__subclasses__())):
        outbox.sweep()
