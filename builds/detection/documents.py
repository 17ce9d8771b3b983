"""The Markdown and reStructuredText files of a repository without a conf.py, in the order of a reader."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from os.path import commonpath, normpath
from pathlib import PurePosixPath
from urllib.parse import unquote

from builds.configuration.config import Autoindex
from builds.detection.source_tree import SourceTree, natural

SUFFIXES = (".md", ".markdown", ".rst")  # of two pages with one name, the first wins
NOTEBOOK = ".ipynb"
FIRST = ("index", "readme", "home", "introduction")
LAST = (
    "changelog changes history news releases upgrading contributing contributors authors credits maintainers"
    " governance code_of_conduct code-of-conduct security support license licence copying notice"
).split()
FORMS = {"pull_request_template", "issue_template", "bug_report", "feature_request"}  # no reading matter
# Links of Markdown (inline, by reference), of HTML, and of reStructuredText.
LINK = re.compile(
    r"""\]\(\s*<?([^)\s>]+)|^ {0,3}\[[^\]\n]+\]:\s*<?([^\s>]+)|\bhref=["']([^"']+)"""
    r"""|:doc:`(?:[^`<\n]*<)?([^`>\n]+)|<([^`<>\s]+\.rst)>`""",
    re.MULTILINE,
)
README = re.compile(r"readme\.(?:md|markdown|rst)", re.IGNORECASE)
PAGE_ENDING = re.compile(r"\.(?:md|markdown|rst|ipynb)$", re.IGNORECASE)
MOST_GROUPS = 60  # folders that get a heading of their own


@dataclass(frozen=True, kw_only=True)
class Group:
    """The pages of one folder, in order."""

    caption: str  # '' for those of the top
    names: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Documents:
    """Pages are named as Sphinx does: relative to `folder`, without suffix."""

    folder: str  # relative to the checkout; "" is its root
    first: str | None  # the page that opens the rest; None: none fits, an index is to be made
    groups: tuple[Group, ...]  # all others
    left_out: tuple[str, ...]  # files and folders in `folder` that are no pages, relative to it
    included: tuple[str, ...] = ()  # files that an index which is made shows, relative to the checkout
    notebooks: tuple[str, ...] = ()  # that could be pages, but were not asked for

    @property
    def names(self) -> list[str]:
        return [*([self.first] if self.first else []), *(name for group in self.groups for name in group.names)]


def find_documents(
    tree: SourceTree, wanted: str | None, autoindex: Autoindex | None = None, *, with_notebooks: bool = False
) -> Documents | None:
    """All pages of the tree or, when given, of the folder `wanted`; None when there is not one.

    `autoindex`: an index is asked for, unless there is one.
    """
    pages = _files(tree, wanted, SUFFIXES)
    notebooks = _files(tree, wanted, (NOTEBOOK,))
    pages += notebooks if with_notebooks else []
    forms = [page for page in pages if PurePosixPath(page).stem.lower() in FORMS]
    pages = [page for page in pages if page not in forms]
    if not pages:
        return None
    folder = _folder_of(pages) if wanted is None else wanted
    folder = "" if folder == "." else folder
    kept = _by_name(pages, folder)
    first = _first(kept, FIRST[:1] if autoindex else FIRST)
    included = () if first else _included(tree, autoindex)
    kept = {name: page for name, page in kept.items() if f"{folder}/{page}".strip("/") not in included}
    linked = _linked(tree.text(f"{folder}/{kept[first]}".strip("/"))) if first else {}
    beside = [page for page in pages if _relative(page, folder) not in kept.values()]
    no_pages = [*tree.skipped_folders, *forms, *beside]
    return Documents(
        folder=folder,
        first=first,
        groups=tuple(_grouped([name for name in kept if name != first], linked)),
        notebooks=() if with_notebooks else tuple(notebooks),
        left_out=tuple(_relative(path, folder) for path in no_pages if _is_below(path, folder)),
        included=included,
    )


def _folder_of(pages: list[str]) -> str:
    return commonpath([PurePosixPath(page).parent.as_posix() for page in pages])


