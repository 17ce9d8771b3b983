"""Calls of outgoing webhooks: signed, retried, given up, and to allowed addresses only."""

import base64
import hashlib
import hmac
import json
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from builds.models import State
from notifications import http_client, outbox
from notifications.hooks import writing
from notifications.hooks.delivery import deliver
from notifications.models import Hook, HookCall, OutgoingState
from notifications.models.hook import FAILING_CALLS, KEPT, OLD_SECRET_SIGNS
from tests.http_server import raw_server
from tests.notifications.test_delivery import lost_process

pytestmark = pytest.mark.django_db


def verified(request, secret, now=None):
    """What a receiver does, written from the specification alone; the body as JSON."""
    key = base64.b64decode(secret.split("_")[1])
    message, timestamp = request.headers["webhook-id"], request.headers["webhook-timestamp"]
    assert abs((now or time.time()) - int(timestamp)) < 300
    digest = hmac.new(key, message.encode() + b"." + timestamp.encode() + b"." + request.body, hashlib.sha256)
    expected = "v1," + base64.b64encode(digest.digest()).decode()
    assert expected in request.headers["webhook-signature"].split(" ")
    return json.loads(request.body)


@pytest.fixture
def call(hook, end_build):
    end_build("failed", reason="conf.py raised NameError.")
    return HookCall.objects.get()


def outcome(call):
    call.refresh_from_db()
    return call.state, call.reason


def test_the_end_of_a_build_reaches_the_receiver_signed(hook, end_build, run_hook_tasks, receiving):
    end_build("success")
    run_hook_tasks()
    [request] = receiving.taken
    assert (request.method, request.path) == ("POST", "/hook")
    assert request.headers["content-type"] == "application/json"
    body = verified(request, hook.secret)
    assert (body["type"], body["data"]["build"]["state"]) == ("build.finished", "success")
    call = HookCall.objects.get()
    assert outcome(call) == (OutgoingState.SENT, "")
    assert call.status_code == 204
    assert 0 < call.seconds < 5


def test_a_call_is_made_once_however_often_its_task_runs(call, receiving):
    for _ in range(3):
        deliver(call.pk)
    assert len(receiving.taken) == 1


def test_a_second_attempt_has_the_same_id_and_body_and_a_signature_of_its_own_time(
    call, hook, receiving, pass_time, monkeypatch
):
    receiving.script = [(500, {}, b"")]
    deliver(call.pk)
    assert outcome(call) == (OutgoingState.QUEUED, "The receiver answered 500.")
    assert call.status_code == 500

    pass_time(call, timedelta(minutes=1.3))
    later = time.time() + 78
    monkeypatch.setattr(time, "time", lambda: later)
    deliver(call.pk)

    first, second = receiving.taken
    assert outcome(call)[0] == OutgoingState.SENT
    assert (first.body, first.headers["webhook-id"]) == (second.body, second.headers["webhook-id"])
    assert int(second.headers["webhook-timestamp"]) - int(first.headers["webhook-timestamp"]) in (77, 78, 79)
    assert verified(second, hook.secret, now=later) == json.loads(first.body)
    assert first.headers["webhook-signature"] != second.headers["webhook-signature"]


@pytest.mark.parametrize("status", [301, 307, 400, 401, 404, 429, 500, 502, 503, 504])
def test_every_answer_but_2xx_is_tried_again(call, receiving, status):
    receiving.script = [(status, {"Location": receiving.url("/elsewhere", "http")}, b"")]
    deliver(call.pk)
    state, reason = outcome(call)
    assert (state, f"answered {status}" in reason, len(receiving.taken)) == (OutgoingState.QUEUED, True, 1)


def test_the_receiver_may_ask_to_be_left_alone_for_longer_but_not_for_ever(call, receiving):
    for asked, hours in (("7200", 2), ("9999999", 12)):
        HookCall.objects.update(not_before=None, failures=0)
        receiving.script = [(503, {"Retry-After": asked}, b"")]
        deliver(call.pk)
        call.refresh_from_db()
        wait = call.not_before - timezone.now()
        assert timedelta(hours=hours, minutes=-1) < wait <= timedelta(hours=hours)


def test_410_turns_the_hook_off_for_good(call, hook, receiving, end_build, run_hook_tasks):
    receiving.script = [(410, {}, b"")]
    deliver(call.pk)
    hook.refresh_from_db()
    assert outcome(call)[0] == OutgoingState.REFUSED
    assert (hook.is_active, hook.turned_off_because) == (
        False,
        "The receiver answered 410 Gone: it wants no more calls.",
    )
    assert list(Hook.objects.turned_off()) == [hook]
    end_build("failed")
    run_hook_tasks()
    assert len(receiving.taken) == 1


def test_what_a_receiver_says_is_not_shown_to_anybody(call, receiving):
    """Else a hook could read what an address that the operator names has to say."""
    receiving.script = [(500, {"X-Secret": "hunter2"}, b"hunter2")]
    deliver(call.pk)
    row = HookCall.objects.filter(pk=call.pk).values().get()
    assert "hunter2" not in str(row)


