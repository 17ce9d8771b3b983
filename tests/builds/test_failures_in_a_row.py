"""Twenty-five failures in a row pause a repository, which says so, until a success or a person's wish."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from builds import tracking
from builds.models import MOST_FAILURES_IN_A_ROW, Automation, Build, State, Trigger
from builds.notices import of_pauses, of_pushes
from repositories.models import Repository, Version
from repositories.version_rules import ADDED_AT_ONCE
from tests.webhook_requests import github_headers, post, pull_request, push

PAUSED = "paused: too many failures in a row"
SENTENCE = "25 builds in a row have failed, so pushes build nothing any more."


@pytest.fixture
def end(version):
    """Ends a new build of a version as the pipeline does."""

    def end(state, of=version):
        build = Build.objects.request(of, trigger=Trigger.PERSON, commit="a" * 40)
        assert build.claim()
        assert build.finish(State(state))
        return build

    return end


@pytest.fixture
def told(client, repository):
    """Delivers to the webhook: the status in the answer."""

    def tell(body, event="push"):
        body = json.dumps(body).encode()
        headers = github_headers(event, body, repository.webhook_secret, delivery="")
        answer = post(client, repository, body, headers)
        assert answer.status_code == 202
        return answer.json()["status"]

    return tell


def fail(end, times=MOST_FAILURES_IN_A_ROW):
    for _ in range(times):
        end("failed")


def test_the_last_but_one_failure_pauses_nothing(end, told, repository):
    fail(end, MOST_FAILURES_IN_A_ROW - 1)

    assert told(push()) == "accepted"
    assert of_pauses(repository) == []


def test_a_paused_repository_takes_pushes_and_builds_nothing(end, told, repository):
    fail(end)

    assert told(push()) == PAUSED
    assert not Build.objects.unfinished().exists()
    assert repository.deliveries.get().outcome == PAUSED


def test_tags_that_come_while_it_is_paused_are_not_all_built_by_the_first_look_afterwards(end, told, repository):
    fail(end)
    tags = {f"v1.{number}": "b" * 40 for number in range(2 * ADDED_AT_ONCE)}
    for name in tags:
        told(push(ref=f"refs/tags/{name}", after="b" * 40))

    Automation.objects.resume(repository)
    found = tracking.follow(repository, {"main": "a" * 40}, tags)

    assert len(found.added) == ADDED_AT_ONCE
    assert Build.objects.unfinished().count() == ADDED_AT_ONCE


def test_a_pull_request_that_may_mend_it_is_built_all_the_same(end, told, repository):
    repository.builds_pull_requests = True
    repository.save(update_fields=["builds_pull_requests"])
    fail(end)

    assert told(pull_request(fork=False), "pull_request") == "accepted"


def test_errors_other_versions_and_cancelled_builds_do_not_count(end, told, repository):
    other = Version.objects.create(repository=repository, name="old")
    fail(end, MOST_FAILURES_IN_A_ROW - 1)
    for state, of in (("error", repository.default_version), ("cancelled", repository.default_version)):
        end(state, of)
    end("failed", other)

    assert told(push()) == "accepted"


def test_a_success_ends_the_pause_and_the_count(end, told, repository):
    fail(end)
    end("success")
    fail(end, MOST_FAILURES_IN_A_ROW - 1)

    assert told(push()) == "accepted"


def test_the_notice_has_a_button_that_builds_once_and_lets_pushes_build_again(
    end, told, repository, as_owner, as_stranger
):
    fail(end)
    Repository.objects.update(registered_at=timezone.now() - timedelta(days=2))  # without a webhook, as it were
    assert [notice.action for notice in of_pushes(repository)] == ["Build again"]
    for path in ("/octo/docs/", "/octo/docs/settings/"):
        page = as_owner.get(path).text
        assert SENTENCE in page
        assert 'action="/octo/docs/resume/"' in page
    assert as_stranger.post("/octo/docs/resume/").status_code == 404

    as_owner.post("/octo/docs/resume/")

    assert Build.objects.unfinished().get().trigger == Trigger.PERSON
    assert told(push()) == "accepted"
    assert of_pauses(repository) == []


def test_after_a_person_s_wish_as_many_failures_pause_again(end, told, repository):
    fail(end)
    Automation.objects.resume(repository)
    fail(end, MOST_FAILURES_IN_A_ROW - 1)
    assert told(push()) == "accepted"
    Build.objects.unfinished().delete()

    fail(end, 1)

    assert told(push(after="b" * 40)) == PAUSED


def test_the_badge_says_what_it_said(end, client):
    fail(end)

    assert client.get("/octo/docs.json").json()["message"] == "failed"
