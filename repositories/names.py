"""Names of repositories and versions: what is allowed, and what a git URL proposes."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Self
from urllib.parse import unquote, urlsplit

# First segments of the site's own addresses: no owner may take them.
RESERVED_OWNERS = frozenset(
    "accounts admin api badge badges builds dashboard docs favicon.ico healthz login logout mail manual new "
    "readyz register robots.txt repositories settings sign-in sign-up static unsubscribe users webhooks".split()
)
RESERVED_NAMES = frozenset({".", "..", ".git"})
# What GitHub (dashes), Gitea and Forgejo (dots and underscores too) allow. ASCII only: no letter looks like
# another, and nothing that HTML, a mail's header, a shell or an address reads as more than text.
SEGMENT = re.compile(r"[A-Za-z0-9._-]+")
MAX_LENGTH = 100  # of the owner, and of the name
SLUG_LENGTH = 60
RESERVED_SLUGS = re.compile(r"latest|pr-[0-9]+")  # the default version's, and those of `pull_request_slug`


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
        segments = text.split("/")
        if any(segment.startswith("-") for segment in segments):
            raise InvalidName("A name must not start with a dash.")
        if any(segment.lower() in RESERVED_NAMES for segment in segments):
            raise InvalidName("Neither part may be a reserved name: “.”, “..” or “.git”.")
        if len(segments) != 2 or not all(segments):
            raise InvalidName(
                "Write the name as owner/name, with exactly one slash; subgroups are only for GitLab."
            )
        if any(len(segment) > MAX_LENGTH for segment in segments):
            raise InvalidName(f"Owner and name have at most {MAX_LENGTH} characters each.")
        owner, name = segments
        if not SEGMENT.fullmatch(owner) or not SEGMENT.fullmatch(name):
            raise InvalidName("Invalid character: only letters, digits, dots, dashes and underscores are allowed.")
        if owner.lower() in RESERVED_OWNERS or owner.startswith("."):
            raise InvalidName(f"{owner} is a reserved name: an address of this site starts with it.")
        if name.lower().endswith(".git"):
            raise InvalidName("A name ending in .git is a reserved name: leave the ending out.")
        return cls(owner, name)

    @classmethod
    def propose(cls, clone_url: str) -> Self:
        """The last two segments of a git URL or path, with what is not allowed replaced. Raises InvalidName."""
        try:
            path = unquote(urlsplit(clone_url).path)
        except ValueError as error:
            raise InvalidName("This is no URL to take a name from.") from error
        segments = [part for part in PurePosixPath(path).parts if part not in {"/", ".git"}]
        if not segments:
            raise InvalidName("The URL has no path to take a name from.")
        owner = _replaced(segments[-2] if len(segments) > 1 else "")
        if not owner or owner.lower() in RESERVED_OWNERS:
            owner = "local"
        return cls.parse(f"{owner}/{_replaced(segments[-1].removesuffix('.git')) or 'repository'}")


def _replaced(segment: str) -> str:
    """The segment with what is not allowed in a name replaced by dashes."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", segment)[:MAX_LENGTH].lstrip("-.").rstrip("-")


def version_slug(name: str) -> str:
    """The segment of the docs' address for a branch or tag: itself where possible, else marked by a hash.

    `main` stays `main`; `a/b` becomes `a-b-1a2b3c`, which the branch `a-b` can't take.
    """
    slug = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.")[:SLUG_LENGTH]
    if slug == name and not RESERVED_SLUGS.fullmatch(slug):
        return slug
    return f"{slug}-{hashlib.sha256(name.encode(errors='backslashreplace')).hexdigest()[:6]}".lstrip("-")


def marked_slug(name: str, kind: str) -> str:
    """The segment for a branch or tag where another version has that of `version_slug`: its kind at the end."""
    return f"{version_slug(name)}-{kind}"


def pull_request_slug(number: int) -> str:
    """The segment of the docs' address for a pull request's preview; no branch or tag gets the like of it."""
    return f"pr-{number}"
