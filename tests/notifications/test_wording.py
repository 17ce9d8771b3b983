"""Foreign text made harmless; numbers and times in words."""

from datetime import timedelta

import pytest

from notifications.mails.wording import lines_of, one_line, ordinal, span


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("main", "main"),
        ("a\r\nBcc: eve@example.org", "a Bcc: eve@example.org"),
        ("nul\x00, bell\x07 and escape\x1b[31m", "nul, bell and escape[31m"),
        ("abc\u202egpj.exe", "abcgpj.exe"),
        ("\u2066isolate\u2069 \u200e\ufeffmarks", "isolate marks"),
        ("line\u2028and paragraph\u2029separators\x85", "line and paragraph separators"),
        ("lone \ud800 surrogate", "lone surrogate"),
        ("  many \t\n blanks  ", "many blanks"),
        ("👩\u200d💻 \u0645\u06cc\u200c\u062e", "👩\u200d💻 \u0645\u06cc\u200c\u062e"),
        ("Grüße, 文档", "Grüße, 文档"),
    ],
)
def test_foreign_text_becomes_one_harmless_line(text, shown):
    assert one_line(text) == shown


def test_a_long_line_is_cut():
    assert one_line("word " * 100, 11) == "word word…"
    assert len(one_line("x" * 10_000_000, 200)) == 200


def test_lines_keep_their_ends_and_their_indentation():
    assert lines_of("a\n\tb  c\u202e\n  d\x1b") == "a\n\tb  c\n  d"


@pytest.mark.parametrize(
    ("number", "word"),
    [
        *[(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th"), (13, "13th")],
        *[(21, "21st"), (102, "102nd"), (111, "111th"), (113, "113th")],
    ],
)
def test_ordinals(number, word):
    assert ordinal(number) == word


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-1, "0.0 s"),
        (1.24, "1.2 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (59.4, "59 s"),
        (59.6, "1 min"),
        (125, "2 min 5 s"),
        (7_800, "2 h 10 min"),
        (7_200, "2 h"),
        (3 * 86_400 + 4 * 3_600 + 59, "3 d 4 h"),
    ],
)
def test_spans_of_time(seconds, words):
    assert span(timedelta(seconds=seconds)) == words
