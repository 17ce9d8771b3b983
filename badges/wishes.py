"""What an address asks of a badge: parameters that are known and make sense; all others are ignored."""

from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qsl

from badges.picture import STYLES, Content, clean_label
from badges.status import MESSAGES, PALETTES, Status, colour_of

KEPT_WISHES = 1024
LABEL, STYLE, PALETTE = "yaydoc", "flat", "default"


@dataclass(frozen=True)
class Wishes:
    style: str = STYLE
    label: str = LABEL
    palette: str = PALETTE
    colour: str = ""  # of the message, whatever the status, unless that is a failure
    version: str = ""  # the slug of a version or the name of a tag; empty: the default version
    branch: str = ""  # counts where no version is asked for
    live: bool = False

    @property
    def is_of_default_version(self) -> bool:
        """And of its stored status: nothing but the repository's row tells what the badge shows."""
        return not (self.version or self.branch or self.live)

    def content(self, status: Status) -> Content:
        return Content(
            label=self.label,
            message=MESSAGES[status],
            colour=colour_of(status, palette=self.palette, wish=self.colour),
            style=self.style,
        )


@lru_cache(maxsize=KEPT_WISHES)
def wishes(query: str) -> Wishes:
    """`query` is the QUERY_STRING of WSGI, whose characters are bytes. Of what is said twice the last counts."""
    text = query.encode("latin-1").decode(errors="replace")
    asked = dict(parse_qsl(text, keep_blank_values=True))
    style, palette = asked.get("style", STYLE), asked.get("palette", PALETTE)
    return Wishes(
        style=style if style in STYLES else STYLE,
        label=clean_label(asked.get("label", LABEL)),
        palette=palette if palette in PALETTES else PALETTE,
        colour=asked.get("color", ""),
        version=asked.get("version", ""),
        branch=asked.get("branch", ""),
        live=asked.get("live") == "1",
    )
