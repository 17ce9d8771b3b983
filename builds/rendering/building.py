"""From an environment to a folder of pages: by rendering, by the repository's own lines, or by both."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from builds.detection.plans import Plan
from builds.errors import BuildFailed
from builds.execution import Execution
from builds.rendering.environment import Environment, locked
from builds.rendering.installer import marker_of
from builds.rendering.lines import Lines
from builds.rendering.pythons import choose_interpreter
from builds.rendering.render import check_output, render
from builds.rendering.variables import OUTPUT
from builds.sandbox import Command
from repositories.models import Version

TAKE_OVER = 'mkdir -p "$2" && cp -R "$1"/. "$2"'


def build_pages(execution: Execution, plan: Plan, environment: Environment) -> Path:
    """The folder with the pages, complete. Raises BuildFailed. The build user may have put anything into it."""
    if not plan.config.has_lines:
        return render(execution, plan, environment)
    config = plan.config
    interpreter = choose_interpreter(config.python)
    lines = Lines(execution, config, plan.root, interpreter, environment.folder, is_kept=environment.reused)
    with kept_if_unchanged(execution, environment):
        lines.run("pre_build")
        lines.run_commands()
        lines.run("build.html")
        if not config.makes_pages:
            _copy(execution, render(execution, plan, environment), lines)
        for name in downloads(execution, plan):
            lines.run(f"build.{name}")
        lines.run("post_build")
    return _checked(lines)


def downloads(execution: Execution, plan: Plan) -> list[str]:
    """Which formats besides are wanted of this version."""
    is_pull_request = execution.build.version.kind == Version.Kind.PULL_REQUEST
    return [] if is_pull_request else [name for name in ("htmlzip", "pdf", "epub") if name in plan.config.formats]


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
