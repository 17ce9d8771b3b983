"""Which names a rule matches, and which of two versions is the higher one."""

import pytest
from django.core.exceptions import ValidationError

from repositories.version_rules import check_patterns, highest_first, matches, parsed, stable


@pytest.mark.parametrize(
    ("patterns", "name", "is_wanted"),
    [
        ("v*", "v1.2", True),
        ("v*", "V1.2", False),
        ("v*", "1.2", False),
        ("", "v1.2", False),
        ("release/*, maint-?.x", "release/1.2/rc", True),
        ("release/*, maint-?.x", "maint-4.x", True),
        ("release/*, maint-?.x", "maint-10.x", False),
        ("[0-9]*", "2.0", True),
    ],
)
def test_several_patterns_are_separated_by_commas(patterns, name, is_wanted):
    assert matches(patterns, name) is is_wanted


@pytest.mark.parametrize("patterns", ["", "v*", "v*, release-*", "[0-9]*.[0-9]*", "*"])
def test_patterns_that_names_can_have_are_let_in(patterns):
    check_patterns(patterns)


@pytest.mark.parametrize("patterns", ["v* release-*", "-v*", "a..b", "v[", "refs//x", "~1", ",".join("x" * 21)])
def test_patterns_that_no_name_can_have_are_refused(patterns):
    with pytest.raises(ValidationError):
        check_patterns(patterns)


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("v1.2.3", "1.2.3"),
        ("1.2", "1.2"),
        ("release-1.2", "1.2"),
        ("express-v4.0", "4.0"),
        ("Release_1_2_3", "1.2.3"),
        ("v2.0.0-beta.1", "2.0.0b1"),
        ("1.0.0-next.3", None),
        ("nightly-20260131", None),
        ("main", None),
        ("a" * 255, None),
        ("1." * 120 + "1", None),
    ],
)
def test_tags_are_read_as_versions_where_they_are_some(name, version):
    assert str(parsed(name)) == str(version)


def test_versions_are_ordered_by_their_figures_and_stand_above_what_is_none():
    names = ["2.x", "v1.9", "v1.10", "v1.10rc1", "10.x", "docs"]
    assert highest_first(names) == ["v1.10", "v1.10rc1", "v1.9", "10.x", "2.x", "docs"]


@pytest.mark.parametrize(
    ("names", "highest"),
    [
        (["v1.9", "v1.10", "v2.0rc1", "latest"], "v1.10"),
        (["v2.0a1", "v2.0rc1"], "v2.0rc1"),
        (["2.0.dev1", "docs"], "2.0.dev1"),
        (["1.0", "v1.0"], "v1.0"),
        (["docs", "nightly"], None),
        ([], None),
    ],
)
def test_stable_is_the_highest_release_and_a_pre_release_only_for_want_of_one(names, highest):
    assert stable(names) == highest
    assert stable(reversed(names)) == highest
