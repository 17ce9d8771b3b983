"""How a site is to be: what the runner is told of a repository's configuration."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from builds.configuration.config import Autoindex, BuildOptions, Config
from builds.detection.documents import Documents
from builds.detection.plans import Kind, Plan
from builds.models import Build
from forges.kinds import Forge
from repositories.forge_pages import forge_page, tree_pages
from repositories.models import Repository, Version

# No pages are made of these: nobody imports them, or they are no code of the project's.
NOT_DESCRIBED = (
    *("tests/*", "test/*", "migrations/*", "node_modules/*", "build/*", "docs/*", "doc/*", "examples/*", ".*"),
    *("setup.py", "conf.py", "conftest.py", "noxfile.py"),
)
MATHEMATICS = ["amsmath", "dollarmath"]  # MyST's names of what reads $…$


def site_of(plan: Plan, build: Build) -> dict[str, Any]:
    """`settings` are Sphinx's, and hold where a conf.py does not say otherwise."""
    config, documents = plan.config, plan.documents
    github = github_of(config.build, build.repository)
    site: dict[str, Any] = {
        "is_made": plan.kind == Kind.PLAIN,
        "settings": settings_of(plan, build.repository.name),
        "subprojects": [asdict(one) for one in plan.subprojects],
        "debug": config.metadata.debug,
        "github": github,
        "autoapi": [str(plan.root / folder) for folder in config.build.autoapi],
        "swagger": swagger_of(config),
        "added": [
            *(["yaydoc_github"] if github else []),
            *(["autoapi.extension"] if config.build.autoapi else []),
            *(["yaydoc_openapi"] if config.swagger else []),
        ],
    }
    if documents:
        site |= {
            "root": str(plan.root),
            "folder": plan.docs,
            "forge": source_at_forge(build),
            "first": documents.first,
            "index": index_of(plan, documents),
            "groups": groups_of(plan, documents),
            "left_out": [literal(path) for path in documents.left_out],
            "shows_notebooks": plan.shows_notebooks,
            "extensions": ["sphinx.ext.autodoc", "sphinx.ext.napoleon"] if config.file else [],
            "has_math": config.metadata.inline_math,
        }
    return site


def swagger_of(config: Config) -> dict[str, str] | None:
    if config.swagger is None:
        return None
    return {"url": config.swagger.url, "file": str(config.swagger.file or "")}


def index_of(plan: Plan, documents: Documents) -> dict[str, Any] | None:
    """The first page, where one is made."""
    if documents.first:
        return None
    wanted = plan.config.metadata.autoindex or Autoindex()
    parts = {"toc": wanted.toc, "subproject": wanted.subproject, "apidoc": wanted.apidoc}
    return {"include": documents.included, **{name: asdict(part) for name, part in parts.items()}}


def groups_of(plan: Plan, documents: Documents) -> list[dict[str, Any]]:
    """Of the table of contents, each with the part of the index that it belongs to."""
    others = tuple(f"{one.folder}/" for one in plan.subprojects)
    groups: list[dict[str, Any]] = [
        {
            "caption": group.caption,
            "names": group.names,
            "part": "subproject" if others and all(name.startswith(others) for name in group.names) else "toc",
        }
        for group in documents.groups
    ]
    groups.sort(key=lambda group: bool(group["part"] != "toc"))
    wanted = plan.config.metadata.autoindex or Autoindex()
    code = ["autoapi/index"] if plan.config.build.autoapi else []
    web = ["apidocs/index"] if plan.config.swagger else []
    shown = [*code, *(web if wanted.shows_swagger else [])]
    hidden = [] if wanted.shows_swagger else web
    groups.append({"caption": wanted.apidoc.heading, "names": shown, "part": "apidoc"})
    groups.append({"caption": wanted.apidoc.heading, "names": hidden, "part": "hidden"})
    return [group for group in groups if group["names"]]


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
        "autoapi_dirs": [str(plan.root / folder) for folder in build.autoapi],
        "autoapi_ignore": not_described(plan.root) if build.autoapi else [],
        "autoapi_root": "autoapi" if build.autoapi else "",
        "myst_enable_extensions": MATHEMATICS if metadata.inline_math and not is_made else [],
    }
    return {name: value for name, value in wanted.items() if value}


def not_described(root: Path) -> list[str]:
    """Patterns for sphinx-autoapi, which compares whole paths: of what is below `root` only."""
    here = literal(str(root))
    return [f"{here}/{between}{name}" for name in NOT_DESCRIBED for between in ("", "*/")]


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
