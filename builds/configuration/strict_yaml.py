"""YAML as people mean it: one mapping, every value with its line, and nothing that surprises or explodes.

PyYAML's `safe_load` runs for seconds on 400 bytes of merge keys, raises RecursionError on 2,000 brackets and
ValueError on a date, keeps the last of two equal keys and forgets lines. So only its event stream is used here,
which is linear in the size of the text.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

MAX_BYTES = 64 * 1024
MAX_DEPTH = 20
MAX_DIGITS = 18
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
NOT_IN_YAML = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
FLOAT = re.compile(r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))([eE][-+]?[0-9]{1,3})?")
NAMED = {"": None, "~": None, "null": None, "true": True, "false": False}

Scalar = str | int | float | bool | None


class InvalidYAML(ValueError):
    """What is wrong, in words, and in which line (the first is 1)."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True)
class Node:
    """A value, and the line where its key stands (or itself, in a list)."""

    line: int
    value: "dict[str, Node] | list[Node] | Scalar"
    text: str = ""  # a scalar as it was written


def parse(content: bytes) -> Node:
    """The mapping that a file holds; an empty file is an empty mapping. Raises InvalidYAML."""
    if len(content) > MAX_BYTES:
        raise InvalidYAML(1, "the file is larger than 64 KB")
    text = _decoded(content)
    try:
        return _Document(text).root()
    except yaml.MarkedYAMLError as error:
        raise _explained(error, text) from error
    except yaml.YAMLError as error:
        raise InvalidYAML(1, f"this is not YAML: {error}") from error


def plain(node: Node) -> Any:
    """The same as dicts, lists and scalars, without lines."""
    if isinstance(node.value, dict):
        return {key: plain(value) for key, value in node.value.items()}
    if isinstance(node.value, list):
        return [plain(value) for value in node.value]
    return node.value


def _decoded(content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidYAML(content.count(b"\n", 0, error.start) + 1, "the file is not UTF-8") from error
    if bad := NOT_IN_YAML.search(text):
        line = text.count("\n", 0, bad.start()) + 1
        raise InvalidYAML(line, f"invalid character U+{ord(bad[0]):04X}")
    return text


def _explained(error: yaml.MarkedYAMLError, text: str) -> InvalidYAML:
    """The scanner's complaint in words that help."""
    mark = error.problem_mark or error.context_mark
    lines = text.splitlines()
    index = min(mark.line if mark else 0, max(len(lines) - 1, 0))
    problem = error.problem or "this is not YAML"
    if "incompatible YAML document" in problem:
        return InvalidYAML(index + 1, "unsupported YAML version: write no %YAML line, or %YAML 1.2")
    if lines and re.match(r" *\t", lines[index]):
        return InvalidYAML(index + 1, "tabs are not allowed for indentation")
    return InvalidYAML(index + 1, f"this is not YAML: {problem}")


class _Document:
    """Builds the tree out of the parser's events."""

    def __init__(self, text: str) -> None:
        self._events: Iterator[yaml.Event] = yaml.parse(text, Loader=LOADER)

    def root(self) -> Node:
        next(self._events)
        start = next(self._events)
        if isinstance(start, yaml.StreamEndEvent):
            return Node(1, {})
        first = next(self._events)
        if isinstance(first, yaml.ScalarEvent):
            raise InvalidYAML(_line(first), "a mapping is expected at the top")
        root = self._node(first, _line(first), depth=1)
        if not isinstance(root.value, dict):
            raise InvalidYAML(root.line, "a mapping is expected at the top")
        next(self._events)
        following = next(self._events)
        if not isinstance(following, yaml.StreamEndEvent):
            raise InvalidYAML(_line(following), "exactly one document is expected")
        return root

    def _node(self, event: yaml.Event, line: int, depth: int) -> Node:
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise InvalidYAML(_line(event), "anchors and aliases are not allowed")
        if tag := getattr(event, "tag", None):
            raise InvalidYAML(_line(event), f"unknown tag {_short(tag)}: tags are not allowed")
        if isinstance(event, yaml.ScalarEvent):
            return _scalar(event, line)
        if depth > MAX_DEPTH:
            raise InvalidYAML(_line(event), f"nested too deep: at most {MAX_DEPTH} levels are allowed")
        if isinstance(event, yaml.MappingStartEvent):
            return Node(line, self._entries(depth))
        return Node(line, self._items(depth))

    def _items(self, depth: int) -> list[Node]:
        items: list[Node] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._node(event, _line(event), depth + 1))
        return items

    def _entries(self, depth: int) -> dict[str, Node]:
        entries: dict[str, Node] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._key(event, depth)
            if key in entries:
                raise InvalidYAML(_line(event), f"duplicate key: {_short(key)} (line {_line(event)})")
            entries[key] = self._node(next(self._events), _line(event), depth + 1)
        return entries

    def _key(self, event: yaml.Event, depth: int) -> str:
        key = self._node(event, _line(event), depth + 1).value
        if key == "<<" and not getattr(event, "style", None):
            raise InvalidYAML(_line(event), "merge keys (<<) are not allowed")
        if not isinstance(key, str):
            raise InvalidYAML(_line(event), "keys must be strings")
        return key


def _scalar(event: yaml.ScalarEvent, line: int) -> Node:
    """Only true, false, null and decimal numbers are more than text: no octal, base 60 or dates."""
    text = event.value
    if "\0" in text:  # escaped in quotes; no path and no argument can hold it
        raise InvalidYAML(line, "invalid character U+0000")
    if event.style:  # quoted, or a block
        return Node(line, text, text)
    if text.lower() in NAMED:
        return Node(line, NAMED[text.lower()], text)
    if not INTEGER.fullmatch(text) and not FLOAT.fullmatch(text):
        return Node(line, text, text)
    if sum(map(str.isdigit, text)) > MAX_DIGITS:
        raise InvalidYAML(line, "number too large: write it in quotes if it is text")
    number = int(text) if INTEGER.fullmatch(text) else float(text)
    if math.isinf(number):
        raise InvalidYAML(line, "number too large: write it in quotes if it is text")
    return Node(line, number, text)


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:60]}…"
