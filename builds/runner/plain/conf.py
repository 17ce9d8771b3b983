"""How a repository without a conf.py is rendered: Markdown as GitHub shows it, for light and for dark."""

import re
from html import unescape
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from docutils import nodes
from myst_parser.config.main import MdParserConfig
from sphinx import addnodes
from yaydoc_links import is_of_subproject
from yaydoc_overlay import site


def is_known(extension: str) -> bool:
    """Whether this MyST has it: for an old theme's sake it may be an old one."""
    try:
        MdParserConfig(enable_extensions={extension})
    except ValueError:
        return False
    return True


extensions = ["myst_nb" if site["shows_notebooks"] else "myst_parser", "yaydoc_links", *site["extensions"]]
root_doc = site["first"] or "index"
exclude_patterns = site["left_out"]
source_suffix = dict.fromkeys((".md", ".MD", ".markdown"), "markdown")
source_suffix |= dict.fromkeys((".rst", ".RST"), "restructuredtext")
if site["shows_notebooks"]:
    source_suffix |= dict.fromkeys((".md", ".MD", ".markdown", ".ipynb"), "myst-nb")
    nb_execution_mode = "off"  # shown with the output that they hold
html_title = site["settings"]["project"]
html_show_sphinx = False
html_show_copyright = "copyright" in site["settings"]
if site["forge"]:
    files = site["forge"]["files"] + "".join(f"{quote(part)}/" for part in site["folder"].split("/") if part)
    if site["settings"]["html_theme"] == "furo":
        html_theme_options = {"source_view_link": f"{files}{{filename}}", "top_of_page_buttons": ["view"]}
    html_context = {"source_url_prefix": files}  # as sphinx_rtd_theme has it
myst_enable_extensions = ["alert", "colon_fence", "gfm_autolink", "html_image", "strikethrough", "tasklist"]
if site["has_math"]:
    myst_enable_extensions += ["amsmath", "dollarmath"]
myst_enable_extensions = [name for name in myst_enable_extensions if is_known(name)]
myst_heading_anchors = 6
# What GitHub forgives: headings that start at the second level, links to what is not there, unknown languages.
suppress_warnings = ["myst", "image", "toc", "misc.highlighting_failure", "download.not_readable", "docutils"]

HEADING = re.compile(r"^(?: {0,3}#{1,6}\s|[^\s].*\n(?:=+|-+)[ \t]*$)", re.MULTILINE)
TITLE = re.compile(r"^(?: {0,3}#\s|[^\s].*\n=+[ \t]*$)", re.MULTILINE)  # of the first level
TITLE_IN_HTML = re.compile(r"<h1\b[^>]*>(.*?)</h1>", re.IGNORECASE | re.DOTALL)
# What Jekyll, Hugo, Docusaurus and the like write above a page.
FRONT_MATTER = re.compile(r"\A(---|\+\+\+)[ \t]*\n(?=[\w-]+[ \t]*[:=])(?P<said>(?:.*\n)*?)\1[ \t]*(?:\n|\Z)")
FRONT_TITLE = re.compile(r"""^title\s*[:=]\s*["']?(?P<title>.*?)["']?\s*$""", re.MULTILINE)
LISTS = {"changelog", "changes", "history", "news", "releases", "release-notes"}  # called as their files
FOR_MYST = re.compile(r"^(?:myst|jupytext|kernelspec):", re.MULTILINE)


def complete_source(app: Any, docname: str, source: list[str]) -> None:
    """Give a page the title that lists of pages need, and the first page the table of contents of the others."""
    path = str(app.env.doc2path(docname)).lower()
    is_markdown = not path.endswith(".rst")
    if path.endswith(".ipynb"):
        return
    if is_markdown:
        source[0] = with_title(source[0], docname)
        app.env.temp_data["yaydoc_text"] = without_code(source[0])
    if docname == root_doc:
        source[0] += all_contents(is_markdown)


def with_title(text: str, docname: str) -> str:
    """With a heading where the page has none: the title above it, or one made from its name.

    What stands above is cut out, but for the line breaks, so that each line keeps its number.
    """
    above, title = FRONT_MATTER.match(text), None
    kept = ""
    if above:
        title = FRONT_TITLE.search(above["said"])
        kept = above[0] if FOR_MYST.search(above["said"]) else "\n" * above[0].count("\n")
        text = text[above.end() :]
    elif text.startswith("---"):  # a line across the page: MyST would take all up to the next one for such
        text = f"\n{text}"
    body = without_code(text)
    if not TITLE.search(body) and title and title["title"]:
        return f"{kept}# {title['title']}\n\n{text}"
    if docname != root_doc and not HEADING.search(body) and not TITLE_IN_HTML.search(body):
        return f"{kept}# {title_of(docname)}\n\n{text}"
    return f"{kept}{text}"


