"""What the clock removes: releases beyond the newest, and what crashes left."""

import os
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from pages import models, retention
from pages.models import Publication, Release, releases_directory
from repositories.models import Version

OLD = retention.GRACE + timedelta(minutes=1)


@pytest.fixture
def age():
    """Makes all releases and their directories older than the grace time."""

    def age():
        Release.objects.update(created_at=timezone.now() - OLD)
        then = time.time() - OLD.total_seconds()
        for directory in releases_directory().iterdir():
            os.utime(directory, (then, then))

    return age


def numbers():
    return sorted(Release.objects.values_list("build_number", flat=True))


def test_newest_five_and_the_published_one_are_kept(publish, age, version):
    releases = [publish({"index.html": str(number)}, number=number) for number in range(1, 9)]
    Publication.objects.get(version=version).roll_back_to(releases[0])
    age()

    retention.sweep()

    assert numbers() == [1, 4, 5, 6, 7, 8]
    assert {path.name for path in releases_directory().iterdir()} == set(
        Release.objects.values_list("directory_name", flat=True)
    )


def test_release_of_a_repeated_build_is_kept_once(publish, age):
    publish({"index.html": "first try"}, number=1)
    served = publish({"index.html": "second try"}, number=1)
    age()

    retention.sweep()

    assert list(Release.objects.all()) == [served]


def test_what_is_being_stored_is_left_alone(publish):
    for number in range(1, 8):
        publish({"index.html": str(number)}, number=number)
    incoming = releases_directory() / "incoming-1"
    incoming.mkdir()

    retention.sweep()

    assert numbers() == [1, 2, 3, 4, 5, 6, 7]
    assert incoming.is_dir()


def test_left_overs_of_crashes_are_removed(publish, age):
    release = publish({"index.html": "x"})
    for name in ("incoming-1", "0" * 32):
        (releases_directory() / name / "sub").mkdir(parents=True)
    age()

    retention.sweep()

    assert list(releases_directory().iterdir()) == [release.directory]


def test_row_without_directory_is_removed_unless_it_is_served(publish, caplog):
    for number in (1, 2):
        release = publish({"index.html": "x"}, number=number)
        (release.directory / "index.html").unlink()
        release.directory.rename(release.directory.with_name(f"gone-{number}"))

    retention.sweep()

    assert numbers() == [2]
    assert "is published, but its directory" in caplog.text


def test_release_that_is_served_again_meanwhile_is_not_removed(publish, version):
    first = publish({"index.html": "1"}, number=1)
    publish({"index.html": "2"}, number=2)
    stale = Release.objects.get(pk=first.pk)
    Publication.objects.get(version=version).roll_back_to(first)

    assert not retention.remove(stale)
    assert first.directory.is_dir()


def test_sweep_before_the_first_release_does_nothing(db):
    retention.sweep()

    assert not releases_directory().exists()


def test_no_release_is_forgotten_while_the_whole_file_system_is_away(publish, age):
    kept = [publish({"index.html": str(number)}, number=number) for number in (1, 2)]
    age()
    elsewhere = releases_directory().rename(releases_directory().with_name("not mounted"))

    retention.sweep()
    elsewhere.rename(releases_directory())
    retention.sweep()

    assert sorted(Release.objects.all(), key=lambda release: release.pk) == kept
    assert all(release.directory.is_dir() for release in kept)


# -- pull requests


@pytest.fixture
def pull_request(repository):
    return Version.objects.create(repository=repository, kind=Version.Kind.PULL_REQUEST, name="12", slug="pr-12")


def test_of_an_open_pull_request_only_what_is_served_is_kept(publish, age, pull_request):
    for number in range(1, 4):
        publish({"index.html": str(number)}, number=number, of=pull_request)
    age()

    retention.sweep()

    assert numbers() == [3]


def test_of_a_closed_one_nothing_is_kept_also_when_a_late_build_published(publish, age, pull_request):
    publish({"index.html": "late"}, of=pull_request)
    Version.objects.filter(pk=pull_request.pk).update(is_active=False)
    age()

    retention.sweep()

    assert numbers() == []
    assert list(releases_directory().iterdir()) == []
    assert not Publication.objects.exists()


def test_a_pinned_one_is_kept_until_it_is_unpinned(publish, age):
    releases = [publish({"index.html": str(number)}, number=number) for number in range(1, 9)]
    assert releases[1].pin()
    age()

    retention.sweep()
    assert numbers() == [2, 4, 5, 6, 7, 8]

    releases[1].unpin()
    retention.sweep()
    assert numbers() == [4, 5, 6, 7, 8]


def test_no_more_are_pinned_than_a_version_may_have(publish, monkeypatch):
    monkeypatch.setattr(models, "MOST_PINNED", 2)
    releases = [publish({"index.html": str(number)}, number=number) for number in range(1, 4)]

    assert [release.pin() for release in (*releases, releases[0])] == [True, True, False, True]
