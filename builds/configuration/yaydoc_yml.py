"""The keys of `.yaydoc.yml`."""

from pathlib import Path, PurePosixPath
from typing import Any

from builds.configuration.config import BuildOptions, Config, Metadata, Theme
from builds.configuration.files import HINT
from builds.configuration.ghpages import misplaced_publish, publish
from builds.configuration.strict_yaml import Node
from builds.configuration.subprojects import subprojects
from builds.configuration.values import Alias, Key, Reader, noted

FILES = (".yaydoc.yml", ".yaydoc.yaml")  # the first that is there counts
SECTION_OF = {
    **dict.fromkeys(("projectname", "author"), "metadata"),
    **dict.fromkeys(("source", "theme", "logo", "mock", "autoapi"), "build"),
    "ghpages": "publish",
    **dict.fromkeys(("swagger", "javadoc"), "extras"),
}


def read(root: Node, file: str, source: Path) -> Config:
    """What the tree of `file` asks for. Raises BuildFailed."""
    reader = Reader(file, source.resolve(), HINT, section_of=SECTION_OF)
    values = reader.mapping(root, "", TOP)
    metadata, build = values.get("metadata", {}), values.get("build", {})
    pages_branch, misplaced = values.get("publish"), build.pop("publish", None)
    build.setdefault("subprojects", metadata.pop("build.subproject", ()))
    return Config(
        file=file,
        metadata=Metadata(**metadata),
        build=BuildOptions(**build),
        pages_branch=pages_branch or misplaced,
        notes=tuple(reader.notes),
    )


def _version(reader: Reader, node: Node, path: str) -> None:
    """Of the file's format. Not in the manual; people copy it from other services' files."""
    if node.value not in (1, 2) or isinstance(node.value, bool):
        reader.fail(node, path, "1 or 2 is supported")


def _metadata(reader: Reader, node: Node, path: str) -> dict[str, Any]:
    return reader.mapping(node, path, METADATA)


def _build(reader: Reader, node: Node, path: str) -> dict[str, Any]:
    values = reader.mapping(node, path, BUILD)
    if "subproject" in values:
        values["subprojects"] = values.pop("subproject")
    logo = values.pop("logo", None)
    if logo:
        values["logo"] = _found_logo(reader, logo, values.get("source"))
    return values


def _found_logo(reader: Reader, node: Node, source: PurePosixPath | None) -> PurePosixPath | None:
    """Relative to the source, as the manual says, or to the repository, as some write; a missing one is noted."""
    directories = [source, PurePosixPath()] if source else [PurePosixPath("docs"), PurePosixPath()]
    candidates = [reader.inside(node, "build.logo", base) for base in directories]
    for candidate in candidates:
        if (reader.root / candidate).is_file():
            return candidate
    reader.note(node, "build.logo", f"there is no such file ({candidates[0]}): left out")
    return None


def _logo(reader: Reader, node: Node, path: str) -> Node | None:
    return node if reader.text(node, path) else None


def _source(reader: Reader, node: Node, path: str) -> PurePosixPath | None:
    if not reader.text(node, path):
        return None
    return reader.directory(node, path)


def _theme(reader: Reader, node: Node, path: str) -> Theme:
    if not isinstance(node.value, dict):
        return Theme(reader.theme_name(node, path))
    values = reader.mapping(node, path, {"name": Reader.theme_name, "options": Reader.plain_mapping})
    return Theme(values.get("name", ""), values.get("options", {}))


NOT_YET = "not supported yet, left out"


def _extras(reader: Reader, node: Node, path: str) -> None:
    reader.mapping(node, path, {"swagger": noted(NOT_YET), "javadoc": noted(NOT_YET)})


METADATA: dict[str, Key] = {
    "projectname": Reader.text,
    "author": Reader.text,
    "version": Reader.text,
    "debug": noted("not needed any more: the log always tells everything"),
    "inline_math": noted("not needed any more: mathematics is always read"),
    "autoindex": noted("not supported yet; an index is made from the files where there is none"),
    "toc": noted(NOT_YET),
    "apidoc": noted(NOT_YET),
    "subproject": Alias("build.subproject", subprojects),
}
BUILD: dict[str, Key] = {
    "source": _source,
    "docpath": Alias("source", _source),
    "theme": _theme,
    "doctheme": Alias("theme", _theme),
    "logo": _logo,
    "mock": Reader.module_names,
    "autoapi": noted(NOT_YET),
    "markdown_flavour": noted("not needed any more: Markdown is read as CommonMark with MyST's additions"),
    "subproject": subprojects,
    "github_button": noted(NOT_YET),
    "github_ribbon": noted(NOT_YET),
    "publish": misplaced_publish,
}
TOP: dict[str, Key] = {
    "version": _version,
    "metadata": _metadata,
    "build": _build,
    "publish": publish,
    "extras": _extras,
    "javadoc": Alias("extras.javadoc", noted(NOT_YET)),
    "apidocs": Alias("extras.swagger", noted(NOT_YET)),
    "social": noted("not supported"),
}
