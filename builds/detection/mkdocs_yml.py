"""What a mkdocs.yml says that counts before MkDocs itself reads it: a look at a stranger's file, no check of it.

Such files hold tags (`!ENV`, `!!python/name:…`), anchors and merge keys, and some are thousands of lines long. No
tag is followed here; what is not understood counts as not said, for MkDocs explains it better, in the sandbox.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from posixpath import normpath
from typing import Any

import yaml

from builds.detection.source_tree import SourceTree

FILES = ("mkdocs.yml", "mkdocs.yaml")
FIRST_PAGES = ("index.md", "readme.md", "index.markdown")
DOCS = "docs"  # where nothing else is said. Source: MkDocs, "Configuration"
NOTHING = frozenset({"", "~", "null", "Null", "NULL"})  # written without quotes
DEEPEST = 20  # levels; libyaml's time grows with the square of the depth
MOST_INHERITED = 5  # files
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, kw_only=True)
class MkDocsSite:
    """Paths are relative to the checkout."""

    file: str  # mkdocs.yml
    docs: str  # the folder of the pages
    theme: str = ""
    plugins: tuple[str, ...] = ()
    extensions: tuple[str, ...] = ()  # of Markdown
    has_hooks: bool = False  # modules beside it
    has_first_page: bool = False


def find_site(tree: SourceTree, folders: tuple[str, ...]) -> MkDocsSite | None:
    """Of the first of these folders that holds a mkdocs.yml."""
    for folder in folders:
        for name in FILES:
            file = f"{folder}/{name}".strip("/")
            if tree.is_file(file):
                return read_site(tree, file)
    return None


def read_site(tree: SourceTree, file: str) -> MkDocsSite:
    said = _inherited(tree, file)
    docs = said.get("docs_dir")
    folder = PurePosixPath(file).parent
    docs = normpath((folder / (docs if isinstance(docs, str) else DOCS)).as_posix())
    docs = "" if docs == "." else docs
    theme = said.get("theme")
    theme = theme.get("name") if isinstance(theme, dict) else theme
    return MkDocsSite(
        file=file,
        docs=docs,
        theme=theme if isinstance(theme, str) else "",
        plugins=tuple(_names(said.get("plugins"))),
        extensions=tuple(_names(said.get("markdown_extensions"))),
        has_hooks=bool(said.get("hooks")),
        has_first_page=any(name.lower() in FIRST_PAGES for name in tree.children(docs)),
    )


def _inherited(tree: SourceTree, file: str) -> dict[str, Any]:
    """With what it inherits from other files of the checkout. Source: MkDocs, "Configuration Inheritance"."""
    said: dict[str, Any] = {}
    for _ in range(MOST_INHERITED):
        here = read(tree.text(file))
        said = {**here, **said}
        parent = here.get("INHERIT")
        if not isinstance(parent, str):
            break
        file = (PurePosixPath(file).parent / parent).as_posix()
    return said


def _names(value: object) -> Iterator[str]:
    """Of plugins or extensions: written as a list of names and of mappings with one key, or as a mapping."""
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict):
            yield from item
        elif isinstance(item, str):
            yield item


def read(text: str) -> dict[str, Any]:
    """The mapping at the top: dicts, lists, text, None for all else. Of what is no YAML, what stands before."""
    root: dict[str, Any] = {}
    try:
        events = iter(yaml.parse(text, Loader=LOADER))
        for event in events:
            if isinstance(event, yaml.MappingStartEvent):
                _fill(root, events, DEEPEST)
            elif isinstance(event, yaml.NodeEvent):
                break
    except (yaml.YAMLError, ValueError, RecursionError):
        pass  # MkDocs says where it is wrong
    return root


def _fill(mapping: dict[str, Any], events: Iterator[yaml.Event], depth: int) -> None:
    while not isinstance(event := next(events), yaml.MappingEndEvent):
        key = _value(event, events, depth - 1)
        value = _value(next(events), events, depth - 1)
        if isinstance(key, str):
            mapping[key] = value


def _value(event: yaml.Event, events: Iterator[yaml.Event], depth: int) -> Any:
    if depth == 0:
        raise yaml.YAMLError("nested too deep")
    is_known = not getattr(event, "tag", None)
    found: Any = None
    if isinstance(event, yaml.ScalarEvent):
        found = None if not event.style and event.value in NOTHING else event.value
    elif isinstance(event, yaml.MappingStartEvent):
        found = {}
        _fill(found, events, depth)
    elif isinstance(event, yaml.SequenceStartEvent):
        found = []
        while not isinstance(item := next(events), yaml.SequenceEndEvent):
            found.append(_value(item, events, depth - 1))
    return found if is_known else None
