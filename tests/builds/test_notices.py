"""A webhook that does not tell is noticed, and one that does is left alone."""

from datetime import timedelta

import pytest
from django.utils import timezone

from builds.models import Build, Delivery, Trigger
from builds.notices import of_pushes
from repositories.models import Repository

pytestmark = pytest.mark.django_db
NEVER = "GitHub has not told of any push since the repository was registered: pushes build nothing."
NOT_ANY_MORE = "The last build by hand found commits that GitHub had not told of: pushes build nothing any more."


@pytest.fixture(autouse=True)
def nobody_looks(settings):
    """What Yaydoc finds by itself: see test_watching.py."""
    settings.WATCH = False


@pytest.fixture
def old(repository):
    """Registered two days ago."""
    return change(repository, registered_at=timezone.now() - timedelta(days=2))


def change(repository, **fields):
    Repository.objects.filter(pk=repository.pk).update(**fields)
    repository.refresh_from_db()
    return repository


def ago(hours):
    return timezone.now() - timedelta(hours=hours)


def built(version, commit, trigger, hours):
    build = Build.objects.request(version, trigger=trigger, commit=commit * 40)
    Build.objects.filter(pk=build.pk).update(state="success", requested_at=ago(hours))


def delivered(repository, hours):
    delivery = Delivery.objects.create(repository=repository, delivery_id=str(hours), event="push", outcome="ok")
    Delivery.objects.filter(pk=delivery.pk).update(received_at=ago(hours))


def texts(repository):
    return [notice.text for notice in of_pushes(repository)]


def test_a_webhook_that_never_came_is_noticed_after_a_day(old, as_owner):
    assert texts(old) == [NEVER]
    page = as_owner.get("/octo/docs/").text
    assert NEVER in page
    assert '<a class="button small" href="/octo/docs/registered/">Look at the webhook</a>' in page


def test_the_first_day_is_for_setting_it_up(repository):
    assert texts(repository) == []


@pytest.mark.parametrize("fields", [{"forge": "git"}, {"is_enabled": False}])
def test_nobody_misses_what_is_not_used(old, fields):
    assert texts(change(old, **fields)) == []


def test_a_ping_is_enough(old):
    delivered(old, 40)

    assert texts(old) == []


@pytest.mark.parametrize(
    ("delivery", "newest", "trigger", "hours", "found"),
    [
        (30, "b", Trigger.PERSON, 2, [NOT_ANY_MORE]),
        (30, "b", Trigger.PERSON, 0.5, []),  # it may still be on its way
        (30, "a", Trigger.PERSON, 2, []),  # nothing new was found
        (30, "b", Trigger.PUSH, 2, []),  # it was told of
        (10, "b", Trigger.PERSON, 2, []),  # something came since
        (1, "b", Trigger.PERSON, 2, []),
    ],
)
def test_commits_that_were_not_told_of_are_noticed(old, version, delivery, newest, trigger, hours, found):
    delivered(old, delivery)
    built(version, "a", Trigger.PUSH, 20)
    built(version, newest, trigger, hours)

    assert texts(old) == found


def test_they_cost_four_queries_at_most(old, version, django_assert_max_num_queries):
    delivered(old, 30)
    built(version, "a", Trigger.PUSH, 20)
    built(version, "b", Trigger.PERSON, 2)

    with django_assert_max_num_queries(4):
        of_pushes(old)
