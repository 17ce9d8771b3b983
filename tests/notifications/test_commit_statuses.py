"""Commit statuses: from builds that start and end to a real HTTP server in the forge's place."""

import json
from datetime import timedelta

import pytest
from django_tasks_db.models import DBTaskResult

from builds.models import Build, State
from notifications import outbox
from notifications.models import CommitStatus, OutgoingState
from notifications.statuses.delivery import deliver
from repositories import forge_tokens
from repositories.models import Repository, Version

TOKEN = "t0ken-of-the-forge"
A, B = "a" * 40, "b" * 40
MADE = (201, {}, b"{}")


@pytest.fixture
def forge(repository, receiving):
    """GitHub Enterprise on this machine, which takes every status; the repository lies there, with a token."""
    url = f"http://{receiving.address}/octo/docs.git"
    Repository.objects.filter(pk=repository.pk).update(clone_url=url, forge="github")
    repository.refresh_from_db()
    forge_tokens.store(repository, TOKEN)
    receiving.script = [MADE] * 50
    return receiving


@pytest.fixture
def run_tasks():
    def run():
        for row in DBTaskResult.objects.filter(queue_name="statuses"):
            row.delete()
            row.task.call(*row.args_kwargs["args"], **row.args_kwargs["kwargs"])

    return run


@pytest.fixture
def pending(forge, request_build):
    """The row of a build that has begun."""
    assert request_build(commit=A).claim()
    return CommitStatus.objects.get()


def rows():
    return [(s.commit[0], s.verdict, s.state) for s in CommitStatus.objects.order_by("pk")]


def said(forge):
    return [(request.path[-40:][0], json.loads(request.body)["state"]) for request in forge.taken]


def state_of(status):
    row = CommitStatus.objects.get(pk=status.pk)
    return row.state, row.reason


# -- what is written


@pytest.mark.parametrize(
    ("state", "verdict", "description"),
    [
        (State.SUCCESS, "success", "The documentation was built in 12 s."),
        (State.FAILED, "failure", "conf.py failed."),
        (State.ERROR, "error", "Not the documentation's fault: conf.py failed."),
        (State.CANCELLED, "error", "conf.py failed."),
    ],
)
def test_a_build_is_pending_and_then_what_it_ended_as(forge, end_build, run_tasks, state, verdict, description):
    build = end_build(state, commit=A, reason="conf.py failed.")
    run_tasks()

    last = CommitStatus.objects.latest("pk")
    assert (last.verdict, last.description, last.state) == (verdict, description, "sent")
    assert said(forge) == [("a", verdict)]  # the pending one had not been sent yet: it is not any more
    assert json.loads(forge.taken[0].body)["target_url"] == build.page_url


def test_githubs_request_arrives_byte_for_byte(forge, pending):
    deliver(pending.pk)

    (request,) = forge.taken
    page = "http://localhost:8000/octo/docs/builds/1/"
    assert (request.method, request.path) == ("POST", f"/api/v3/repos/octo/docs/statuses/{A}")
    assert (
        request.body
        == (
            f'{{"state":"pending","target_url":"{page}","description":"The documentation is being built.",'
            '"context":"yaydoc/latest"}'
        ).encode()
    )
    assert {
        name: value for name, value in request.headers.items() if name not in {"accept-encoding", "connection"}
    } == {
        "host": forge.address,
        "content-length": str(len(request.body)),
        "accept": "application/vnd.github+json",
        "authorization": f"Bearer {TOKEN}",
        "x-github-api-version": "2022-11-28",
        "content-type": "application/json",
        "user-agent": "Yaydoc",
    }


def test_giteas_request_arrives_byte_for_byte(forge, pending):
    Repository.objects.update(forge="gitea", clone_url=f"http://{forge.address}/git/octo/docs.git")
    deliver(pending.pk)

    (request,) = forge.taken
    assert (request.method, request.path) == ("POST", f"/git/api/v1/repos/octo/docs/statuses/{A}")
    assert request.headers["authorization"] == f"token {TOKEN}"
    assert request.body.endswith(b'"description":"The documentation is being built.","context":"yaydoc/latest"}')


def test_a_build_of_the_newest_commit_is_pending_once_its_commit_is_known(forge, request_build):
    build = request_build(commit="")
    build.claim()
    assert rows() == []

    build.learn_commit(B, "Say hello", "Olivia")
    assert rows() == [("b", "pending", "queued")]


def test_another_attempt_says_nothing_new(forge, request_build):
    build = request_build(commit=A)
    build.claim()
    build.requeue(reason="The worker was lost.")
    build.claim()

    assert rows() == [("a", "pending", "queued")]


