"""What comes of a delivery."""

from dataclasses import dataclass

from builds.models import Build

ACCEPTED = "accepted"


@dataclass(frozen=True)
class Outcome:
    """What came of a delivery, in a few words."""

    text: str
    build: Build | None = None
