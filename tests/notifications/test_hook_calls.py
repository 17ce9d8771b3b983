"""Which calls an event writes, and what they say."""

import json
from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction
from jsonschema import Draft202012Validator, ValidationError

from builds.models import Build, State, Trigger
from notifications.hooks import payloads, writing
from notifications.hooks.events import CallType, Wish
from notifications.models import Hook, HookCall, OutgoingState
from repositories.models import BuildStatus, Repository, Version
from repositories.names import RepositoryName

pytestmark = pytest.mark.django_db

SCHEMA = json.loads((Path(settings.BASE_DIR) / "docs" / "outgoing-webhooks.schema.json").read_text())
schema = Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER)


def bodies():
    return [json.loads(call.body) for call in HookCall.objects.order_by("pk")]


def told():
    return [(body["type"], body["data"]["build"]["state"]) for body in bodies()]


@pytest.fixture
def curious_hook(hook):
    """Wants to hear everything."""
    Hook.objects.update(wishes=Wish.values)
    hook.refresh_from_db()
    return hook


# -- which


def test_a_hook_is_told_of_every_end_but_cancelled_unless_it_asks_otherwise(hook, end_build, request_build):
    for state in ("success", "failed", "error"):
        end_build(state)
    request_build(commit="b" * 40).cancel()
    assert told() == [("build.finished", state) for state in ("success", "failed", "error")]


def test_a_hook_may_be_told_of_starts_and_of_cancelled_builds(curious_hook, end_build, request_build):
    end_build("success")
    request_build(commit="b" * 40).cancel()
    assert told() == [
        ("build.started", "running"),
        ("build.finished", "success"),
        ("build.finished", "cancelled"),
    ]


@pytest.mark.parametrize("wish", Wish.values)
def test_a_hook_is_told_only_of_what_it_asked_for(hook, end_build, request_build, wish):
    Hook.objects.update(wishes=[wish])
    for state in ("success", "failed", "error"):
        end_build(state)
    request_build(commit="b" * 40).cancel()
    said = {"started" if type == "build.started" else state for type, state in told()}
    assert said == {wish}


def test_a_build_that_is_tried_again_is_told_of_once(curious_hook, end_build, request_build):
    build = request_build()
    build.claim()
    build.requeue(reason="The worker was lost.")
    end_build("success", build=build)
    assert told() == [("build.started", "running"), ("build.finished", "success")]


def test_a_hook_that_is_off_is_told_nothing(hook, end_build):
    Hook.objects.update(is_active=False)
    end_build("failed")
    assert HookCall.objects.count() == 0


def test_each_hook_of_the_repository_is_told_and_no_other(hook, end_build, owner, repository):
    Hook.objects.create(repository=repository, url="https://example.org/second")
    elsewhere = Repository.objects.register(
        name=RepositoryName.parse("octo/other"),
        clone_url="https://github.com/octo/other",
        forge="github",
        registrant=owner,
    )
    Hook.objects.create(repository=elsewhere, url="https://example.org/other")
    end_build("failed")
    assert sorted(HookCall.objects.values_list("hook__url", flat=True)) == sorted(
        [hook.url, "https://example.org/second"]
    )


def test_i5_result_and_call_are_stored_together_or_not_at_all(hook, request_build):
    build = request_build()
    build.claim()
    with transaction.atomic():
        build.finish(State.FAILED, "Because.")
        before_the_commit = HookCall.objects.count()
        transaction.set_rollback(True)
    assert (before_the_commit, HookCall.objects.count()) == (1, 0)


def test_i5_a_fault_in_a_call_loses_neither_the_result_nor_the_mail(hook, end_build, mails, monkeypatch):
    def fault(*arguments):
        raise LookupError("a fault in the payload")

    monkeypatch.setattr(payloads, "build_facts", fault)
    end_build("failed")
    assert (Build.objects.get().state, len(mails()), HookCall.objects.count()) == (State.FAILED, 1, 0)


def test_without_hooks_the_end_of_a_build_costs_one_query_more(request_build, django_assert_max_num_queries):
    build = request_build()
    build.claim()
    with django_assert_max_num_queries(60) as queries:
        build.finish(State.FAILED, "Because.")
    assert len([query for query in queries.captured_queries if "notifications_hook" in query["sql"]]) == 1


# -- what they say


