"""The manual's pictures of the badge are what is drawn now, byte for byte.

`WRITE_PICTURES=1 .venv/bin/python -m pytest tests/badges/test_manual_pictures.py` draws them anew.
"""

import os
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from badges.picture import STYLES, render
from badges.status import Status
from badges.wishes import wishes

MANUAL = Path(__file__).resolve().parents[2] / "docs"
# The name of the file to what is asked of the badges in it.
PICTURES = {style: f"style={style}" for style in STYLES} | {"high-contrast": "palette=aa"}
SHOWN = [Status.SUCCESS, Status.FAILED, Status.NOT_BUILT, Status.BUILDING]
GAP = 10  # px


def row(query):
    """An SVG picture with a badge of each status beside the other."""
    bodies, left, height = [], 0.0, 0
    for status in SHOWN:
        body = render(wishes(query).content(status))
        root = ElementTree.fromstring(body)
        bodies.append(body.replace("<svg ", f'<svg x="{left:g}" ', 1))
        left += float(root.get("width")) + GAP
        height = root.get("height")
    size = f'width="{left - GAP:g}" height="{height}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>\n' + "\n".join(bodies) + "\n</svg>\n"


@pytest.mark.parametrize("name", PICTURES)
def test_picture_in_the_manual_is_what_is_drawn_now(name):
    file, drawn = MANUAL / "badges" / f"{name}.svg", row(PICTURES[name])
    if "WRITE_PICTURES" in os.environ:
        file.parent.mkdir(exist_ok=True)
        file.write_text(drawn)

    ElementTree.fromstring(drawn)
    assert file.read_text() == drawn


def test_manual_shows_every_picture_and_nothing_else():
    shown = re.findall(r"\]\(badges/([\w-]+)\.svg\)", (MANUAL / "badge.md").read_text())

    assert shown == list(PICTURES)
    assert {file.stem for file in (MANUAL / "badges").iterdir()} == set(PICTURES)
