"""Renders the pages in the sandbox: by MkDocs, or by Sphinx on top of what the last render of the version left."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from builds import logs, places, sandbox
from builds.detection.plans import Kind, Plan
from builds.detection.source_tree import SourceTree
from builds.environment_cache import marker_of
from builds.errors import BuildFailed
from builds.execution import Execution
from builds.rendering.commands import in_environment
from builds.rendering.environment import Environment, needs_more
from builds.rendering.failures import explain
from builds.rendering.mkdocs import render_with_mkdocs
from builds.rendering.reports import read_failure, record_told
from builds.rendering.reuse import may_be_of_reuse
from builds.rendering.site import site_of
from builds.rendering.variables import variables_digest

LONGEST_LOG = 32_768  # bytes that are looked at: tracebacks are long


def render(execution: Execution, plan: Plan, environment: Environment, *, clean: bool = False) -> Path:
    """The folder with the rendered pages, complete. Raises BuildFailed.

    Doctrees and pages of the version's last render are built upon; `clean` throws them away first. The folder
    belongs to the build user, who may have put anything into it.
    """
    place = places.version_directory(execution.build.version) / "render"
    if plan.kind == Kind.MKDOCS:
        sandbox.remove(place)  # whatever it left, or Sphinx, if the project came from there
    place.mkdir(parents=True, exist_ok=True)
    place.chmod(0o755)  # the render before may have closed it
    sandbox.give(place)
    if plan.kind != Kind.MKDOCS:
        return render_with_sphinx(execution, plan, environment, place, clean=clean)
    output = render_with_mkdocs(execution, plan, environment, place)
    check_output(output, f"Add index.md, or README.md, to {plan.docs or 'the root'}.")
    return output


def render_with_sphinx(
    execution: Execution, plan: Plan, environment: Environment, place: Path, *, clean: bool
) -> Path:
    """The folder with the pages, below `place`. Raises BuildFailed, which knows whether reuse may be at fault."""
    check_configuration(plan)
    facts = facts_of(execution, plan, environment, place, clean=clean)
    has_state = (place / "state.json").exists()
    outcome = run_sphinx(execution, plan, environment, place, facts)
    told = record_told(execution, Path(facts["warnings"]))
    if outcome.exit_code:
        report = read_failure(Path(facts["report"]))
        strict = told.warnings if plan.config.sphinx.fail_on_warning else ()
        log = logs.tail(execution.build)
        count = execution.build.warning_count or 0
        failed = explain(report, outcome.exit_code, log, strict=strict, count=count, warnings=told.warnings)
        failed.may_be_of_reuse = may_be_of_reuse(
            report,
            [log, *(warning.text for warning in strict)],
            render_was_reused=has_state if told.reused is None else told.reused,
            environment_was_reused=environment.reused and needs_more(plan),
        )
        raise failed
    output = Path(facts["output"])
    try:
        check_output(output, "Name the first page as root_doc in conf.py, best “index”.")
    except BuildFailed as failed:
        failed.may_be_of_reuse = bool(told.reused)
        raise
    return output


def check_configuration(plan: Plan) -> None:
    """A line may have made the conf.py that is named, or not. Raises BuildFailed."""
    stated = plan.config.sphinx.configuration
    if stated and not SourceTree(plan.root).is_file(str(stated)):
        hint = f"Correct it in {plan.config.file}, or let a line of build.jobs make it, in pre_build at latest."
        raise BuildFailed(f"sphinx.configuration: there is no {stated}.", hint)


def run_sphinx(
    execution: Execution, plan: Plan, environment: Environment, place: Path, facts: dict[str, Any]
) -> sandbox.Outcome:
    """Run it with these facts: again, where it may not write into its environment and wants to."""
    file = execution.scratch / "facts.json"
    file.write_text(json.dumps(facts))
    file.chmod(0o644)
    arguments = [str(places.runner() / "drive.py"), str(file)]
    cwd = plan.root / (plan.docs if plan.conf is None else plan.conf)
    command = in_environment(execution, plan, environment, arguments, cwd=cwd, place=place)
    outcome = execution.try_run(command)
    if not (outcome.exit_code and needs_more(plan) and is_kept_from_writing(execution, environment)):
        return outcome
    execution.say("An extension writes into the environment: once more with that; the next build makes it anew.")
    marker_of(environment.folder).unlink(missing_ok=True)
    return execution.try_run(replace(command, writable=[*command.writable, environment.folder]))


def is_kept_from_writing(execution: Execution, environment: Environment) -> bool:
    """Whether the render ended of what it may not write to: an extension's own folder, say, in the environment."""
    denied = rf"(?:Read-only file system|Permission denied): '[^'\n]*{re.escape(environment.folder.name)}/"
    return bool(re.search(denied, logs.tail(execution.build, lines=200, max_bytes=LONGEST_LOG)))


def facts_of(
    execution: Execution, plan: Plan, environment: Environment, place: Path, *, clean: bool
) -> dict[str, Any]:
    """What the runner must know; see builds/runner/drive.py."""
    conf = places.runner() / "plain" if plan.conf is None else plan.root / plan.conf
    return {
        "root": str(plan.root),
        "docs": str(plan.root / plan.docs),
        "conf": str(conf),
        "output": str(place / "output"),
        "previous": str(place / "previous"),
        "doctrees": str(place / "doctrees"),
        "state": str(place / "state.json"),
        "report": str(place / "report.json"),
        "warnings": str(place / "warnings.json"),
        "key": f"{environment.key} {places.runner_digest()}",
        "variables": variables_digest(execution.variables),
        "builder": plan.config.sphinx.builder or "html",
        "fails_on_warning": plan.config.sphinx.fail_on_warning,
        "clean": clean,
        "site": site_of(plan, execution.build),
    }


def check_output(output: Path, hint: str) -> None:
    """`hint` is about the first page. Raises BuildFailed when there is nothing to open."""
    if output.is_symlink() or not output.is_dir() or not any(output.iterdir()):
        raise BuildFailed("The render wrote no output.", "Does an extension, or a plugin, remove the pages?")
    index = output / "index.html"
    if index.is_symlink() or not index.is_file():
        raise BuildFailed("index.html is missing in the output.", hint)