def test_a_finished_build_is_described_in_full(hook, end_build):
    build = end_build(
        "failed",
        reason="conf.py raised NameError.",
        hint="Define it.",
        message="Break it",
        author="Ada <a@example.org>",
    )
    [body] = bodies()
    assert body == {
        "type": "build.finished",
        "timestamp": build.finished_at.isoformat().replace("+00:00", "Z"),
        "schema": 1,
        "data": {
            "repository": {
                "full_name": "octo/docs",
                "is_private": False,
                "url": "http://localhost:8000/octo/docs/",
                "docs_url": "http://docs.localhost:8000/octo/docs/",
                "badge_url": "http://localhost:8000/octo/docs.svg",
            },
            "version": {
                "name": "main",
                "slug": "latest",
                "kind": "branch",
                "is_default": True,
                "docs_url": "http://docs.localhost:8000/octo/docs/latest/",
            },
            "build": {
                "number": 1,
                "state": "failed",
                "trigger": "person",
                "reason": "conf.py raised NameError.",
                "hint": "Define it.",
                "duration": 12.34,
                "requested_at": build.requested_at.isoformat().replace("+00:00", "Z"),
                "started_at": build.started_at.isoformat().replace("+00:00", "Z"),
                "finished_at": build.finished_at.isoformat().replace("+00:00", "Z"),
                "url": "http://localhost:8000/octo/docs/builds/1/",
                "log_url": "http://localhost:8000/octo/docs/builds/1/log",
            },
            "commit": {"id": "a" * 40, "message": "Break it", "author": "Ada <a@example.org>"},
            "status": {"before": "unknown", "after": "failed"},
        },
    }


def test_the_status_is_told_before_and_after(hook, end_build):
    for state in ("success", "failed", "error", "success"):
        end_build(state)
    assert [tuple(body["data"]["status"].values()) for body in bodies()] == [
        ("unknown", "success"),
        ("success", "failed"),
        ("failed", "failed"),  # an error of ours is not counted
        ("failed", "success"),
    ]


def test_a_result_that_comes_late_changes_no_status(hook, overtaken, end_build):
    older, newer = overtaken
    end_build("success", build=newer)
    end_build("failed", build=older)
    assert [tuple(body["data"]["status"].values()) for body in bodies()] == [
        ("unknown", "success"),
        ("success", "success"),
    ]


def test_every_payload_is_of_the_published_schema(curious_hook, end_build, request_build):
    for state in ("success", "failed", "error"):
        end_build(state, message="Grün \u202e\x01 \U0001f4a9" + "x" * 5_000, reason="y" * 5_000)
    request_build(commit="").cancel()
    writing.record_test(curious_hook)
    seen = bodies()
    for body in seen:
        schema.validate(body)
    assert {body["type"] for body in seen} == set(CallType.values)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("type",), "build.unheard"),
        (("schema",), 2),
        (("timestamp",), "2026-11-23 03:40:00+00:00"),
        (("data", "build", "state"), "running"),
        (("data", "build", "number"), "1"),
        (("data", "commit", "id"), "HEAD"),
        (("data", "status", "after"), "error"),
    ],
)
def test_the_schema_refuses_what_is_not_said(hook, end_build, path, value):
    end_build("failed")
    [body] = bodies()
    *way, last = path
    place = body
    for step in way:
        place = place[step]
    place[last] = value
    with pytest.raises(ValidationError):
        schema.validate(body)


@pytest.mark.parametrize(
    ("words", "choices"),
    [
        (SCHEMA["$defs"]["status"]["properties"]["after"]["enum"], BuildStatus.values),
        (SCHEMA["$defs"]["version"]["properties"]["kind"]["enum"], Version.Kind.values),
        (SCHEMA["$defs"]["build"]["properties"]["trigger"]["enum"], Trigger.values),
        (["queued", *SCHEMA["$defs"]["build"]["properties"]["state"]["enum"]], State.values),
    ],
)
def test_the_schema_knows_every_word(words, choices):
    assert sorted(words) == sorted(choices)


def test_a_payload_is_small_whatever_a_commit_says(hook, end_build):
    end_build("failed", message="\U0001f4a9" * 100_000, author="\U0001f4a9" * 255, reason="\u0000" * 100_000)
    assert len(HookCall.objects.get().body) < 64_000


# -- a test


def test_a_test_says_that_it_is_one_and_only_one_is_under_way(hook):
    first = writing.record_test(hook)
    assert writing.record_test(hook) is None
    HookCall.objects.update(state=OutgoingState.SENT)
    second = writing.record_test(hook)
    assert first.message != second.message
    assert json.loads(first.body)["type"] == "hook.test"
