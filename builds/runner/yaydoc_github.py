"""A Sphinx extension: buttons and a ribbon that lead to the repository at GitHub, in any theme, no scripts."""

from html import escape
from pathlib import Path
from typing import Any

import yaydoc_overlay

STATIC = Path(__file__).resolve().parent / "static"
# GitHub's own addresses of what a button stands for. What changes something there is asked again by GitHub itself.
TARGETS = {
    "star": ("Star", "{repository}"),
    "watch": ("Watch", "{repository}/subscription"),
    "fork": ("Fork", "{repository}/fork"),
    "follow": ("Follow", "{owner}"),
    "issues": ("Issues", "{repository}/issues"),
}


def html_of(github: dict[str, Any]) -> str:
    """What stands above each page."""
    parts = []
    repository, ribbon = github["page"], github["ribbon"]
    if ribbon:
        classes = f"yaydoc-ribbon yaydoc-{ribbon['position']} yaydoc-{ribbon['color']}"
        parts.append(f'<div class="{classes}"><a href="{escape(repository)}">Fork me on GitHub</a></div>')
    if github["buttons"]:
        links = "".join(link(kind, repository) for kind in github["buttons"])
        size = " yaydoc-large" if github["large"] else ""
        parts.append(f'<div class="yaydoc-github{size}">{links}</div>')
    return "\n".join(parts)


def link(kind: str, repository: str) -> str:
    text, target = TARGETS[kind]
    address = target.format(repository=repository, owner=repository.rpartition("/")[0])
    return f'<a href="{escape(address)}">{text}</a>'


def put_above(app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    if context.get("body"):
        context["body"] = f"{html_of(yaydoc_overlay.site['github'])}\n{context['body']}"


def setup(app: Any) -> dict[str, Any]:
    told = app.config._raw_config
    told["html_static_path"] = [*told.get("html_static_path", []), str(STATIC)]
    app.add_css_file("yaydoc-github.css")
    app.connect("html-page-context", put_above)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
