"""What a digest lists: the builds of a pause, and how their versions stand now."""

from typing import NamedTuple

from notifications.mails.rules import Event
from notifications.mails.sentences import branch_of
from notifications.models import Mail, OutgoingState

SHOWN = 500  # entries; a mail of any length would be refused by the mail server


class Entry(NamedTuple):
    """One mail that was held back."""

    number: int
    branch: str
    commit: str  # short; empty where the build ended before it knew
    event: str  # in words
    url: str


def entries(digest: Mail) -> list[Entry]:
    """In the order in which the builds ended, the newest SHOWN of them. What was cancelled by hand is left out."""
    held = (
        Mail.objects.filter(pause=digest.pause, build__isnull=False)
        .exclude(state=OutgoingState.CANCELLED)
        .select_related("build__repository", "build__version")
        .order_by("-pk")[:SHOWN]
    )
    return [
        Entry(
            mail.build.number,
            branch_of(mail.build.version),
            mail.build.short_commit,
            Event(mail.event).label,
            mail.build.page_url,
        )
        for mail in reversed(held)
        if mail.build
    ]
