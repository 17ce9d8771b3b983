"""The keys of `.readthedocs.yaml`, version 2.

Source: Read the Docs, "Configuration file reference" and "Build process customization".
"""

import re
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from builds.configuration.config import Chosen, Config, Install, MkDocsOptions, SphinxOptions, Submodules
from builds.configuration.files import HINT
from builds.configuration.strict_yaml import Node
from builds.configuration.values import Key, Reader, noted, one_of

FILES = (".readthedocs.yaml", ".readthedocs.yml", "readthedocs.yaml", "readthedocs.yml")
VERSION = 2
LONGEST_LINE = 8_192  # characters of a line of shell
WITH_EXTRAS = re.compile(r"([^\[\]]*)\[([A-Za-z0-9._, -]+)\]")
BUILDERS = {"html": "html", "dirhtml": "dirhtml", "htmldir": "dirhtml", "singlehtml": "singlehtml"}
FORMATS = ("htmlzip", "pdf", "epub")
TOOLS = ("python", "nodejs", "ruby", "rust", "golang")
JOBS = (
    "post_checkout",
    *(
        f"{when}_{what}"
        for what in ("system_dependencies", "create_environment", "install", "build")
        for when in ("pre", "post")
    ),
)
#: Jobs that take the place of what would be done otherwise.
OVERRIDES = ("create_environment", "install")
OUTPUTS = ("html", "htmlzip", "pdf", "epub")


def read(root: Node, file: str, source: Path) -> Config:
    """What the tree of `file` asks for. Raises BuildFailed.

    A file of another version than 2 asks for nothing: Read the Docs itself reads none.
    """
    reader = Reader(file, source.resolve(), HINT)
    keys = root.value if isinstance(root.value, dict) else {}
    if "version" not in keys or keys["version"].value in (1, "1"):
        return Config(notes=(f"{file}: only version {VERSION} of this file is read; this one is passed over.",))
    values = reader.mapping(root, "", TOP)
    build = values.get("build", {})
    commands, jobs = build.get("commands", ()), build.get("jobs", {})
    if commands and jobs:
        reader.fail(keys["build"], "build", "commands and jobs cannot be used together")
    if "sphinx" in values and "mkdocs" in values:
        reader.fail(keys["mkdocs"], "mkdocs", "sphinx and mkdocs cannot be used together")
    options = keys["sphinx"].value if "sphinx" in keys else None
    if isinstance(options, dict) and "configuration" in options and not (jobs or commands):
        _file(reader, options["configuration"], "sphinx.configuration")
    return Config(
        file=file,
        python=build.get("tools", {}).get("python", ""),
        installs=values.get("python", {}).get("install"),
        jobs=jobs,
        commands=commands,
        sphinx=values.get("sphinx", SphinxOptions()),
        mkdocs=values.get("mkdocs"),
        formats=values.get("formats", ()),
        submodules=values.get("submodules", Submodules()),
        system_packages=build.get("apt_packages", ()),
        notes=tuple(reader.notes),
    )


# -- values that several keys share


def _version(reader: Reader, node: Node, path: str) -> None:
    if node.value not in (VERSION, str(VERSION)) or isinstance(node.value, bool):
        reader.fail(node, path, f"{VERSION} is expected")


def _texts(reader: Reader, node: Node, path: str) -> tuple[str, ...]:
    if not isinstance(node.value, list | None):
        reader.fail(node, path, "a list is expected")
    return tuple(text for item in reader.items(node, path) if (text := reader.text(item, path)))


def _lines(reader: Reader, node: Node, path: str) -> tuple[str, ...]:
    """Of shell: each is text, of several lines maybe."""
    if not isinstance(node.value, list | None):
        reader.fail(node, path, "a list of commands is expected")
    return tuple(_line(reader, item, path) for item in reader.items(node, path))


def _line(reader: Reader, node: Node, path: str) -> str:
    if not isinstance(node.value, str) or not node.text.strip():
        reader.fail(node, path, "a command is expected")
    if len(node.text) > LONGEST_LINE:
        reader.fail(node, path, f"a command may have at most {LONGEST_LINE} characters")
    return node.text


def _chosen(reader: Reader, node: Node, path: str) -> Chosen:
    return "all" if node.value == "all" else _texts(reader, node, path)


def _file(reader: Reader, node: Node, path: str) -> PurePosixPath | None:
    return reader.existing_file(node, path) if node.value is not None else None


def _conf_py(reader: Reader, node: Node, path: str) -> PurePosixPath | None:
    """A file that there may not be yet: `read` looks for it where no line makes it."""
    return reader.inside(node, path, PurePosixPath()) if node.value is not None else None


# -- build


def _build(reader: Reader, node: Node, path: str) -> dict[str, Any]:
    return reader.mapping(node, path, BUILD)


def _tools(reader: Reader, node: Node, path: str) -> dict[str, str]:
    versions: dict[str, str] = reader.mapping(node, path, dict.fromkeys(TOOLS, Reader.text))
    if others := [name for name in versions if name != "python"]:
        reader.note(node, path, f"what is installed on this server is used: {', '.join(others)}")
    return versions


def _jobs(reader: Reader, node: Node, path: str) -> dict[str, tuple[str, ...]]:
    jobs: dict[str, Any] = reader.mapping(node, path, JOB_KEYS)
    outputs = jobs.pop("build", {})
    jobs |= {f"build.{name}": lines for name, lines in outputs.items()}
    return {name: lines for name, lines in jobs.items() if lines or name in OVERRIDES}


