"""Where the links of a repository without a conf.py lead: to a page, to a copy of a file, or to the forge.

They are written for readers at the forge: relative to the page, or from the root of the repository.
"""

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote, unquote

from docutils import nodes
from myst_parser.mdit_to_docutils.sphinx_ import SphinxRenderer
from sphinx import addnodes
from sphinx.util.osutil import relative_uri
from yaydoc_overlay import site

COPIES = "_files"  # the folder of the output with what raw HTML shows
PAGE = re.compile(r"\.(md|markdown|rst|ipynb)$", re.IGNORECASE)
ELSEWHERE = re.compile(r"^(?:[a-z][a-z0-9+.-]*:|//|#|$)", re.IGNORECASE)
OF_HTML = re.compile(r"""(?P<before>\s(?:src|href|poster)=)(?P<quote>["'])(?P<target>[^"']+)(?P=quote)""")
SRCSET = re.compile(r"""(?P<before>\ssrcset=)(?P<quote>["'])(?P<targets>[^"']+)(?P=quote)""")
# What a browser shows or saves; all else is text, which the forge shows with its lines and colours.
MEDIA = frozenset(
    ".apng .avif .bmp .gif .ico .jpeg .jpg .png .svg .webp .mp3 .mp4 .ogg .ogv .wav .webm .mov .pdf .epub"
    " .zip .gz .tgz .xz .bz2 .7z .docx .xlsx .pptx .odt .ods .odp .woff .woff2 .ttf .otf".split()
)
LONGEST_PATH, LONGEST_NAME = 2_000, 255  # bytes
NO_PATH = (OSError, RuntimeError, ValueError)  # too long, a circle of links, with a NUL
ROOT = Path(site.get("root", "."))
FOLDER = site.get("folder", "")  # of the pages, in the repository


@dataclass(frozen=True)
class Target:
    """What a link means: a `page` by its name, or a path in the repository, which `is_file` or is a folder."""

    page: str = ""
    path: str = ""
    is_file: bool = False
    anchor: str = ""


def can_be_a_path(link: str) -> bool:
    """Whether the file system may be asked for it at all: of others it raises errors."""
    path = unquote(link.partition("#")[0].partition("?")[0]).encode(errors="surrogatepass")
    return b"\0" not in path and len(path) <= LONGEST_PATH and max(map(len, path.split(b"/"))) <= LONGEST_NAME


def target_of(env: Any, link: str) -> Target | None:
    """None when there is no such thing. The page depends on whether there is."""
    if not can_be_a_path(link):
        return None
    link, _, anchor = link.partition("#")
    path = unquote(link.partition("?")[0])
    here = f"{FOLDER}/{PurePosixPath(env.docname).parent}"
    # From the root of the repository, as forges have it, or from the folder of the pages.
    places = [path, f"{FOLDER}{path}"] if path.startswith("/") else [f"{here}/{path}"]
    for found in filter(None, map(normal, places)):
        if target := _at(env, found, anchor):
            return target
    return None


def _at(env: Any, path: str, anchor: str) -> Target | None:
    try:
        real = (ROOT / path).resolve()
    except NO_PATH:
        return None
    env.note_dependency(str(ROOT / path))  # if it comes, goes or becomes another, the page is read again
    page = page_at(path)
    is_inside = real.is_relative_to(ROOT.resolve())
    if page in env.found_docs and (PAGE.search(path) or not (is_inside and real.exists())):
        return Target(page=page, anchor=anchor)
    if not is_inside:
        return None
    if real.is_dir():
        opening = [page for page in env.found_docs if opens(page, path)]
        return Target(page=min(opening), anchor=anchor) if opening else Target(path=path)
    return Target(path=path, is_file=True, anchor=anchor) if real.is_file() else None


def normal(path: str) -> str:
    """Without `.` and `..`; '' when it leaves the repository."""
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            if not parts:
                return ""
            parts.pop()
        elif part not in {"", "."}:
            parts.append(part)
    return "/".join(parts) or "."


