"""Reading single values of a configuration file, with complaints that name the line and the way out."""

import difflib
import os.path
import re
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, NoReturn

from builds.configuration.strict_yaml import Node, plain
from builds.errors import BuildFailed

THEME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
MODULE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*")
MAX_TEXT = 255

#: Reads one value: (reader, node, dotted path of its key) to what the configuration keeps, None to keep nothing.
Key = Callable[["Reader", Node, str], Any]


def noted(note: str) -> Key:
    """A key that does nothing (any more, or yet); the log says so."""

    def read(reader: "Reader", node: Node, path: str) -> None:
        reader.note(node, path, note)

    return read


class Section:
    """A key whose value is a mapping of `keys`; what they say is given to `make`, which may keep nothing."""

    def __init__(self, keys: Mapping[str, Key], make: Callable[[dict[str, Any]], Any] = dict) -> None:
        self.keys, self._make = keys, make

    def __call__(self, reader: "Reader", node: Node, path: str) -> Any:
        return self._make(reader.mapping(node, path, self.keys))


def one_of(*choices: str) -> Key:
    """A key whose value is one of these words."""

    def read(reader: "Reader", node: Node, path: str) -> str:
        if node.value not in choices:
            close = difflib.get_close_matches(node.text, choices, n=1)
            wanted = f'did you mean "{close[0]}"?' if close else f"one of {', '.join(choices)} is expected"
            reader.fail(node, path, f'"{node.text[:40]}" is not known: {wanted}')
        return str(node.value)

    return read


class Alias:
    """An old name of a key."""

    def __init__(self, new_name: str, key: Key) -> None:
        self.new_name, self.key = new_name, key

    def __call__(self, reader: "Reader", node: Node, path: str) -> Any:
        reader.note(node, path, f"an old name, still read: better write {self.new_name}")
        return self.key(reader, node, path)


class Reader:
    """Reads the tree of one file; collects `notes` for the log; every method of it raises BuildFailed."""

    def __init__(self, file: str, root: Path, hint: str, *, section_of: Mapping[str, str] | None = None) -> None:
        self.file, self.root, self.hint = file, root, hint  # root: of the repository, resolved
        # For the advice to somebody who wrote at the top what belongs into a section.
        self.section_of = section_of or {}
        self.notes: list[str] = []

    def fail(self, node: Node, path: str, message: str) -> NoReturn:
        prefix = f"{path}: " if path else ""
        raise BuildFailed(f"{self.file}, line {node.line}: {prefix}{message}", self.hint)

    def note(self, node: Node, path: str, message: str) -> None:
        self.notes.append(f"{self.file}, line {node.line}: {path}: {message}")

    def mapping(self, node: Node, path: str, keys: Mapping[str, Key]) -> dict[str, Any]:
        """What each key's reader made of its value, by the key's present name; without those that made None."""
        if node.value is None:
            return {}
        if not isinstance(node.value, dict):
            self.fail(node, path, "a mapping is expected")
        values: dict[str, Any] = {}
        for name, child in node.value.items():
            key = keys.get(name)
            if key is None:
                self.fail(
                    child, "", f'unknown key "{_joined(path, name)[:80]}"{self._suggestion(name, path, keys)}'
                )
            value = key(self, child, _joined(path, name))
            if isinstance(key, Alias) and key.new_name in node.value:
                continue
            if value is not None:
                values[key.new_name if isinstance(key, Alias) else name] = value
        return values

    def _suggestion(self, name: str, path: str, keys: Mapping[str, Key]) -> str:
        current = [known for known, key in keys.items() if not isinstance(key, Alias)]
        if close := difflib.get_close_matches(name, current, n=1):
            return f' (did you mean "{_joined(path, close[0])}"?)'
        if path:
            return f" (known here: {', '.join(current)})"
        if close := difflib.get_close_matches(name, self.section_of, n=1):
            section = self.section_of[close[0]]
            return f' (did you mean "{close[0]}" below "{section}"?)'
        return f" (known here: {', '.join(current)})"

    def items(self, node: Node, path: str) -> list[Node]:
        """Those of a list; a single mapping or text counts as a list of one."""
        if node.value is None:
            return []
        return node.value if isinstance(node.value, list) else [node]

    def text(self, node: Node, path: str) -> str:
        """Text as it was written; '' for an empty value. A number must read the same both ways."""
        if node.value is None:
            return ""
        if isinstance(node.value, float) and str(node.value) != node.text:
            self.fail(node, path, f'write "{node.text[:40]}" in quotes (read as {node.value})')
        if isinstance(node.value, bool | dict | list):
            self.fail(node, path, "a string is expected")
        if len(node.text) > MAX_TEXT:
            self.fail(node, path, f"at most {MAX_TEXT} characters")
        return node.text.strip()

    def boolean(self, node: Node, path: str) -> bool:
        if not isinstance(node.value, bool):
            self.fail(node, path, "true or false is expected")
        return node.value

    def module_names(self, node: Node, path: str) -> tuple[str, ...]:
        names = []
        for item in self.items(node, path):
            name = self.text(item, path)
            if not MODULE.fullmatch(name):
                self.fail(item, path, f'"{name}" is no name of a Python module')
            names.append(name)
        return tuple(names)

    def theme_name(self, node: Node, path: str) -> str:
        name = self.text(node, path)
        if name and (not THEME.fullmatch(name) or ".." in name):
            self.fail(node, path, "unknown theme: the name of a Sphinx theme is expected")
        return name

    def plain_mapping(self, node: Node, path: str) -> dict[str, Any]:
        if not isinstance(node.value, dict | None):
            self.fail(node, path, "a mapping is expected")
        return plain(node) or {}

    def directory(self, node: Node, path: str) -> PurePosixPath:
        """An existing directory of the repository, relative to it."""
        relative = self.inside(node, path, PurePosixPath())
        if ".git" in relative.parts or not (self.root / relative).is_dir():
            self.fail(node, path, "directory does not exist")
        return relative

    def existing_file(self, node: Node, path: str) -> PurePosixPath:
        """An existing file of the repository, relative to it."""
        relative = self.inside(node, path, PurePosixPath())
        if ".git" in relative.parts or not (self.root / relative).is_file():
            self.fail(node, path, f"there is no file {relative}")
        return relative

    def inside(self, node: Node, path: str, base: PurePosixPath) -> PurePosixPath:
        """A path below the directory `base` of the repository, checked as text and through symbolic links.

        Nothing in it is expanded: neither ~ nor $. It need not exist.
        """
        text = self.text(node, path)
        if text.startswith("-"):
            self.fail(node, path, "must not start with a dash")
        relative = PurePosixPath(os.path.normpath(base / text))
        if relative.is_absolute() or ".." in relative.parts:
            self.fail(node, path, "must stay inside the repository")
        try:
            resolved = (self.root / relative).resolve()
        except (OSError, RuntimeError):  # a circle of links, or a name too long
            self.fail(node, path, "does not exist")
        if not resolved.is_relative_to(self.root):
            self.fail(node, path, "symbolic link leaves the repository")
        return relative


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
