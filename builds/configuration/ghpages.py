"""The keys of `publish` in `.yaydoc.yml`: whether the pages go to the branch gh-pages as well."""

import re
from urllib.parse import urlsplit

from builds.configuration.config import PagesBranch
from builds.configuration.strict_yaml import Node
from builds.configuration.values import Alias, Key, Reader, noted

DOMAIN = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")
#: Below these, forges serve pages without being told of a domain.
OWN_DOMAINS = (".github.io", ".gitlab.io", ".codeberg.page")


def publish(reader: Reader, node: Node, path: str) -> PagesBranch | None:
    pages: PagesBranch | None = reader.mapping(node, path, PUBLISH).get("ghpages")
    return pages


def misplaced_publish(reader: Reader, node: Node, path: str) -> PagesBranch | None:
    """Below `build`, where it is found in the wild."""
    reader.note(node, path, "belongs to the top of the file, and is read here all the same")
    return publish(reader, node, "publish")


def _ghpages(reader: Reader, node: Node, path: str) -> PagesBranch | None:
    """Asked for by standing there, with nothing below it too; not by `false`."""
    if node.value is False:
        return None
    if node.value is True:
        return PagesBranch()
    return PagesBranch(reader.mapping(node, path, GHPAGES).get("url", ""))


def _domain(reader: Reader, node: Node, path: str) -> str:
    """A host name; of a whole address, its host."""
    text = reader.text(node, path)
    try:
        host = urlsplit(text if "//" in text else f"//{text}").netloc.lower()
    except ValueError:  # such as "http://["
        host = ""
    if text and not DOMAIN.fullmatch(host):
        reader.fail(node, path, "the name of a domain is expected, such as docs.example.org")
    if host.endswith(OWN_DOMAINS):
        reader.note(node, path, f"{host} needs no CNAME: none is written")
        return ""
    return host


GHPAGES: dict[str, Key] = {"url": _domain, "docurl": Alias("url", _domain)}
PUBLISH: dict[str, Key] = {
    "ghpages": _ghpages,
    "heroku": noted("Heroku is not published to any more: Yaydoc serves the pages itself"),
}
