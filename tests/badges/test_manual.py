"""The manual's page on the badge says and shows what holds now; its pictures byte for byte.

`WRITE_PICTURES=1 .venv/bin/python -m pytest tests/badges/test_manual.py` draws them anew.
"""

import json
import os
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from badges.picture import STYLES, render
from badges.status import MESSAGES, Status
from badges.wishes import Wishes, wishes
from repositories.models import BuildStatus
from tests.badges.stored import set_status

MANUAL = Path(__file__).resolve().parents[2] / "docs"
TEXT = (MANUAL / "badge.md").read_text()
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
    shown = re.findall(r"\]\(badges/([\w-]+)\.svg\)", TEXT)

    assert shown == list(PICTURES)
    assert {file.stem for file in (MANUAL / "badges").iterdir()} == set(PICTURES)


def table(heading):
    """The rows of the section's last table, as lists of cells without the marks of code."""
    section = TEXT.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    last = section[section.rindex("|---|") :].splitlines()[1:]
    return [[cell.strip().replace("`", "") for cell in row.strip("|").split(" | ")] for row in last if "|" in row]


def test_manual_names_every_message():
    assert {message for message, _when in table("What it says")} == set(MESSAGES.values())


def test_manual_names_the_colour_of_every_message():
    colours = {
        message: tuple(colours) for messages, *colours in table("Styles") for message in messages.split(", ")
    }

    assert colours == {
        MESSAGES[status]: (wishes("").content(status).colour, wishes("palette=aa").content(status).colour)
        for status in Status
    }


def test_manual_names_every_parameter():
    values = {"style": "plastic", "palette": "aa"}
    named = [name.partition("=")[0] for name, _meaning in table("Parameters")]

    assert len(named) == len(Wishes.__dataclass_fields__)
    assert [name for name in named if wishes(f"{name}={values.get(name, '1')}") == Wishes()] == []


def test_manual_names_every_header(client, repository):
    set_status(repository, BuildStatus.SUCCESS)

    response = client.get("/octo/docs.svg")

    named = {name: value for names, value, _why in table("The answer") for name in names.split(", ")}
    assert set(named) == set(response.headers) - {"Content-Length", "Access-Control-Expose-Headers"}
    for name in ("Content-Type", "X-Content-Type-Options", "Cache-Control", "Content-Security-Policy"):
        assert response[name] in named[name]


def test_example_of_the_data_is_what_is_answered(client, repository):
    set_status(repository, BuildStatus.SUCCESS)
    example = re.search(r"```json\n(.*?)```", TEXT, re.DOTALL)[1]

    assert client.get("/octo/docs.json").json() == json.loads(example)
