"""How a site is to be: what the runner is told of a repository's configuration."""

from dataclasses import asdict
from typing import Any

from builds.configuration.config import BuildOptions
from builds.detection.plans import Kind, Plan
from builds.models import Build
from forges.kinds import Forge
from repositories.forge_pages import forge_page, tree_pages
from repositories.models import Repository, Version

MATHEMATICS = ["amsmath", "dollarmath"]  # MyST's names of what reads $…$


def site_of(plan: Plan, build: Build) -> dict[str, Any]:
    """`settings` are Sphinx's, and hold where a conf.py does not say otherwise."""
    documents = plan.documents
    site: dict[str, Any] = {
        "is_made": plan.kind == Kind.PLAIN,
        "settings": settings_of(plan, build.repository.name),
        "debug": plan.config.metadata.debug,
        "subprojects": [asdict(one) for one in plan.subprojects],
        "github": github_of(plan.config.build, build.repository),
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
            "has_math": plan.config.metadata.inline_math,
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
        "myst_enable_extensions": MATHEMATICS if metadata.inline_math and not is_made else [],
    }
    return {name: value for name, value in wanted.items() if value}


def github_of(build: BuildOptions, repository: Repository) -> dict[str, Any] | None:
    """The buttons and the ribbon; None where there are none, or nothing to lead to."""
    page = github_page(repository)
    if not page or not (build.github_button or build.github_ribbon):
        return None
    buttons, ribbon = build.github_button, build.github_ribbon
    return {
        "page": page,
        "buttons": list(buttons.kinds) if buttons else [],
        "large": bool(buttons and buttons.large),
        "ribbon": {"position": ribbon.position, "color": ribbon.color} if ribbon else None,
    }


def github_page(repository: Repository) -> str:
    """'' for a repository that is elsewhere."""
    return forge_page(repository) if repository.forge == Forge.GITHUB else ""


def literal(path: str) -> str:
    """A path as a pattern of Sphinx that matches nothing else."""
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in path)
