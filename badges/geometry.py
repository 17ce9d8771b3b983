"""How wide text is, and where it stands in a badge.

The widths are those of Verdana and Helvetica, so that a badge looks the same where the font is missing.
Source: shields.io's badge-maker, whose pictures of the same text have the same size.
"""

import json
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from functools import cache
from pathlib import Path

VERDANA = "11px Verdana"
PADDING = 5  # px, on each side of a text
SCALE = 10  # text is drawn this many times as large and scaled down: renderers round less


class Font:
    """The advance of each character of a font, in hundredths of a pixel, so that sums are exact."""

    def __init__(self, name: str) -> None:
        table = json.loads((Path(__file__).parent / "widths.json").read_text())
        self._characters: dict[str, int] = {key: round(width * 100) for key, width in table["fonts"][name].items()}
        self._ranges: list[tuple[int, int, int]] = [
            (low, high, round(width * 100)) for low, high, width in table["ranges"][name]
        ]
        self._unknown = self._characters[table["unknown_is"]]

    def advance(self, character: str) -> int:
        width = self._characters.get(character)
        if width is not None:
            return width
        if unicodedata.category(character) == "Cc":
            return 0
        point = ord(character)
        candidate = bisect_right(self._ranges, point, key=lambda entry: entry[0]) - 1
        low, high, width = self._ranges[candidate]
        return width if low <= point <= high else self._unknown

    def width(self, text: str) -> int:
        return sum(map(self.advance, text))


font = cache(Font)


def whole_odd_width(text: str, font_name: str) -> int:
    """In pixels. An odd width puts the middle of the text on the middle of a pixel."""
    width = font(font_name).width(text) // 100
    return width if width % 2 else width + 1


@dataclass(frozen=True)
class Text:
    """One half of a badge: its box in pixels; its text's middle and length in tenths of a pixel."""

    box: int
    middle: int
    length: int


@dataclass(frozen=True)
class Layout:
    label: Text
    message: Text

    @property
    def width(self) -> int:
        return self.label.box + self.message.box


def flat(label: str, message: str) -> Layout:
    """The layout of the flat style. An empty label has no box."""
    message_width = whole_odd_width(message.strip(), VERDANA)
    if not label.strip():
        return Layout(Text(0, 0, 0), _text(message_width, start=0))
    label_width = whole_odd_width(label.strip(), VERDANA)
    label_text = _text(label_width, start=1)
    return Layout(label_text, _text(message_width, start=label_text.box - 1))


def _text(width: int, *, start: int) -> Text:
    """`start` is where the text's padding begins: boxes overlap it by a pixel towards the badge's middle."""
    # Half of ten times an odd width is a whole number: no decimal point reaches the template.
    return Text(width + 2 * PADDING, SCALE * (start + PADDING) + SCALE * width // 2, SCALE * width)
