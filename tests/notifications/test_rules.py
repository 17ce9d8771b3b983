"""The rule: which result is mailed, and as what."""

from itertools import product

import pytest

from notifications.mails.rules import Event, event_of_result
from repositories.models import BuildStatus

UNKNOWN, SUCCESS, FAILED = BuildStatus.UNKNOWN, BuildStatus.SUCCESS, BuildStatus.FAILED

# (previous, new, default version, stale) -> event, with the toggle on
TABLE = {
    (UNKNOWN, SUCCESS, True, False): Event.FIRST_SUCCESS,
    (UNKNOWN, FAILED, True, False): Event.FIRST_FAILURE,
    (UNKNOWN, SUCCESS, False, False): None,
    (UNKNOWN, FAILED, False, False): Event.FAILURE,
    (SUCCESS, SUCCESS, True, False): None,
    (SUCCESS, SUCCESS, False, False): None,
    (SUCCESS, FAILED, True, False): Event.FAILURE,
    (SUCCESS, FAILED, False, False): Event.FAILURE,
    (FAILED, FAILED, True, False): Event.STILL_FAILING,
    (FAILED, FAILED, False, False): Event.STILL_FAILING,
    (FAILED, SUCCESS, True, False): Event.FIXED,
    (FAILED, SUCCESS, False, False): Event.FIXED,
    (SUCCESS, SUCCESS, True, True): None,
    (SUCCESS, SUCCESS, False, True): None,
    (FAILED, SUCCESS, True, True): None,
    (FAILED, SUCCESS, False, True): None,
    (SUCCESS, FAILED, True, True): Event.LATE_FAILURE,
    (SUCCESS, FAILED, False, True): Event.LATE_FAILURE,
    (FAILED, FAILED, True, True): Event.LATE_FAILURE,
    (FAILED, FAILED, False, True): Event.LATE_FAILURE,
    # A stale result of a version without a newer one does not occur; it is answered all the same.
    (UNKNOWN, SUCCESS, True, True): None,
    (UNKNOWN, SUCCESS, False, True): None,
    (UNKNOWN, FAILED, True, True): Event.LATE_FAILURE,
    (UNKNOWN, FAILED, False, True): Event.LATE_FAILURE,
}


def test_the_table_holds_every_combination():
    assert set(TABLE) == set(product(BuildStatus, (SUCCESS, FAILED), (True, False), (True, False)))


@pytest.mark.parametrize(("combination", "event"), TABLE.items())
def test_a_result_is_mailed_as_the_table_says(combination, event):
    previous, new, is_default, is_stale = combination
    answer = event_of_result(
        previous=previous, new=new, is_default=is_default, is_stale=is_stale, mail_service=True
    )
    assert answer == event


@pytest.mark.parametrize("combination", TABLE)
def test_nothing_is_mailed_where_mail_is_turned_off(combination):
    previous, new, is_default, is_stale = combination
    answer = event_of_result(
        previous=previous, new=new, is_default=is_default, is_stale=is_stale, mail_service=False
    )
    assert answer is None
