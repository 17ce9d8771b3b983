"""The rule: which result is mailed, and as what."""

from itertools import product

import pytest

from notifications.mails.rules import Event, event_of_result
from repositories.models import BuildStatus, Version

UNKNOWN, SUCCESS, FAILED = BuildStatus.UNKNOWN, BuildStatus.SUCCESS, BuildStatus.FAILED
EVERY_MAIL, ONLY_CHANGES = False, True
FIRST_BUILD, FIRST_FAILED = Event.FIRST_SUCCESS, Event.FIRST_FAILURE
FAILURE, STILL, LATE, FIXED = Event.FAILURE, Event.STILL_FAILING, Event.LATE_FAILURE, Event.FIXED

# Every row that a branch or tag of a repository with its mail on can meet, written out by hand.
# previous, new, | default version: all mail, only changes | another version: all mail, only changes
IN_ORDER = """
unknown success  first-success first-success  -             -
unknown failed   first-failure first-failure  failure       failure
success success  -             -              -             -
success failed   failure       failure        failure       failure
failed  success  fixed         fixed          fixed         fixed
failed  failed   still-failing -              still-failing -
"""
# The build is older than the one that set the status. (Without a newer one that cannot be; it is answered all the
# same.)
AFTER_A_NEWER = """
unknown success  -             -              -             -
unknown failed   late-failure  -              late-failure  -
success success  -             -              -             -
success failed   late-failure  -              late-failure  -
failed  success  -             -              -             -
failed  failed   late-failure  -              late-failure  -
"""


def rows():
    """(previous, new, is_default, is_stale, only_changes) -> event or None."""
    for is_stale, table in ((False, IN_ORDER), (True, AFTER_A_NEWER)):
        for line in table.strip().splitlines():
            previous, new, *events = line.split()
            columns = product((True, False), (EVERY_MAIL, ONLY_CHANGES))
            for (is_default, only_changes), event in zip(columns, events, strict=True):
                key = (BuildStatus(previous), BuildStatus(new), is_default, is_stale, only_changes)
                yield key, None if event == "-" else Event(event)


TABLE = dict(rows())


def answer(combination, *, mail_service=True, kind=Version.Kind.BRANCH):
    names = ("previous", "new", "is_default", "is_stale", "only_changes")
    return event_of_result(
        **dict(zip(names, combination, strict=True)), mail_service=mail_service, kind=Version.Kind(kind)
    )


def test_the_table_holds_every_combination():
    yes_no = (True, False)
    assert set(TABLE) == set(product(BuildStatus, (SUCCESS, FAILED), yes_no, yes_no, yes_no))
    assert {event for event in TABLE.values() if event} == {
        FIRST_BUILD,
        FIRST_FAILED,
        FAILURE,
        STILL,
        LATE,
        FIXED,
    }


@pytest.mark.parametrize("kind", [Version.Kind.BRANCH, Version.Kind.TAG])
@pytest.mark.parametrize(("combination", "event"), TABLE.items())
def test_a_result_is_mailed_as_the_table_says(combination, event, kind):
    assert answer(combination, kind=kind) == event


@pytest.mark.parametrize("kind", Version.Kind)
@pytest.mark.parametrize("combination", TABLE)
def test_nothing_is_mailed_where_mail_is_turned_off(combination, kind):
    assert answer(combination, mail_service=False, kind=kind) is None


@pytest.mark.parametrize("combination", TABLE)
def test_nothing_is_mailed_about_a_pull_request(combination):
    assert answer(combination, kind=Version.Kind.PULL_REQUEST) is None


@pytest.mark.parametrize("combination", TABLE)
def test_a_build_without_a_result_is_never_mailed(combination):
    previous, _, *rest = combination
    assert answer((previous, UNKNOWN, *rest)) is None
