"""Runs MkDocs inside the sandbox, with the build environment's Python: `drive_mkdocs.py <facts.json>`.

MkDocs does all by itself; its warnings are written down for the worker besides.
"""

import json
import logging
import os
import re
import sys
from pathlib import Path
from typing import Any

HERE = str(Path(__file__).resolve().parent)
sys.path = [str(Path.cwd()), *(path for path in sys.path if path != HERE)]  # as `python -m mkdocs` has it

from mkdocs.__main__ import cli

MOST = 500  # that the worker is told of; their number tells all
LONGEST = 500  # characters
#: Of a page: said by MkDocs itself, and by plugins.
PAGE = re.compile(r"Doc file '(?P<name>[^'\n]{1,300})'|(?:\w+: )?(?P<first>[^\s:'\"]{1,300}\.(?:md|markdown)): ")
#: Of other files, as `path:line`.
PLACE = re.compile(r"(?P<path>/[^\s:'\"]{1,300}|[^\s:'\"/][^\s:'\"]{0,300}\.py):(?P<line>\d{1,7})\b")


class Warnings(logging.Handler):
    """Collects what MkDocs warns of; `docs` is the folder of the pages, relative to `root`."""

    def __init__(self, root: str, docs: str) -> None:
        super().__init__(logging.WARNING)
        self.root, self.docs = root, docs
        self.said: dict[tuple[str, str], dict[str, Any]] = {}

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage().replace(f"{self.root}/", "")
        level = "error" if record.levelno >= logging.ERROR else "warning"
        kind = record.name.removeprefix("mkdocs.").removeprefix("plugins.")
        file, line = self.place(text)
        told = {"level": level, "kind": kind, "file": file, "line": line, "text": text[:LONGEST]}
        self.said.setdefault((level, text), told)

    def place(self, text: str) -> tuple[str, int | None]:
        if found := PAGE.match(text):
            return os.path.normpath(f"{self.docs}/{found['name'] or found['first']}".lstrip("/")), None
        if (found := PLACE.search(text)) and Path(self.root, found["path"]).is_file():
            return found["path"], int(found["line"])
        return "", None

    def write(self, path: Path) -> None:
        """Errors first, the first MOST, and how many there are."""
        found = sorted(self.said.values(), key=lambda one: one["level"] != "error")
        told = {"total": len(found), "warnings": found[:MOST]}
        path.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8", errors="replace")


def main() -> None:
    facts = json.loads(Path(sys.argv[1]).read_text())
    warnings = Warnings(facts["root"], facts["docs"])
    logging.getLogger("mkdocs").addHandler(warnings)
    try:
        cli(facts["arguments"], prog_name="mkdocs")
    finally:
        warnings.write(Path(facts["warnings"]))


if __name__ == "__main__":
    main()
