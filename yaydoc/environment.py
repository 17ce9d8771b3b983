"""Read settings from the environment, and name the variable when its value is bad."""

import secrets
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from environ import FileAwareEnv

T = TypeVar("T")

environment = FileAwareEnv()


def read(name: str, default: T, parse: Callable[[str], T]) -> T:
    """The variable `name`, or the content of the file that `<name>_FILE` names, parsed; `default` when empty.

    Raises ImproperlyConfigured with a sentence that names the variable.
    """
    try:
        value = str(environment.str(name, default="")).strip()
    except OSError as error:
        raise ImproperlyConfigured(f"{name}_FILE cannot be read: {error}") from error
    if not value:
        return default
    try:
        return parse(value)
    except (ValueError, KeyError, ImproperlyConfigured) as error:
        raise ImproperlyConfigured(f"{name} has a value that cannot be used: {error}") from error


def boolean(value: str) -> bool:
    if value.lower() in {"1", "true", "yes", "on"}:
        return True
    if value.lower() in {"0", "false", "no", "off"}:
        return False
    raise ValueError(f"{value!r} is neither yes nor no")


def positive(value: str) -> int:
    if not value.isascii() or not value.isdigit() or int(value) < 1:
        raise ValueError(f"{value!r} is not a whole number above 0")
    return int(value)


def words(value: str) -> list[str]:
    """A list written with commas."""
    return [word.strip() for word in value.split(",") if word.strip()]


def one_of(*choices: str) -> Callable[[str], str]:
    """Parses nothing but these words."""

    def parse(value: str) -> str:
        if value not in choices:
            raise ValueError(f"{value!r} is none of {', '.join(choices)}")
        return value

    return parse


def origin(value: str) -> str:
    """`scheme://host[:port]`, without a path or a slash at the end."""
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ValueError(f"{value!r} is not of the form https://docs.example.org")
    return f"{parts.scheme}://{parts.netloc.lower()}"


def kept_secret(path: Path) -> str:
    """The secret in the file `path`, which is made with mode 0600 at the first start."""
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    part.touch(mode=0o600)
    part.write_text(secrets.token_urlsafe(48))
    try:
        path.hardlink_to(part)  # fails where another process was first: then its key counts
    except FileExistsError:
        pass
    finally:
        part.unlink()
    return path.read_text().strip()
