"""Runs Sphinx inside the sandbox, with the build environment's Python: `drive.py <facts.json>`.

Starts from empty folders where the kept doctrees can't be trusted, and writes down for the worker why a render
failed. What it reads and writes is in reach of the project's own code: the worker takes it as a stranger's text.
"""

import gc
import json
import os
import secrets
import shutil
import sys
import traceback
from pathlib import Path
from typing import Any

gc.set_threshold(50_000, 10, 10)  # doctrees are many objects that live long: to look at them often costs a tenth
HERE = str(Path(__file__).resolve().parent)
sys.path = [str(Path.cwd()), *(path for path in sys.path if path != HERE), HERE]  # as `python -m sphinx` has it

import sphinx.application
import sphinx.cmd.build
import yaydoc_fingerprint
import yaydoc_incremental
import yaydoc_overlay
import yaydoc_pages
import yaydoc_warnings

PARALLEL_FROM = 100  # pages; below, starting processes costs more than it saves
MOST_JOBS = 4  # each is a whole copy of the environment in memory
CLEAN_EVERY = 50  # renders
LONGEST = 20_000  # characters of a failure's text
PAGES = (".rst", ".md", ".txt", ".ipynb", ".myst", ".markdown")


class Failures:
    """The exception that ended Sphinx: its last word for the log, kept for the worker."""

    def __init__(self, report: Path, warnings: yaydoc_warnings.Warnings) -> None:
        self.report, self.warnings = report, warnings

    def wrap(self, handler: Any) -> Any:
        def handle(*args: Any, **kwargs: Any) -> Any:
            for value in (*args, *kwargs.values()):
                if isinstance(value, BaseException):
                    self.write(value)
            return handler(*args, **kwargs)

        return handle

    def write(self, error: BaseException) -> None:
        kinds = [kind.__name__ for kind in type(error).__mro__]
        origin = getattr(error, "orig_exc", None) or error.__cause__ or error.__context__
        told = {
            "kinds": kinds,
            "file": self.warnings.current_file(),
            "message": str(error)[:LONGEST],
            "origin": "".join(traceback.format_exception_only(type(origin), origin))[:LONGEST] if origin else "",
        }
        self.report.write_text(json.dumps(told))


def hook(failures: Failures) -> None:
    """Sphinx handles exceptions in a function that has moved and changed its parameters over the years."""
    sphinx.cmd.build.handle_exception = failures.wrap(sphinx.cmd.build.handle_exception)
    moved = sys.modules.get("sphinx._cli.util.errors")
    if moved is not None:
        moved.handle_exception = failures.wrap(moved.handle_exception)  # type: ignore[attr-defined]


def reason_to_start_afresh(facts: dict[str, Any], kept: dict[str, Any], stamp: dict[str, str]) -> str:
    """Why the kept doctrees and pages can't be used, or ''."""
    if facts["clean"]:
        return "asked for"
    if not kept:
        return "no finished render is kept"
    for name, value in stamp.items():
        if kept.get("stamp", {}).get(name) != value:
            return f"{name} changed"
    if kept.get("renders", 0) >= CLEAN_EVERY:
        return f"after {CLEAN_EVERY} renders on top of each other"
    if len(kept.get("warnings", ())) > yaydoc_warnings.MOST_KEPT:
        return "there are more warnings than are kept"
    return "labels are defined twice, so the order of reading counts" if kept.get("has_duplicates") else ""


def read_state(path: Path) -> dict[str, Any]:
    try:
        state = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return state if isinstance(state, dict) else {}


def clear(path: Path) -> None:
    """Remove what the render before left there, whatever its conf.py made of it: a link, folders closed to us."""
    if path.is_symlink() or not path.is_dir():
        path.unlink(missing_ok=True)
        return
    path.chmod(0o700)
    while folders := unlink_files(path):
        for folder in folders:
            for inner in unlink_files(folder):
                inner.rename(path / secrets.token_hex())
            folder.rmdir()
    path.rmdir()


def unlink_files(folder: Path) -> list[Path]:
    """All that is no folder is gone then; returns the folders, open to us.

    They are moved up before they are looked into: a conf.py may nest them deeper than any path can tell.
    """
    folders = []
    for entry in list(os.scandir(folder)):
        if entry.is_dir(follow_symlinks=False):
            os.chmod(entry, 0o700)  # noqa: PTH101
            folders.append(Path(entry))
        else:
            os.unlink(entry)  # noqa: PTH108
    return folders


