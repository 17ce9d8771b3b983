"""Reading fields of a body that may hold anything, and cleaning text that people will see."""

import re

from forges.pushes import Body, Malformed

LINE_LENGTH = 200  # characters kept of a name
MESSAGE_LENGTH = 4000  # characters kept of a commit's message
LARGEST_NUMBER = 2**31 - 1

# Control characters but tab and line feed, line separators, and the marks that reorder text on the screen.
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")  # SHA-1 or SHA-256
NOTHING = frozenset("0")  # the digits of the commit that forges send for "there is none"


def mapping(body: Body, name: str) -> Body:
    """The object under `name`; an empty one when there is none."""
    value = body.get(name)
    return value if isinstance(value, dict) else {}


def text(body: Body, name: str) -> str:
    """The string under `name`; empty when it is missing or null. Raises Malformed for another type."""
    value = body.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Malformed(f"{name}: a string is expected")
    return value


def number(body: Body, name: str) -> int:
    """The positive number under `name`, which a database can hold. Raises Malformed."""
    value = body.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= LARGEST_NUMBER:
        raise Malformed(f"{name}: a positive number is expected")
    return value


def identifier(body: Body) -> str:
    """A forge's id of an object, number or string; empty when there is none."""
    value = body.get("id")
    if isinstance(value, bool) or not isinstance(value, int | str):
        return ""
    return line(str(value), limit=64)


def commit(body: Body, name: str) -> str:
    """The commit under `name`, or empty for the all-zero one. Raises Malformed."""
    value = text(body, name)
    if not COMMIT.fullmatch(value):
        raise Malformed(f"{name}: not a commit id")
    return "" if frozenset(value) == NOTHING else value


def message(value: object) -> str:
    """A commit's message for people: printable, its lines kept, bounded."""
    if not isinstance(value, str):
        return ""
    return UNPRINTABLE.sub("", value[: 2 * MESSAGE_LENGTH].replace("\r\n", "\n")).strip()[:MESSAGE_LENGTH]


def line(value: object, *, limit: int = LINE_LENGTH) -> str:
    """One line for people: printable, bounded."""
    return " ".join(message(value).split())[:limit]