def _by_name(pages: list[str], folder: str) -> dict[str, str]:
    """Pages by their names, both relative to the folder; of two with one name, the one whose suffix wins."""
    return {
        _relative(page.rpartition(".")[0], folder): _relative(page, folder)
        for page in sorted(pages, key=_preference)
    }


def _first(pages: dict[str, str], opening: Iterable[str]) -> str | None:
    """The page that opens the rest: one that can hold the table of contents, in the folder itself."""
    able = [name for name, page in pages.items() if not page.lower().endswith(NOTEBOOK)]
    return next((name for stem in opening for name in able if name.lower() == stem), None)


def _included(tree: SourceTree, autoindex: Autoindex | None) -> tuple[str, ...]:
    """What is asked for; else the README of the repository."""
    if autoindex and autoindex.include is not None:
        return tuple(path.as_posix() for path in autoindex.include)
    return tuple(name for name in tree.children("") if README.fullmatch(name) and tree.is_file(name))[:1]


def _files(tree: SourceTree, wanted: str | None, suffixes: tuple[str, ...]) -> list[str]:
    return [
        file
        for file in tree.files
        if file.lower().endswith(suffixes) and tree.is_file(file) and _is_below(file, wanted or "")
    ]


def _preference(page: str) -> int:
    """Greatest for the suffix that wins."""
    return -next(rank for rank, suffix in enumerate((*SUFFIXES, NOTEBOOK)) if page.lower().endswith(suffix))


def _is_below(path: str, folder: str) -> bool:
    return not folder or path.startswith(f"{folder}/")


def _relative(path: str, folder: str) -> str:
    return path[len(folder) :].lstrip("/") if folder else path


def _linked(text: str) -> dict[str, int]:
    """Pages and folders that a page at the top links to, each with its rank, by first mention."""
    targets = ("".join(found).partition("#")[0] for found in LINK.findall(text))
    paths = (normpath(PAGE_ENDING.sub("", unquote(target))) for target in targets if target)
    return {path: rank for rank, path in enumerate(dict.fromkeys(paths))}


def _grouped(names: Iterable[str], linked: dict[str, int]) -> list[Group]:
    """By folder, the top first; folders and pages in the order of the first page's links, then by name."""
    unlinked = len(linked)
    folders: dict[str, list[str]] = {}
    paths = _paths(list(names))
    for name in sorted(paths, key=lambda name: _place(paths[name], linked.get(name, unlinked))):
        folders.setdefault(paths[name].rpartition("/")[0], []).append(name)
    ranks = {
        folder: min(linked.get(path, unlinked) for path in (folder, *found)) for folder, found in folders.items()
    }
    in_order = sorted(folders, key=lambda folder: (bool(folder), ranks[folder], natural(folder)))
    if len(folders) > MOST_GROUPS:
        return [Group(caption="", names=tuple(name for folder in in_order for name in folders[folder]))]
    return [Group(caption=caption(folder), names=tuple(folders[folder])) for folder in in_order]


def _paths(names: list[str]) -> dict[str, str]:
    """Where each page belongs: what opens a folder of nothing else is a page of the folder above."""
    pages_in = Counter(parent.as_posix() for name in names for parent in PurePosixPath(name).parents)

    def path(name: str) -> str:
        folder, _, stem = name.rpartition("/")
        return folder if stem.lower() in FIRST[:2] and pages_in[folder] == 1 else name

    return {name: path(name) for name in names}


def _place(name: str, rank: int) -> tuple[object, ...]:
    """Sorts the pages of a folder: what opens it first, and last what every repository has."""
    stem = PurePosixPath(name).name.lower()
    opens = FIRST.index(stem) if stem in FIRST else len(FIRST)
    return opens, stem in LAST, rank, natural(stem)


def caption(folder: str) -> str:
    """A heading for the pages of a folder: `docs/how-to_guides` becomes "Docs / How to guides"."""
    parts = [re.sub(r"[-_]+", " ", part).strip() for part in folder.split("/") if part]
    return " / ".join(part[:1].upper() + part[1:] for part in parts)
