"""Sizes equal those of shields' own badges, for every text of conformance.json as message and as label.

`badge_maker.json` is what badge-maker 4.1.0 draws of the same texts: style → the badge's width, then the middle
and the length of each text.
"""

import json
from pathlib import Path

import pytest

from badges import geometry
from badges.picture import STYLES

CASES = json.loads((Path(__file__).parent / "conformance.json").read_text())
MADE = json.loads((Path(__file__).parent / "badge_maker.json").read_text())


@pytest.mark.parametrize("case", CASES, ids=lambda case: ascii(case["s"]))
@pytest.mark.parametrize("font", ["11px Verdana", "10px Verdana", "bold 10px Verdana", "bold 11px Helvetica"])
def test_text_is_as_wide_as_in_the_font(case, font):
    assert geometry.font(font).width(case["s"]) == round(case[font] * 100)


@pytest.mark.parametrize("case", CASES, ids=lambda case: ascii(case["s"]))
def test_width_is_odd(case):
    assert geometry.whole_odd_width(case["s"], "11px Verdana") == case["pref"]


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("case", CASES, ids=lambda case: ascii(case["s"]))
def test_badge_with_this_message_is_as_wide_as_shields_own(case, style):
    assert STYLES[style]("yaydoc", case["s"]).width == case[style]


@pytest.mark.parametrize("case", CASES, ids=lambda case: ascii(case["s"]))
def test_flat_badge_with_this_label_is_as_wide_as_shields_own(case):
    assert geometry.classic(case["s"], "success").width == case["flat_as_label"]


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("case", MADE, ids=lambda case: ascii((case["label"], case["message"])))
def test_texts_stand_where_badge_maker_puts_them(case, style):
    width, *texts = case[style]

    layout = STYLES[style](case["label"], case["message"])

    assert layout.width == width
    halves = [half for half in (layout.label, layout.message) if half]
    assert [[half.middle, half.length] for half in halves][: len(texts)] == texts


@pytest.mark.parametrize(
    ("message", "width", "middle", "length"),
    [("success", 102, 745, 430), ("failed", 88, 675, 290), ("invalid", 94, 705, 350)],
)
def test_the_three_first_badges_have_their_known_sizes(message, width, middle, length):
    layout = geometry.classic("yaydoc", message)

    assert layout.width == width
    assert layout.label == geometry.Half("yaydoc", left=0, box=49, middle=255, length=390)
    assert layout.message == geometry.Half(message, left=49, box=width - 49, middle=middle, length=length)


def test_text_is_drawn_as_the_style_has_it():
    capitals, social = geometry.for_the_badge("straße", "ok"), geometry.social("straße", "ok")

    assert (capitals.label.text, capitals.message.text) == ("STRASSE", "OK")
    assert (social.label.text, social.message.text) == ("Straße", "ok")


def test_an_empty_label_has_no_box():
    layout = geometry.classic(" ", "success")

    assert layout.label is None
    assert layout.message == geometry.Half("success", left=0, box=53, middle=265, length=430)