def test_a_call_to_a_hook_that_was_turned_off_meanwhile_is_not_made(call, receiving):
    Hook.objects.update(is_active=False)
    deliver(call.pk)
    assert outcome(call) == (OutgoingState.SUPPRESSED, "The webhook was turned off.")
    assert receiving.taken == []


def test_a_test_reaches_a_hook_that_is_off(hook, receiving, django_capture_on_commit_callbacks, run_hook_tasks):
    Hook.objects.update(is_active=False)
    with django_capture_on_commit_callbacks(execute=True):
        writing.record_test(hook)
    run_hook_tasks()
    assert verified(receiving.taken[0], hook.secret)["type"] == "hook.test"


# -- where to


def test_an_address_that_became_private_after_saving_is_refused(call, receiving, settings):
    settings.CLONE_HOSTS = ["public"]
    deliver(call.pk)
    assert outcome(call)[0] == OutgoingState.REFUSED
    assert receiving.taken == []


def test_a_name_that_leads_to_a_private_address_is_refused(hook, call, receiving, monkeypatch):
    Hook.objects.update(url="https://hooks.example.org/")
    monkeypatch.setattr(http_client, "look_up", lambda host: ["169.254.169.254"])
    deliver(call.pk)
    assert outcome(call) == (
        OutgoingState.REFUSED,
        "hooks.example.org has an address that is not a public one.",
    )


# -- a secret that is replaced


def test_old_and_new_secret_both_sign_for_a_day(hook, call, receiving, pass_time):
    old = hook.secret
    hook.renew_secret()
    deliver(call.pk)
    verified(receiving.taken[0], old)
    verified(receiving.taken[0], hook.secret)

    Hook.objects.update(old_secret_until=timezone.now() - timedelta(seconds=1))
    call.refresh_from_db()
    call.send_again()
    deliver(call.pk)
    verified(receiving.taken[1], hook.secret)
    assert len(receiving.taken[1].headers["webhook-signature"].split(" ")) == 1
    assert timedelta(hours=24) == OLD_SECRET_SIGNS


def test_secrets_are_encrypted_at_rest(hook):
    old = hook.secret
    hook.renew_secret()
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret, old_secret FROM notifications_hook")
        stored = " ".join(cursor.fetchone())
    assert old not in stored
    assert hook.secret not in stored
    assert "whsec" not in stored


# -- a hook that fails for long


def fail(hook, receiving, *, times=1):
    for _ in range(times):
        call = writing.record_test(hook)
        receiving.script = [(500, {}, b"")]
        deliver(call.pk)
        call.refresh_from_db()
        if call.state == OutgoingState.QUEUED:
            call.expire("Given up.")
    hook.refresh_from_db()


def make_older(hook, days):
    """As if everything of it had happened so many days before."""
    hook.refresh_from_db()
    Hook.objects.update(failing_since=hook.failing_since - timedelta(days=days))
    for call in hook.calls.all():
        HookCall.objects.filter(pk=call.pk).update(created_at=call.created_at - timedelta(days=days))


def test_a_hook_that_fails_for_days_is_turned_off_with_a_reason(hook, receiving):
    fail(hook, receiving)
    Hook.objects.update(failing_since=timezone.now() - timedelta(seconds=5))
    fail(hook, receiving, times=FAILING_CALLS)
    make_older(hook, days=3)
    fail(hook, receiving)
    assert (hook.is_active, hook.turned_off_because) == (False, "No call has succeeded for 3 days.")
    assert HookCall.objects.first().state == OutgoingState.REFUSED


def test_neither_few_failures_nor_a_bad_day_turn_a_hook_off(hook, receiving):
    fail(hook, receiving, times=2)
    make_older(hook, days=30)
    fail(hook, receiving)
    assert hook.is_active  # three calls only, though over a month

    Hook.objects.update(failing_since=timezone.now() - timedelta(days=2))
    fail(hook, receiving, times=FAILING_CALLS * 2)
    assert hook.is_active  # many, but in two days


def test_a_hook_that_a_person_turned_off_is_not_turned_off_by_us_as_well(hook, receiving):
    Hook.objects.update(is_active=False)
    receiving.script = [(410, {}, b"")]
    deliver(writing.record_test(hook).pk)
    hook.refresh_from_db()
    assert (hook.is_active, hook.turned_off_because) == (False, "")


def test_a_success_makes_earlier_failures_forgotten(hook, receiving):
    fail(hook, receiving, times=FAILING_CALLS)
    make_older(hook, days=4)
    deliver(writing.record_test(hook).pk)
    hook.refresh_from_db()
    assert hook.failing_since is None
    fail(hook, receiving)
    assert hook.is_active


# -- a receiver that is not well


def deliver_all(hook):
    for call in hook.calls.order_by("pk"):
        deliver(call.pk)


