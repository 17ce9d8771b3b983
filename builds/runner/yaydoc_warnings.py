"""What a renderer warned of: each with its place, as of a full render even when only changed pages were read.

Sphinx speaks of a page when it reads it (docutils' complaints), when it writes it (references), or of the whole
project. So what was said is kept by page and by occasion, and forgotten when that occasion comes again.
"""

import json
import logging
import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import sphinx.util.logging

MOST = 500  # that the worker is told of; their number tells all
MOST_KEPT = 10_000  # for the next render
LONGEST, LONGEST_PLACE, LONGEST_KIND = 500, 300, 60  # characters
# When something was said. The pages' own occasions are kept by page.
STARTING, READING, COLLECTING, CHECKING, WRITING = "starting", "reading", "collecting", "checking", "writing"
FIRST, LAST = -1_000, 1_000  # priorities of listeners: before, after all others
LOCATION = re.compile(r"(?P<path>.*?)(?::docstring of (?P<object>.+?))?(?::(?P<line>\d*))?", re.DOTALL)

Said = dict[str, Any]  # "level", "kind", "file", "line" (or None), "text"; "owner": the page; "occasion"


class Warnings:
    """Collects what is said in one render; `kept` is what the last one left."""

    def __init__(self, root: Path, kept: list[Said]) -> None:
        self.root, self.kept = f"{root}/", kept
        self.said: list[Said] = []
        self.occasion = STARTING
        self.over = {STARTING}  # occasions that came: what was said of the whole project then is forgotten
        self.read: set[str] = set()
        self.written: set[str] = set()
        self.app: Any = None

    # -- from Sphinx

    def begin(self, occasion: str) -> Callable[..., None]:
        def listener(*_: Any) -> None:
            self.occasion = occasion
            self.over.add(occasion)

        return listener

    def note_page_read(self, _app: Any, _env: Any, docname: str) -> None:
        """It is purged before it is read, and when it is gone."""
        self.read.add(docname)

    def note_page_written(self, _app: Any, _doctree: Any, docname: str) -> None:
        self.written.add(docname)

    def connect(self, app: Any) -> None:
        self.app = app
        app.connect("env-before-read-docs", self.begin(READING), priority=FIRST)
        app.connect("env-updated", self.begin(COLLECTING), priority=FIRST)
        app.connect("env-updated", lambda *_: self.begin(CHECKING)() or [], priority=LAST)
        app.connect("env-check-consistency", self.begin(WRITING), priority=LAST)
        app.connect("env-purge-doc", self.note_page_read)
        app.connect("doctree-resolved", self.note_page_written)

    def filter(self, record: logging.LogRecord) -> bool:
        """Takes note of what is going to be printed, after Sphinx has turned its place into words."""
        kind = ".".join(part for part in (getattr(record, "type", ""), getattr(record, "subtype", "")) if part)
        text = logging.LogRecord.getMessage(record)
        text = without_traceback(text.removesuffix(f" [{kind}]")).replace(self.root, "")
        where, line, text = self.place(str(getattr(record, "location", "") or ""), text)
        owner = getattr(record, "yaydoc_page", "") or self.page_of(where)
        level = "error" if record.levelno >= logging.ERROR else "warning"
        said = {"level": level, "kind": kind, "file": where, "line": line, "text": text}
        occasion = getattr(record, "yaydoc_occasion", self.occasion)
        # Of the whole project, whatever page it names, unless it was said in the turn of that page.
        owner = owner if occasion in {READING, WRITING} else ""
        self.said.append(
            {name: clip(name, value) for name, value in said.items()} | {"owner": owner, "occasion": occasion}
        )
        return True

    def place(self, location: str, text: str) -> tuple[str, int | None, str]:
        """File (relative to the checkout, or ""), line, and the text with whatever else the location told."""
        found = LOCATION.fullmatch(location)
        if not location or not found:
            return "", None, text
        if found["object"]:  # its line counts from where the docstring begins
            text = f"docstring of {found['object']}: {text}"
        path = os.path.abspath(found["path"])  # noqa: PTH100 - included files are named from the working directory
        if not path.startswith(self.root):
            return "", None, text
        line = int(found["line"]) if found["line"] and not found["object"] else None
        return path.removeprefix(self.root), line, text

    def page_of(self, file: str) -> str:
        env = getattr(self.app, "env", None)
        return str(env.path2doc(self.root + file) or "") if env and file else ""

    def current_page(self) -> str:
        env = getattr(self.app, "env", None)
        if env is None:
            return ""
        current = getattr(env, "current_document", None)  # Sphinx 8.2
        return str(getattr(current, "docname", "") or "") if current else str(env.temp_data.get("docname", ""))

    def current_file(self) -> str:
        """Of the page that is read or written now; relative to the checkout, "" if unknown."""
        page = self.current_page()
        path = os.path.abspath(self.app.env.doc2path(page)) if page else ""  # noqa: PTH100
        return path.removeprefix(self.root) if path.startswith(self.root) else ""

    # -- to the worker

    def counts(self) -> dict[str, int]:
        """Of pages: all that there are, and those that were read now."""
        found = set(getattr(getattr(self.app, "env", None), "found_docs", ()))
        return {"pages": len(found), "read": len(found & self.read)}

    def all(self) -> list[Said]:
        """That of a full render: what was said now, and what still holds of before."""
        still = [said for said in self.kept if not self.is_over(said)]
        unique = {json.dumps(said, sort_keys=True): said for said in (*still, *self.said)}
        return sorted(unique.values(), key=lambda said: (said["file"], said["line"] or 0, said["text"]))

    def is_over(self, said: Said) -> bool:
        if not said["owner"]:
            return said["occasion"] in self.over
        again = self.read if said["occasion"] == READING else self.read | self.written
        return said["owner"] in again


