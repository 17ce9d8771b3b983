"""Which names of branches and tags are let in."""

import re

from forges.pushes import Malformed, RefKind

PREFIXES = {"refs/heads/": RefKind.BRANCH, "refs/tags/": RefKind.TAG}

# Source: git-check-ref-format(1), rules 1 and 3 to 10. Rule 2 (a slash) holds by the prefix.
FORBIDDEN = re.compile(
    r"[\x00-\x20\x7f~^:?*\[\\]"  # control characters, space, and what revisions and patterns are written with
    r"|\.\.|@\{|//"
    r"|(?:^|/)\.|\.lock(?:/|$)"
    r"|^/|/$|\.$|^@$"
)


def split(ref: str) -> tuple[RefKind, str] | None:
    """Kind and name of a full ref; None when it is neither branch nor tag. Raises Malformed."""
    if "/" not in ref:
        raise Malformed("ref: invalid name")
    checked(ref)
    for prefix, kind in PREFIXES.items():
        if ref.startswith(prefix):
            return kind, checked(ref.removeprefix(prefix))
    return None


def checked(name: str) -> str:
    """`name` itself. Raises Malformed when it is none of a branch or tag."""
    if not is_name(name):
        raise Malformed("ref: invalid name")
    return name


def is_name(name: str) -> bool:
    """Whether git allows a branch or tag of this name, and no command takes it for an option."""
    return bool(name) and not name.startswith("-") and not FORBIDDEN.search(name)