def _outputs(reader: Reader, node: Node, path: str) -> dict[str, tuple[str, ...]]:
    return reader.mapping(node, path, dict.fromkeys(OUTPUTS, _lines))


JOB_KEYS: dict[str, Key] = {**dict.fromkeys((*JOBS, *OVERRIDES), _lines), "build": _outputs}
BUILD: dict[str, Key] = {
    "os": lambda reader, node, path: reader.text(node, path) and None,
    "tools": _tools,
    "apt_packages": _texts,
    "jobs": _jobs,
    "commands": _lines,
    "image": noted("an old key, which does nothing any more"),
}


# -- python, sphinx and the others


def _python(reader: Reader, node: Node, path: str) -> dict[str, Any]:
    return reader.mapping(node, path, PYTHON)


def _installs(reader: Reader, node: Node, path: str) -> tuple[Install, ...]:
    if not isinstance(node.value, list | None):
        reader.fail(node, path, "a list is expected")
    return tuple(_install(reader, item, path) for item in reader.items(node, path))


def _package(reader: Reader, node: Node, path: str) -> tuple[PurePosixPath, tuple[str, ...]]:
    """The folder of a package, and extras where they stand behind it, as in `.[docs]`: pip takes that too."""
    found = WITH_EXTRAS.fullmatch(node.text) if isinstance(node.value, str) else None
    if not found:
        return reader.directory(node, path), ()
    folder = replace(node, value=found[1] or ".", text=found[1] or ".")
    return reader.directory(folder, path), tuple(name.strip() for name in found[2].split(","))


def _install(reader: Reader, node: Node, path: str) -> Install:
    values = reader.mapping(node, path, INSTALL)
    method, command = values.get("method", "pip"), values.get("command", "sync")
    is_sync = method == "uv" and command == "sync"
    if "requirements" in values:
        if others := sorted(set(values) - {"requirements", "method", "command"}):
            reader.fail(node, path, f"beside requirements there may be no {others[0]}")
        if is_sync:
            reader.fail(node, path, "sync has no requirements: write command: pip")
        return Install(requirements=values["requirements"])
    if "path" not in values and not is_sync:
        reader.fail(node, path, "requirements or path is expected")
    folder, behind = values.get("path", (PurePosixPath(), ()))
    extras = values.get("extras") or values.get("extra_requirements") or behind
    groups = values.get("groups", ())
    if groups == "all" and not is_sync:
        reader.fail(node, path, "all groups need method: uv and command: sync")
    if method == "setuptools":
        reader.note(node, path, "setuptools is not run by itself any more: pip installs the package")
        if extras:
            reader.fail(node, f"{path}.extra_requirements", "these need method: pip")
    return Install(path=folder, extras=extras, groups=groups, is_sync=is_sync)


def _sphinx(reader: Reader, node: Node, path: str) -> SphinxOptions:
    return SphinxOptions(**reader.mapping(node, path, SPHINX))


def _mkdocs(reader: Reader, node: Node, path: str) -> MkDocsOptions:
    return MkDocsOptions(**reader.mapping(node, path, MKDOCS))


def _builder(reader: Reader, node: Node, path: str) -> str:
    return BUILDERS[one_of(*BUILDERS)(reader, node, path)]


def _formats(reader: Reader, node: Node, path: str) -> tuple[str, ...]:
    if node.value == "all":
        return FORMATS
    if not isinstance(node.value, list | None):
        reader.fail(node, path, "a list is expected, or all")
    return tuple(one_of(*FORMATS)(reader, item, path) for item in reader.items(node, path))


def _submodules(reader: Reader, node: Node, path: str) -> Submodules:
    values = reader.mapping(node, path, SUBMODULES)
    if values.get("include") and values.get("exclude"):
        reader.fail(node, path, "include and exclude cannot be used together")
    return Submodules(
        include=values.get("include", ()),
        exclude=values.get("exclude", ()),
        is_recursive=values.get("recursive", False),
    )


def _conda(reader: Reader, node: Node, path: str) -> None:
    reader.fail(
        node,
        path,
        "environments of Conda are not supported: list what the documentation needs in a requirements file",
    )


def _search(reader: Reader, node: Node, path: str) -> None:
    """Accepted: there is no search on the server's side that it could rule."""
    reader.mapping(node, path, SEARCH)


PYTHON: dict[str, Key] = {
    "install": _installs,
    "version": noted("an old key: the version stands in build.tools.python"),
    "system_packages": noted("an old key, which does nothing any more"),
}
METHODS: tuple[Literal["pip", "setuptools", "uv"], ...] = ("pip", "setuptools", "uv")
INSTALL: dict[str, Key] = {
    "requirements": _file,
    "path": _package,
    "method": one_of(*METHODS),
    "command": one_of("sync", "pip"),
    "extra_requirements": _texts,
    "extras": _chosen,
    "groups": _chosen,
}
SPHINX: dict[str, Key] = {"configuration": _conf_py, "builder": _builder, "fail_on_warning": Reader.boolean}
MKDOCS: dict[str, Key] = {"configuration": _file, "fail_on_warning": Reader.boolean}
SEARCH: dict[str, Key] = {"ranking": Reader.plain_mapping, "ignore": _texts}
SUBMODULES: dict[str, Key] = {"include": _chosen, "exclude": _chosen, "recursive": Reader.boolean}
TOP: dict[str, Key] = {
    "version": _version,
    "formats": _formats,
    "build": _build,
    "python": _python,
    "sphinx": _sphinx,
    "mkdocs": _mkdocs,
    "submodules": _submodules,
    "conda": _conda,
    "search": _search,
}
