"""What a digest lists: the builds of a pause, and how each of them ended."""

from collections import defaultdict
from collections.abc import Iterable
from itertools import groupby
from typing import NamedTuple

from notifications.mails.rules import FAILURES, Event
from notifications.mails.sentences import branch_of
from notifications.models import Mail, OutgoingState

SHOWN = 100  # entries with a line each; those before them stand together, so that no mail program cuts the mail
LONGEST_BRANCH = 60
MOST_LINES = 50  # of those that stand together
COUNTED = 2_000  # entries in all


class Entry(NamedTuple):
    """One mail that was held back."""

    number: int
    branch: str
    commit: str  # short; empty where the build ended before it knew
    event: str  # in words
    url: str
    tone: str = ""

    @property
    def label(self) -> str:
        return f"#{self.number}"


def entries(digest: Mail) -> list[Entry]:
    """In the order in which the builds ended, the newest COUNTED. What was cancelled by hand is left out."""
    held = (
        Mail.objects.filter(pause=digest.pause, build__isnull=False)
        .exclude(state=OutgoingState.CANCELLED)
        .select_related("build__repository", "build__version")
        .order_by("-pk")[:COUNTED]
    )
    return [
        Entry(
            mail.build.number,
            branch_of(mail.build.version, LONGEST_BRANCH),
            mail.build.short_commit,
            "Failed late" if mail.event == Event.LATE_FAILURE else Event(mail.event).label,
            mail.build.page_url,
            tone_of(Event(mail.event)),
        )
        for mail in reversed(held)
        if mail.build
    ]


def tone_of(event: Event) -> str:
    if event in FAILURES:
        return "bad"
    return "odd" if event == Event.OUR_SIDE else "good"


def in_short(entries: Iterable[Entry]) -> list[str]:
    """A line for each branch and kind: `main, still failing: #3–#7, #9`."""  # noqa: RUF002
    numbers = defaultdict(list)
    for entry in entries:
        numbers[entry.branch, entry.event].append(entry.number)
    lines = [f"{branch}, {event.lower()}: {ranges(found)}" for (branch, event), found in numbers.items()]
    rest = sum(map(len, list(numbers.values())[MOST_LINES:]))
    return [*lines[:MOST_LINES], *([f"and {rest} more on other branches"] if rest else [])]


def ranges(numbers: Iterable[int]) -> str:
    """`#3–#5, #9`."""  # noqa: RUF002
    runs = []
    for _, run in groupby(enumerate(sorted(numbers)), key=lambda item: item[1] - item[0]):
        members = [number for _, number in run]
        runs.append(f"#{members[0]}" if len(members) == 1 else f"#{members[0]}\N{EN DASH}#{members[-1]}")
    return ", ".join(runs)
