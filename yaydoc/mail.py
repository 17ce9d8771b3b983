"""Settings of outgoing mail, from EMAIL_URL or ANYMAIL_PROVIDER."""

import re
from collections.abc import Iterable
from email.utils import parseaddr
from importlib.util import find_spec
from urllib.parse import unquote, urlsplit

from yaydoc.environment import read, words

BACKENDS = "django.core.mail.backends"
# scheme -> (port, STARTTLS, TLS from the first byte on)
# Sources: RFC 8314, 3.3 (465: TLS from the start) and RFC 6409 (587: submission, where STARTTLS is spoken)
SMTP = {
    "smtp": (25, False, False),
    "smtp+tls": (587, True, False),
    "smtps": (465, False, True),
    "smtp+ssl": (465, False, True),
}
SHORTEST_SECRET = 16  # characters
WITHOUT_A_BACKEND = {"base", "base_requests"}  # modules of anymail's own


def mail_server(url: str) -> dict[str, object]:
    """Django's settings for `smtp://`, `smtp+tls://` or `smtps://[user:password@]host[:port]`,
    `filemail:///directory`, `consolemail://`. Raises ValueError, without the password.

    django-environ's own reading is not used: it takes smtps for STARTTLS, and a file's path as relative.
    """
    parts = urlsplit(url)
    if parts.scheme == "consolemail":
        return {"EMAIL_BACKEND": f"{BACKENDS}.console.EmailBackend"}
    if parts.scheme == "filemail" and parts.path.startswith("/"):
        return {"EMAIL_BACKEND": f"{BACKENDS}.filebased.EmailBackend", "EMAIL_FILE_PATH": unquote(parts.path)}
    if parts.scheme not in SMTP:
        raise ValueError(
            f"it is none of {', '.join(f'{scheme}://host' for scheme in SMTP)}, filemail:///directory"
        )
    usual_port, starttls, tls = SMTP[parts.scheme]
    try:
        port = parts.port or usual_port
    except ValueError:
        # The text of this error would hold a part of a password that has a slash in it.
        raise ValueError("its port is no number; write / as %2F and @ as %40 in a password") from None
    if not parts.hostname or parts.path.strip("/"):
        raise ValueError("it is not of the form smtp://user:password@host:port")
    return {
        "EMAIL_BACKEND": f"{BACKENDS}.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": port,
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": starttls,
        "EMAIL_USE_SSL": tls,
    }


def sender(address: str) -> str:
    """`Name <user@host>` or `user@host`, as a From header takes it. Raises ValueError."""
    user, at, host = parseaddr(address)[1].rpartition("@")
    if not (user and at and host) or not address.isprintable():
        raise ValueError(f"{address!r} is not of the form Name <user@example.org>")
    return address


def mail_provider(name: str, variables: Iterable[str]) -> dict[str, object]:
    """Django's settings for a provider that anymail knows. Raises ValueError for another.

    Of `variables` those count that anymail documents for the provider, such as MAILGUN_API_KEY, or
    MAILGUN_API_KEY_FILE.
    """
    name = name.lower()
    if (
        not re.fullmatch(r"[a-z_]+", name)
        or name in WITHOUT_A_BACKEND
        or not find_spec(f"anymail.backends.{name}")
    ):
        raise ValueError(f"{name!r} is none of the providers that django-anymail knows")
    prefix = f"{name.upper()}_"
    own = {variable.removesuffix("_FILE") for variable in variables if variable.startswith(prefix)}
    return {
        "EMAIL_BACKEND": f"anymail.backends.{name}.EmailBackend",
        "ANYMAIL": {variable: read(variable, "", str) for variable in sorted(own)},
    }


def webhook_secrets(value: str) -> list[str]:
    """One or more `user:password`, with commas: a new one can be given before the old one goes.

    Raises ValueError, without the secret.
    """
    secrets = words(value)
    for secret in secrets:
        user, _, password = secret.partition(":")
        if not user or len(password) < SHORTEST_SECRET or not secret.isascii() or " " in secret:
            raise ValueError(f"it is not of the form user:password, with {SHORTEST_SECRET} characters or more")
    return secrets