def page_at(path: str) -> str:
    """The name of the page that a file of the repository would be; '' outside the folder of the pages."""
    inside = path.removeprefix(f"{FOLDER}/") if FOLDER else path
    return PAGE.sub("", inside) if inside != path or not FOLDER else ""


def opens(page: str, folder: str) -> bool:
    """Whether it is the page that opens a folder of the repository."""
    name = PurePosixPath(FOLDER) / page
    return name.parent == PurePosixPath(folder) and name.name.lower() in {"readme", "index"}


def is_of_subproject(path: str) -> bool:
    """Whether a path is of another repository, so that this one's forge does not have it."""
    folders = (f"{FOLDER}/{one['folder']}/".lstrip("/") for one in site.get("subprojects", ()))
    return f"{path}/".startswith(tuple(folders))


def at_forge(target: Target) -> str:
    """Its page at the forge; '' where none is known, or a copy serves readers better."""
    forge = site.get("forge") or {}
    if is_of_subproject(target.path):
        return ""
    if not forge or (target.is_file and PurePosixPath(target.path).suffix.lower() in MEDIA):
        return ""
    path = "" if target.path == "." else quote(target.path)
    return f"{forge['files' if target.is_file else 'folders']}{path}{f'#{target.anchor}' if target.anchor else ''}"


def address_of(app: Any, target: Target) -> str:
    """From the page that is read; what the forge does not show is copied. '' where nothing is to be opened."""
    docname = app.env.docname
    if target.page:
        anchor = f"#{target.anchor}" if target.anchor else ""
        return f"{app.builder.get_relative_uri(docname, target.page)}{anchor}"
    if address := at_forge(target):
        return address
    if not target.is_file:
        return ""
    app.env.yaydoc_files.setdefault(docname, []).append(target.path)
    return relative_uri(app.builder.get_target_uri(docname), quote(f"{COPIES}/{target.path}"))


# -- listeners


def mend(app: Any, doctree: Any) -> None:
    """Before Sphinx itself looks at links, pictures and downloads."""
    if not hasattr(app.env, "yaydoc_files"):
        app.env.yaydoc_files = {}
    app.env.yaydoc_files.pop(app.env.docname, None)
    for node in list(doctree.findall(nodes.raw)):
        if "html" in node.get("format", ""):
            node.replace_self(nodes.raw("", mended_html(app, node.astext()), format="html"))
    for node in list(doctree.findall(addnodes.pending_xref)):
        if node.get("reftype") == "myst":
            mend_reference(app, node, getattr(doctree, "myst_slugs", {}))
    for node in list(doctree.findall(addnodes.download_reference)):
        mend_download(app, node)
    for node in doctree.findall(nodes.reference):
        if not ELSEWHERE.match(node.get("refuri", "")) and (target := target_of(app.env, node["refuri"])):
            node["refuri"] = address_of(app, target) or node["refuri"]
    for node in list(doctree.findall(nodes.image)):
        mend_picture(app, node)


def mended_html(app: Any, text: str) -> str:
    def address(link: str) -> str:
        found = None if ELSEWHERE.match(link) else target_of(app.env, link)
        return (address_of(app, found) if found else "") or link

    def mend_one(match: re.Match[str]) -> str:
        return f"{match['before']}{match['quote']}{address(match['target'])}{match['quote']}"

    def mend_set(match: re.Match[str]) -> str:
        parts = (part.split(None, 1) for part in match["targets"].split(",") if part.strip())
        targets = ", ".join(" ".join([address(first), *size]) for first, *size in parts)
        return f"{match['before']}{match['quote']}{targets}{match['quote']}"

    return SRCSET.sub(mend_set, OF_HTML.sub(mend_one, text))


