"""What a digest lists beyond what has a line of its own."""

import pytest

from notifications.mails.digest import in_short, ranges
from notifications.mails.samples import entry


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ([], ""),
        ([3], "#3"),
        ([5, 3, 4], "#3\N{EN DASH}#5"),
        ([1, 2, 9, 11, 12], "#1\N{EN DASH}#2, #9, #11\N{EN DASH}#12"),
    ],
)
def test_numbers_in_a_row_stand_together(numbers, words):
    assert ranges(numbers) == words


def test_what_has_no_line_of_its_own_stands_by_branch_and_kind():
    entries = [
        entry(number)._replace(branch=branch, event=event)
        for number, branch, event in [(1, "main", "Failed"), (2, "next", "Fixed"), (3, "main", "Failed")]
    ]
    assert in_short(entries) == ["main, failed: #1, #3", "next, fixed: #2"]


def test_more_branches_than_anyone_reads_are_counted():
    lines = in_short(entry(number)._replace(branch=f"branch-{number}") for number in range(1, 60))
    assert len(lines) == 51
    assert lines[-1] == "and 9 more on other branches"
