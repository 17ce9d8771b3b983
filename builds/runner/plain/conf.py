"""How a repository without a conf.py is rendered: Markdown as GitHub shows it, for light and for dark."""

import re
import shutil
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote

from docutils import nodes
from sphinx import addnodes
from yaydoc_overlay import site

extensions = ["myst_parser", *site["extensions"]]
root_doc = site["first"] or "index"
exclude_patterns = site["left_out"]
source_suffix = dict.fromkeys((".md", ".MD", ".markdown"), "markdown")
source_suffix |= dict.fromkeys((".rst", ".RST"), "restructuredtext")
html_title = site["settings"]["project"]
html_show_sphinx = False
html_show_copyright = "copyright" in site["settings"]
myst_enable_extensions = ["alert", "colon_fence", "gfm_autolink", "html_image", "strikethrough", "tasklist"]
if site["has_math"]:
    myst_enable_extensions += ["amsmath", "dollarmath"]
myst_heading_anchors = 6
# What GitHub forgives: headings that start at the second level, links to what is not there, unknown languages.
suppress_warnings = ["myst", "image", "toc", "misc.highlighting_failure", "download.not_readable", "docutils"]

HEADING = re.compile(r"^(?: {0,3}#{1,6}\s|[^\s].*\n(?:=+|-+)[ \t]*$)", re.MULTILINE)
TITLE = re.compile(r"^(?: {0,3}#\s|[^\s].*\n=+[ \t]*$)", re.MULTILINE)  # of the first level
LINK = re.compile(r"""(?P<before>\s(?:src|href)=)(?P<quote>["'])(?P<target>[^"']+)(?P=quote)""")
ELSEWHERE = re.compile(r"^(?:[a-z][a-z0-9+.-]*:|//|#|$)", re.IGNORECASE)


def complete_source(app: Any, docname: str, source: list[str]) -> None:
    """Give a page the title that lists of pages need, and the first page the table of contents of the others."""
    is_markdown = not str(app.env.doc2path(docname)).endswith(".rst")
    if docname == root_doc:
        source[0] += "".join(contents(group, is_markdown) for group in site["groups"])
    elif is_markdown and not HEADING.search(without_code(source[0])):
        source[0] = f"# {title_of(docname)}\n\n{source[0]}"


def without_code(text: str) -> str:
    return re.sub(r"^(```|~~~).*?^\1", "", text, flags=re.MULTILINE | re.DOTALL)


def title_of(docname: str) -> str:
    path = PurePosixPath(docname)
    name = path.parent.name if path.name.lower() in {"readme", "index"} and path.parent.name else path.name
    words = re.sub(r"[-_]+", " ", name).strip()
    return words[:1].upper() + words[1:]


def contents(group: dict[str, Any], is_markdown: bool) -> str:
    names = "\n".join(f"   /{name}" for name in group["names"] if not set(name) & set("<>\n"))
    caption = f":caption: {group['caption']}" if group["caption"] else ""
    if is_markdown:
        return f"\n\n```{{toctree}}\n:hidden:\n{caption}\n\n{names.replace('   ', '')}\n```\n"
    return f"\n\n.. toctree::\n   :hidden:\n   {caption}\n\n{names}\n"


def mend_html(app: Any, doctree: Any) -> None:
    """Let links and pictures in raw HTML lead to the rendered page or to a copy of the file."""
    env = app.env
    if not hasattr(env, "yaydoc_files"):
        env.yaydoc_files = {}
    docname = env.docname
    files = env.yaydoc_files[docname] = []

    def mend(match: re.Match[str]) -> str:
        target, _, anchor = match["target"].partition("#")
        if ELSEWHERE.match(target):
            return match[0]
        here = target.lstrip("/") if target.startswith("/") else f"{PurePosixPath(docname).parent}/{target}"
        path = normal(unquote(here.partition("?")[0]))
        page = page_of(path)
        if page in env.found_docs:
            url = app.builder.get_relative_uri(docname, page) + (f"#{anchor}" if anchor else "")
            return f"{match['before']}{match['quote']}{url}{match['quote']}"
        if path and (Path(app.srcdir) / path).is_file():
            files.append(path)
        return match[0]

    for node in list(doctree.findall(nodes.raw)):
        if "html" in node.get("format", ""):
            text = LINK.sub(mend, node.astext())
            node.replace_self(nodes.raw("", text, format="html"))


def page_of(path: str) -> str:
    return re.sub(r"\.(md|markdown|rst)$", "", path, flags=re.IGNORECASE)


def normal(path: str) -> str:
    """Without `.` and `..`; '' when it leaves the source."""
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            if not parts:
                return ""
            parts.pop()
        elif part not in {"", "."}:
            parts.append(part)
    return "/".join(parts)


def merge(app: Any, env: Any, docnames: Any, other: Any) -> None:
    env.yaydoc_files = {**getattr(env, "yaydoc_files", {}), **getattr(other, "yaydoc_files", {})}


def copy_files(app: Any, error: Exception | None) -> None:
    """What raw HTML shows, to the same place among the pages."""
    for docname, paths in getattr(app.env, "yaydoc_files", {}).items():
        for path in paths if error is None and docname in app.env.found_docs else ():
            source, target = Path(app.srcdir) / path, Path(app.outdir) / path
            if source.is_file() and not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, target)


def mend_links(app: Any, doctree: Any) -> None:
    """Let links to a folder lead to the page that opens it; those to what is not there become plain words."""
    for node in list(doctree.findall(addnodes.pending_xref)):
        target = str(node.get("reftarget", ""))
        if node.get("reftype") != "myst" or not re.search(r"[/.]", target) or target.startswith("#"):
            continue
        path = target.partition("#")[0]
        path = normal(unquote(path if path.startswith("/") else f"{PurePosixPath(app.env.docname).parent}/{path}"))
        if page_of(path) in app.env.found_docs:
            continue
        pages = [page for page in app.env.found_docs if opens(page, path)]
        if not pages:
            node.replace_self(nodes.inline("", "", *node.children))
            continue
        node["refdomain"], node["reftype"], node["reftarget"] = "std", "doc", f"/{min(pages)}"
        node["refexplicit"] = True


def opens(page: str, folder: str) -> bool:
    name = PurePosixPath(page)
    parent = "" if name.parent == PurePosixPath(".") else name.parent.as_posix()
    return parent == folder and name.name.lower() in {"readme", "index"}


def name_first_page(app: Any, doctree: Any) -> None:
    """A README that opens with a picture or HTML has no title of its own: the project's name is."""
    env = app.env
    if env.docname == root_doc and not TITLE.search(without_code(Path(env.doc2path(root_doc)).read_text())):
        env.titles[root_doc] = env.longtitles[root_doc] = nodes.title("", html_title)


def setup(app: Any) -> None:
    app.connect("source-read", complete_source)
    app.connect("doctree-read", mend_html)
    app.connect("doctree-read", mend_links)
    app.connect("doctree-read", name_first_page)
    app.connect("env-merge-info", merge)
    app.connect("build-finished", copy_files)
