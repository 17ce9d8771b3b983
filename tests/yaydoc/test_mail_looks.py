"""How mails look, without a mail program: the table of looks, and text in lines."""

import re
from pathlib import Path

import pytest

from yaydoc import mail_looks
from yaydoc.mail_looks import DARK, LIGHT, LOOKS, PALETTE, TONES
from yaydoc.templatetags.mails import COLUMNS, LABEL, labelled, looks, wrapped

STYLE = (Path(mail_looks.__file__).parent / "static" / "yaydoc" / "style.css").read_text()


def properties(sheet):
    return dict(re.findall(r"--([a-z-]+): ([^;]+);", sheet))


def six_digits(colour):
    return f"#{''.join(digit * 2 for digit in colour[1:])}" if len(colour) == 4 else colour


def test_a_mail_has_the_colours_of_the_site():
    light, dark = STYLE.split("@media (prefers-color-scheme: dark)")[:2]
    site = properties(light), {**properties(light), **properties(dark[: dark.index("/* -- elements")])}
    for name, colours in PALETTE.items():
        assert colours == tuple(six_digits(scheme[name]) for scheme in site), name


def luminance(colour):
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("scheme", [LIGHT, DARK])
@pytest.mark.parametrize("tone", TONES)
@pytest.mark.parametrize("name", LOOKS)
def test_every_text_can_be_read_on_what_lies_behind_it(name, tone, scheme):
    """WCAG 2.2, 1.4.3. A look without a background lies on the card."""
    style = dict(part.split(":", 1) for part in mail_looks.style_of(name, tone, scheme).split(";"))
    colour = style.get("color", PALETTE["text"][scheme])
    usual = PALETTE["ink" if name == "button" else "surface"][scheme]
    light, dark = sorted([luminance(colour), luminance(style.get("background-color", usual))], reverse=True)
    if "color" in style or "background-color" not in style:
        assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_an_element_has_its_light_colours_itself_and_a_class_for_the_dark_ones():
    assert str(looks("label")).startswith('class="label" style="padding:3px 18px 3px 0;color:#5d646b;')
    assert 'class="notice-bad" style="' in looks("notice", "bad")
    assert ".label{color:#98a3ac!important}" in mail_looks.dark_sheet()
    assert ".notice-bad{background-color:#341a18!important" in mail_looks.dark_sheet()


def test_the_sheet_is_short_enough_for_gmail_to_keep_it():
    """Gmail drops a style element of more than 8,192 characters. Source: Gmail, CSS support."""
    assert 1_000 < len(mail_looks.dark_sheet()) < 7_500


def test_an_unknown_look_or_tone_is_a_fault_that_shows():
    with pytest.raises(KeyError):
        looks("buton")
    with pytest.raises(KeyError):
        looks("pill", "red")


def test_text_is_wrapped_at_blanks_and_nothing_else_is_cut():
    long_word = "http://localhost:8000/" + "x" * 100
    lines = wrapped(f"{'word ' * 40}{long_word}\n\nsecond-part", "  ").splitlines()
    assert max(len(line) for line in lines if "http" not in line) in range(COLUMNS - 6, COLUMNS + 1)
    assert f"  {long_word}" in lines
    assert lines[-2:] == ["", "  second-part"]


def test_a_long_fact_is_wrapped_beside_its_label():
    first, *others = labelled("word " * 40, "Message").splitlines()
    assert first.startswith("Message:       word word")
    assert labelled("x", "A label that is longer") == "A label that is longer: x"
    assert len(others) == 3
    assert all(line.startswith(" " * LABEL + "word") and len(line) <= COLUMNS for line in others)
