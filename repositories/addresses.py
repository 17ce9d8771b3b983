"""Which addresses may be connected to: public ones, and what the operator names besides."""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Self

Network = IPv4Network | IPv6Network

# What `ipaddress` of Python 3.11 calls global and IANA's special-purpose registries don't: all IETF protocol
# assignments, the 6to4 relays, the ranges for documentation of 2024 and for segment routing; and what leads to an
# IPv4 address that this machine's router chooses (Teredo and 6to4 are both given up: RFC 7526).
# Source: https://www.iana.org/assignments/iana-ipv4-special-registry and …/iana-ipv6-special-registry
NEVER_PUBLIC = tuple(
    map(ip_network, "192.0.0.0/24 192.88.99.0/24 2001::/23 2001:db8::/32 2002::/16 3fff::/20".split())
)
GLOBAL_UNICAST = IPv6Network("2000::/3")
NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052; how hosts without IPv4 reach public IPv4 addresses


def is_public(address: str | IPv4Address | IPv6Address) -> bool:
    """Whether an address is a public unicast one: not of this machine, its networks, or any special range.

    An IPv4 address inside an IPv6 one (mapped, NAT64) counts as itself; one with a zone (`%eth0`) belongs to a
    network of this machine. Raises ValueError for what is no address.
    """
    address = ip_address(address)
    if isinstance(address, IPv6Address) and address.scope_id:
        return False
    address = _plain(address)
    if isinstance(address, IPv6Address) and address not in GLOBAL_UNICAST:
        return False
    if address.is_multicast or address.is_reserved or not address.is_global:
        return False
    return not any(address in network for network in NEVER_PUBLIC)


def _plain(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that an IPv6 one stands for, else itself."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped:
        return address.ipv4_mapped
    if address in NAT64:
        return IPv4Address(address.packed[-4:])
    return address


@dataclass(frozen=True)
class AllowedHosts:
    """A setting such as CLONE_HOSTS: `public`, networks, and names with or without a port."""

    public: bool
    networks: tuple[Network, ...]
    names: frozenset[str]  # in lower case: "host" or "host:port", an IPv6 address in brackets

    @classmethod
    def parse(cls, words: Iterable[str]) -> Self:
        """`10.0.0.0/8` is a network, `10.0.0.1` too; all else is a name."""
        networks, names = [], set()
        for word in (word.strip().lower() for word in words):
            try:
                networks.append(ip_network(word.strip("[]")))
            except ValueError:
                names.add(word)
        return cls("public" in names, tuple(networks), frozenset(names - {"public"}))

    def allows_address(self, address: str | IPv4Address | IPv6Address) -> bool:
        """Whether a resolved address may be connected to because of what it is, whatever name led to it."""
        address = ip_address(address)
        if any(form in network for network in self.networks for form in {address, _plain(address)}):
            return True
        return self.public and is_public(address)

    def names_host(self, host: str, port: int) -> bool:
        """Whether the operator wrote this host down: as `host` for port 443, as `host:port` for any other.

        A host that is named is trusted wherever it resolves.
        """
        host = _in_brackets(host.lower().rstrip("."))
        return f"{host}:{port}" in self.names or (port == 443 and host in self.names)


def _in_brackets(host: str) -> str:
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def literal_address(host: str) -> IPv4Address | IPv6Address | None:
    """The address that a host is, in any form that a resolver takes; None for a name.

    `127.1`, `0x7f.0.0.1` and `2130706433` are addresses to getaddrinfo, so they are here.
    Source: inet_aton(3).
    """
    host = host.strip("[]").partition("%")[0].rstrip(".")
    try:
        return ip_address(host)
    except ValueError:
        return _old_form(host)


def _old_form(host: str) -> IPv4Address | None:
    parts = host.split(".")
    try:
        numbers = [_number(part) for part in parts]
    except ValueError:
        return None
    *leading, last = numbers
    if len(numbers) > 4 or any(number > 255 for number in leading) or last >= 256 ** (5 - len(numbers)):
        return None
    value = sum(number << (24 - 8 * place) for place, number in enumerate(leading))
    return IPv4Address(value + last)


def _number(text: str) -> int:
    """A number as C writes it: 0x1f, 017, 9. Raises ValueError."""
    if not text.isascii() or not text.isalnum() or len(text) > 20:
        raise ValueError(text)
    if text.lower().startswith("0x"):
        return int(text[2:] or "0", 16)
    return int(text, 8 if text.startswith("0") and len(text) > 1 else 10)
