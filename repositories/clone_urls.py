"""Which addresses a repository may be cloned from.

Checked as text when a repository is registered: no name is resolved and nothing is connected to. What a name
resolves to is checked by the proxy through which git clones, at the time when it does.
"""

import posixpath
import re
import unicodedata
from pathlib import Path
from urllib.parse import SplitResult, quote, unquote, urlsplit

from django.conf import settings

from repositories.addresses import AllowedHosts, literal_address

MAX_LENGTH = 255
PORTS = {"https": 443, "http": 80}
SCP_FORM = re.compile(r"[^/\s:@]+@[^/\s:]+:.*")
HOST_NAME = re.compile(
    r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*"
)
PATH = re.compile(r"(/[A-Za-z0-9._~%+@:,=-]*)+")
# Names that lead into a private network, or to this machine.
# Source: RFC 6761 (localhost), RFC 6762 (local), RFC 8375 (home.arpa), ICANN resolution 2024.07.29 (internal)
LOCAL_ENDINGS = ("localhost", "localdomain", "local", "internal", "intranet", "lan", "home", "corp", "home.arpa")


class InvalidCloneURL(ValueError):
    """The text says, in a sentence for people, why a repository can't be cloned from there."""


def check_clone_url(url: str) -> str:
    """The same address in its normal form. Raises InvalidCloneURL.

    What is allowed: settings.CLONE_PROTOCOLS and CLONE_HOSTS; besides, this very checkout of Yaydoc, as file://.
    """
    url = url.strip()
    if any(unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for character in url):
        raise InvalidCloneURL("The URL holds an invalid character.")
    if SCP_FORM.fullmatch(url):
        raise InvalidCloneURL(f"{_only_protocols()} Write https://host/owner/name instead of git@host:owner/name.")
    protocol, separator, _ = url.partition("://")
    protocol = protocol.lower()
    if separator and protocol == "file":
        return _checked_file(url)
    if not separator or protocol not in PORTS or protocol not in settings.CLONE_PROTOCOLS:
        raise InvalidCloneURL(_only_protocols())
    if len(url) > MAX_LENGTH:
        raise InvalidCloneURL(f"The URL may have at most {MAX_LENGTH} characters.")
    return _checked_remote(protocol, url)


def _only_protocols() -> str:
    allowed = [f"{name}://" for name in ("https", "http", "file") if name in settings.CLONE_PROTOCOLS]
    return f"Here only {' and '.join(allowed) or 'no'} URLs are allowed."


def _checked_file(url: str) -> str:
    """A repository on this machine: this checkout always, others where the operator allows it."""
    path = posixpath.normpath(unquote(url[len("file://") :]))
    is_own = path.startswith("/") and Path(path) == settings.BASE_DIR
    if not is_own and "file" not in settings.CLONE_PROTOCOLS:
        raise InvalidCloneURL(_only_protocols())
    if not path.startswith("/") or path.startswith("//"):
        raise InvalidCloneURL("Write file:// and an absolute path, such as file:///srv/git/name.git.")
    if not path.isprintable():
        raise InvalidCloneURL("The path holds an invalid character.")
    normal = f"file://{quote(path)}"
    if len(normal) > MAX_LENGTH:
        raise InvalidCloneURL(f"The URL may have at most {MAX_LENGTH} characters.")
    return normal


def _checked_remote(protocol: str, url: str) -> str:
    try:
        parts = urlsplit(url)
        port = PORTS[protocol] if parts.port is None else parts.port
    except ValueError as error:
        raise InvalidCloneURL("The host or port of the URL is not valid.") from error
    if "@" in parts.netloc:
        raise InvalidCloneURL("User names, tokens and other credentials do not belong in the URL.")
    if parts.query or parts.fragment or url.endswith(("?", "#")):
        raise InvalidCloneURL("The URL of a repository has no ? and no #.")
    host = _normal_host(parts)
    _check_host(host, port, protocol)
    path = parts.path.rstrip("/")
    if not path:
        raise InvalidCloneURL("The URL names a host but no repository.")
    if not PATH.fullmatch(path) or any(part in {".", ".."} for part in unquote(path).split("/")):
        raise InvalidCloneURL("The path of the URL holds an invalid character or “..”.")
    return f"{protocol}://{host}{'' if port == PORTS[protocol] else f':{port}'}{path}"


def _normal_host(parts: SplitResult) -> str:
    """In lower case and ASCII; an IPv6 address in brackets."""
    host = (parts.hostname or "").rstrip(".")
    if ":" in host:
        return f"[{host}]"
    try:
        host = host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise InvalidCloneURL("The host of the URL is not valid.") from error
    if not HOST_NAME.fullmatch(host):
        raise InvalidCloneURL("The host of the URL is not valid.")
    return host


def _check_host(host: str, port: int, protocol: str) -> None:
    allowed = AllowedHosts.parse(settings.CLONE_HOSTS)
    is_usual_port = port == PORTS[protocol]
    if allowed.names_host(host, 443 if is_usual_port else port):
        return
    if not _may_be_reached(host, allowed):
        raise InvalidCloneURL(
            "This host is not allowed: it is not a public one, and the operator does not name it."
        )
    if not is_usual_port:
        raise InvalidCloneURL(
            f"Of a host that the operator does not name, only port {PORTS[protocol]} is allowed."
        )


def _may_be_reached(host: str, allowed: AllowedHosts) -> bool:
    if address := literal_address(host):
        return allowed.allows_address(address)
    if allowed.networks:
        return True  # a name may resolve into one of them
    is_local = "." not in host or host.endswith(tuple(f".{ending}" for ending in LOCAL_ENDINGS))
    return allowed.public and not is_local
