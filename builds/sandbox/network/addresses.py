"""Which hosts a build may reach: names, and the addresses that they turn out to have."""

import ipaddress
from dataclasses import dataclass, field
from typing import Self

from django.conf import settings

from builds.sandbox.commands import Command, Reach
from builds.sandbox.network.resolver import Resolver
from repositories.addresses import is_public

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

WEB_PORTS = (80, 443)
# Public git hosts, with the names that they hand archives and large files out under.
GIT_HOSTS = (
    "github.com codeload.github.com objects.githubusercontent.com release-assets.githubusercontent.com"
    " raw.githubusercontent.com gitlab.com codeberg.org bitbucket.org"
).split()


class Refused(Exception):
    """A host that may not be reached, with the reason as a sentence."""


class NotFound(Refused):
    """A name that has no address, as far as this machine knows."""


def split_port(host: str) -> tuple[str, int | None]:
    """`name`, `name:8443`, `::1` or `[::1]:8443`. Raises ValueError for a port that is no number."""
    if host.startswith("["):
        name, _, rest = host[1:].partition("]")
        return name.lower(), int(rest[1:]) if rest else None
    name, colon, port = host.partition(":")
    if ":" in port:
        return host.lower(), None
    return name.lower().rstrip("."), int(port) if colon else None


def as_network(text: str) -> Network | None:
    try:
        return ipaddress.ip_network(text)
    except ValueError:
        return None


def operators_networks() -> list[Network]:
    return [network for host in settings.CLONE_HOSTS if (network := as_network(host))]


def operators_hosts() -> list[str]:
    """Names, with or without a port, whose addresses need not be public: the operator chose them."""
    clone_hosts = [host for host in settings.CLONE_HOSTS if host != "public" and not as_network(host)]
    return [*settings.PACKAGE_INDEX_HOSTS, *clone_hosts]


def names(hosts: list[str] | tuple[str, ...], name: str, port: int) -> bool:
    """Whether a list of `name` and `name:port` has this one; without a port it means the web's."""
    for host in hosts:
        listed, listed_port = split_port(host)
        if listed == name and (port == listed_port or (listed_port is None and port in WEB_PORTS)):
            return True
    return False


@dataclass(frozen=True)
class Policy:
    """Of one command."""

    reach: Reach
    hosts: tuple[str, ...]
    resolver: Resolver = field(default_factory=Resolver, compare=False)

    @classmethod
    def of(cls, command: Command) -> Self:
        return cls(command.reach, tuple(command.hosts))

    def addresses(self, name: str, port: int) -> list[tuple[str, int]]:
        """Where a connection may go: looked up once, so that what was checked is what is connected to.

        Raises Refused.
        """
        name = name.lower().rstrip(".").strip("[]")
        trusted = names(tuple(split_port(host)[0] for host in operators_hosts()), name, WEB_PORTS[0])
        allowed = self.allows(name, port)
        networks = operators_networks()
        if not allowed and not networks:
            raise Refused(f"{name}:{port} is not among the hosts that this step may reach")
        found = [ipaddress.ip_address(address) for address in self._resolve(name)]
        chosen = all(any(address in network for network in networks) for address in found)
        if not allowed and not (chosen and self.reach is not Reach.NOTHING and port in WEB_PORTS):
            raise Refused(f"{name}:{port} is not among the hosts that this step may reach")
        if not trusted and not chosen and not all(is_public(address) for address in found):
            raise Refused(f"{name} has a private address")
        return [(str(address), port) for address in found]

    def _resolve(self, name: str) -> list[str]:
        """Raises NotFound."""
        try:
            return self.resolver.addresses(name)
        except (OSError, UnicodeError) as error:
            raise NotFound(f"{name} was not found ({error})") from error

    def allows(self, name: str, port: int) -> bool:
        """By its name alone."""
        if names(self.hosts, name, port):
            return True
        if self.reach is Reach.NOTHING:
            return False
        if names(operators_hosts(), name, port) or names(GIT_HOSTS, name, port):
            return True
        return self.reach is Reach.PUBLIC and port in WEB_PORTS
