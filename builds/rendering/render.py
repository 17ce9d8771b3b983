"""Renders the pages in the sandbox: by MkDocs, or by Sphinx on top of what the last render of the version left."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from builds import logs, places, sandbox
from builds.detection.plans import Kind, Plan
from builds.errors import BuildFailed
from builds.execution import Execution
from builds.models import Build
from builds.rendering.commands import in_environment
from builds.rendering.environment import Environment, needs_more
from builds.rendering.failures import explain
from builds.rendering.mkdocs import render_with_mkdocs
from builds.rendering.reports import read_failure, record_told
from builds.rendering.reuse import may_be_of_reuse
from builds.rendering.variables import variables_digest
from repositories.forge_pages import tree_pages
from repositories.models import Version


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
    if plan.kind == Kind.MKDOCS:
        output = render_with_mkdocs(execution, plan, environment, place)
        check_output(output, f"Add index.md, or README.md, to {plan.docs or 'the root'}.")
        return output
    facts = facts_of(execution, plan, environment, place, clean=clean)
    file = execution.scratch / "facts.json"
    file.write_text(json.dumps(facts))
    file.chmod(0o644)
    may_reuse = (place / "state.json").exists()
    arguments = [str(places.runner() / "drive.py"), str(file)]
    cwd = plan.root / (plan.docs if plan.conf is None else plan.conf)
    outcome = execution.try_run(in_environment(execution, plan, environment, arguments, cwd=cwd, place=place))
    told = record_told(execution, Path(facts["warnings"]))
    if outcome.exit_code:
        report = read_failure(Path(facts["report"]))
        strict = told.warnings if plan.config.sphinx.fail_on_warning else ()
        log = logs.tail(execution.build)
        failed = explain(report, outcome.exit_code, log, strict=strict, count=execution.build.warning_count or 0)
        failed.may_be_of_reuse = may_be_of_reuse(
            report,
            [log, *(warning.text for warning in strict)],
            render_was_reused=may_reuse if told.reused is None else told.reused,
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


def site_of(plan: Plan, build: Build) -> dict[str, Any]:
    """How the site is to be: `settings` are Sphinx's, and hold where a conf.py does not say otherwise."""
    documents = plan.documents
    site: dict[str, Any] = {
        "is_made": plan.kind == Kind.PLAIN,
        "settings": settings_of(plan, build.repository.name),
        "subprojects": [asdict(one) for one in plan.subprojects],
    }
    if documents:
        site |= {
            "root": str(plan.root),
            "folder": plan.docs,
            "forge": source_at_forge(build),
            "first": documents.first,
            "groups": [{"caption": group.caption, "names": group.names} for group in documents.groups],
            "left_out": [literal(path) for path in documents.left_out],
            "extensions": ["sphinx.ext.autodoc", "sphinx.ext.napoleon"] if plan.config.file else [],
            "has_math": bool(plan.config.file),
        }
    return site


def source_at_forge(build: Build) -> dict[str, str]:
    """What leads to the files and folders of the version; {} where the forge is not known.

    By the branch or tag: with the commit in its links, each page would have to be written anew at every push. A
    pull request's branch may be in another repository, so it goes by the commit.
    """
    version = build.version
    kind, ref = Version.Kind(version.kind).value, version.name or build.repository.default_branch
    if version.is_pull_request:
        kind, ref = "commit", build.commit
    pages = tree_pages(build.repository, kind, ref)
    return {"files": pages[0], "folders": pages[1]} if pages else {}


def settings_of(plan: Plan, repository: str) -> dict[str, Any]:
    metadata, build = plan.config.metadata, plan.config.build
    is_made = plan.kind == Kind.PLAIN
    wanted: dict[str, Any] = {
        "project": metadata.projectname or (repository if is_made else ""),
        "author": metadata.author,
        "copyright": metadata.author,
        "version": metadata.version,
        "release": metadata.version,
        "html_theme": build.theme.name or ("furo" if is_made else ""),
        "html_theme_options": dict(build.theme.options),
        "html_logo": str(plan.root / build.logo) if build.logo else "",
        "autodoc_mock_imports": list(build.mock),
    }
    return {name: value for name, value in wanted.items() if value}


def literal(path: str) -> str:
    """A path as a pattern of Sphinx that matches nothing else."""
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in path)


def check_output(output: Path, hint: str) -> None:
    """`hint` is about the first page. Raises BuildFailed when there is nothing to open."""
    if output.is_symlink() or not output.is_dir() or not any(output.iterdir()):
        raise BuildFailed("The render wrote no output.", "Does an extension, or a plugin, remove the pages?")
    index = output / "index.html"
    if index.is_symlink() or not index.is_file():
        raise BuildFailed("index.html is missing in the output.", hint)