def test_no_pending_stays_when_a_waiting_build_is_pointed_at_another_commit(forge, request_build, pending):
    deliver(pending.pk)
    build = Build.objects.get()
    build.requeue(reason="The worker was stopped.")
    assert request_build(commit=B) == build
    build.refresh_from_db()
    build.claim()

    assert rows() == [("a", "pending", "sent"), ("a", "error", "queued"), ("b", "pending", "queued")]
    assert CommitStatus.objects.get(commit=A, verdict="error").description == "A newer push took its place."


def test_a_build_that_is_cancelled_before_it_began_says_nothing(forge, request_build):
    request_build(commit=A).cancel()

    assert rows() == []


@pytest.mark.parametrize("change", [{"forge_token": None}, {"forge": "git"}])
def test_without_a_token_or_a_forge_nothing_is_written(forge, end_build, change):
    Repository.objects.update(**change)
    end_build("success")

    assert rows() == []


def test_a_pull_requests_name_is_the_same_for_all_and_no_versions(forge, repository, end_build):
    names = {}
    for number in ("1", "2"):
        pull = repository.versions.create(kind=Version.Kind.PULL_REQUEST, name=number, slug=f"pr-{number}")
        names[number] = CommitStatus.objects.filter(build=end_build("success", of=pull))
    branch = repository.versions.create(name="stable")
    end_build("success", of=branch)

    assert {status.context for found in names.values() for status in found} == {"yaydoc"}
    assert CommitStatus.objects.latest("pk").context == "yaydoc/stable"


def test_a_long_reason_is_cut_to_what_github_takes(forge, end_build):
    end_build("failed", reason="x\n" * 200)

    description = CommitStatus.objects.latest("pk").description
    assert (len(description), description[-1]) == (140, "…")


# -- the order


def test_a_pending_that_is_on_its_way_holds_back_the_end(forge, pending):
    assert pending.claim()
    finish()
    end = CommitStatus.objects.latest("pk")
    deliver(end.pk)
    assert (forge.taken, state_of(end)[0]) == ([], "queued")

    pending.mark_sent()
    deliver(end.pk)
    assert said(forge) == [("a", "success")]


def test_a_pending_that_is_tried_again_after_the_end_was_written_is_dropped_and_wakes_the_end(
    forge, pending, pass_time, run_tasks
):
    forge.script.insert(0, (503, {}, b""))
    deliver(pending.pk)
    assert state_of(pending)[0] == "queued"
    assert pending.claim() is False  # it waits
    pass_time(pending, timedelta(hours=1))
    pending.refresh_from_db()
    pending.claim()
    finish()
    pending.take_back(timedelta(0))
    DBTaskResult.objects.all().delete()
    deliver(pending.pk)
    run_tasks()

    assert state_of(pending) == ("suppressed", "A newer one took its place.")
    assert said(forge) == [("a", "pending"), ("a", "success")]


def test_a_pending_that_still_waits_is_settled_with_the_end(forge, pending):
    finish()

    assert rows() == [("a", "pending", "suppressed"), ("a", "success", "queued")]


def finish(state=State.SUCCESS):
    assert Build.objects.get().finish(state, "Because.", duration=1.0)


# -- what the forge answers


@pytest.mark.parametrize(
    ("status", "headers", "body", "state", "words"),
    [
        (500, {}, b"<html>oops</html>", "queued", "GitHub answered 500."),
        (429, {}, b"", "queued", "GitHub answered 429."),
        (403, {"X-RateLimit-Remaining": "0"}, b"{}", "queued", "GitHub answered 403."),
        (403, {}, b'{"message": "You have exceeded a secondary rate limit."}', "queued", "secondary rate limit"),
        (403, {}, b'{"message": "Resource not accessible"}', "refused", "may not write commit statuses"),
        (401, {}, b'{"message": "Bad credentials"}', "refused", "The token is not valid"),
        (404, {}, b'{"message": "Not Found"}', "refused", "does not reach the repository"),
        (404, {}, f'{{"message": "sha {A}"}}'.encode(), "queued", "GitHub answered 404"),
        (422, {}, f'{{"message": "No commit found for SHA: {A}"}}'.encode(), "queued", "No commit found"),
        (422, {}, b'{"message": "Validation Failed"}', "refused", "Validation Failed"),
        (301, {"Location": "/elsewhere"}, b"", "refused", "The repository has moved"),
        (200, {}, b"<html>Welcome</html>", "refused", "GitHub answered 200."),
        (500, {}, b"[" * 5000, "queued", "GitHub answered 500."),
    ],
)
def test_every_answer_leads_to_its_state(forge, pending, status, headers, body, state, words):
    forge.script.insert(0, (status, headers, body))
    deliver(pending.pk)

    assert state_of(pending)[0] == state
    assert words in state_of(pending)[1]
    assert len(forge.taken) == 1


