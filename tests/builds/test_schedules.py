"""Scheduled builds start once, each repository's at a minute of its own; and quiet times hold pushes back."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from builds import schedules, sweeper
from builds.models import Automation, Build, Quiet, Schedule, State, Trigger
from repositories.models import Repository

pytestmark = pytest.mark.django_db
PAGE = "/octo/docs/settings/builds/"
NOW = datetime(2026, 11, 28, 14, 30, 20, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def wish(repository):
    def wish(schedule=Schedule.NEVER, quiet=Quiet.NONE):
        Automation.objects.of(repository).choose(schedule, quiet, now=timezone.now())

    return wish


def make_due(by=timedelta(minutes=1)):
    Automation.objects.update(scheduled_for=timezone.now() - by)


def scheduled():
    return Build.objects.filter(trigger=Trigger.SCHEDULE).count()


# -- the minute


def test_ten_thousand_repositories_are_spread_over_the_day_and_the_week():
    daily = Counter(Schedule.DAILY.next_time(pk, NOW) for pk in range(1, 10_001))
    weekly = Counter(Schedule.WEEKLY.next_time(pk, NOW) for pk in range(1, 10_001))

    assert (len(daily), max(daily.values())) == (1440, 8)  # 10,000 / 1,440 is 6.9
    assert len(weekly) > 8_800
    assert max(weekly.values()) == 2


@pytest.mark.parametrize(("schedule", "days"), [(Schedule.DAILY, 1), (Schedule.WEEKLY, 7)])
def test_the_next_time_is_later_and_the_same_minute_of_each_period(schedule, days):
    for pk in range(1, 200):
        first = schedule.next_time(pk, NOW)
        assert NOW < first <= NOW + days * DAY
        assert schedule.next_time(pk, first) == first + days * DAY


# -- the build


def test_a_scheduled_build_starts_once_and_sets_the_next_time(wish, repository):
    wish(Schedule.DAILY)
    make_due()
    twice = list(Automation.objects.due())

    schedules.sweep()
    schedules.start(twice[0])  # another clock that saw it due as well
    schedules.sweep()

    assert scheduled() == 1
    assert timezone.now() < Automation.objects.get().scheduled_for <= timezone.now() + DAY


def test_an_outage_of_a_week_is_made_up_for_by_one_build(wish):
    wish(Schedule.DAILY)
    make_due(by=7 * DAY)

    schedules.sweep()
    schedules.sweep()

    assert scheduled() == 1


@pytest.mark.parametrize("off", ["disabled", "paused", "never"])
def test_none_starts_for_what_is_off(wish, repository, off):
    wish(Schedule.WEEKLY)
    make_due()
    if off == "disabled":
        Repository.objects.update(is_enabled=False)
    if off == "paused":
        Automation.objects.update(paused_at=timezone.now())
    if off == "never":
        wish(Schedule.NEVER)

    schedules.sweep()

    assert scheduled() == 0
    assert not Automation.objects.due().exists()


def test_a_thousand_that_are_due_at_once_do_not_stand_before_the_pushes(
    owner, repository, django_assert_max_num_queries
):
    Repository.objects.bulk_create(
        Repository(owner="many", name=str(n), slug=f"many/{n}", clone_url="-", forge="git", registrant=owner)
        for n in range(1000)
    )
    many = Repository.objects.filter(owner="many")
    version = repository.versions.model
    version.objects.bulk_create(version(repository=one, slug="latest", is_default=True) for one in many)
    Automation.objects.bulk_create(
        Automation(repository=one, schedule="daily", scheduled_for=timezone.now() - DAY) for one in many
    )

    for _ in range(3):
        schedules.sweep()

    assert scheduled() == schedules.AT_MOST
    with django_assert_max_num_queries(1):
        schedules.sweep()


# -- quiet times


@pytest.fixture
def push(version):
    def push(commit, trigger=Trigger.PUSH):
        return Build.objects.request(version, trigger=trigger, commit=commit * 40)

    return push


def start(build, minutes_ago=0):
    assert build.claim()
    Build.objects.filter(pk=build.pk).update(started_at=timezone.now() - timedelta(minutes=minutes_ago))


def test_a_push_waits_until_the_quiet_time_after_the_last_start_has_passed(wish, push):
    wish(quiet=Quiet.SHORT)
    first = push("a")
    start(first, minutes_ago=2)
    first.finish(State.SUCCESS)

    second = push("b")

    assert second.is_held_back
    assert not second.claim()
    left = (second.not_before - timezone.now()).total_seconds()
    assert 170 < left <= 180


def test_what_is_pushed_while_one_waits_is_built_with_it(wish, push):
    wish(quiet=Quiet.SHORT)
    start(push("a"))
    waiting = [push("b"), push("c")]

    assert waiting[0].pk == waiting[1].pk
    assert waiting[1].commit == "c" * 40


def test_the_running_build_is_not_given_up_for_what_waits_anyway(wish, push):
    wish(quiet=Quiet.SHORT)
    running = push("a")
    start(running)

    push("b")

    assert not Build.objects.get(pk=running.pk).cancel_requested


def test_after_the_quiet_time_it_starts_at_once(wish, push):
    wish(quiet=Quiet.SHORT)
    first = push("a")
    start(first, minutes_ago=6)
    first.finish(State.SUCCESS)

    assert push("b").claim()


def test_a_person_does_not_wait_and_takes_the_waiting_build_along(wish, push, django_capture_on_commit_callbacks):
    wish(quiet=Quiet.LONG)
    first = push("a")
    start(first)
    first.finish(State.SUCCESS)
    waiting = push("b")

    with django_capture_on_commit_callbacks(execute=True):
        asked = push("b", Trigger.PERSON)

    assert asked.pk == waiting.pk
    assert Build.objects.get(pk=waiting.pk).woken_at
    assert asked.claim()


def test_a_waiting_build_is_woken_when_its_time_has_come_whatever_woke_it_before(wish, push):
    wish(quiet=Quiet.SHORT)
    first = push("a")
    start(first)
    first.finish(State.SUCCESS)
    waiting = push("b")
    sweeper.wake_forgotten_builds()
    assert Build.objects.get(pk=waiting.pk).woken_at is None

    passed = timezone.now() - timedelta(seconds=1)
    Build.objects.filter(pk=waiting.pk).update(not_before=passed, woken_at=passed - timedelta(seconds=5))
    sweeper.wake_forgotten_builds()

    assert Build.objects.get(pk=waiting.pk).woken_at > passed


def test_without_a_quiet_time_nothing_waits(push):
    start(push("a"))

    assert push("b").not_before is None


# -- the card


def test_the_wishes_are_stored_and_shown(as_owner, repository, wish, push):
    as_owner.post(f"{PAGE}automation/", {"schedule": "weekly", "quiet_minutes": "30"})

    stored = Automation.objects.get()
    page = as_owner.get(PAGE).text
    assert (stored.schedule, stored.quiet_minutes) == (Schedule.WEEKLY, Quiet.LONG)
    assert f"Next: {stored.scheduled_for:%A, %-d %B, %H:%M} UTC." in page
    start(push("a"))
    assert "the repository&#x27;s quiet time has passed" in as_owner.get(
        push("b").get_absolute_url()
    ).text.replace("'", "&#x27;")


@pytest.mark.parametrize("typed", [{"schedule": "hourly", "quiet_minutes": "0"}, {"quiet_minutes": "-5"}])
def test_other_wishes_are_refused(as_owner, repository, typed):
    assert "is not one of the available choices" in as_owner.post(f"{PAGE}automation/", typed).text
    assert not Automation.objects.exists()


def test_a_stranger_wishes_nothing(as_stranger, repository):
    typed = {"schedule": "daily", "quiet_minutes": "0"}

    assert as_stranger.post(f"{PAGE}automation/", typed).status_code == 404
