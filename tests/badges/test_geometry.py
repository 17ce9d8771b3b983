"""Sizes equal those of shields' own badges for every text of conformance.json."""

import json
from pathlib import Path

import pytest

from badges import geometry

CASES = json.loads((Path(__file__).parent / "conformance.json").read_text())


@pytest.mark.parametrize("case", CASES, ids=lambda case: ascii(case["s"]))
@pytest.mark.parametrize("font", ["11px Verdana", "10px Verdana", "bold 10px Verdana", "bold 11px Helvetica"])
def test_text_is_as_wide_as_in_the_font(case, font):
    assert geometry.font(font).width(case["s"]) == round(case[font] * 100)


@pytest.mark.parametrize("case", CASES, ids=lambda case: ascii(case["s"]))
def test_width_is_odd(case):
    assert geometry.whole_odd_width(case["s"], "11px Verdana") == case["pref"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: ascii(case["s"]))
def test_flat_badge_is_as_wide_as_shields_own(case):
    assert geometry.flat("yaydoc", case["s"]).width == case["flat"]
    assert geometry.flat(case["s"], "success").width == case["flat_as_label"]


@pytest.mark.parametrize(
    ("message", "width", "middle", "length"),
    [("success", 102, 745, 430), ("failed", 88, 675, 290), ("invalid", 94, 705, 350)],
)
def test_the_three_first_badges_have_their_known_sizes(message, width, middle, length):
    layout = geometry.flat("yaydoc", message)

    assert layout.width == width
    assert layout.label == geometry.Text(box=49, middle=255, length=390)
    assert layout.message == geometry.Text(box=width - 49, middle=middle, length=length)


def test_an_empty_label_has_no_box():
    layout = geometry.flat("", "success")

    assert layout.label == geometry.Text(0, 0, 0)
    assert layout.message == geometry.Text(box=53, middle=265, length=430)
