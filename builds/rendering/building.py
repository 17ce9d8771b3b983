"""From an environment to pages and downloads: by rendering, by the repository's own lines, or by both."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from builds.detection.plans import Plan
from builds.environment_cache import marker_of
from builds.errors import BuildFailed
from builds.execution import Execution
from builds.rendering.books import BUILDERS, make_book, wanted
from builds.rendering.environment import Environment, locked
from builds.rendering.lines import Lines
from builds.rendering.pythons import choose_interpreter
from builds.rendering.render import check_output, render
from builds.rendering.variables import OUTPUT
from builds.sandbox import Command
from pages.formats import FORMATS

TAKE_OVER = 'mkdir -p "$2" && cp -R "$1"/. "$2"'


@dataclass(frozen=True)
class Built:
    """Folders of what a build made, complete. The build user may have put anything into them."""

    pages: Path
    downloads: Mapping[str, Path] = field(default_factory=dict)  # by format; a file of it is in there, perhaps


def build_pages(execution: Execution, plan: Plan, environment: Environment) -> Built:
    """Raises BuildFailed."""
    config = plan.config
    if not config.has_lines:
        pages = render(execution, plan, environment)
        return Built(pages, make_books(execution, plan, environment))
    lines = Lines(
        execution,
        config,
        plan.root,
        choose_interpreter(config.python),
        environment.folder,
        is_kept=environment.reused,
    )
    with kept_if_unchanged(execution, environment):
        lines.run("pre_build")
        lines.run_commands()
        lines.run("build.html")
        if not config.makes_pages:
            _copy(execution, render(execution, plan, environment), lines)
        books = {} if config.commands else make_books(execution, plan, environment)
        for name in wanted(execution, plan):
            lines.run(f"build.{name}")
        lines.run("post_build")
    return Built(_checked(lines), {**books, **_written(execution, lines)})


def make_books(execution: Execution, plan: Plan, environment: Environment) -> dict[str, Path]:
    """Those that are wanted and that no lines make; the zip of the pages is made when it is asked for."""
    names = [
        name for name in wanted(execution, plan) if f"build.{name}" not in plan.config.jobs and name in BUILDERS
    ]
    books = {name: make_book(execution, plan, environment, name) for name in names}
    return {name: folder for name, folder in books.items() if folder}


def _written(execution: Execution, lines: Lines) -> dict[str, Path]:
    """Folders that lines made for formats: those of their jobs, or with build.commands any."""
    if execution.build.version.is_pull_request:
        return {}
    config, folder = lines.config, lines.pages.parent
    names = [name for name in FORMATS if config.commands or f"build.{name}" in config.jobs]
    return {name: folder / name for name in names if (folder / name).is_dir()}


def _copy(execution: Execution, output: Path, lines: Lines) -> None:
    """What was rendered to where lines look for it: the next render builds upon what no line changed."""
    copy = lines.command(["/bin/sh", "-c", TAKE_OVER, "sh", str(output), str(lines.pages)])
    execution.run(
        Command(
            argv=copy.argv, cwd=copy.cwd, readable=[*copy.readable, output], writable=[lines.root], environment={}
        )
    )


def _checked(lines: Lines) -> Path:
    pages = lines.pages
    if pages.parent.is_symlink() or pages.is_symlink() or not pages.is_dir():
        raise BuildFailed(
            f"The lines of {lines.config.file} wrote no pages.",
            f"They belong into $READTHEDOCS_OUTPUT/html, which is {OUTPUT}/html in the repository.",
        )
    check_output(pages, "The lines have to write it: it is the first page.")
    return pages


@contextmanager
def kept_if_unchanged(execution: Execution, environment: Environment) -> Iterator[None]:
    """Nobody uses an environment again that lines, or a killed build, changed after it was complete.

    That is told by times that only the kernel sets.
    """
    marker = marker_of(environment.folder)
    with locked(execution, environment.folder.name):
        told = json.loads(marker.read_text())
        marker.unlink()
        began = execution.scratch / "began"
        began.touch()
        yield
        find = Command(
            argv=["find", str(environment.folder), "-newercm", str(began), "-print", "-quit"],
            cwd=environment.folder,
            readable=[environment.folder, execution.scratch],
        )
        if execution.capture(find):
            execution.say("The lines changed the environment: the next build makes it anew.")
            return
        marker.write_text(json.dumps(told))
