"""ePub and PDF, which `formats` of a .readthedocs.yaml asks for: made by Sphinx after the pages.

One that cannot be made is said in the log, and the pages are published without it. Limits hold for all together.
"""

import json
import shutil
from dataclasses import replace
from pathlib import Path

from builds import places, sandbox
from builds.detection.plans import Kind, Plan
from builds.execution import Execution
from builds.rendering.commands import in_environment
from builds.rendering.environment import Environment
from builds.rendering.render import facts_of
from builds.sandbox import Command, Reach
from repositories.models import Version

BUILDERS = {"epub": "epub", "pdf": "latex"}
NAMES = {"epub": "ePub", "pdf": "PDF"}
PATH = "/usr/local/bin:/usr/bin:/bin"
ENGINES = ("pdflatex", "xelatex", "lualatex")
# What Debian's LaTeX reads besides /usr: its formats, and how it was set up.
LATEX_FILES = (Path("/etc/texmf"), Path("/var/lib/texmf"))


def wanted(execution: Execution, plan: Plan) -> list[str]:
    """Which formats besides the pages are wanted of this version."""
    is_pull_request = execution.build.version.kind == Version.Kind.PULL_REQUEST
    return [] if is_pull_request else [name for name in ("htmlzip", "pdf", "epub") if name in plan.config.formats]


def make_book(execution: Execution, plan: Plan, environment: Environment, name: str) -> Path | None:
    """The folder with the book, and whatever the build user put there. None, with a sentence, without one."""
    if reason := why_not(plan, name):
        execution.say(reason)
        return None
    place = execution.scratch / name
    sandbox.remove(place)  # of the attempt before, if this one starts from nothing
    place.mkdir()
    place.chmod(0o755)
    sandbox.give(place)
    output = place / "output"
    execution.say(f"── {NAMES[name]}")
    is_made = run_sphinx(execution, plan, environment, name, place) and (
        name == "epub" or run_latex(execution, output)
    )
    if not is_made:
        execution.say(f"The {NAMES[name]} could not be made; the pages are published without it.")
        return None
    return output


def why_not(plan: Plan, name: str) -> str:
    """A sentence, or ''."""
    if plan.kind in (Kind.MKDOCS, Kind.LINES):
        return (
            f"formats: {NAMES[name]} is made of Sphinx projects only. Lines of build.jobs.build.{name} can write"
            f" one to $READTHEDOCS_OUTPUT/{name}."
        )
    if name == "pdf" and not has_latex():
        return "PDF needs LaTeX, which is not installed here."
    return ""


def has_latex() -> bool:
    """With what Sphinx's own makefile calls."""
    return all(shutil.which(tool, path=PATH) for tool in ("latexmk", "make")) and any(
        shutil.which(engine, path=PATH) for engine in ENGINES
    )


def run_sphinx(execution: Execution, plan: Plan, environment: Environment, name: str, place: Path) -> bool:
    render = places.version_directory(execution.build.version) / "render"
    facts = facts_of(execution, plan, environment, render, clean=False)
    facts |= {"builder": BUILDERS[name], "copy": str(place / "doctrees"), "output": str(place / "output")}
    file = execution.scratch / f"{name}.json"
    file.write_text(json.dumps(facts))
    file.chmod(0o644)
    cwd = plan.root / (plan.docs if plan.conf is None else plan.conf)
    arguments = [str(places.runner() / "drive_book.py"), str(file)]
    command = in_environment(execution, plan, environment, arguments, cwd=cwd, place=place)
    command = replace(command, readable=[*command.readable, render])
    return execution.try_run(command, shown=f"sphinx-build -b {BUILDERS[name]}").exit_code == 0


def run_latex(execution: Execution, folder: Path) -> bool:
    """By the makefile that Sphinx puts beside the source; it knows the engine. LaTeX is to ask nobody.

    Where it complains and makes a PDF all the same, that one is taken. Source: Read the Docs, LatexBuildCommand.
    """
    options = "-f -interaction=nonstopmode"
    command = Command(
        argv=["make", "all-pdf", f"LATEXMKOPTS={options}"],
        cwd=folder,
        environment={"PATH": PATH},
        readable=[path for path in LATEX_FILES if path.is_dir()],
        writable=[folder.parent],
        reach=Reach.NOTHING,
    )
    return execution.try_run(command).exit_code == 0 or any(folder.glob("*.pdf"))
