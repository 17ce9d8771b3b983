"""Names of repositories and versions: what is allowed, and what a git URL proposes."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Self
from urllib.parse import urlsplit

# First segments of the site's own addresses: no owner may take them.
RESERVED_OWNERS = frozenset(
    "accounts admin api badge badges builds dashboard docs favicon.ico healthz login logout mail new readyz "
    "register robots.txt settings sign-in sign-up static unsubscribe users webhooks well-known".split()
)
RESERVED_NAMES = frozenset({".", "..", ".git"})
OWNER = re.compile(r"[A-Za-z0-9-]{1,39}")
NAME = re.compile(r"[A-Za-z0-9._-]{1,100}")
SLUG_LENGTH = 60


class InvalidName(ValueError):
    """The text says, in a sentence for people, what is wrong with a name."""


@dataclass(frozen=True)
class RepositoryName:
    """A valid `owner/name`. `slug` is its lower-case form, by which it is looked up and unique."""

    owner: str
    name: str

    def __str__(self) -> str:
        return f"{self.owner}/{self.name}"

    @property
    def slug(self) -> str:
        return str(self).lower()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises InvalidName."""
        owner, slash, name = text.partition("/")
        if not slash or "/" in name:
            raise InvalidName("Write the name as owner/name, with exactly one slash.")
        if owner.startswith("-") or name.startswith("-"):
            raise InvalidName("A name must not start with a dash.")
        if len(owner) > 39 or len(name) > 100:
            raise InvalidName("An owner has at most 39 characters, a name at most 100 characters.")
        if not OWNER.fullmatch(owner) or not NAME.fullmatch(name):
            raise InvalidName(
                "Invalid character: an owner has letters, digits and dashes; a name also dots and underscores."
            )
        if owner.lower() in RESERVED_OWNERS or name.lower() in RESERVED_NAMES or name.lower().endswith(".git"):
            raise InvalidName(f"{text} is a reserved name.")
        return cls(owner, name)

    @classmethod
    def propose(cls, clone_url: str) -> Self:
        """The last two segments of a git URL or path, with what is not allowed replaced. Raises InvalidName."""
        segments = [part for part in PurePosixPath(urlsplit(clone_url).path).parts if part != "/"]
        if not segments:
            raise InvalidName("The URL has no path to take a name from.")
        name = re.sub(r"[^A-Za-z0-9._-]+", "-", segments[-1].removesuffix(".git")).strip("-")
        owner = re.sub(r"[^A-Za-z0-9-]+", "-", segments[-2] if len(segments) > 1 else "local").strip("-")
        return cls.parse(f"{owner[:39] or 'local'}/{name[:100]}")


def version_slug(name: str) -> str:
    """The segment of the docs' address for a branch or tag: itself where possible, else marked by a hash.

    `main` stays `main`; `a/b` becomes `a-b-1a2b3c`, which the branch `a-b` can't take.
    """
    slug = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.")[:SLUG_LENGTH]
    if slug == name and slug != "latest":
        return slug
    return f"{slug}-{hashlib.sha256(name.encode()).hexdigest()[:6]}".lstrip("-")
