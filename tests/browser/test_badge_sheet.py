"""A sheet of every state in every style and palette, on light and on dark, to be looked at.

`.venv/bin/python -m pytest tests/browser/test_badge_sheet.py --basetemp=/tmp/sheet` leaves it in that directory,
three times as large.
"""

from itertools import product

import pytest

from badges.picture import STYLES, picture
from badges.status import PALETTES, Status
from badges.wishes import wishes

PAGE = """<!doctype html><meta charset=utf-8><style>
body { margin: 0; font: 12px sans-serif; width: max-content }
section { padding: 10px } .light { background: #fff; color: #000 } .dark { background: #0d1117; color: #fff }
td { padding: 3px 6px } svg { display: block }
</style>"""
# A point of the message's box, in pixels from the picture's right end and from its top, where no text stands.
POINT = (4, 4)
# Reads the colour of each picture at that point, drawn in its own size.
COLOURS = """(point) => Promise.all([...document.querySelectorAll("svg")].map(async (svg) => {
  const image = new Image();
  image.src = `data:image/svg+xml,${encodeURIComponent(svg.outerHTML)}`;
  await image.decode();
  const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d");
  canvas.drawImage(image, 0, 0);
  const [red, green, blue] = canvas.getImageData(image.width - point[0], point[1], 1, 1).data;
  return [red, green, blue];
}))"""
# How far from the colour itself the overlay may take it there.
OVERLAY = {"flat": 20, "flat-square": 1, "plastic": 30, "for-the-badge": 1}


def table(palette):
    rows = []
    for style in STYLES:
        asked = wishes(f"style={style}&palette={palette}")
        cells = [picture(asked.content(status)).body.decode() for status in Status]
        rows.append(f"<tr><th>{style}</th><td>{'</td><td>'.join(cells)}</td></tr>")
    return f"<table>{''.join(rows)}</table>"


@pytest.fixture
def sheet(browser):
    page = browser.new_page(device_scale_factor=3)
    sections = [
        f"<section class={scheme}>{palette}{table(palette)}</section>"
        for scheme, palette in product(("light", "dark"), PALETTES)
    ]
    page.set_content(PAGE + "".join(sections))
    yield page
    page.close()


def test_every_picture_of_the_sheet_has_its_colour(sheet, tmp_path):
    sheet.screenshot(path=tmp_path / "contact-sheet.png", full_page=True)

    found = iter(sheet.evaluate(COLOURS, POINT))

    for _scheme, palette, style, status in product(("light", "dark"), PALETTES, STYLES, Status):
        colour = next(found)
        if style == "social":
            assert colour == [0xFA, 0xFA, 0xFA]
            continue
        expected = bytes.fromhex(wishes(f"palette={palette}").content(status).colour[1:])
        distance = max(abs(one - other) for one, other in zip(colour, expected, strict=True))
        assert distance <= OVERLAY[style], (palette, style, status, colour)
    assert next(found, None) is None
