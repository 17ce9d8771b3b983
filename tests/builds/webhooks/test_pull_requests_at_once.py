"""What happens to a pull request while somebody approves it, or another delivery tells of it.

Only PostgreSQL locks rows; SQLite lets one transaction write at a time, and gives the same results.
"""

import threading
import time
from contextlib import contextmanager

import pytest
from django.db import connection, transaction

from builds.models import Build, PullRequest, State
from builds.webhooks import pull_requests
from forges.pushes import PullRequestAction, PullRequestEvent
from repositories.models import Version

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


@contextmanager
def meanwhile(act):
    """`act` in another transaction, which waits for this one when the block is entered. Yields its results."""
    results, backends = [], []

    def run():
        connection.ensure_connection()
        backends.append(getattr(connection.connection, "info", None))
        try:
            with transaction.atomic():
                results.append(act())
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    while thread.is_alive() and not (backends and waits_for_a_lock(backends[0])):
        time.sleep(0.01)
    yield results
    transaction.on_commit(thread.join)


def waits_for_a_lock(backend):
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_locks WHERE pid = %s AND NOT granted", [backend.backend_pid])
        return cursor.fetchone() is not None


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
