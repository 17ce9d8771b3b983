"""What a badge looks like: well-formed, the same bytes for everybody, and rendered once."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.template.backends.django import Template
from django.utils import translation

from badges.picture import (
    KEPT_PICTURES,
    STYLES,
    Content,
    clean_label,
    kept,
    number,
    picture,
    render,
    template_version,
)

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


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("case", CONFORMANCE, ids=lambda case: ascii(case["s"]))
def test_any_label_is_well_formed_and_as_wide_as_its_layout(case, style):
    label = clean_label(case["s"])

    root = drawn(Content(label, "success", "#97CA00", style))

    layout = STYLES[style](label, "success")
    texts = [half.text for half in (layout.label, layout.message) if half and half.text]
    assert root.get("width") == number(layout.width)
    assert shown_texts(root) == texts
    assert (root.get("role"), root[0].tag) == ("img", f"{SVG}title")
    assert root.get("aria-label") == root[0].text == (f"{label}: success" if label else "success")


def test_for_the_badge_is_drawn_as_badge_maker_draws_it():
    root = drawn(Content("yaydoc", "success", "#97CA00", "for-the-badge"))

    assert (root.get("width"), root.get("height")) == ("155.25", "28")
    assert [(box.get("x"), box.get("width"), box.get("height")) for box in root.iter(f"{SVG}rect")] == [
        (None, "72.5", "28"),
        ("72.5", "82.75", "28"),
    ]
    texts = [(t.get("x"), t.get("y"), t.get("textLength"), t.get("font-weight")) for t in root.iter(f"{SVG}text")]
    assert texts == [("362.5", "175", "485", None), ("1138.75", "175", "587.5", "bold")]
    assert root.find(f"{SVG}g").get("shape-rendering") == "crispEdges"


def test_social_is_drawn_as_badge_maker_draws_it():
    root = drawn(Content("yaydoc", "success", "#97CA00", "social"))

    assert (root.get("width"), root.get("height")) == ("107", "20")
    label, bubble, _notch, overlay = root.iter(f"{SVG}rect")
    assert (label.get("x"), label.get("y"), label.get("width"), label.get("height")) == ("0.5", ".5", "49", "19")
    assert (overlay.get("x"), overlay.get("width")) == ("0.5", "49")
    assert (bubble.get("width"), bubble.get("height"), bubble.get("rx")) == ("51", "19", "2")
    assert root.find(f"{SVG}g/{SVG}g").get("transform") == "translate(55.5)"
    assert [(t.get("x"), t.get("y"), t.get("textLength")) for t in root.iter(f"{SVG}text")] == [
        ("245", "150", "390"),
        ("245", "140", "390"),
        ("805", "150", "430"),
        ("805", "140", "430"),
    ]


@pytest.mark.parametrize(
    ("style", "height", "radius", "shadows"),
    [
        ("flat", "20", "3", ["150", "150"]),
        ("plastic", "18", "4", ["140", "140"]),
        ("flat-square", "20", None, []),
        ("for-the-badge", "28", None, []),
    ],
)
def test_each_style_has_its_height_corners_and_shadows(style, height, radius, shadows):
    root = drawn(Content("yaydoc", "success", "#97CA00", style))

    clip = root.find(f"{SVG}clipPath/{SVG}rect")
    assert root.get("height") == height
    assert (None if clip is None else clip.get("rx")) == radius
    assert [t.get("y") for t in root.iter(f"{SVG}text") if "aria-hidden" in t.attrib] == shadows
    assert {t.get("y") for t in root.iter(f"{SVG}text")} - set(shadows) == {
        {"plastic": "130", "for-the-badge": "175"}.get(style, "140")
    }


@pytest.mark.parametrize(
    ("style", "stops"),
    [
        ("flat", [("0", "#bbb", ".1"), ("1", None, ".1")]),
        ("plastic", [("0", "#fff", ".7"), (".1", "#aaa", ".1"), (".9", None, ".3"), ("1", None, ".5")]),
        ("social", [("0", "#fcfcfc", "0"), ("1", None, ".1")]),
    ],
)
def test_overlay_has_the_stops_of_its_style(style, stops):
    root = drawn(Content("yaydoc", "success", "#97CA00", style))

    found = [(s.get("offset"), s.get("stop-color"), s.get("stop-opacity")) for s in root.iter(f"{SVG}stop")]
    assert found == stops


@pytest.mark.parametrize("style", STYLES)
def test_picture_has_nothing_between_its_elements(style):
    assert not re.search(r">\s|\s<|  ", render(Content("yaydoc", "success", "#97CA00", style)))


@pytest.mark.parametrize(
    "point", [*range(0x100), 0x2028, 0x202E, 0xD800, 0xFDD0, 0xFEFF, 0xFFFE, 0x1FFFF, 0x10FFFF]
)
def test_every_character_leaves_the_picture_well_formed(point):
    drawn(Content(clean_label(f"a{chr(point)}b"), "success", "#97CA00"))


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("locale", ["de", "ar", "fa", "hi"])
def test_bytes_are_the_same_in_every_language(locale, style, settings):
    settings.USE_THOUSAND_SEPARATOR = True
    content = Content("W" * 60, "success", "#97CA00", style)
    english = render(content)

    with translation.override(locale):
        assert render(content) == english


def test_ids_differ_between_all_pictures_that_stand_on_one_page():
    contents = [Content("a", message, "#555", style) for message in ("x", "y") for style in STYLES]

    ids = [found for content in contents for found in re.findall(rb' id="(\w+)"', picture(content).body)]

    assert len(ids) == 2 * (2 + 2 + 1)  # flat and plastic have two each, social has one
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("style", STYLES)
def test_every_reference_leads_to_an_id_of_the_same_picture(style):
    body = picture(Content("a", "x", "#555", style)).body

    assert set(re.findall(rb"url\(#(\w+)\)", body)) == set(re.findall(rb' id="(\w+)"', body))


@pytest.mark.parametrize("style", ["flat", "flat-square", "plastic", "for-the-badge"])
@pytest.mark.parametrize(
    ("colour", "fill"), [("#2e7d32", "#fff"), ("#b1b1b1", "#fff"), ("#b2b2b2", "#333"), ("#ff0", "#333")]
)
def test_text_is_dark_on_a_bright_colour(style, colour, fill):
    root = drawn(Content("a", "b", colour, style))

    texts = list(root.iter(f"{SVG}text"))
    shadows = [t.get("fill") for t in texts if "aria-hidden" in t.attrib]
    assert texts[-1].get("fill") == fill
    assert shadows[1:] in ([], ["#ccc" if fill == "#333" else "#010101"])


@pytest.fixture
def renders(monkeypatch):
    """Each rendering of a picture, counted where Django does it; what a template includes does not count."""
    kept.cache_clear()
    found = []
    original = Template.render
    monkeypatch.setattr(Template, "render", lambda self, *args: found.append(1) or original(self, *args))
    return found


def test_a_picture_is_rendered_once(renders):
    contents = [Content(label, "success", "#97CA00") for label in ("a", "b", "c", "d")]

    for turn in range(1000):
        picture(contents[turn % 4])

    assert len(renders) == 4


def test_turnof_kept_pictures_is_bounded():
    kept.cache_clear()

    for label in range(KEPT_PICTURES + 10):
        picture(Content(str(label), "success", "#97CA00", "flat-square"))

    assert kept.cache_info().currsize == KEPT_PICTURES


def test_whoever_changes_a_template_sees_it_at_once(renders, settings, monkeypatch):
    settings.DEBUG = True
    content = Content("a", "success", "#97CA00")
    picture(content)
    picture(content)
    before = template_version()
    read = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: read(path) + (b" " if path.name == "flat.svg" else b""))

    picture(content)

    assert template_version() != before
    assert len(renders) == 2
