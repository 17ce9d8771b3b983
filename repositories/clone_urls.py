"""Which addresses a repository may be cloned from.

Checked as text when a repository is registered: no name is resolved and nothing is connected to. What a name
resolves to is checked by the proxy through which git clones, at the time when it does.
"""

import posixpath
import re
from pathlib import Path
from urllib.parse import quote, unquote

from django.conf import settings

from repositories.web_urls import PORTS, InvalidURL, WebURL, check_characters, only_protocols

MAX_LENGTH = 255
SCP_FORM = re.compile(r"[^/\s:@]+@[^/\s:]+:.*")
PATH = re.compile(r"(/[A-Za-z0-9._~%+@:,=-]*)+")


def check_clone_url(url: str) -> str:
    """The same address in its normal form. Raises InvalidURL.

    What is allowed: settings.CLONE_PROTOCOLS and CLONE_HOSTS; besides, this very checkout of Yaydoc, as file://.
    """
    url = url.strip()
    check_characters(url)
    if SCP_FORM.fullmatch(url):
        raise InvalidURL(f"{_allowed()} Write https://host/owner/name instead of git@host:owner/name.")
    protocol, separator, _ = url.partition("://")
    protocol = protocol.lower()
    if separator and protocol == "file":
        return _checked_file(url)
    if not separator or protocol not in PORTS or protocol not in settings.CLONE_PROTOCOLS:
        raise InvalidURL(_allowed())
    if len(url) > MAX_LENGTH:
        raise InvalidURL(f"The URL may have at most {MAX_LENGTH} characters.")
    return _checked_remote(url)


def _allowed() -> str:
    return only_protocols(*PORTS, "file")


def _checked_file(url: str) -> str:
    """A repository on this machine: this checkout always, others where the operator allows it."""
    path = posixpath.normpath(unquote(url[len("file://") :]))
    is_own = path.startswith("/") and Path(path) == settings.BASE_DIR
    if not is_own and "file" not in settings.CLONE_PROTOCOLS:
        raise InvalidURL(_allowed())
    if not path.startswith("/") or path.startswith("//"):
        raise InvalidURL("Write file:// and an absolute path, such as file:///srv/git/name.git.")
    if not path.isprintable():
        raise InvalidURL("The path holds an invalid character.")
    normal = f"file://{quote(path)}"
    if len(normal) > MAX_LENGTH:
        raise InvalidURL(f"The URL may have at most {MAX_LENGTH} characters.")
    return normal


def _checked_remote(url: str) -> str:
    address = WebURL.parse(url)
    if address.query or url.endswith("?"):
        raise InvalidURL("The URL of a repository has no ? and no #.")
    path = address.path.rstrip("/")
    if not path:
        raise InvalidURL("The URL names a host but no repository.")
    if not PATH.fullmatch(path) or any(part in {".", ".."} for part in unquote(path).split("/")):
        raise InvalidURL("The path of the URL holds an invalid character or “..”.")
    return f"{address.origin}{path}"
