"""A Sphinx extension: an entry for each subproject in the first page's table of contents."""

from pathlib import PurePosixPath
from typing import Any

from yaydoc_overlay import site

FIRST = ("index", "readme", "home", "introduction")
CAPTION = "Subprojects"


def pages_of(folder: str, found: set[str]) -> list[str]:
    """The page that opens it; an index has a table of contents of its own, any other is followed by all."""
    pages = sorted(name for name in found if name.startswith(f"{folder}/"))
    by_stem = {PurePosixPath(name).name.lower(): name for name in pages if name.count("/") == 1}
    first = next((by_stem[stem] for stem in FIRST if stem in by_stem), None)
    if first is None:
        return pages
    return [first] if PurePosixPath(first).name.lower() == "index" else [first, *(set(pages) - {first})]


def entries(found: set[str]) -> list[str]:
    """Lines of a toctree: the first page of each by its title, others by their own."""
    lines = []
    for one in site["subprojects"]:
        first, *others = pages_of(one["folder"], found) or [""]
        lines += [f"{one['title']} <{first}>"] if first else []
        lines += sorted(others)
    return lines


def outdated(app: Any, env: Any, added: Any, changed: Any, removed: Any) -> list[str]:
    """The first page is read again when there are other entries than the last time."""
    before = getattr(env, "yaydoc_subprojects", None)
    env.yaydoc_subprojects = entries(set(env.found_docs))
    return [] if env.yaydoc_subprojects == before else [app.config.root_doc]


def add_entries(app: Any, docname: str, source: list[str]) -> None:
    """Where the first page names the folders of subprojects itself, that counts."""
    if docname != app.config.root_doc or any(f"{one['folder']}/" in source[0] for one in site["subprojects"]):
        return
    path = str(app.env.doc2path(docname))
    lines = entries(set(app.env.found_docs))
    if path.endswith(".ipynb") or not lines:
        return
    if app.config.source_suffix.get(PurePosixPath(path).suffix) == "markdown":
        source[0] += "\n\n```{toctree}\n:caption: " + CAPTION + "\n\n" + "\n".join(lines) + "\n```\n"
        return
    source[0] += "\n\n.. toctree::\n   :caption: " + CAPTION + "\n\n" + "".join(f"   {line}\n" for line in lines)


def setup(app: Any) -> dict[str, Any]:
    if site["subprojects"] and not site["is_made"]:
        app.connect("env-get-outdated", outdated)
        app.connect("source-read", add_entries)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
