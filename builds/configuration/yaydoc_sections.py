"""Those keys of `.yaydoc.yml` that hold sections of their own.

Source: the manual and the programs of the first Yaydoc, "Specifying Yaydoc Configurations": names and defaults.
"""

import difflib
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from builds.configuration.config import (
    BUTTONS,
    RIBBON_COLORS,
    Autoindex,
    Buttons,
    Part,
    Paths,
    Ribbon,
    Swagger,
)
from builds.configuration.strict_yaml import Node
from builds.configuration.values import Key, Reader, Section, noted, one_of

FLAVOURS = ("markdown", "markdown_strict", "markdown_phpextra", "markdown_github", "markdown_mmd", "commonmark")
LANGUAGES = ("python", "java")  # the first Yaydoc's
NO_JAVADOC = "no pages are made of Java: let javadoc write HTML, and link to where it is published"
NO_FEED = "not shown any more, as the service behind it is gone: link to the feed from a page"
NO_TWEETS = "not shown any more, as Twitter's timelines are gone: link to the account from a page"
MARKDOWN = "Markdown is read as CommonMark with MyST's additions, whichever flavour is named"
NO_COUNTS = "numbers are not shown: readers would have to load them from GitHub"


# -- metadata.autoindex


def _included(reader: Reader, node: Node, path: str) -> Paths | None:
    if node.value is None:
        return None
    return tuple(reader.existing_file(item, path) for item in reader.items(node, path))


def _part(values: Mapping[str, Any], default: Part) -> Part:
    return Part(values.get("show", default.show), values.get("heading") or default.heading)


def made_autoindex(values: Mapping[str, Any]) -> Autoindex:
    apidoc = values.get("apidoc", {})
    return Autoindex(
        include=values.get("include"),
        toc=_part(values.get("toc", {}), Autoindex.toc),
        apidoc=_part(apidoc, Autoindex.apidoc),
        subproject=_part(values.get("subproject", {}), Autoindex.subproject),
        shows_swagger=apidoc.get("swagger", {}).get("show", True),
    )


SHOWN: dict[str, Key] = {"show": Reader.boolean}
PART: dict[str, Key] = {**SHOWN, "heading": Reader.text}
TOC = Section(PART)
APIDOC = Section({**PART, "javadoc": Section(SHOWN), "swagger": Section(SHOWN)})
AUTOINDEX = Section(
    {
        "include": _included,
        "toc": TOC,
        "apidoc": APIDOC,
        "subproject": Section(PART),
        "rss": noted(NO_FEED),
        "twitter": noted(NO_TWEETS),
    }
)


# -- build


def _language(reader: Reader, node: Node, path: str) -> str:
    name = reader.text(node, path).lower()
    close = difflib.get_close_matches(name, LANGUAGES, n=1, cutoff=0.7)
    if close and close[0] != name:
        reader.fail(node, path, f'"{name[:40]}" is not known: did you mean "{close[0]}"?')
    return name


AUTOAPI_ITEM: dict[str, Key] = {
    "language": _language,
    "source": lambda reader, node, path: reader.directory(node, path) if node.value is not None else None,
}


def autoapi(reader: Reader, node: Node, path: str) -> Paths:
    """The folders with Python code of which pages are made."""
    folders: list[PurePosixPath] = []
    for item in reader.items(node, path):
        values = reader.mapping(item, path, AUTOAPI_ITEM)
        language = values.get("language")
        if not language:
            reader.fail(item, path, "language is missing, python for instance")
        if language == "python":
            folders.append(values.get("source", PurePosixPath(".")))
        else:
            reader.note(item, path, f"pages are made of Python only; left out: {language[:40]}")
    return tuple(dict.fromkeys(folders))


def markdown_flavour(reader: Reader, node: Node, path: str) -> None:
    if node.value is not None:
        one_of(*FLAVOURS)(reader, node, path)
        reader.note(node, path, MARKDOWN)


def _show_count(reader: Reader, node: Node, path: str) -> None:
    if reader.boolean(node, path):
        reader.note(node, path, NO_COUNTS)


def _made_buttons(values: Mapping[str, Any]) -> Buttons:
    wanted = values.get("buttons", {})
    kinds = tuple(kind for kind in BUTTONS if wanted.get(kind, True))
    return Buttons(kinds, values.get("large", True))


GITHUB_BUTTON = Section(
    {
        "buttons": Section(dict.fromkeys(BUTTONS, Reader.boolean)),
        "show_count": _show_count,
        "large": Reader.boolean,
    },
    _made_buttons,
)
GITHUB_RIBBON = Section(
    {"position": one_of("left", "right"), "color": one_of(*RIBBON_COLORS)},
    lambda values: Ribbon(**values),
)


# -- extras


def _address(reader: Reader, node: Node, path: str) -> Swagger | None:
    """On the web, or a file of the repository."""
    text = reader.text(node, path)
    if not text:
        return None
    if "://" not in text:
        return Swagger(file=reader.existing_file(node, path))
    try:
        parts = urlsplit(text)
        is_usable = parts.scheme in {"https", "http"} and bool(parts.hostname) and not parts.username
    except ValueError:
        is_usable = False
    if not is_usable or any(character.isspace() for character in text):
        reader.fail(node, path, "https://…, http://… or a file of the repository is expected")
    return Swagger(url=text)


def swagger(reader: Reader, node: Node, path: str) -> Swagger | None:
    if not isinstance(node.value, dict):
        return _address(reader, node, path)
    found: Swagger | None = reader.mapping(node, path, SWAGGER).get("url")
    return found


SWAGGER: dict[str, Key] = {
    "url": _address,
    "ui": lambda reader, node, path: one_of("swagger")(reader, node, path) and None,
}
