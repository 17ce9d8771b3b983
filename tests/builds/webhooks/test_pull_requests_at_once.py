"""What happens to a pull request while somebody approves it, or another delivery tells of it."""

import pytest
from django.db import transaction

from builds.models import Build, PullRequest, State
from builds.webhooks import pull_requests
from forges.pushes import PullRequestAction, PullRequestEvent
from repositories.models import Version
from tests.other_transaction import meanwhile

SEEN, LATER = "5" * 40, "6" * 40

pytestmark = pytest.mark.django_db(transaction=True)


def event(action, commit=SEEN):
    return PullRequestEvent(
        action=action,
        number=12,
        commit=commit,
        is_from_fork=True,
        author="mallory",
        association="NONE",
        title="A change",
        is_merged=False,
        repository_id="1",
    )


@pytest.fixture
def waiting(repository):
    """Pull request 12, which waits for an approval of the commit that somebody has seen."""
    repository.builds_pull_requests = True
    repository.save(update_fields=["builds_pull_requests"])
    PullRequest.objects.record(repository, event(PullRequestAction.OPENED))
    return PullRequest.objects.select_related("version__repository").get()


@pytest.mark.parametrize("change", [PullRequestAction.SYNCHRONIZED, PullRequestAction.CLOSED])
def test_what_changed_while_its_approval_waited_is_not_approved(repository, waiting, change):
    with transaction.atomic():
        assert pull_requests.follow(repository, event(change, LATER)).build is None
        with meanwhile(lambda: waiting.approve(SEEN)) as approved:
            pass

    assert approved == [None]
    assert PullRequest.objects.get().approved_commit == ""
    assert not Build.objects.exists()


@pytest.mark.parametrize("change", [PullRequestAction.SYNCHRONIZED, PullRequestAction.REOPENED])
def test_a_delivery_that_comes_during_the_closing_waits_for_that_and_nothing_for_it(repository, waiting, change):
    waiting.approve(SEEN)
    with transaction.atomic():
        Version.objects.select_for_update(no_key=True).get(pk=waiting.version_id)
        with meanwhile(lambda: pull_requests.follow(repository, event(change))) as outcomes:
            waiting.close(is_merged=False)

    is_reopened = change == PullRequestAction.REOPENED
    assert [outcome.text for outcome in outcomes] == [
        "accepted" if is_reopened else "ignored: pull request is closed"
    ]
    assert PullRequest.objects.get().version.is_active == is_reopened
    assert Build.objects.queued().count() == int(is_reopened)
    assert Build.objects.filter(state=State.CANCELLED).count() == 1