def test_newer_calls_wait_along_with_one_that_failed_and_go_when_it_gets_through(
    hook, end_build, receiving, pass_time, run_hook_tasks
):
    receiving.script = [(503, {}, b"")]
    for _ in range(3):
        end_build("failed")
    deliver_all(hook)
    assert len(receiving.taken) == 1
    assert [call.failures for call in hook.calls.order_by("pk")] == [1, 0, 0]
    assert len({call.not_before for call in hook.calls.all()}) == 1

    first = hook.calls.order_by("pk").first()
    pass_time(first, timedelta(minutes=1.3))
    deliver(first.pk)
    DBTaskResult.objects.all().delete()
    outbox.sweep()
    run_hook_tasks()
    assert {call.state for call in hook.calls.all()} == {OutgoingState.SENT}
    assert len(receiving.taken) == 4


def test_newer_calls_that_waited_in_vain_wait_again(hook, end_build, receiving, pass_time):
    receiving.script = [(503, {}, b"")] * 2
    end_build("failed")
    end_build("failed")
    deliver_all(hook)
    for call in hook.calls.all():
        pass_time(call, timedelta(minutes=1.3))
    deliver_all(hook)
    assert [call.failures for call in hook.calls.order_by("pk")] == [2, 0]
    assert len(receiving.taken) == 2


def test_a_test_and_what_is_sent_again_by_hand_do_not_wait(hook, end_build, receiving):
    end_build("failed")
    deliver_all(hook)
    sent = hook.calls.get()
    receiving.script = [(503, {}, b"")]
    end_build("failed")
    deliver_all(hook)
    end_build("failed")
    deliver_all(hook)
    assert len(receiving.taken) == 2

    sent.send_again()
    receiving.script = [(503, {}, b"")]
    deliver(sent.pk)
    assert len(receiving.taken) == 3

    deliver(writing.record_test(hook).pk)
    deliver_all(hook)
    assert {call.state for call in hook.calls.all()} == {OutgoingState.SENT}


def test_a_receiver_that_hangs_holds_up_other_webhooks_once_only(hook, settings, monkeypatch, end_build):
    monkeypatch.setattr(http_client, "TIMEOUT", 0.5)
    asked = []

    def hang(connection):
        asked.append(connection)
        time.sleep(3)

    with raw_server(hang) as port:
        settings.CLONE_HOSTS = [f"127.0.0.1:{port}"]
        Hook.objects.update(url=f"http://127.0.0.1:{port}/")
        for _ in range(6):
            end_build("failed")
        deliver_all(hook)
    assert len(asked) == 1


# -- nothing is lost, and nothing kept for ever


def test_i5_a_call_is_made_though_the_process_died_right_after_the_commit(
    hook, request_build, run_hook_tasks, receiving
):
    build = request_build()
    build.claim()
    build.finish(State.FAILED, "Because.")  # nothing of what waits for the commit is ever run
    outbox.sweep()
    run_hook_tasks()
    assert len(receiving.taken) == 1


def test_a_sender_that_is_killed_in_the_middle_loses_no_call(call, run_hook_tasks, receiving):
    DBTaskResult.objects.all().delete()
    call.claim()
    HookCall.objects.update(worker=lost_process())
    outbox.sweep()
    run_hook_tasks()
    assert outcome(call)[0] == OutgoingState.SENT
    assert (call.attempt, len(receiving.taken)) == (2, 1)


def test_a_receiver_that_hangs_holds_up_no_mail(hook, settings, monkeypatch, end_build, run_mail_tasks, smtp):
    """Mails and calls have queues of their own, and each a thread of the worker."""
    monkeypatch.setattr(http_client, "TIMEOUT", 0.5)
    with raw_server(lambda connection: time.sleep(3)) as port:
        settings.CLONE_HOSTS = [f"127.0.0.1:{port}"]
        Hook.objects.update(url=f"http://127.0.0.1:{port}/")
        end_build("failed")
        assert sorted(DBTaskResult.objects.values_list("queue_name", flat=True)) == ["hooks", "mails"]
        run_mail_tasks()
        assert len(smtp.taken) == 1

        call = HookCall.objects.get()
        began = time.monotonic()
        deliver(call.pk)
    assert time.monotonic() - began < 2.5
    assert outcome(call) == (OutgoingState.QUEUED, "127.0.0.1 did not answer in time.")
    assert call.status_code is None
    assert {"mails", "hooks"} <= set(settings.SENDERS) <= set(settings.TASKS["default"]["QUEUES"])


def test_only_the_newest_settled_calls_of_a_hook_are_kept(hook, call, receiving):
    HookCall.objects.bulk_create(
        HookCall(hook=hook, type="hook.test", body="{}", state=OutgoingState.SENT) for _ in range(KEPT + 5)
    )
    waiting = call
    newest = writing.record_test(hook)
    deliver(newest.pk)
    kept = set(hook.calls.values_list("pk", flat=True))
    assert len(kept) == KEPT + 1
    assert {waiting.pk, newest.pk} <= kept


def test_a_call_costs_a_bounded_number_of_queries(call, receiving, django_assert_num_queries):
    with django_assert_num_queries(7):
        deliver(call.pk)
