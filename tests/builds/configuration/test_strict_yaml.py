"""YAML as people mean it."""

import contextlib
import time

import pytest

from builds.configuration.strict_yaml import MAX_BYTES, InvalidYAML, Node, parse, plain


def complaint(content):
    with pytest.raises(InvalidYAML) as caught:
        parse(content.encode() if isinstance(content, str) else content)
    return caught.value.line, str(caught.value)


def test_a_mapping_is_read_with_the_line_of_each_key():
    tree = parse(b"# a comment\nbuild:\n  source: docs\n  mock: [numpy, scipy]\n")

    assert tree.value["build"].line == 2
    assert tree.value["build"].value["source"] == Node(3, "docs", "docs")
    assert plain(tree) == {"build": {"source": "docs", "mock": ["numpy", "scipy"]}}


@pytest.mark.parametrize("content", [b"", b"# only a comment\n", b"{}"])
def test_an_empty_file_is_an_empty_mapping(content):
    assert plain(parse(content)) == {}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7", 7),
        ("-7", -7),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        ("true", True),
        ("False", False),
        ("~", None),
        ("", None),
        ("'7'", "7"),
        ('"true"', "true"),
        ("yes", "yes"),
        ("NO", "NO"),
        ("017", "017"),
        ("0x1f", "0x1f"),
        ("1_000", "1_000"),
        ("1:30", "1:30"),
        ("2024-99-99", "2024-99-99"),
        (".inf", ".inf"),
        ("=", "="),
        ("${HOME}", "${HOME}"),
    ],
)
def test_only_decimal_numbers_true_false_and_null_are_more_than_text(text, value):
    tree = parse(f"key: {text}".encode())

    assert tree.value["key"].value == value
    assert type(tree.value["key"].value) is type(value)


def test_a_number_keeps_the_way_it_was_written():
    assert parse(b"version: 1.10").value["version"] == Node(1, 1.1, "1.10")


def test_a_byte_order_mark_is_no_part_of_the_first_key():
    assert plain(parse(b"\xef\xbb\xbfa: 1")) == {"a": 1}


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        ("a: 1\na: 2", 2, "duplicate key: a (line 2)"),
        ("a: {b: 1,\n b: 2}", 2, "duplicate key: b (line 2)"),
        ("a: &x 1\nb: *x", 1, "anchors and aliases are not allowed"),
        ("a: 1\n<<: {b: 1}", 2, "merge keys (<<) are not allowed"),
        ("a: !!int 1", 1, "unknown tag tag:yaml.org,2002:int: tags are not allowed"),
        ("a: ! b", 1, "unknown tag !: tags are not allowed"),
        ("- a", 1, "a mapping is expected at the top"),
        ("hello", 1, "a mapping is expected at the top"),
        ("a: 1\n---\nb: 2", 2, "exactly one document is expected"),
        ("a:\n\tb: 1", 2, "tabs are not allowed for indentation"),
        ("? [a]\n: b", 1, "keys must be strings"),
        ("1: a", 1, "keys must be strings"),
        ("~: a", 1, "keys must be strings"),
        ("%YAML 9.9\n---\na: 1", 1, "unsupported YAML version: write no %YAML line, or %YAML 1.2"),
        ("a: b\nc: \0", 2, "invalid character U+0000"),
        ("a: \x1b[31m", 1, "invalid character U+001B"),
        (b"a: 1\nb: \xff", 2, "the file is not UTF-8"),
        ("a: 1".encode("utf-16"), 1, "the file is not UTF-8"),
        ("#" + "x" * 65536, 1, "the file is larger than 64 KB"),
        (f"a: {'9' * 5000}", 1, "number too large: write it in quotes if it is text"),
        ("a: 1e999", 1, "number too large: write it in quotes if it is text"),
    ],
)
def test_what_surprises_or_explodes_is_refused_with_its_line(content, line, message):
    assert complaint(content) == (line, message)


@pytest.mark.parametrize("content", ["[" * 20000, "[" * 1000 + "]" * 1000, "a: " + "{a: " * 500, "- " * 5000])
def test_deep_nesting_is_refused_at_once(content):
    started = time.process_time()

    assert "nested too deep" in complaint(content)[1]
    assert time.process_time() - started < 1


def test_twenty_levels_are_not_too_deep():
    assert parse(b"a: " + b"[" * 19 + b"]" * 19).value["a"].line == 1


def test_a_merge_key_bomb_takes_no_time():
    bomb = "a: &a {x: 1}\n" + "".join(
        f"k{n}: &k{n} {{<<: [{', '.join([f'*k{n - 1}' if n else '*a'] * 9)}]}}\n" for n in range(9)
    )
    started = time.process_time()

    assert complaint(bomb) == (1, "anchors and aliases are not allowed")
    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    "unit",
    [
        "[a, ",
        "{a: ",
        "? ",
        "- ",
        "a: 'b'\n",
        "'",
        "|\n",
        "a" * 50 + ": 1\n",
        "\n",
        "#\n",
        "%",
        ":",
        ",",
        "--- ",
        "!a ",
    ],
)
def test_no_file_of_64_kb_takes_a_second(unit):
    content = (unit * MAX_BYTES)[:MAX_BYTES].encode()
    started = time.process_time()

    with contextlib.suppress(InvalidYAML):
        parse(content)

    assert time.process_time() - started < 1


def test_what_is_not_yaml_is_named_with_its_line():
    line, message = complaint("metadata:\n  subproject:\n    - url: x\n       docpath: .\n")

    assert (line, message) == (4, "this is not YAML: mapping values are not allowed in this context")
