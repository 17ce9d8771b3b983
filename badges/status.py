"""What a badge can say, in which words and colours."""

import re
from enum import StrEnum

from repositories.models import BuildStatus


class Status(StrEnum):
    """What is known of a repository's documentation; the value of the header `X-Yaydoc-Status`."""

    SUCCESS = BuildStatus.SUCCESS.value
    FAILED = BuildStatus.FAILED.value
    NOT_BUILT = BuildStatus.UNKNOWN.value
    BUILDING = "building"
    INVALID = "invalid"  # not registered, disabled or private: nobody can tell which
    UNREADABLE = "unreadable"  # the database does not answer


STORED = frozenset({Status.SUCCESS, Status.FAILED, Status.NOT_BUILT})  # of a repository that anybody may see

MESSAGES = {
    Status.SUCCESS: "success",
    Status.FAILED: "failed",
    Status.NOT_BUILT: "not built",
    Status.BUILDING: "building",
    Status.INVALID: "invalid",
    Status.UNREADABLE: "unknown",
}
GREY, CONTRASTING_GREY = "#9f9f9f", "#6b6b6b"
PALETTES = {
    "default": {Status.SUCCESS: "#97CA00", Status.FAILED: "#E05d44", Status.BUILDING: "#007ec6"},
    # White text on these has a contrast of 4.5:1 or more (WCAG 2.2, level AA).
    "aa": {Status.SUCCESS: "#2e7d32", Status.FAILED: "#c62828", Status.BUILDING: "#00639c"},
}
COLOUR = re.compile(r"#?([0-9a-fA-F]{6}|[0-9a-fA-F]{3})")
# Source: shields.io's badge-maker, lib/color.js
COLOUR_NAMES = {
    "brightgreen": "#4c1",
    "green": "#97ca00",
    "yellowgreen": "#a4a61d",
    "yellow": "#dfb317",
    "orange": "#fe7d37",
    "red": "#e05d44",
    "blue": "#007ec6",
    "grey": "#555",
    "lightgrey": "#9f9f9f",
}
COLOUR_ALIASES = {
    "gray": "grey",
    "lightgray": "lightgrey",
    "critical": "red",
    "important": "orange",
    "success": "brightgreen",
    "informational": "blue",
    "inactive": "lightgrey",
}


def colour_of(status: Status, *, palette: str = "", wish: str = "") -> str:
    """The message's background. Nobody may paint a failure in another colour; a wish that is none is ignored."""
    if status != Status.FAILED and wish:
        if name := COLOUR_NAMES.get(COLOUR_ALIASES.get(wish, wish)):
            return name
        if match := COLOUR.fullmatch(wish):
            return f"#{match[1]}"
    grey = CONTRASTING_GREY if palette == "aa" else GREY
    return PALETTES.get(palette, PALETTES["default"]).get(status, grey)
