"""The keys of `.yaydoc.yml`."""

from pathlib import Path, PurePosixPath
from typing import Any

from builds.configuration import yaydoc_sections as sections
from builds.configuration.config import BuildOptions, Config, Metadata, Theme
from builds.configuration.files import HINT
from builds.configuration.ghpages import misplaced_publish, publish
from builds.configuration.strict_yaml import Node
from builds.configuration.subprojects import subprojects
from builds.configuration.values import Alias, Key, Reader, Section, noted

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
        swagger=values.get("extras", {}).get("swagger") or values.get("extras.swagger"),
        notes=tuple(reader.notes),
    )


def _version(reader: Reader, node: Node, path: str) -> None:
    """Of the file's format. Not in the manual; people copy it from other services' files."""
    if node.value not in (1, 2) or isinstance(node.value, bool):
        reader.fail(node, path, "1 or 2 is supported")


def _made_metadata(values: dict[str, Any]) -> dict[str, Any]:
    """With what stands beside `autoindex` instead of in it."""
    misplaced = {name: values.pop(f"autoindex.{name}", None) for name in ("toc", "apidoc")}
    said = {**{name: part for name, part in misplaced.items() if part is not None}, **values.pop("autoindex", {})}
    return {**values, "autoindex": sections.made_autoindex(said)} if said else values


class _Build(Section):
    def __call__(self, reader: Reader, node: Node, path: str) -> dict[str, Any]:
        values = reader.mapping(node, path, self.keys)
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
    values = reader.mapping(node, path, THEME)
    return Theme(values.get("name", ""), values.get("options", {}))


NO_SOCIAL = "not shown any more, as Twitter's timelines are gone: link to the account from a page"

THEME: dict[str, Key] = {"name": Reader.theme_name, "options": Reader.plain_mapping}
METADATA: dict[str, Key] = {
    "projectname": Reader.text,
    "author": Reader.text,
    "version": Reader.text,
    "debug": Reader.boolean,
    "inline_math": Reader.boolean,
    "autoindex": sections.AUTOINDEX,
    "toc": Alias("autoindex.toc", sections.TOC),
    "apidoc": Alias("autoindex.apidoc", sections.APIDOC),
    "subproject": Alias("build.subproject", subprojects),
}
BUILD: dict[str, Key] = {
    "source": _source,
    "docpath": Alias("source", _source),
    "theme": _theme,
    "doctheme": Alias("theme", _theme),
    "logo": _logo,
    "mock": Reader.module_names,
    "autoapi": sections.autoapi,
    "markdown_flavour": sections.markdown_flavour,
    "subproject": subprojects,
    "github_button": sections.GITHUB_BUTTON,
    "github_ribbon": sections.GITHUB_RIBBON,
    "publish": misplaced_publish,
}
EXTRAS: dict[str, Key] = {"swagger": sections.swagger, "javadoc": noted(sections.NO_JAVADOC)}
TOP: dict[str, Key] = {
    "version": _version,
    "metadata": Section(METADATA, _made_metadata),
    "build": _Build(BUILD),
    "publish": publish,
    "extras": Section(EXTRAS),
    "javadoc": Alias("extras.javadoc", noted(sections.NO_JAVADOC)),
    "apidocs": Alias("extras.swagger", sections.swagger),
    "social": noted(NO_SOCIAL),
}
