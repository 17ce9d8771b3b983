"""The one form of signature that we accept: HMAC with SHA-256 over the raw body."""

import hashlib
import hmac

from forges.pushes import Refused


def digest(body: bytes, secret: str) -> str:
    """The hexadecimal HMAC-SHA-256 of `body`."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def require(sent: str, *, expected: str, secret: str) -> None:
    """Raises Refused unless `sent` is `expected`. A header that came twice is joined by a comma: wrong."""
    if not sent:
        raise Refused("signature missing")
    # An empty key would let anybody sign.
    # Bytes, since compare_digest raises TypeError for text that is not ASCII.
    if not secret or not hmac.compare_digest(sent.encode(errors="replace"), expected.encode()):
        raise Refused("signature invalid")
