"""Counts requests that nobody signed, so that a flood of them costs little. Signed ones are never counted."""

import ipaddress
import logging
import time

from django.core.cache import cache
from django.http import HttpRequest

logger = logging.getLogger(__name__)

WINDOW = 60  # seconds
ALLOWED = 60  # refused requests of one sender in a window


def sender(request: HttpRequest) -> str:
    """The network that a request came from: an IPv4 address, or the /64 that one IPv6 customer has.

    As the server saw it: a header such as X-Forwarded-For can say anything. Behind a proxy all share a count,
    which only those without a right signature feel.
    """
    try:
        address = ipaddress.ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return "unknown"
    prefix = 64 if address.version == 6 else 32
    return str(ipaddress.ip_network((address, prefix), strict=False).network_address)


def is_flooding(sender: str) -> bool:
    """False where the cache cannot be asked: what is let through then still needs a right signature."""
    try:
        return int(cache.get(_key(sender), 0)) >= ALLOWED
    # Each cache has exceptions of its own, with no base in common.
    except Exception:
        logger.exception("The cache cannot be read: requests without a right signature are not limited")
        return False


def count(sender: str) -> None:
    """One more refused request of `sender`. Counts lost between processes, or with the cache, do no harm."""
    key = _key(sender)
    try:
        if not cache.add(key, 1, timeout=WINDOW):
            cache.set(key, int(cache.get(key, 0)) + 1, timeout=WINDOW)
    except Exception:
        logger.exception("The cache cannot be written: requests without a right signature are not counted")


def retry_after() -> int:
    """Seconds until the next window."""
    return WINDOW - int(time.time()) % WINDOW


def _key(sender: str) -> str:
    return f"webhook-refused:{sender}:{int(time.time()) // WINDOW}"
