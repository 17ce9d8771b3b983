"""The keys of a subproject in `.yaydoc.yml`: another repository whose documentation is built into this one."""

from pathlib import PurePosixPath

from builds.configuration.config import Subproject
from builds.configuration.strict_yaml import Node
from builds.configuration.values import Key, Reader

MOST = 50  # each is fetched at every build; one of the first Yaydoc's users has 31


def subprojects(reader: Reader, node: Node, path: str) -> tuple[Subproject, ...]:
    """A list, or a single one; each a mapping, or the address alone."""
    items = reader.items(node, path)
    if len(items) > MOST:
        reader.fail(node, path, f"at most {MOST} are allowed")
    return tuple(_subproject(reader, item, path) for item in items)


def _subproject(reader: Reader, node: Node, path: str) -> Subproject:
    if not isinstance(node.value, dict):
        return Subproject(_url(reader, node, path))
    values = reader.mapping(node, path, SUBPROJECT)
    if "url" not in values:
        reader.fail(node, path, "url is expected: the address of the other repository")
    return Subproject(**values)


def _url(reader: Reader, node: Node, path: str) -> str:
    """Whether it may be fetched from is found out by the build: one that may not is left out of it."""
    url = reader.text(node, path)
    if not url or not url.isprintable():
        reader.fail(node, path, "the address of a repository is expected")
    return url


def _source(reader: Reader, node: Node, path: str) -> PurePosixPath:
    source = PurePosixPath(reader.text(node, path))
    if source.is_absolute() or {"..", ".git"} & set(source.parts) or not str(source).isprintable():
        reader.fail(node, path, "a folder inside the other repository is expected")
    return source


SUBPROJECT: dict[str, Key] = {"url": _url, "source": _source}
