"""What a repository asks for in its `.yaydoc.yml`, read strictly."""

import errno
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any

from builds.configuration.strict_yaml import MAX_BYTES, InvalidYAML, Node, parse
from builds.configuration.values import Alias, Key, Reader, noted
from builds.errors import BuildFailed

FILES = (".yaydoc.yml", ".yaydoc.yaml")  # the first that is there counts
OTHERS = (".readthedocs.yaml", ".readthedocs.yml", "readthedocs.yml")
NOT_REGULAR = "the config file must be a regular file of at most 64 KB"
HINT = "Correct the file and push again; docs: “Configuration”."


@dataclass(frozen=True)
class Metadata:
    projectname: str = ""
    author: str = ""
    version: str = ""


@dataclass(frozen=True)
class Theme:
    name: str = ""  # a Sphinx theme, or the name of the package on the index that holds it
    options: Mapping[str, Any] = field(default_factory=dict)  # as in `html_theme_options`


@dataclass(frozen=True)
class BuildOptions:
    source: PurePosixPath | None = None  # relative to the repository; an existing directory in it
    theme: Theme = field(default_factory=Theme)
    logo: PurePosixPath | None = None  # relative to the repository (in the file: to the source); an existing file
    mock: tuple[str, ...] = ()  # names of modules


@dataclass(frozen=True)
class Config:
    """All defaults where there is no file. `notes` are lines for the log: what was accepted but does nothing."""

    file: str = ""  # which was read
    metadata: Metadata = field(default_factory=Metadata)
    build: BuildOptions = field(default_factory=BuildOptions)
    notes: tuple[str, ...] = ()


def read_config(source: Path) -> Config:
    """The configuration of the checkout `source`. Raises BuildFailed with file, line and what to write instead.

    Call it while no build can write to `source`: paths are resolved here.
    """
    for file in FILES:
        content = _content(source / file)
        if content is not None:
            return _with_others_named(_parsed(content, file, source), source)
    return Config()


def _content(path: Path) -> bytes | None:
    """The file's bytes, or None where there is none. Raises BuildFailed for links, directories, pipes, giants."""
    try:
        # O_NONBLOCK: to open a pipe that nobody writes to would wait for ever
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno in {errno.ELOOP, errno.ENXIO, errno.EACCES}:
            raise BuildFailed(f"{path.name}: {NOT_REGULAR}.", HINT) from error
        raise
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise BuildFailed(f"{path.name}: {NOT_REGULAR}.", HINT)
        if status.st_size > MAX_BYTES:
            raise BuildFailed(f"{path.name}: the file is larger than 64 KB ({NOT_REGULAR}).", HINT)
        return os.read(descriptor, MAX_BYTES + 1)
    finally:
        os.close(descriptor)


def _with_others_named(config: Config, source: Path) -> Config:
    others = [name for name in (*FILES, *OTHERS) if name != config.file and os.path.lexists(source / name)]
    if not others:
        return config
    return replace(config, notes=(f"{config.file} is read; not read besides: {', '.join(others)}", *config.notes))


def _parsed(content: bytes, file: str, source: Path) -> Config:
    try:
        root = parse(content)
    except InvalidYAML as error:
        raise BuildFailed(f"{file}, line {error.line}: {error}", HINT) from error
    reader = Reader(file, source.resolve(), HINT)
    values = reader.mapping(root, "", TOP)
    return Config(
        file=file,
        metadata=Metadata(**values.get("metadata", {})),
        build=BuildOptions(**values.get("build", {})),
        notes=tuple(reader.notes),
    )


# -- what may stand in the file


def _version(reader: Reader, node: Node, path: str) -> None:
    """Of the file's format. Not in the manual; people copy it from other services' files."""
    if node.value not in (1, 2) or isinstance(node.value, bool):
        reader.fail(node, path, "1 or 2 is supported")


def _metadata(reader: Reader, node: Node, path: str) -> dict[str, Any]:
    return reader.mapping(node, path, METADATA)


def _build(reader: Reader, node: Node, path: str) -> dict[str, Any]:
    values = reader.mapping(node, path, BUILD)
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


SERVED_HERE = "not needed any more: Yaydoc serves the pages itself"
NOT_YET = "not supported yet, left out"
GHPAGES: dict[str, Key] = {"url": noted(SERVED_HERE), "docurl": noted(SERVED_HERE)}


def _publish(reader: Reader, node: Node, path: str) -> None:
    reader.mapping(
        node,
        path,
        {
            "ghpages": lambda reader, node, path: reader.mapping(node, path, GHPAGES) and None,
            "heroku": noted("no longer published to; Yaydoc serves the pages itself"),
        },
    )


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
    "subproject": noted(NOT_YET),
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
    "subproject": noted(NOT_YET),
    "github_button": noted(NOT_YET),
    "github_ribbon": noted(NOT_YET),
    "publish": _publish,  # the right place is the top, but it is found here in the wild
}
TOP: dict[str, Key] = {
    "version": _version,
    "metadata": _metadata,
    "build": _build,
    "publish": _publish,
    "extras": _extras,
    "javadoc": Alias("extras.javadoc", noted(NOT_YET)),
    "apidocs": Alias("extras.swagger", noted(NOT_YET)),
    "social": noted("not supported"),
}
