"""`manage.py build`: which version is meant."""

import pytest
from django.core.management.base import CommandError

from builds.management.commands.build import find_version
from repositories.models import Version


def test_a_version_is_named_by_its_slug_then_as_git_calls_it(repository, version):
    branch, tag, nested = (
        Version.objects.create(repository=repository, kind=kind, name=name)
        for kind, name in (("branch", "v1.0"), ("tag", "v1.0"), ("branch", "a/b"))
    )
    asked = (None, "latest", "main", "v1.0", "v1.0-tag", "a/b", nested.slug)
    assert [find_version("octo/docs", name) for name in asked] == [
        version,
        version,
        version,
        branch,
        tag,
        nested,
        nested,
    ]


def test_of_a_branch_and_a_tag_of_one_name_the_one_with_that_address_is_meant(repository):
    branch, _ = (
        Version.objects.create(repository=repository, kind=kind, name="v1.0") for kind in ("branch", "tag")
    )
    branch.remove()
    again = Version.objects.create(repository=repository, kind="branch", name="v1.0")
    assert find_version("octo/docs", "v1.0") == again


def test_what_there_is_is_told_where_there_is_no_such_version(repository):
    with pytest.raises(CommandError, match=r"octo/docs has no version v2\. It has: latest\."):
        find_version("octo/docs", "v2")
