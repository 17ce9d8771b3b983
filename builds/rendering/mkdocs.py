"""Renders the pages with MkDocs in the sandbox: all of them each time, as MkDocs itself does."""

import json
import shlex
from dataclasses import replace
from pathlib import Path

from builds import logs, places
from builds.detection.plans import Plan
from builds.execution import Execution
from builds.rendering.commands import in_environment
from builds.rendering.environment import Environment, needs_more
from builds.rendering.mkdocs_failures import explain
from builds.rendering.reports import record_told
from builds.rendering.reuse import may_be_of_reuse

LONGEST_LOG = 32_768  # bytes that are looked at: tracebacks are long
# Material for MkDocs prints a page of advice about other programs than the one that was asked for.
QUIET = {"NO_MKDOCS_2_WARNING": "1", "DISABLE_MKDOCS_2_WARNING": "true"}


def render_with_mkdocs(execution: Execution, plan: Plan, environment: Environment, place: Path) -> Path:
    """The folder with the pages, below the empty folder `place`. Raises BuildFailed."""
    output = place / "output"
    is_strict = bool(plan.config.mkdocs and plan.config.mkdocs.fail_on_warning)
    # Source: Read the Docs, doc_builder/backends/mkdocs.py
    wanted = ["build", "--clean", "--site-dir", str(output), "--config-file", plan.mkdocs_yml]
    if is_strict:
        wanted.append("--strict")
    warnings = place / "warnings.json"
    facts = {"root": str(plan.root), "docs": plan.docs, "arguments": wanted, "warnings": str(warnings)}
    file = execution.scratch / "facts.json"
    file.write_text(json.dumps(facts))
    file.chmod(0o644)
    arguments = [str(places.runner() / "drive_mkdocs.py"), str(file)]
    command = in_environment(execution, plan, environment, arguments, cwd=plan.root, place=place)
    command = replace(command, environment={**command.environment, **QUIET})
    outcome = execution.try_run(command, shown=shlex.join(["mkdocs", *wanted]))
    told = record_told(execution, warnings)
    if outcome.exit_code:
        log = logs.tail(execution.build, lines=200, max_bytes=LONGEST_LOG)
        failed = explain(log, outcome.exit_code, plan.mkdocs_yml, [one.text for one in told.warnings])
        is_kept = environment.reused and needs_more(plan)
        failed.may_be_of_reuse = may_be_of_reuse(
            None, [log], render_was_reused=False, environment_was_reused=is_kept
        )
        raise failed
    return output
