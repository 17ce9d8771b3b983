"""The lines by which a badge is put into a README, in each language that forges show."""

import re
from dataclasses import dataclass

from django.utils.html import escape

# To AsciiDoc these are emphasis, subscript, a passthrough, a dash or an ellipsis, in an address too.
# Source: Asciidoctor's manual, "Text formatting" and "Character replacements"
MARKUP = re.compile(r"[_~+]|(?<=-)-|(?<=\.)\.")


@dataclass(frozen=True)
class Snippet:
    key: str
    language: str
    text: str


def snippets(*, picture: str, target: str, alternative: str) -> list[Snippet]:
    """`picture` and `target` are percent-encoded addresses; `alternative` is read where no picture is shown, and
    has letters, digits, spaces, dots, dashes and underscores only.
    """
    restructured = [f".. image:: {picture}", f"   :target: {target}", f"   :alt: {alternative}"]
    return [
        Snippet("markdown", "Markdown", f"[![{alternative}]({picture})]({target})"),
        Snippet(
            "html", "HTML", f'<a href="{escape(target)}"><img src="{escape(picture)}" alt="{alternative}"></a>'
        ),
        Snippet("rest", "reStructuredText", "\n".join(restructured)),
        Snippet("asciidoc", "AsciiDoc", f"image:{_plain(picture)}[{alternative},link={_plain(target)}]"),
    ]


def _plain(address: str) -> str:
    """The same address without what AsciiDoc would read as more than text."""
    return MARKUP.sub(lambda found: "%20" if found[0] == "+" else f"%{ord(found[0]):02X}", address)
