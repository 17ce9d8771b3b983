"""What the runner wrote down for the worker. The project's own code could write it too: so it is text, no more."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from builds.detection.source_tree import read_bounded
from builds.errors import FencedOut
from builds.execution import Execution
from builds.logs import without_escapes
from builds.masking import masked
from builds.models import BuildWarning, Complaint
from builds.models.build import storable
from builds.models.warning import LONGEST_FILE, LONGEST_KIND
from builds.rendering.failures import Failure

LARGEST_FAILURE = 65_536  # bytes of the report of a failure
LONGEST_MESSAGE = 4_000  # characters of a text in it
MOST_KINDS, LONGEST_NAME = 20, 100  # an exception's bases, and characters of a name

LARGEST_WARNINGS = 2 * 2**20  # bytes
MOST_WARNINGS, LONGEST_WARNING = 500, 500  # that are stored, and characters of each
MOST_COUNTED = 1_000_000
LAST_LINE = 10_000_000


def read_failure(path: Path) -> Failure | None:
    told = _read_object(path, LARGEST_FAILURE)
    if told is None or "message" not in told:
        return None
    kinds = told.get("kinds")
    return Failure(
        kinds=tuple(str(kind)[:LONGEST_NAME] for kind in kinds[:MOST_KINDS]) if isinstance(kinds, list) else (),
        file=_file(told.get("file"), []),
        message=both_ends(str(told.get("message", ""))),
        origin=both_ends(str(told.get("origin", ""))),
    )


def both_ends(text: str) -> str:
    """What matters of a long text. Patterns are looked for in it, some in a time that grows with its square."""
    half = LONGEST_MESSAGE // 2
    return text if len(text) <= LONGEST_MESSAGE else f"{text[:half]}\n…\n{text[-half:]}"


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a render told of itself; `pages` is None where it did not say how many it read."""

    warnings: Sequence[Complaint] = ()
    reused: bool | None = None  # whether it began with what the last one left; None: it did not say
    pages: int | None = None
    read: int = 0  # of the pages, now

    @property
    def note(self) -> str:
        if self.pages is None:
            return ""
        return f"{self.read} of {self.pages} page{'s' if self.pages != 1 else ''} read"


def record_told(execution: Execution, path: Path) -> Told:
    """Take what a render told: the warnings are stored with the build, the rest said of its stage.

    `path` is a file of JSON: `total`, and `warnings`, each with `level`, `kind`, `file` (relative to the
    checkout), `line` and `text`; `reused`, `pages`, `read`. Without a file, as when the render was ended, nothing
    is known. Raises FencedOut.
    """
    told = _read_object(path, LARGEST_WARNINGS)
    listed = told.get("warnings") if told else None
    if told is None or not isinstance(listed, list):
        return Told()
    warnings = _record_warnings(execution, listed, told.get("total"))
    pages = _number(told.get("pages"), MOST_COUNTED)
    read = min(_number(told.get("read"), MOST_COUNTED) or 0, pages or 0)
    result = Told(warnings=warnings, reused=told.get("reused") is True, pages=pages, read=read)
    execution.noted.note, execution.noted.reused = result.note, result.reused
    return result


def _record_warnings(execution: Execution, listed: list[object], total: object) -> list[Complaint]:
    secrets = execution.log.secrets
    complaints = [_complaint(one, secrets) for one in listed[:MOST_WARNINGS] if isinstance(one, dict)]
    counted = max(_number(total, MOST_COUNTED) or 0, len(complaints))
    if not BuildWarning.objects.record(execution.build, complaints, counted):
        raise FencedOut
    return complaints


def _read_object(path: Path, limit: int) -> dict[str, Any] | None:
    try:
        told = json.loads(read_bounded(path, limit))
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) else None


def _complaint(told: dict[str, Any], secrets: Collection[str]) -> Complaint:
    file = _file(told.get("file"), secrets)
    return Complaint(
        level="error" if told.get("level") == "error" else "warning",
        kind=_text(told.get("kind"), LONGEST_KIND, secrets),
        file=file,
        line=_number(told.get("line"), LAST_LINE) if file else None,
        text=_text(told.get("text"), LONGEST_WARNING, secrets) or "(no text)",
    )


def _file(value: object, secrets: Collection[str]) -> str:
    """A path relative to the checkout, or ""."""
    file = _text(value, LONGEST_FILE, secrets)
    return "" if file.startswith("/") or ".." in PurePosixPath(file).parts else file


def _text(value: object, longest: int, secrets: Collection[str]) -> str:
    """One line of it, as fit to be shown as the log is."""
    if not isinstance(value, str):
        return ""
    lines = (without_escapes(line) for line in value[: 4 * longest].split("\n"))
    return masked(storable(" ".join(" ".join(lines).split())), secrets)[:longest]


def _number(value: object, most: int) -> int | None:
    """A number from 1 to `most`, or None."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        return None
    return min(value, most)