def mend_reference(app: Any, node: Any, slugs: dict[str, Any]) -> None:
    """A link of Markdown: those that MyST did not find. What is not there becomes plain words."""
    link = str(node.get("reftarget", ""))
    if node.get("refdomain") == "doc":
        return
    if heading := slugs.get(unquote(link).removeprefix("#").lower()):  # forges do not mind the case
        node.replace_self(nodes.reference("", "", *node.children, refid=heading[1], internal=True))
        return
    if not re.search(r"[/.]", link) or link.startswith("#"):
        return
    if ELSEWHERE.match(link):  # `HTTPS://…`, which MyST takes for a path
        node.replace_self(nodes.reference("", "", nodes.inline("", "", *node.children), refuri=link))
        return
    target = target_of(app.env, link)
    if target and target.page:
        node["refdomain"], node["reftarget"], node["reftargetid"] = "doc", target.page, target.anchor or None
    else:
        replace(app, node, target)


def mend_download(app: Any, node: Any) -> None:
    target = target_of(app.env, str(node.get("reftarget", "")))
    # Of a download in a heading Sphinx fails when it lists the headings.
    if target is None or target.page or at_forge(target) or is_in_title(node):
        replace(app, node, target)


def is_in_title(node: Any) -> bool:
    while node is not None and not isinstance(node, nodes.title):
        node = node.parent
    return node is not None


def replace(app: Any, node: Any, target: Target | None) -> None:
    address = address_of(app, target) if target else ""
    if address:
        node.replace_self(nodes.reference("", "", *node.children, refuri=address, internal=False))
    else:
        node.replace_self(nodes.inline("", "", *node.children))


def mend_picture(app: Any, node: Any) -> None:
    """Sphinx takes `/` for the folder of the pages, and `?raw=true` for a part of the name."""
    link = str(node.get("uri", ""))
    if not ELSEWHERE.match(link) and not can_be_looked_for(app.env, link):
        node.replace_self(nodes.inline("", node.get("alt", "")))
        return
    if ELSEWHERE.match(link) or not (link.startswith("/") or "?" in link):
        return
    target = target_of(app.env, link)
    if target and target.is_file:
        depth = len((PurePosixPath(FOLDER) / app.env.docname).parent.parts)
        node["uri"] = "../" * depth + target.path


def can_be_looked_for(env: Any, link: str) -> bool:
    """As Sphinx does it."""
    try:
        os.access(env.relfn2path(link, env.docname)[1], os.R_OK)
    except NO_PATH:
        return False
    return True


def merge(app: Any, env: Any, docnames: Any, other: Any) -> None:
    env.yaydoc_files = {**getattr(env, "yaydoc_files", {}), **getattr(other, "yaydoc_files", {})}


def copy_files(app: Any, error: Exception | None) -> None:
    """What raw HTML shows, as it is now."""
    if error is not None:
        return
    for path in files_of(app.env):
        target = Path(app.outdir) / COPIES / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / path, target)


def files_of(env: Any) -> Iterator[str]:
    named = {
        path
        for page, paths in getattr(env, "yaydoc_files", {}).items()
        if page in env.found_docs
        for path in paths
    }
    yield from (path for path in sorted(named) if (ROOT / path).is_file())


def ask_only_for_paths() -> None:
    """MyST asks the file system for whatever a link says, and fails of what it cannot be asked for."""
    render = getattr(SphinxRenderer, "render_link_unknown", None)
    if render is None:  # MyST before 0.19
        return

    def render_path(self: Any, token: Any) -> Any:
        try:
            return render(self, token)
        except NO_PATH:
            return self.render_link_url(token)

    SphinxRenderer.render_link_unknown = render_path


def setup(app: Any) -> dict[str, Any]:
    ask_only_for_paths()
    before_sphinx = 100
    app.connect("doctree-read", mend, priority=before_sphinx)
    app.connect("env-merge-info", merge)
    app.connect("build-finished", copy_files)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
