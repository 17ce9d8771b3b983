"""Rows are locked in one order, so that no two transactions wait for each other: versions, builds, repository."""

import pytest
from django.db import transaction

from builds.models import Build, Trigger
from repositories.models import Repository, Version
from tests.other_transaction import meanwhile

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def other(repository):
    """A version besides the default one, which is built no more."""
    version = Version.objects.create(repository=repository, name="docs")
    version.switch_off()
    return version


def ask_while(version, act):
    """Ask for a build of a version while `act` waits for its row."""
    with transaction.atomic():
        Version.objects.locked().get(pk=version.pk)
        with meanwhile(act) as done:
            Build.objects.request(version, trigger=Trigger.PERSON)
    assert len(done) == 1


def test_a_repository_is_deleted_while_a_build_of_a_version_is_asked_for(repository, other):
    ask_while(other, repository.delete)
    assert not Repository.objects.exists()


def test_the_default_branch_becomes_another_while_a_build_of_it_is_asked_for(repository, version, other):
    ask_while(version, lambda: repository.change_default_branch("docs"))
    assert list(Version.objects.values_list("slug", "name")) == [("latest", "docs")]


def test_a_branch_and_a_tag_of_one_name_that_are_pushed_at_a_time_are_both_versions(repository):
    with transaction.atomic():
        branch = Version.objects.track(repository, "branch", "v1.0")
        with meanwhile(lambda: Version.objects.track(repository, "tag", "v1.0")) as tags:
            pass
    assert (branch.slug, tags[0].slug) == ("v1.0", "v1.0-tag")