def without_traceback(text: str) -> str:
    """What was going on, and the exception's own words: what matters stands at both ends."""
    before, traceback, lines = text.partition("Traceback (most recent call last):")
    last = next((line.strip() for line in reversed(lines.splitlines()) if line.strip()), "")
    return f"{before.strip()} {last}" if traceback else text


def clip(name: str, value: Any) -> Any:
    longest = {"text": LONGEST, "file": LONGEST_PLACE}.get(name, LONGEST_KIND)
    return value[:longest] if isinstance(value, str) else value


def watch(warnings: Warnings) -> None:
    """Whatever Sphinx prints as a warning from now on; its handlers are made in a function of its own."""
    set_up = sphinx.util.logging.setup
    make = logging.getLogRecordFactory()

    def set_up_and_listen(app: Any, *args: Any, **kwargs: Any) -> None:
        set_up(app, *args, **kwargs)
        warnings.app = app
        for handler in logging.getLogger("sphinx").handlers:
            if isinstance(handler, sphinx.util.logging.WarningStreamHandler):
                handler.addFilter(warnings.filter)

    def make_with_page(*args: Any, **kwargs: Any) -> logging.LogRecord:
        """Warnings are held back, and some come from another process: when they are printed it is too late."""
        record = make(*args, **kwargs)
        if record.levelno >= logging.WARNING:
            record.yaydoc_page, record.yaydoc_occasion = warnings.current_page(), warnings.occasion
        return record

    sphinx.util.logging.setup = set_up_and_listen
    logging.setLogRecordFactory(make_with_page)


def write(path: Path, said: Iterable[Said], **facts: Any) -> None:
    """For the worker, besides `facts`: errors first, the first MOST, and how many there are."""
    found = sorted(said, key=lambda one: one["level"] != "error")
    told = [{name: one[name] for name in ("level", "kind", "file", "line", "text")} for one in found[:MOST]]
    text = json.dumps({"total": len(found), "warnings": told, **facts}, ensure_ascii=False)
    path.write_text(text, encoding="utf-8", errors="replace")
