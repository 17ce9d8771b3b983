"""The log of a build: bounded, complete lines, nothing in it that could harm a reader."""

import base64
from pathlib import Path
from types import SimpleNamespace

import pytest

from builds import logs
from builds.logs import LogWriter


@pytest.fixture
def build(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    return SimpleNamespace(pk=7, attempt=1)


def written(build, *chunks, **options):
    with LogWriter(build, **options) as log:
        for chunk in chunks:
            log.write(chunk)
    return "".join(logs.read_all(build))


def test_a_log_holds_what_was_written(build):
    assert written(build, b"one\ntwo\n", b"three") == "one\ntwo\nthree\n"


def test_a_line_is_readable_as_soon_as_it_is_whole(build):
    log = LogWriter(build)
    log.write(b"first\nsec")
    assert logs.read(build) == ("first\n", 6)
    log.write(b"ond\n")
    assert logs.read(build, 6) == ("second\n", 13)
    log.close()


@pytest.mark.parametrize(
    ("output", "shown"),
    [
        (b"\x1b[31mred\x1b[0m \x1b[2J\x1b[H", "red \n"),
        (b"\x1b]0;title\x07after", "after\n"),
        (b"\x1b]8;;javascript:alert(1)\x1b\\click\x1b]8;;\x1b\\", "click\n"),
        (b"\x1b]52;c;ZXZpbA==\x07", "\n"),
        (b"\x1b]0;never ended", "\n"),
        (b"progress 1%\rprogress 2%\n", "progress 2%\n"),
        (b"dos line\r\n", "dos line\n"),
        (b"nul \x00 bell \x07", "nul  bell \n"),
        (b"</pre><img src=x onerror=alert(1)>", "</pre><img src=x onerror=alert(1)>\n"),
        (b"::add-mask::x", "::add-mask::x\n"),
    ],
)
def test_control_sequences_are_removed_and_text_stays(build, output, shown):
    assert written(build, output) == shown


def test_a_character_cut_between_two_writes_is_whole_and_broken_bytes_are_marked(build):
    euro = "€".encode()
    assert written(build, b"\xff" + euro[:1], euro[1:]) == "\ufffd€\n"


def test_i8_a_log_is_bounded_and_keeps_its_first_and_last_part(build):
    chunks = [f"line {n}\n".encode() * 100 for n in range(1000)]
    text = written(build, *chunks, limit=10_000)
    assert text.startswith("line 0\n")
    assert text.endswith("line 999\n")
    assert "log cut: 0.00953674 MB limit" in text
    assert len(text) < 10_000 + logs.KEPT_TAIL + 200


def test_i8_a_gigabyte_of_output_costs_seconds_and_leaves_a_log_within_its_limit(build, settings):
    text = written(build, *[b"y\n" * 500_000] * 1000)

    head, _, end = text.partition("… log cut: 10 MB limit; its end follows …\n")
    assert (set(head), set(end)) == ({"y", "\n"}, {"y", "\n"})
    assert len(head) == settings.BUILD_LOG_SIZE * 2**20 == 10 * 2**20
    assert 0 < len(end) <= logs.KEPT_TAIL


def test_the_end_of_a_log_that_was_cut_shows_no_secret_not_even_where_it_was_cut(build):
    secret = "0123456789" * 4
    line = f"a {secret}\x1b[0m b".encode()
    assert logs.KEPT_TAIL % (len(line) + 1) not in {0, 1}  # the cut is within a line

    text = written(build, b"first\n", *[line + b"\n"] * 2_000, line, limit=3, secrets=[secret])

    assert set(text.splitlines()[2:]) == {"a [secret] b"}


def test_what_we_say_after_the_limit_begins_a_line(build):
    with LogWriter(build, limit=3) as log:
        log.write(b"first\nopen \xe2\x82")
        log.write(b"\xac")
        log.say("Ours.")
        log.say("Ours, too.")

    assert "".join(logs.read_all(build)).splitlines()[2:] == ["open €", "Ours.", "Ours, too."]


def test_a_line_without_end_does_not_fill_the_memory(build):
    text = written(build, b"x" * 100_000)
    assert [len(line) for line in text.splitlines()][:2] == [logs.LONGEST_LINE, logs.LONGEST_LINE]
    assert text.count("x") == 100_000


def test_secrets_are_masked_in_each_form_also_when_split(build):
    secret = "pa ss/wörd"
    plain = f"a {secret} b".encode()
    encoded = base64.b64encode(secret.encode())
    text = written(build, plain[:5], plain[5:], b"\npa%20ss%2Fw%C3%B6rd ", encoded, secrets=[secret])
    assert text == "a [secret] b\n[secret] [secret]\n"


def test_the_tail_is_the_last_lines(build):
    written(build, *(f"{n}\n".encode() for n in range(100)))
    assert logs.tail(build, lines=3) == "97\n98\n99"


@pytest.mark.parametrize(
    ("room", "shown"),
    [
        (3, "öö"[1:]),  # of a line that is too long as a whole, its end; no half characters
        (5, "öö"),
        (6, "öö"),
        (11, "öö"),
        (12, "ääß\nöö"),
        (13, "ääß\nöö"),
        (14, "x\nääß\nöö"),
    ],
)
def test_the_tail_begins_with_a_whole_line_or_a_whole_character(build, room, shown):
    written(build, "x\nääß\nöö\n".encode())
    assert logs.tail(build, max_bytes=room) == shown


def test_what_looks_like_a_secret_is_masked(build):
    assert written(build, b"API_TOKEN=hunter2\n") == "API_TOKEN=[secret]\n"


def test_a_build_without_log_reads_as_empty(build):
    assert logs.read(build) == ("", 0)
    assert logs.tail(build) == ""


def test_paths_are_shown_as_the_repository_knows_them(build):
    folders = [Path("/srv/builds/versions/1/source"), Path("/srv/builds")]
    output = (
        b'File "/srv/builds/versions/1/source/docs/conf.py"\n$ /srv/builds/tools/uv\n/srv/builds-of-others/x\n'
    )
    shown = 'File "docs/conf.py"\n$ tools/uv\n/srv/builds-of-others/x\n'
    assert written(build, output, folders=folders) == shown


def test_a_file_name_that_is_not_utf8_can_be_told(build):
    with LogWriter(build) as log:
        log.say("Found \udcff/conf.py.")

    assert "".join(logs.read_all(build)) == "Found \\udcff/conf.py.\n"
