"""What a project declares, in one of the usual ways, that its documentation needs."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from builds.configuration.config import Chosen, Install
from builds.detection.renderers import Renderer
from builds.detection.requirement_files import folders_in, included
from builds.detection.source_tree import SourceTree, ancestors
from builds.detection.tool_tables import of_tools, table, toml

BESIDE_DOCS = ("requirements.txt", "requirements.pip", "docs-requirements.txt", "doc-requirements.txt")
FOR_DOCS = (
    "docs/requirements.txt",
    "doc/requirements.txt",
    "documentation/requirements.txt",
    "docs/requirements/requirements.txt",
    "requirements/docs.txt",
    "requirements/doc.txt",
    "requirements/documentation.txt",
    "requirements-docs.txt",
    "requirements-doc.txt",
    "requirements_docs.txt",
    "requirements_doc.txt",
    "docs-requirements.txt",
    "doc-requirements.txt",
    "docs_requirements.txt",
    "doc_requirements.txt",
    "rtd-requirements.txt",
    "requirements-rtd.txt",
    "requirements/readthedocs.txt",
    ".readthedocs-requirements.txt",
)
READ_THE_DOCS = (".readthedocs.yaml", ".readthedocs.yml", "readthedocs.yaml", "readthedocs.yml")
METADATA = ("pyproject.toml", "setup.py", "setup.cfg")
LOCK = "uv.lock"

#: From all that is said of requirements to packages that nobody requires, but the documentation names.
Missing = Callable[[str], Iterable[str]]


@dataclass(frozen=True)
class Package:
    """A folder of the checkout whose package is installed, as editable."""

    folder: str
    extras: tuple[str, ...] = ()


@dataclass(frozen=True)
class Synced:
    """A folder of the checkout in which `uv sync` installs its lock file, or what there is instead of one."""

    folder: str
    extras: Chosen = ()
    groups: Chosen = ()
    is_locked: bool = False


@dataclass(frozen=True, kw_only=True)
class Requirements:
    """All paths are relative to the checkout."""

    files: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()  # each as "pyproject.toml:docs"
    named: tuple[str, ...] = ()  # single requirements, such as "furo"
    guessed: tuple[str, ...] = ()  # those of `named` that nobody requires, but the documentation names
    packages: tuple[Package, ...] = ()
    local: tuple[str, ...] = ()  # folders with packages that the files name
    synced: tuple[Synced, ...] = ()
    metadata: tuple[str, ...] = ()  # the files that describe the packages
    name_renderer: bool = False  # then it comes with them, most likely, in a version that they choose
    are_stated: bool = False  # by a configuration file; else they were found out

    @property
    def any(self) -> bool:
        return bool(self.files or self.groups or self.named or self.packages or self.synced)


def find_requirements(
    tree: SourceTree, docs: str, missing: Missing, renderer: Renderer, *, reads_code: bool = True
) -> Requirements:
    """What the documentation in the folder `docs` needs; the package is of it where the pages read code."""
    package = find_package(tree, docs)
    files, extras, groups = _declared(tree, docs, package, renderer)
    named = of_tools(tree, package or "", renderer.names) if not (files or extras or groups) else ()
    needed = package is not None and (reads_code or bool(extras))
    of_package = _of_package(_pyproject(tree, package or ""), extras) if needed else ""
    of_groups = _of_groups(_pyproject(tree, package or ""), groups)
    said = " ".join([_text_of(tree, files, []), of_package, of_groups, *named])
    name_renderer = bool(files or extras or groups or named) and bool(renderer.mentioned.search(said))
    guessed = tuple(one for one in missing(said) if name_renderer or one not in renderer.included)
    return Requirements(
        files=files,
        groups=tuple(_group(package or "", name) for name in groups),
        named=(*named, *guessed),
        guessed=guessed,
        packages=(Package(package or "", extras),) if needed else (),
        local=(local := _local(tree, files)),
        name_renderer=name_renderer,
        metadata=_metadata(tree, dict.fromkeys((*([package or ""] if needed or groups else []), *local))),
    )


def stated_requirements(tree: SourceTree, installs: tuple[Install, ...], renderer: Renderer) -> Requirements:
    """What a configuration file says that the documentation needs."""
    files = tuple(str(step.requirements) for step in installs if step.requirements)
    folders = {_folder(step): step for step in installs if step.path is not None}
    said = _text_of(tree, files, folders)
    synced = tuple(_synced(tree, folder, step) for folder, step in folders.items() if step.is_sync)
    locks = tuple(_join(one.folder, LOCK) for one in synced if one.is_locked)
    return Requirements(
        files=files,
        groups=tuple(
            _group(folder, name) for folder, step in folders.items() if not step.is_sync for name in step.groups
        ),
        packages=tuple(
            Package(folder, _every_extra(tree, folder) if step.extras == "all" else tuple(step.extras))
            for folder, step in folders.items()
            if not step.is_sync
        ),
        local=(local := _local(tree, files)),
        synced=synced,
        name_renderer=bool(renderer.mentioned.search(said)),
        metadata=(*_metadata(tree, dict.fromkeys((*folders, *local))), *locks),
        are_stated=True,
    )


def _local(tree: SourceTree, files: tuple[str, ...]) -> tuple[str, ...]:
    """Relative to the root, where the files are installed from."""
    return tuple(dict.fromkeys(folder for folder in folders_in(tree, files) if _metadata(tree, [folder])))


def _synced(tree: SourceTree, folder: str, step: Install) -> Synced:
    return Synced(folder, step.extras, step.groups, is_locked=tree.is_file(_join(folder, LOCK)))


def _every_extra(tree: SourceTree, folder: str) -> tuple[str, ...]:
    return tuple(sorted(_extras(tree, folder, _pyproject(tree, folder), ())))


def name_of_project(tree: SourceTree, folder: str) -> str:
    return str(table(_pyproject(tree, folder), "project").get("name", ""))


def _folder(step: Install) -> str:
    return "" if step.path in (None, PurePosixPath()) else str(step.path)


def _group(folder: str, name: str) -> str:
    return f"{_join(folder, METADATA[0])}:{name}"


def _text_of(tree: SourceTree, files: tuple[str, ...], folders: Iterable[str]) -> str:
    """All that is said of requirements there."""
    pyprojects = (tree.text(_join(folder, METADATA[0])) for folder in folders)
    return " ".join([*(tree.text(file) for file in included(tree, files)), *pyprojects])


def _of_package(pyproject: dict[str, Any], extras: tuple[str, ...]) -> str:
    """What is said of the requirements that come with a package and these extras."""
    project, poetry = table(pyproject, "project"), table(pyproject, "tool", "poetry")
    optional = table(project, "optional-dependencies")
    return str([project.get("dependencies"), [optional.get(name) for name in extras], poetry.get("dependencies")])


def _of_groups(pyproject: dict[str, Any], names: tuple[str, ...]) -> str:
    """The same of dependency groups, which may include each other (PEP 735)."""
    groups, waiting, found = table(pyproject, "dependency-groups"), list(names), list[str]()
    while waiting and len(found) < 100:
        items = groups.get(waiting.pop(0))
        for item in items if isinstance(items, list) else []:
            found.append(str(item))
            if isinstance(item, dict) and isinstance(item.get("include-group"), str):
                waiting.append(item["include-group"])
    return " ".join(found)


def _metadata(tree: SourceTree, folders: Iterable[str]) -> tuple[str, ...]:
    return tuple(path for folder in folders for name in METADATA if tree.is_file(path := _join(folder, name)))


def _join(folder: str | None, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def find_package(tree: SourceTree, docs: str) -> str | None:
    """The folder of the package that is documented: the nearest above the docs, or the root's."""
    for folder in ancestors(docs):
        if (folder != docs or not folder) and _is_package(tree, folder):
            return folder
    return None


