"""What a look at the remote's branches and tags leads to."""

import pytest
from django.utils import timezone

from builds.models import Build, State, Trigger
from builds.tracking import JUST_BUILT, Found, follow
from repositories.models import Repository, Version
from repositories.version_rules import ADDED_AT_ONCE, MAX_VERSIONS, REMEMBERED

OLD, NEW = "a" * 40, "b" * 40
HEADS = {"main": OLD}


@pytest.fixture
def built(version, request_build):
    """The default branch was built at OLD some time ago."""
    request_build(OLD)
    later(State.SUCCESS)


def later(state=State.SUCCESS):
    """All builds have ended, and time went by."""
    Build.objects.update(state=state, requested_at=timezone.now() - 2 * JUST_BUILT)


def told(found):
    return (
        [version.name for version in found.added],
        [version.name for version in found.retired],
        [(build.version.name, build.commit) for build in found.missed],
    )


def tags_of(count):
    return {f"v{number}.0": OLD for number in range(1, count + 1)}


def test_a_look_that_sees_what_was_built_finds_nothing(repository, built):
    assert follow(repository, HEADS, {}) == Found()
    assert Build.objects.count() == 1


def test_a_commit_of_which_no_push_told_is_built_once(repository, built):
    found = follow(repository, {"main": NEW, "other": NEW}, {"docs": NEW})
    later(State.FAILED)
    again = follow(repository, {"main": NEW}, {})

    assert told(found) == ([], [], [("main", NEW)])
    assert found.missed[0].trigger == Trigger.WATCH
    assert again.is_nothing


@pytest.mark.parametrize("state", [State.ERROR, State.CANCELLED])
def test_a_build_that_ended_without_a_result_is_not_asked_for_again(repository, built, state):
    follow(repository, {"main": NEW}, {})
    later(state)
    assert follow(repository, {"main": NEW}, {}).is_nothing


def test_what_was_just_asked_for_may_be_newer_than_the_look(repository, version, request_build):
    request_build(NEW)
    Build.objects.update(state=State.SUCCESS)
    assert follow(repository, {"main": OLD}, {}).is_nothing

    later(State.QUEUED)
    assert follow(repository, {"main": OLD}, {}).is_nothing


def test_what_was_pushed_just_now_may_not_be_in_the_look_yet_and_does_not_retire(repository, built, request_build):
    version = Version.objects.create(repository=repository, kind=Version.Kind.TAG, name="v1.0")
    request_build(NEW, of=version)
    assert follow(repository, HEADS, {}).is_nothing


def test_a_new_tag_that_the_rule_wants_is_built_and_a_branch_is_not(repository, built):
    found = follow(repository, {"main": OLD, "topic": NEW}, {"v1.0": NEW, "docs": NEW})

    assert told(found) == (["v1.0"], [], [])
    build = Build.objects.get(version__name="v1.0")
    assert (build.commit, build.trigger, build.state) == (NEW, Trigger.WATCH, State.QUEUED)


def test_branches_are_added_by_their_rule_but_neither_the_default_nor_a_publishing_one(repository, built):
    Repository.objects.update(branch_patterns="*")
    repository.refresh_from_db()
    heads = {"main": OLD, "1.x": NEW, "gh-pages": NEW}
    assert told(follow(repository, heads, {})) == (["1.x"], [], [])

    Repository.objects.update(default_branch="")
    repository.refresh_from_db()
    assert told(follow(repository, {**heads, "2.x": NEW}, {}))[0] == []


def test_of_many_tags_the_highest_few_are_built_and_the_others_wait_for_a_hand(
    repository, built, django_assert_max_num_queries
):
    with django_assert_max_num_queries(100):
        found = follow(repository, HEADS, tags_of(300))

    assert [version.name for version in found.added] == ["v300.0", "v299.0", "v298.0", "v297.0", "v296.0"]
    waiting = repository.versions.filter(kind=Version.Kind.TAG, is_active=False)
    assert waiting.count() == 300 - ADDED_AT_ONCE
    assert Build.objects.count() == 1 + ADDED_AT_ONCE

    later()
    with django_assert_max_num_queries(6):
        assert follow(repository, HEADS, tags_of(300)).is_nothing
    assert told(follow(repository, HEADS, {**tags_of(300), "v3.0.1": NEW})) == (["v3.0.1"], [], [])


def test_of_very_many_tags_only_the_highest_are_remembered(repository, built):
    follow(repository, HEADS, tags_of(2 * REMEMBERED))
    later()
    assert repository.versions.count() == 1 + REMEMBERED

    found = follow(repository, HEADS, tags_of(2 * REMEMBERED + 1))
    assert told(found) == ([f"v{2 * REMEMBERED + 1}.0"], [], [])
    assert repository.versions.count() == 1 + REMEMBERED  # the lowest that was never built is forgotten


def test_a_repository_has_no_more_versions_than_it_may(repository, built):
    Version.objects.bulk_create(
        Version(
            repository=repository, name=f"b{number}", slug=f"b{number}", is_active=False, retired_at=timezone.now()
        )
        for number in range(MAX_VERSIONS - 3)
    )
    found = follow(repository, HEADS, tags_of(10))
    assert [version.name for version in found.added] == ["v10.0", "v9.0"]
    assert repository.versions.count() == MAX_VERSIONS


def test_a_version_retires_with_its_branch_and_comes_back_with_it(repository, built):
    version = Version.objects.add(repository=repository, name="1.x")
    build = Build.objects.get(version=version)
    later(State.QUEUED)

    assert told(follow(repository, HEADS, {})) == ([], ["1.x"], [])
    build.refresh_from_db()
    assert build.state == State.CANCELLED
    assert follow(repository, HEADS, {}).is_nothing

    assert told(follow(repository, {**HEADS, "1.x": NEW}, {})) == (["1.x"], [], [])
    assert Build.objects.get(version=version, state=State.QUEUED).commit == NEW


def test_what_a_person_switched_off_stays_off(repository, built):
    Version.objects.create(repository=repository, kind=Version.Kind.TAG, name="v1.0", is_active=False)
    assert follow(repository, HEADS, {"v1.0": NEW}).is_nothing


def test_the_default_branch_never_retires(repository, built):
    assert follow(repository, {"trunk": NEW}, {}).is_nothing
    assert repository.default_version.is_active


def test_a_look_that_sees_no_branch_is_not_believed(repository, built):
    version = Version.objects.create(repository=repository, kind=Version.Kind.TAG, name="v1.0")
    assert follow(repository, {}, {}).is_nothing
    version.refresh_from_db()
    assert version.is_active


def test_nothing_is_done_where_builds_are_off(repository, built):
    repository.is_enabled = False
    assert follow(repository, {"main": NEW}, tags_of(3)).is_nothing
    assert repository.versions.count() == 1


def test_a_tag_and_a_branch_of_one_name_are_two_versions_at_two_addresses(repository, built):
    Repository.objects.update(branch_patterns="v*")
    repository.refresh_from_db()
    names = tags_of(ADDED_AT_ONCE + 1)
    found = follow(repository, HEADS | names, names)

    assert [version.slug for version in found.added] == [
        *(f"v{number}.0" for number in (6, 5, 4, 3, 2)),
        *(f"v{number}.0-branch" for number in (6, 5, 4, 3, 2)),
    ]
    waiting = repository.versions.filter(is_active=False).order_by("id")
    assert list(waiting.values_list("kind", "slug")) == [("tag", "v1.0"), ("branch", "v1.0-branch")]
    later()
    assert follow(repository, HEADS | names, names).is_nothing
