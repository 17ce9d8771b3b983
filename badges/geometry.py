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
SCALE = 10  # text is drawn this many times as large and scaled down: renderers round less
PADDING = 5  # px, on each side of a text

CAPITALS, BOLD_CAPITALS = "10px Verdana", "bold 10px Verdana"
CAPITALS_PADDING = 12  # px
LETTER_SPACING = 1.25  # px for each UTF-16 unit, by which badge-maker counts

HELVETICA = "bold 11px Helvetica"
BUBBLE_PADDING = 4  # px
GUTTER = 6  # px between the label's box and the message's bubble
LINE = 0.5  # px by which the boxes are inset, so that a line of 1 px around them covers whole pixels


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
class Half:
    """The label's or the message's half of a badge: where its box begins and how wide it is, in pixels; the
    middle of its text and how long that is, in tenths of a pixel.

    All are multiples of a quarter, which floating point keeps exactly.
    """

    text: str  # as it is drawn
    left: float
    box: float
    middle: float
    length: float

    @property
    def right(self) -> float:
        return self.left + self.box


@dataclass(frozen=True)
class Layout:
    label: Half | None
    message: Half
    width: float


def classic(label: str, message: str) -> Layout:
    """The layout of the styles flat, flat-square and plastic. An empty label has no box."""
    label, message = label.strip(), message.strip()
    if not label:
        only = _classic_half(message, left=0, text_from=PADDING)
        return Layout(None, only, only.box)
    left = _classic_half(label, left=0, text_from=PADDING + 1)
    # The texts are a pixel nearer to each other than to the badge's ends.
    right = _classic_half(message, left=left.box, text_from=left.box + PADDING - 1)
    return Layout(left, right, right.right)


def _classic_half(text: str, *, left: float, text_from: float) -> Half:
    width = whole_odd_width(text, VERDANA)
    return _half(text, left=left, box=width + 2 * PADDING, text_from=text_from, width=width)


def for_the_badge(label: str, message: str) -> Layout:
    """Capitals with room between them; widths are fractions, and nothing is rounded to odd numbers."""
    left = _capitals(label.strip().upper(), CAPITALS, left=0)
    if not left.text:
        only = _capitals(message.strip().upper(), BOLD_CAPITALS, left=0)
        return Layout(None, only, only.box)
    right = _capitals(message.strip().upper(), BOLD_CAPITALS, left=left.box)
    return Layout(left, right, right.right)


def _capitals(text: str, font_name: str, *, left: float) -> Half:
    units = len(text.encode("utf-16-le", "surrogatepass")) // 2
    width = font(font_name).width(text) // 100 + LETTER_SPACING * units
    box = width + 2 * CAPITALS_PADDING
    return _half(text, left=left, box=box, text_from=left + CAPITALS_PADDING, width=width)


def social(label: str, message: str) -> Layout:
    """A box, which is there for an empty label too, and a bubble that points to it."""
    label, message = label.strip(), message.strip()
    label = label[:1].upper() + label[1:]
    width = whole_odd_width(label, HELVETICA)
    left = _half(label, left=LINE, box=width + 2 * PADDING, text_from=PADDING, width=width)
    width = whole_odd_width(message, HELVETICA)
    bubble = left.box + GUTTER
    right = _half(
        message,
        left=bubble + LINE,
        box=width + 2 * BUBBLE_PADDING,
        text_from=bubble + BUBBLE_PADDING,
        width=width,
    )
    return Layout(left, right, right.right + LINE if message else left.right + LINE)


def _half(text: str, *, left: float, box: float, text_from: float, width: float) -> Half:
    return Half(text, left, box, SCALE * (text_from + width / 2), SCALE * width)
