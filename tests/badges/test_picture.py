"""What a badge looks like: well-formed, the same bytes for everybody, and rendered once."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.template import Template
from django.utils import translation

from badges.picture import Content, clean_label, picture, render

CONFORMANCE = json.loads((Path(__file__).parent / "conformance.json").read_text())
SVG = "{http://www.w3.org/2000/svg}"


def drawn(content):
    return ElementTree.fromstring(picture(content).body)  # raises ParseError unless it is well-formed


def shown_texts(root):
    return [element.text for element in root.iter(f"{SVG}text") if "aria-hidden" not in element.attrib]


def test_success_is_drawn_as_the_brief_shows_it():
    root = drawn(Content("yaydoc", "success", "#97CA00"))

    assert (root.get("width"), root.get("height"), root.get("role")) == ("102", "20", "img")
    assert root.get("aria-label") == root.find(f"{SVG}title").text == "yaydoc: success"
    assert shown_texts(root) == ["yaydoc", "success"]
    boxes = root.findall(f"{SVG}g")[0].findall(f"{SVG}rect")
    assert [(box.get("x"), box.get("width"), box.get("fill")) for box in boxes[:2]] == [
        (None, "49", "#555"),
        ("49", "53", "#97CA00"),
    ]
    texts = [(t.get("x"), t.get("y"), t.get("textLength"), t.get("fill")) for t in root.iter(f"{SVG}text")]
    assert texts == [
        ("255", "150", "390", "#010101"),
        ("255", "140", "390", "#fff"),
        ("745", "150", "430", "#010101"),
        ("745", "140", "430", "#fff"),
    ]


@pytest.mark.parametrize(
    ("given", "drawable"),
    [
        ("docs", "docs"),
        ("  docs ", "docs"),
        ("a\r\n\r\nb\tc\u2028d", "a b c d"),
        ("a\x00b\x1bc\x7fd\x9fe", "abcde"),
        ("\u202eevil\u2066\u200f", "evil"),
        ("a\ud800b\ufffec\uffffd\ufdd0e\U0001ffff", "abcde"),
        ("ab\U0001f468\u200d\U0001f469", "ab\U0001f468\u200d\U0001f469"),
        ("x" * 64, "x" * 64),
        ("x" * 65, "x" * 64 + "…"),
        ("x" * 100_000, "x" * 64 + "…"),
    ],
)
def test_label_is_cleaned(given, drawable):
    assert clean_label(given) == drawable


@pytest.mark.parametrize("case", CONFORMANCE, ids=lambda case: ascii(case["s"]))
def test_any_label_is_well_formed_and_as_wide_as_shields_own(case):
    label = clean_label(case["s"])

    root = drawn(Content(label, "success", "#97CA00"))

    assert int(root.get("width")) == case["flat_as_label"]
    assert shown_texts(root) == ([label, "success"] if label else ["success"])


@pytest.mark.parametrize(
    "point", [*range(0x100), 0x2028, 0x202E, 0xD800, 0xFDD0, 0xFEFF, 0xFFFE, 0x1FFFF, 0x10FFFF]
)
def test_every_character_leaves_the_picture_well_formed(point):
    drawn(Content(clean_label(f"a{chr(point)}b"), "success", "#97CA00"))


@pytest.mark.parametrize("locale", ["de", "ar", "fa", "hi"])
def test_bytes_are_the_same_in_every_language(locale, settings):
    settings.USE_THOUSAND_SEPARATOR = True
    content = Content("W" * 60, "success", "#97CA00")
    english = render(content)

    with translation.override(locale):
        assert render(content) == english


def test_ids_differ_between_pictures_that_stand_on_one_page():
    one, other = (re.findall(rb'id="(\w+)"', picture(Content("a", m, "#555")).body) for m in ("x", "y"))

    assert len({*one, *other}) == 4


def test_text_is_dark_on_a_bright_colour():
    dark, bright = (drawn(Content("a", "b", colour)) for colour in ("#2e7d32", "#ff0"))

    assert [t.get("fill") for t in dark.iter(f"{SVG}text")][-1] == "#fff"
    assert [t.get("fill") for t in bright.iter(f"{SVG}text")][-2:] == ["#ccc", "#333"]


def test_a_picture_is_rendered_once(monkeypatch):
    picture.cache_clear()
    renders = []
    original = Template.render
    monkeypatch.setattr(Template, "render", lambda self, context: renders.append(1) or original(self, context))
    contents = [Content(label, "success", "#97CA00") for label in ("a", "b", "c", "d")]

    for number in range(1000):
        picture(contents[number % 4])

    assert len(renders) == 4