def prepare(facts: dict[str, Any], kept: dict[str, Any], stamp: dict[str, str]) -> dict[str, Any]:
    """Empty what must be; the pages of the last render are put aside. Returns what is still good of `kept`."""
    output, previous, doctrees = (Path(facts[name]) for name in ("output", "previous", "doctrees"))
    reason = reason_to_start_afresh(facts, kept, stamp)
    clear(previous)
    if reason:
        print(f"Rendering everything: {reason}.", flush=True)
        clear(doctrees)
        clear(output)
        kept = {}
    elif output.is_dir() and not output.is_symlink():
        output.rename(previous)
    clear(output)
    output.mkdir(parents=True)
    return kept


def jobs(docs: Path) -> int:
    pages = 0
    for _, folders, names in os.walk(docs):
        folders[:] = [name for name in folders if name not in {".git", "node_modules", "_build"}]
        pages += sum(name.endswith(PAGES) for name in names)
    return min(MOST_JOBS, len(os.sched_getaffinity(0))) if pages > PARALLEL_FROM else 1


def open_door(output: Path, first_page: str) -> None:
    """Make sure that the site has an index.html: where the first page is called otherwise, it leads there."""
    index = output / "index.html"
    if index.exists() or not first_page:
        return
    flat, folder = output / f"{first_page}.html", output / first_page / "index.html"
    target = f"{first_page}.html" if flat.is_file() else f"{first_page}/" if folder.is_file() else ""
    if flat.is_file() and "/" not in first_page:
        shutil.copyfile(flat, index)  # in the same folder: its links hold there as well
    elif target:
        index.write_text(
            "<!doctype html><html lang=en><meta charset=utf-8><title>Documentation</title>"
            f'<meta http-equiv=refresh content="0; url={target}"><link rel=canonical href="{target}">'
            f'<p><a href="{target}">Documentation</a></p></html>\n'
        )


def main() -> int:
    facts = json.loads(Path(sys.argv[1]).read_text())
    state, report, told_of = Path(facts["state"]), Path(facts["report"]), Path(facts["warnings"])
    kept = read_state(state)
    for path in (state, report, told_of):  # until this one has succeeded: one that fails leaves no trust
        clear(path)
    stamp = yaydoc_fingerprint.stamp(facts)
    kept = prepare(facts, kept, stamp)
    facts["site"]["complaints"] = yaydoc_pages.write_pages(facts)
    python = {} if facts["site"]["is_made"] else yaydoc_fingerprint.python_files(Path(facts["root"]))
    yaydoc_overlay.site = facts["site"]
    incremental = yaydoc_incremental.Incremental(facts, kept, python)
    yaydoc_incremental.current = incremental
    warnings = yaydoc_warnings.Warnings(Path(facts["root"]), kept.get("warnings", []))
    yaydoc_warnings.watch(warnings)
    yaydoc_incremental.warnings = warnings
    sphinx.application.builtin_extensions += ("yaydoc_overlay", "yaydoc_subprojects", "yaydoc_incremental")
    hook(Failures(report, warnings))
    arguments = ["-T", "-b", facts["builder"], "-j", str(jobs(Path(facts["docs"]))), "-d", facts["doctrees"]]
    if facts["fails_on_warning"]:
        arguments += ["-W", "--keep-going"]
    if facts["site"].get("debug"):
        arguments.append("-v")
    arguments += ["-c", facts["conf"], facts["docs"], facts["output"]]
    code = sphinx.cmd.build.main(arguments)
    said = warnings.all()
    yaydoc_warnings.write(told_of, said, reused=bool(kept), **warnings.counts())
    if code == 0:
        shutil.rmtree(facts["previous"], ignore_errors=True)
        open_door(Path(facts["output"]), incremental.first_page)
        told = {"stamp": stamp, "renders": kept.get("renders", 0) + 1, "warnings": said, **incremental.state()}
        state.write_text(json.dumps(told))
    return code


if __name__ == "__main__":
    raise SystemExit(main())
