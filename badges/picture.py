"""A badge's picture: rendered once for each content, then kept as bytes.

A picture depends on its content only, not on the repository, so a kept one is right for ever: nothing has to
be invalidated, in any process, when a status changes. A process keeps what its own templates rendered.
"""

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from django.template.loader import render_to_string

from badges import geometry

KEPT_PICTURES = 2048  # of about 1.5 kB each
LABEL_LENGTH = 64  # characters
# Right-to-left overrides and their like turn the text around them (Unicode TR 9).
TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
NEW_LINES = re.compile(r"[\t\n\v\f\r\x1c-\x1f\x85\u2028\u2029]+")


@dataclass(frozen=True)
class Content:
    """All that a picture depends on."""

    label: str
    message: str
    colour: str
    style: str = "flat"

    @property
    def text(self) -> str:
        return f"{self.label}: {self.message}" if self.label else self.message


@dataclass(frozen=True)
class Picture:
    body: bytes
    etag: str  # strong, quoted


STYLES = {"flat": geometry.flat}


def clean_label(text: str) -> str:
    """What of a stranger's text can stand in a picture: well-formed XML in one line, and not too long."""
    text = NEW_LINES.sub(" ", text)
    text = "".join(filter(_is_drawable, text)).strip()
    return text if len(text) <= LABEL_LENGTH else f"{text[:LABEL_LENGTH]}…"


def _is_drawable(character: str) -> bool:
    is_noncharacter = ord(character) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(character) <= 0xFDEF
    return not (is_noncharacter or character in TURNING or unicodedata.category(character) in {"Cc", "Cs"})


@lru_cache(maxsize=KEPT_PICTURES)
def picture(content: Content) -> Picture:
    body = render(content).encode()
    return Picture(body, f'"{hashlib.sha256(body).hexdigest()[:32]}"')


def render(content: Content) -> str:
    layout = STYLES[content.style](content.label, content.message)
    text, shadow = _text_colours(content.colour)
    # Numbers go in as text: templates write them by the rules of the reader's language otherwise.
    return render_to_string(
        f"badges/{content.style}.svg",
        {
            "id": hashlib.sha256(repr(content).encode()).hexdigest()[:8],
            "content": content,
            "width": str(layout.width),
            "left": _as_text(layout.label),
            "right": _as_text(layout.message),
            "text_colour": text,
            "shadow_colour": shadow,
        },
    )


def _as_text(text: geometry.Text) -> dict[str, str]:
    return {"box": str(text.box), "middle": str(text.middle), "length": str(text.length)}


def _text_colours(background: str) -> tuple[str, str]:
    """Text and shadow: dark on a bright background. Source: shields.io's badge-maker, lib/color.js"""
    digits = background.removeprefix("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    red, green, blue = bytes.fromhex(digits)
    brightness = (red * 299 + green * 587 + blue * 114) / 255_000
    return ("#fff", "#010101") if brightness <= 0.69 else ("#333", "#ccc")
