"""A badge's picture: rendered once for each content, then kept as bytes.

A picture depends on its content only, not on the repository, so a kept one is right for ever: nothing has to
be invalidated, in any process, when a status changes. A process keeps what its own templates rendered.
"""

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from threading import Lock

from django.conf import settings
from django.template.loader import render_to_string

from badges import geometry

KEPT_PICTURES = 2048  # of about 1.5 kB each
LABEL_LENGTH = 64  # characters
# Right-to-left overrides and their like turn the text around them (Unicode TR 9).
TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
NEW_LINES = re.compile(r"[\t\n\v\f\r\x1c-\x1f\x85\u2028\u2029]+")


_keeping = Lock()


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


STYLES = {
    "flat": geometry.classic,
    "flat-square": geometry.classic,
    "plastic": geometry.classic,
    "for-the-badge": geometry.for_the_badge,
    "social": geometry.social,
}


def clean_label(text: str) -> str:
    """What of a stranger's text can stand in a picture: well-formed XML in one line, and not too long."""
    text = NEW_LINES.sub(" ", text)
    text = "".join(filter(_is_drawable, text)).strip()
    return text if len(text) <= LABEL_LENGTH else f"{text[:LABEL_LENGTH]}…"


def _is_drawable(character: str) -> bool:
    is_noncharacter = ord(character) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(character) <= 0xFDEF
    return not (is_noncharacter or character in TURNING or unicodedata.category(character) in {"Cc", "Cs"})


def picture(content: Content) -> Picture:
    # One thread at a time: of two that miss the same picture the second would render it again.
    with _keeping:
        return kept(content, template_version())


@lru_cache(maxsize=KEPT_PICTURES)
def kept(content: Content, _version: str) -> Picture:
    """The pictures that were asked for last."""
    body = render(content).encode()
    return Picture(body, f'"{hashlib.sha256(body).hexdigest()[:32]}"')


def template_version() -> str:
    """Of all that turns content into a picture: whatever keeps pictures has it in its key.

    Read once, and again each time with DEBUG, so that whoever changes a template sees it.
    """
    return _version_of_files() if settings.DEBUG else _version_at_start()


def _version_of_files() -> str:
    files = sorted(file for kind in ("*.py", "*.svg", "*.json") for file in Path(__file__).parent.rglob(kind))
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()[:16]


_version_at_start = cache(_version_of_files)


def render(content: Content) -> str:
    layout = STYLES[content.style](content.label, content.message)
    text, shadow = _text_colours(content.colour)
    svg = render_to_string(
        f"badges/{content.style}.svg",
        {
            "id": hashlib.sha256(repr(content).encode()).hexdigest()[:8],
            "content": content,
            "width": number(layout.width),
            "label": layout.label and _as_text(layout.label),
            "message": _as_text(layout.message),
            "text_colour": text,
            "shadow_colour": shadow,
        },
    )
    # The templates have lines and indentation for people, each element on a line of its own.
    return "".join(line.strip() for line in svg.split("\n"))


def _as_text(half: geometry.Half) -> dict[str, str]:
    return {
        "text": half.text,
        "left": number(half.left),
        "box": number(half.box),
        "middle": number(half.middle),
        "length": number(half.length),
    }


def number(value: float) -> str:
    """Templates write numbers by the rules of the reader's language, so they are given text."""
    return str(int(value)) if value == int(value) else str(value)


def _text_colours(background: str) -> tuple[str, str]:
    """Text and shadow: dark on a bright background. Source: shields.io's badge-maker, lib/color.js"""
    digits = background.removeprefix("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    red, green, blue = bytes.fromhex(digits)
    brightness = (red * 299 + green * 587 + blue * 114) / 255_000
    return ("#fff", "#010101") if round(brightness, 2) <= 0.69 else ("#333", "#ccc")
