"""Which https:// and http:// addresses may be connected to at all.

Checked as text: no name is resolved, nothing is connected to. Who connects checks the name's addresses as well.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Self
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from repositories.addresses import AllowedHosts, literal_address

PORTS = {"https": 443, "http": 80}
TARGET = re.compile(r"[!-~]*")  # what HTTP carries of path and query: ASCII without spaces
HOST_NAME = re.compile(
    r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*"
)
# Names that lead into a private network, or to this machine.
# Source: RFC 6761 (localhost), RFC 6762 (local), RFC 8375 (home.arpa), ICANN resolution 2024.07.29 (internal)
LOCAL_ENDINGS = ("localhost", "localdomain", "local", "internal", "intranet", "lan", "home", "corp", "home.arpa")


class InvalidURL(ValueError):
    """The text says, in a sentence for people, why the address can't be used."""


def check_characters(url: str) -> None:
    """Raises InvalidURL."""
    if any(unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for character in url):
        raise InvalidURL("The URL holds an invalid character.")


@dataclass(frozen=True)
class WebURL:
    """An address whose host, as far as its text tells, may be connected to."""

    protocol: str  # "https" or "http"
    host: str  # in lower case and ASCII; an IPv6 address in brackets
    port: int
    path: str
    query: str
    is_named: bool  # by the operator, in settings.CLONE_HOSTS: then trusted wherever it resolves

    @classmethod
    def parse(cls, url: str) -> Self:
        """What is allowed: settings.CLONE_PROTOCOLS and CLONE_HOSTS. Raises InvalidURL."""
        check_characters(url)
        protocol, separator, _ = url.partition("://")
        protocol = protocol.lower()
        if not separator or protocol not in PORTS or protocol not in settings.CLONE_PROTOCOLS:
            raise InvalidURL(only_protocols(*PORTS))
        try:
            parts = urlsplit(url)
            port = PORTS[protocol] if parts.port is None else parts.port
        except ValueError as error:
            raise InvalidURL("The host or port of the URL is not valid.") from error
        if "@" in parts.netloc:
            raise InvalidURL("User names, tokens and other credentials do not belong in the URL.")
        if parts.fragment or url.endswith("#"):
            raise InvalidURL("The URL has no #.")
        if not TARGET.fullmatch(parts.path + parts.query):
            raise InvalidURL("The path of the URL holds an invalid character: write it percent-encoded.")
        host = _normal_host(parts)
        is_named = _check_host(host, port, protocol)
        return cls(protocol, host, port, parts.path, parts.query, is_named)

    @property
    def host_and_port(self) -> str:
        """The port only where it isn't the usual one."""
        return self.host if self.port == PORTS[self.protocol] else f"{self.host}:{self.port}"

    @property
    def origin(self) -> str:
        return f"{self.protocol}://{self.host_and_port}"

    @property
    def path_and_query(self) -> str:
        """What is asked for at the host."""
        return f"{self.path or '/'}{f'?{self.query}' if self.query else ''}"

    def __str__(self) -> str:
        """The address in its normal form."""
        return f"{self.origin}{self.path_and_query}"


def only_protocols(*names: str) -> str:
    allowed = [f"{name}://" for name in names if name in settings.CLONE_PROTOCOLS]
    return f"Here only {' and '.join(allowed) or 'no'} URLs are allowed."


def _normal_host(parts: SplitResult) -> str:
    """In lower case and ASCII; an IPv6 address in brackets."""
    host = (parts.hostname or "").rstrip(".")
    if ":" in host:
        return f"[{host}]"
    try:
        host = host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise InvalidURL("The host of the URL is not valid.") from error
    if not HOST_NAME.fullmatch(host):
        raise InvalidURL("The host of the URL is not valid.")
    return host


def _check_host(host: str, port: int, protocol: str) -> bool:
    """Whether the operator names it. Raises InvalidURL."""
    allowed = AllowedHosts.parse(settings.CLONE_HOSTS)
    is_usual_port = port == PORTS[protocol]
    if allowed.names_host(host, 443 if is_usual_port else port):
        return True
    if not _may_be_reached(host, allowed):
        raise InvalidURL("This host is not allowed: it is not a public one, and the operator does not name it.")
    if not is_usual_port:
        raise InvalidURL(f"Of a host that the operator does not name, only port {PORTS[protocol]} is allowed.")
    return False


def _may_be_reached(host: str, allowed: AllowedHosts) -> bool:
    if address := literal_address(host):
        return allowed.allows_address(address)
    if allowed.networks:
        return True  # a name may resolve into one of them
    is_local = "." not in host or host.endswith(tuple(f".{ending}" for ending in LOCAL_ENDINGS))
    return allowed.public and not is_local