def test_a_forge_that_asks_for_an_hour_is_left_alone_for_an_hour(forge, pending, pass_time):
    forge.script.insert(0, (429, {"Retry-After": "3600"}, b""))
    deliver(pending.pk)

    pass_time(pending, timedelta(minutes=59))
    deliver(pending.pk)
    assert len(forge.taken) == 1
    pass_time(pending, timedelta(minutes=1))
    deliver(pending.pk)
    assert state_of(pending) == ("sent", "")


def test_a_commit_that_never_comes_is_given_up_and_no_reason_for_a_notice(forge, pending, pass_time, as_owner):
    unknown = (422, {}, f'{{"message": "No commit found for SHA: {A}"}}'.encode())
    forge.script = [unknown] * 9
    for _ in range(9):
        deliver(pending.pk)
        pass_time(pending, timedelta(hours=3))

    assert state_of(pending)[0] == "suppressed"
    assert len(forge.taken) == 4
    assert "does not take commit statuses" not in as_owner.get("/octo/docs/").text


def test_a_forge_that_is_not_there_is_asked_again(forge, pending, settings):
    settings.CLONE_HOSTS = ["127.0.0.1:9"]
    Repository.objects.update(clone_url="http://127.0.0.1:9/octo/docs.git")
    deliver(pending.pk)

    assert state_of(pending)[0] == "queued"
    assert "could not be asked" in state_of(pending)[1]


def test_a_private_address_that_nobody_allowed_is_never_asked(forge, pending, settings):
    settings.CLONE_HOSTS = ["public"]
    deliver(pending.pk)

    assert (state_of(pending)[0], forge.taken) == ("refused", [])


def test_a_token_that_was_removed_ends_it(forge, pending, repository):
    forge_tokens.store(repository, None)
    deliver(pending.pk)

    assert state_of(pending) == ("suppressed", "The repository has no token any more.")
    assert forge.taken == []


def test_a_sender_that_was_lost_loses_no_status(forge, pending, run_tasks):
    pending.claim()
    CommitStatus.objects.update(worker="elsewhere:1:1", lease_expires_at="2001-01-01T00:00Z")
    outbox.sweep()
    run_tasks()

    assert state_of(pending)[0] == OutgoingState.SENT


# -- the token and the page

PAGE = "/octo/docs/settings/integrations/"


def test_what_a_forge_echoes_does_not_tell_the_token(forge, pending, as_owner, as_staff, caplog):
    forge.script.insert(0, (401, {}, json.dumps({"message": f"Bad token {TOKEN}"}).encode()))
    deliver(pending.pk)

    assert "Bad token [secret]" in state_of(pending)[1]
    pages = [as_owner.get(PAGE), as_owner.get("/octo/docs/")]
    pages.append(as_staff.get(f"/admin/notifications/commitstatus/{pending.pk}/change/"))
    pages.append(as_staff.get("/admin/notifications/commitstatus/"))
    assert [page.status_code for page in pages] == [200] * 4
    assert not any(TOKEN in page.text for page in pages)
    assert TOKEN not in caplog.text


def test_the_owner_sees_a_refusal_until_another_token_is_stored_and_it_is_sent_again(
    forge, pending, as_owner, run_tasks, django_capture_on_commit_callbacks
):
    forge.script.insert(0, (401, {}, b'{"message": "Bad credentials"}'))
    deliver(pending.pk)
    assert "GitHub does not take commit statuses. The token is not valid" in as_owner.get("/octo/docs/").text

    with django_capture_on_commit_callbacks(execute=True):
        assert as_owner.post(f"{PAGE}token/", {"token": "an0ther"}).status_code == 302
    run_tasks()

    assert forge.taken[-1].headers["authorization"] == "Bearer an0ther"
    assert state_of(pending)[0] == "sent"
    assert "does not take commit statuses" not in as_owner.get("/octo/docs/").text


def test_the_page_says_what_a_token_needs_and_never_what_it_is(forge, as_owner):
    page = as_owner.get(PAGE).text

    assert "Commit statuses: read and write" in page
    assert "/settings/personal-access-tokens/new" in page
    assert TOKEN not in page


def test_a_wrong_token_is_neither_stored_nor_repeated(forge, as_owner):
    answer = as_owner.post(f"{PAGE}token/", {"token": "two words"})

    assert "neither spaces nor special letters" in answer.text
    assert "two words" not in answer.text
    assert Repository.objects.get().forge_token == TOKEN


def test_the_owner_removes_the_token(forge, as_owner):
    assert as_owner.post(f"{PAGE}token/remove/").status_code == 302

    assert Repository.objects.get().forge_token is None


@pytest.mark.parametrize("path", ["token/", "token/remove/"])
def test_nobody_else_changes_the_token(forge, as_stranger, path):
    assert as_stranger.post(PAGE + path, {"token": "mine"}).status_code == 404

    assert Repository.objects.get().forge_token == TOKEN