def _is_package(tree: SourceTree, folder: str) -> bool:
    pyproject = _pyproject(tree, folder)
    tools = table(pyproject, "tool")
    poetry = table(tools, "poetry")
    if poetry.get("package-mode") is False or table(tools, "uv").get("package") is False:
        return False
    if "name" in table(pyproject, "project") or "name" in poetry or "metadata" in table(tools, "flit"):
        return True
    if tree.is_file(_join(folder, "setup.py")):
        return "setup" in tree.text(_join(folder, "setup.py"))
    return "[metadata]" in tree.text(_join(folder, "setup.cfg"))


def _pyproject(tree: SourceTree, folder: str) -> dict[str, Any]:
    return toml(tree, _join(folder, METADATA[0]))


def _declared(
    tree: SourceTree, docs: str, package: str | None, renderer: Renderer
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Files, extras, groups: of the first way of declaring them that is in use."""
    elsewhere = _read_the_docs(tree)
    if any(elsewhere):
        extras = elsewhere[1] if package is not None else ()
        return elsewhere[0], extras, _groups(tree, package, elsewhere[2])
    for file in (*_beside(docs), *FOR_DOCS):
        if tree.is_file(file):
            return (file,), (), ()
    pyproject = _pyproject(tree, package or "")
    found = _extras(tree, package, pyproject, renderer.names)
    extras = tuple(name for name in renderer.names if name in found)[:1]
    groups = _groups(tree, package, renderer.names)[:1]
    if extras or groups:
        return (), extras, groups
    return (("requirements.txt",) if tree.is_file("requirements.txt") else ()), (), ()


def _beside(docs: str) -> Iterator[str]:
    """Beside the conf.py and in the folders above it, but not in the root: that file is the package's."""
    for folder in ancestors(docs):
        if folder:
            yield from (_join(folder, name) for name in BESIDE_DOCS)


def _extras(tree: SourceTree, package: str | None, pyproject: dict[str, Any], names: tuple[str, ...]) -> set[str]:
    if package is None:
        return set()
    found = set(table(pyproject, "project", "optional-dependencies"))
    found |= set(table(pyproject, "tool", "poetry", "extras"))
    section = re.search(
        r"^\[options\.extras_require\]\n(.*?)(?=^\[|\Z)",
        tree.text(_join(package, "setup.cfg")),
        re.MULTILINE | re.DOTALL,
    )
    found |= set(re.findall(r"^(\w[\w.-]*)\s*=", section[1], re.MULTILINE)) if section else set()
    setup = tree.text(_join(package, "setup.py"))
    if "extras_require" in setup:
        found |= {name for name in names if re.search(rf"""["']{name}["']\s*[:\]]""", setup)}
    return found


def _groups(tree: SourceTree, package: str | None, names: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the dependency groups (PEP 735) that exist."""
    groups = table(_pyproject(tree, package or ""), "dependency-groups")
    return tuple(name for name in names if name in groups)


def _read_the_docs(tree: SourceTree) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Files, extras and groups that a configuration for Read the Docs names.

    Only lines of a known form are looked for: a stranger's YAML is not parsed for a hint.
    """
    text = next((tree.text(name) for name in READ_THE_DOCS if tree.is_file(name)), "")
    files = re.findall(r"^\s*-?\s*requirements:\s*[\"']?([^\s\"'#]+)", text, re.MULTILINE)
    extras = re.findall(r"extra_requirements:\s*\[([^\]\n]*)\]", text)
    extras += re.findall(r"extra_requirements:\s*\n((?:\s*-\s*[\w.-]+[ \t]*\n?)+)", text)
    extras += re.findall(r"path:\s*[\"']?\.\[([\w,. -]+)\]", text)
    groups = re.findall(r"--(?:only-)?group[= ]([\w.-]*(?:doc|sphinx|rtd)[\w.-]*)", text)
    return (
        tuple(dict.fromkeys(path for file in files if tree.is_file(path := PurePosixPath(file).as_posix()))),
        tuple(dict.fromkeys(name for line in extras for name in re.findall(r"\w[\w.-]*", line))),
        tuple(dict.fromkeys(groups)),
    )
