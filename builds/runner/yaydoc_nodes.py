"""Values of a stranger's JSON, and nodes of docutils made of them: text, lists and tables."""

import re
from collections.abc import Iterable
from typing import Any

from docutils import nodes

MARKED = re.compile(
    r"`(?P<code>[^`]+)`|\*\*(?P<strong>[^*]+)\*\*|\[(?P<text>[^\]]+)\]\((?P<url>https?://[^)\s]+)\)"
)


def mapping(value: Any) -> dict[str, Any]:
    return {str(name): one for name, one in value.items()} if isinstance(value, dict) else {}


def sequence(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def text(value: Any) -> str:
    return str(value).strip() if isinstance(value, (str, int, float)) else ""


def inline(value: str) -> list[nodes.Node]:
    """Text with what is most often marked in it: code, what is strong, links."""
    found: list[nodes.Node] = []
    end = 0
    for match in MARKED.finditer(value):
        found += [nodes.Text(value[end : match.start()])] if match.start() > end else []
        end = match.end()
        if match["code"]:
            found.append(nodes.literal("", match["code"]))
        elif match["strong"]:
            found.append(nodes.strong("", match["strong"]))
        else:
            found.append(nodes.reference("", match["text"], refuri=match["url"]))
    return [*found, nodes.Text(value[end:])] if value[end:] else found


def paragraph(*parts: Any) -> nodes.paragraph:
    return nodes.paragraph("", "", *(nodes.Text(part) if isinstance(part, str) else part for part in parts))


def words(value: Any) -> list[nodes.Node]:
    """The paragraphs and lists of a text; the rest of its Markdown is shown as it is written."""
    found: list[nodes.Node] = []
    for block in re.split(r"\n\s*\n", text(value)):
        lines = [line.strip() for line in block.strip().splitlines()]
        if lines and all(re.match(r"[-*] ", line) for line in lines):
            items = (nodes.list_item("", nodes.paragraph("", "", *inline(line[2:]))) for line in lines)
            found.append(nodes.bullet_list("", *items))
        elif lines:
            found.append(nodes.paragraph("", "", *inline(" ".join(lines))))
    return found


def named(name: str, *, is_required: bool = False) -> nodes.paragraph:
    return paragraph(nodes.literal("", name), *([" (required)"] if is_required else []))


def table(heads: tuple[str, ...], rows: Iterable[list[list[nodes.Node]]]) -> nodes.table:
    """Without the columns in which nothing stands."""
    cells = list(rows)
    used = [number for number in range(len(heads)) if any(row[number] for row in cells)]
    group = nodes.tgroup("", *(nodes.colspec(colwidth=1) for _ in used), cols=len(used))
    group += nodes.thead("", nodes.row("", *(nodes.entry("", paragraph(heads[number])) for number in used)))
    body = (nodes.row("", *(nodes.entry("", *row[number]) for number in used)) for row in cells)
    group += nodes.tbody("", *body)
    return nodes.table("", group, classes=["colwidths-auto"], align="left")
