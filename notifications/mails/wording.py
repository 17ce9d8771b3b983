"""Text as it may stand in a mail: foreign text made harmless, numbers and times in words."""

import re
import unicodedata
from datetime import timedelta

# Other (Cc: control, Cf: format, Cs: lone surrogate) and the two separators that end a line. The two joiners are
# format characters as well, and belong to Persian words and to emoji.
HARMFUL_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
JOINERS = "\u200c\u200d"
SUFFIXES = {1: "st", 2: "nd", 3: "rd"}


def one_line(text: str, limit: int = 200) -> str:
    """Foreign text on one line of at most `limit` characters: without control, bidi and invisible characters.

    Django refuses a new line in a header, and a bidi override can show a subject that isn't there.
    """
    spaced = re.sub(r"\s+", " ", "".join(map(_harmless, text[: 20 * limit]))).strip()
    return spaced if len(spaced) <= limit else f"{spaced[: limit - 1].rstrip()}…"


def lines_of(text: str) -> str:
    """The same for text of many lines, which keeps its line ends, indentation and tabs."""
    return "\n".join("".join(c if c == "\t" else _harmless(c) for c in line) for line in text.split("\n"))


def _harmless(character: str) -> str:
    if character in JOINERS or unicodedata.category(character) not in HARMFUL_CATEGORIES:
        return character
    return " " if character.isspace() else ""


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 4th, … 11th, … 21st."""
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}{SUFFIXES.get(number % 10, 'th')}"


def plural(count: int, thing: str) -> str:
    """1 mail, 2 mails."""
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def span(time: timedelta) -> str:
    """How long, in its two largest units: `1.2 s`, `12 s`, `2 min 5 s`, `2 h 10 min`, `3 d 4 h`."""
    seconds = max(0.0, time.total_seconds())
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    for size, name, next_size, next_name in (
        (86_400, "d", 3_600, "h"),
        (3_600, "h", 60, "min"),
        (60, "min", 1, "s"),
    ):
        if whole >= size:
            rest = whole % size // next_size
            return f"{whole // size} {name} {rest} {next_name}" if rest else f"{whole // size} {name}"
    return f"{whole} s"