def without_code(text: str) -> str:
    return re.sub(r"^(```|~~~).*?^\1", "", text, flags=re.MULTILINE | re.DOTALL)


def title_of(docname: str) -> str:
    path = PurePosixPath(docname)
    name = path.parent.name if path.name.lower() in {"readme", "index"} and path.parent.name else path.name
    words = re.sub(r"[-_]+", " ", name.lower() if name.isupper() else name).strip()
    return words[:1].upper() + words[1:]


def all_contents(is_markdown: bool) -> str:
    """On an index that is made, below the headings of their parts; else in the theme's contents only."""
    index, said = site["index"] or {}, ""
    for part in dict.fromkeys(group["part"] for group in site["groups"]):
        groups = [group for group in site["groups"] if group["part"] == part and group["names"]]
        wanted = index.get(part, {"show": False})
        if wanted["show"] and groups:
            heading = wanted["heading"]
            said += f"\n\n## {heading}\n" if is_markdown else f"\n\n{heading}\n{'-' * 2 * len(heading)}\n"
        said += "".join(contents(group, is_markdown, is_shown=wanted["show"]) for group in groups)
    return said


def contents(group: dict[str, Any], is_markdown: bool, *, is_shown: bool) -> str:
    names = "\n".join(f"   /{name}" for name in group["names"] if not set(name) & set("<>\n"))
    has_heading = is_shown and group["part"] == "apidoc"
    caption = f":caption: {group['caption']}" if group["caption"] and not has_heading else ""
    option = ":maxdepth: 1" if is_shown else ":hidden:"
    if is_markdown:
        return f"\n\n```{{toctree}}\n{option}\n{caption}\n\n{names.replace('   ', '')}\n```\n"
    return f"\n\n.. toctree::\n   {option}\n   {caption}\n\n{names}\n"


def name_page(app: Any, doctree: Any) -> None:
    """A page is one entry in the contents, also with no heading that Sphinx knows of, or with many first ones.

    Then it is called by its h1 in HTML, or by its file; the first page by the project.
    """
    env, docname = app.env, app.env.docname
    text = env.temp_data.pop("yaydoc_text", None)
    has_title = text is None or bool(TITLE.search(text))
    doctree["yaydoc_level"] = 1 if has_title else 2
    if docname == root_doc:
        if not has_title:
            name(env, docname, html_title)
        return
    in_html = None if has_title else TITLE_IN_HTML.search(text)
    toc = env.tocs[docname]
    if len(toc) == 1 and not in_html:
        return
    told = " ".join(re.sub(r"<[^>]*>", " ", in_html[1]).split()) if in_html else ""
    is_list = PurePosixPath(docname).name.lower() in LISTS
    if told or is_list or not has_title:
        name(env, docname, unescape(told) or title_of(docname))
    words = nodes.reference("", env.titles[docname].astext(), internal=True, refuri=docname, anchorname="")
    entry = nodes.list_item("", addnodes.compact_paragraph("", "", words))
    if toc.children:
        entry += nodes.bullet_list("", *toc.children)
    env.tocs[docname] = nodes.bullet_list("", entry)
    env.toc_num_entries[docname] += 1


def name(env: Any, docname: str, title: str) -> None:
    env.titles[docname] = env.longtitles[docname] = nodes.title("", title)


def lower_headings(app: Any, doctree: Any, docname: str) -> None:
    """Where the title is HTML's, or the project's, headings of the second level are drawn as such."""
    if doctree.get("yaydoc_level") != 2 or any(isinstance(node, nodes.title) for node in doctree.children):
        return
    sections = [node for node in doctree.children if isinstance(node, nodes.section)]
    for section in sections:
        section.replace_self(around := nodes.section("", classes=["untitled"]))
        around += section


def without_source(app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """No link leads to the source of a first page that was made, or of a page of another repository."""
    if (pagename == root_doc and not site["first"]) or is_of_subproject(
        f"{site['folder']}/{pagename}".lstrip("/")
    ):
        context["page_source_suffix"] = ""
        context["has_source"] = False


def setup(app: Any) -> None:
    app.connect("source-read", complete_source)
    app.connect("doctree-read", name_page, priority=900)  # after Sphinx has listed the headings
    app.connect("doctree-resolved", lower_headings)
    app.connect("html-page-context", without_source)
