"""How often a link to confirm an address may be asked for: nobody is to fill a stranger's mailbox through us."""

import hashlib

from django.core.cache import cache

DAY = 86_400  # seconds
AT_MOST = {"address": 3, "repository": 5, "user": 10}  # mails a day


class TooMany(Exception):
    """The text says what to do about it."""


def take(**who: object) -> None:
    """Count one mail for each of `who`, named as in AT_MOST. Raises TooMany, and counts nothing then.

    Counted in the cache, from the first mail of a day on: of two requests at the same moment one may be missed.
    """
    keys = {_key(kind, name): AT_MOST[kind] for kind, name in who.items()}
    counted = cache.get_many(keys)
    if any(counted.get(key, 0) >= limit for key, limit in keys.items()):
        raise TooMany("That was asked for too often today. Try again tomorrow.")
    for key in keys:
        if not cache.add(key, 1, timeout=DAY):
            cache.incr(key)


def _key(kind: str, name: object) -> str:
    """An address may hold what a cache does not allow in a key."""
    return f"confirmation:{kind}:{hashlib.sha256(str(name).lower().encode()).hexdigest()}"
