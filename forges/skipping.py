"""Commits that ask not to be built."""

MARKERS = ("[skip ci]", "[ci skip]")


def asks_to_skip(message: str) -> bool:
    """Whether a commit's message says, in whatever case, that nothing should follow from it."""
    return any(marker in message.lower() for marker in MARKERS)
