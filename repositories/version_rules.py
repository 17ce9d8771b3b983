"""Which branches and tags of a repository become versions, and which of two is the higher one."""

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import NamedTuple

from django.core.exceptions import ValidationError
from packaging.version import InvalidVersion, Version

from forges.refs import is_name

PATTERNS_LENGTH = 500  # characters, of all of a kind
MAX_PATTERNS = 20  # of a kind
DEFAULT_TAGS = "v*"
# Of what one look finds new, so many of a kind are built: a repository with 300 tags is not 300 builds.
ADDED_AT_ONCE = 5
REMEMBERED = 300  # tags, and branches, of which the rule keeps a row, so that it knows which are new
MAX_VERSIONS = 1000  # branches and tags of a repository (I8)

WILDCARDS = re.compile(r"\*|\?|\[!?[^\[\]]+\]")
# Words before the figures by which a tag says that it is no release, such as `nightly-20260131`.
UNRELEASED = re.compile(
    r"(?<![a-z])(?:alpha|beta|canary|dev|draft|nightly|pre|snapshot|test|wip)(?![a-z])", re.IGNORECASE
)
FIGURES = re.compile(r"([0-9]+)")
LONGEST_VERSION = 100  # characters; a longer name is no version


class Rule(NamedTuple):
    """Several glob patterns, separated by commas, for each kind; none: nothing of the kind."""

    branches: str
    tags: str

    def wants_branch(self, name: str) -> bool:
        return matches(self.branches, name)

    def wants_tag(self, name: str) -> bool:
        return matches(self.tags, name)


def split(patterns: str) -> list[str]:
    return [pattern for part in patterns.split(",") if (pattern := part.strip())]


def matches(patterns: str, name: str) -> bool:
    """`*` stands for anything, slashes too, `?` for one character, `[12]` for one of these. Case counts."""
    return any(fnmatchcase(name, pattern) for pattern in split(patterns))


def check_patterns(patterns: str) -> None:
    """Raises ValidationError for what no branch or tag could match."""
    if len(split(patterns)) > MAX_PATTERNS:
        raise ValidationError(f"At most {MAX_PATTERNS} patterns.")
    for pattern in split(patterns):
        if not is_name(WILDCARDS.sub("a", pattern)):
            raise ValidationError(
                f"No branch or tag can have a name like {pattern}. Separate patterns with commas."
            )


def parsed(name: str) -> Version | None:
    """The version that a tag such as `v1.2.3`, `1.2` or `release-1.2` is of (PEP 440); None for any other."""
    if len(name) > LONGEST_VERSION:
        return None
    figures = re.search("[0-9]", name)
    prefix, rest = (name[: figures.start()], name[figures.start() :]) if figures else (name, "")
    if UNRELEASED.search(prefix):
        return None
    for text in (name, rest, rest.replace("_", ".")):
        try:
            return Version(text)
        except InvalidVersion:
            continue
    return None


class Order(NamedTuple):
    """Sorts names: what is no version is below all that are, and by its figures among its like."""

    is_version: bool
    version: Version
    figures: tuple[int, ...]
    name: str


NO_VERSION = Version("0")


def order(name: str) -> Order:
    version = parsed(name)
    figures = tuple(int(part) for part in FIGURES.findall(name[:LONGEST_VERSION]))
    return Order(version is not None, version or NO_VERSION, figures, name)


def highest_first(names: Iterable[str]) -> list[str]:
    return sorted(names, key=order, reverse=True)


def stable(names: Iterable[str]) -> str | None:
    """The highest release among tags; a pre-release only where there is nothing else. None: no version at all."""
    versions = {name: version for name in names if (version := parsed(name))}
    released = {name: version for name, version in versions.items() if not version.is_prerelease}
    candidates = released or versions
    # Two names of one version, such as `1.0` and `v1.0`: always the same one of them.
    return max(candidates, key=lambda name: (candidates[name], name), default=None)
