"""A Sphinx extension: the page of a web API, from its description in OpenAPI 3 or Swagger 2, as plain HTML.

A description may be anything: what is not as the formats have it is left out, and nothing but its own parts are
followed. Sources: OpenAPI Specification 3.1, Swagger 2.0.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.util.docutils import SphinxDirective
from yaydoc_nodes import inline, mapping, named, paragraph, sequence, table, text, words

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
DEEPEST = 8  # schemas within each other
SCHEMAS = (("components", "schemas"), ("definitions",))
AUTHORISATION = (("components", "securitySchemes"), ("securityDefinitions",))


class Page:
    """Makes nodes of a description; `ids` are those given away."""

    def __init__(self, spec: dict[str, Any]) -> None:
        self.spec = spec
        self.ids: set[str] = set()

    def under(self, places: tuple[tuple[str, ...], ...]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for path in places:
            here: Any = self.spec
            for name in path:
                here = mapping(here).get(name)
            found |= mapping(here)
        return found

    def resolved(self, value: Any) -> dict[str, Any]:
        """What a reference within the description leads to; {} for one that leads elsewhere."""
        for _ in range(DEEPEST):
            found = mapping(value)
            target = found.get("$ref")
            if not isinstance(target, str):
                return found
            value = self.spec
            for part in target.removeprefix("#/").split("/") if target.startswith("#/") else [""]:
                value = mapping(value).get(part.replace("~1", "/").replace("~0", "~"))
        return {}

    # -- parts of the page

    def all(self) -> nodes.section:
        info = mapping(self.spec.get("info"))
        page = self.section(text(info.get("title")) or "Web API")
        if version := text(info.get("version")):
            page += paragraph(f"Version {version}")
        page += words(info.get("description"))
        page += self.servers()
        for name, operations in self.groups().items():
            part = self.section(name) if name else page
            part += [self.operation(*operation) for operation in operations]
            if name:
                page += part
        page += self.authorisation()
        page += self.schemas()
        return page

    def section(self, title: str, anchor: str = "") -> nodes.section:
        wanted = name = nodes.make_id(anchor or title) or "part"
        count = 1
        while name in self.ids:
            count += 1
            name = f"{wanted}-{count}"
        self.ids.add(name)
        return nodes.section("", nodes.title("", "", *inline(title)), ids=[name])

    def servers(self) -> list[nodes.Node]:
        urls = [text(mapping(server).get("url")) for server in sequence(self.spec.get("servers"))]
        if host := text(self.spec.get("host")):
            schemes = [text(one) for one in sequence(self.spec.get("schemes"))] or ["https"]
            urls += [f"{scheme}://{host}{text(self.spec.get('basePath'))}" for scheme in schemes]
        items = [nodes.list_item("", nodes.paragraph("", "", nodes.literal("", url))) for url in urls if url]
        return [nodes.bullet_list("", *items)] if items else []

    def groups(self) -> dict[str, list[tuple[str, str, dict[str, Any], list[Any]]]]:
        """Operations by their first tag, in the order of the tags, then in that of the paths."""
        tags = [text(mapping(tag).get("name")) for tag in sequence(self.spec.get("tags"))]
        found: dict[str, list[Any]] = {tag: [] for tag in tags}
        for path, item in mapping(self.spec.get("paths")).items():
            item = self.resolved(item)
            for method in METHODS:
                if isinstance(item.get(method), dict):
                    operation = mapping(item[method])
                    named = [text(tag) for tag in sequence(operation.get("tags"))]
                    tag = named[0] if named else ""
                    found.setdefault(tag, []).append((method, path, operation, sequence(item.get("parameters"))))
        return {tag: operations for tag, operations in found.items() if operations}

    def operation(self, method: str, path: str, operation: dict[str, Any], shared: list[Any]) -> nodes.section:
        part = self.section(f"`{method.upper()} {path}`", f"{method} {path}")
        if operation.get("deprecated") is True:
            part += nodes.paragraph("", "", nodes.strong("", "Deprecated"))
        part += words(operation.get("summary"))
        part += words(operation.get("description"))
        parameters = {
            (text(one.get("name")), text(one.get("in"))): one
            for one in map(self.resolved, [*shared, *sequence(operation.get("parameters"))])
        }
        if parameters:
            part += table(
                ("Parameter", "In", "Type", "Description"),
                (self.parameter(name, place, one) for (name, place), one in parameters.items()),
            )
        part += self.request(self.resolved(operation.get("requestBody")))
        responses = mapping(operation.get("responses"))
        if responses:
            rows = (self.response(code, self.resolved(one)) for code, one in responses.items())
            part += table(("Status", "Description", "Content"), rows)
        return part

    def parameter(self, name: str, place: str, one: dict[str, Any]) -> list[list[nodes.Node]]:
        schema = one["schema"] if isinstance(one.get("schema"), dict) else one
        return [
            [named(name, is_required=one.get("required") is True)],
            words(place),
            [nodes.paragraph("", "", *self.type_of(schema))],
            words(one.get("description")),
        ]

    def request(self, body: dict[str, Any]) -> list[nodes.Node]:
        if not body:
            return []
        rows = (
            [words(f"`{kind}`"), words(body.get("description")), content] for kind, content in self.content(body)
        )
        return [table(("Request body", "Description", "Content"), rows)]

    def response(self, code: str, one: dict[str, Any]) -> list[list[nodes.Node]]:
        content = [node for _, contents in self.content(one) for node in contents]
        if "schema" in one:
            content.append(nodes.paragraph("", "", *self.type_of(one["schema"])))
        return [words(f"`{code}`"), words(one.get("description")), content]

    def content(self, one: dict[str, Any]) -> Iterator[tuple[str, list[nodes.Node]]]:
        for kind, media in mapping(one.get("content")).items():
            schema = mapping(mapping(media).get("schema"))
            shown: list[nodes.Node] = [nodes.paragraph("", "", *self.type_of(schema))]
            if "properties" in schema:
                shown.append(self.properties(schema))
            yield kind, shown

    def authorisation(self) -> list[nodes.Node]:
        schemes = self.under(AUTHORISATION)
        if not schemes:
            return []
        part = self.section("Authorisation")
        rows = []
        for name, scheme in schemes.items():
            one = self.resolved(scheme)
            facts = [text(one.get(fact)) for fact in ("type", "scheme", "in", "name")]
            rows.append([[named(name)], words(", ".join(filter(None, facts))), words(one.get("description"))])
        part += table(("Name", "Kind", "Description"), rows)
        return [part]

    # -- schemas

    def schemas(self) -> list[nodes.Node]:
        schemas = self.under(SCHEMAS)
        if not schemas:
            return []
        part = self.section("Schemas")
        for name, schema in schemas.items():
            one = nodes.section("", nodes.title("", name), ids=[anchor_of(name)])
            schema = mapping(schema)
            one += words(schema.get("description"))
            one += self.properties(schema) if "properties" in schema else [paragraph(*self.type_of(schema))]
            part += one
        return [part]

    def properties(self, schema: dict[str, Any]) -> nodes.table:
        required = sequence(schema.get("required"))
        rows = (
            [
                [named(name, is_required=name in required)],
                [nodes.paragraph("", "", *self.type_of(one))],
                words(mapping(one).get("description")),
            ]
            for name, one in mapping(schema.get("properties")).items()
        )
        return table(("Property", "Type", "Description"), rows)

    def type_of(self, schema: Any, depth: int = 0) -> list[nodes.Node]:
        """In words, with links to the schemas that have a name."""
        schema = mapping(schema)
        if isinstance(schema.get("$ref"), str):
            return [self.link(schema["$ref"])]
        if depth > DEEPEST:
            return [nodes.Text("…")]
        for name, joint in (("allOf", " and "), ("oneOf", " or "), ("anyOf", " or ")):
            if parts := sequence(schema.get(name)):
                joined: list[nodes.Node] = []
                for number, one in enumerate(parts):
                    joined += [nodes.Text(joint)] if number else []
                    joined += self.type_of(one, depth + 1)
                return joined
        kind = schema.get("type")
        name = " or ".join(map(text, kind)) if isinstance(kind, list) else text(kind)
        if name == "array":
            return [nodes.Text("array of "), *self.type_of(schema.get("items"), depth + 1)]
        said = name or "anything"
        if style := text(schema.get("format")):
            said += f" ({style})"
        values = [nodes.literal("", text(one)) for one in sequence(schema.get("enum"))]
        shown: list[nodes.Node] = [nodes.Text(said)]
        for number, value in enumerate(values):
            shown += [nodes.Text(", " if number else ": "), value]
        return shown

    def link(self, target: str) -> nodes.Node:
        name = target.rpartition("/")[2]
        if target.startswith("#/") and name in self.under(SCHEMAS):
            return nodes.reference("", name, refid=anchor_of(name), internal=True)
        return nodes.literal("", name or target)


def anchor_of(name: str) -> str:
    return f"schema-{nodes.make_id(name)}"


class OpenAPI(SphinxDirective):
    """`.. yaydoc-openapi:: file.json`: the whole page, its title included."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        relative, absolute = self.env.relfn2path(self.arguments[0])
        self.env.note_dependency(relative)
        page = Page(mapping(json.loads(Path(absolute).read_text(encoding="utf-8")))).all()
        source = addnodes.download_reference(
            "", "", nodes.Text("The description itself"), reftarget=self.arguments[0]
        )
        page.insert(1, paragraph(source))
        return [page]


def setup(app: Any) -> dict[str, Any]:
    app.add_directive("yaydoc-openapi", OpenAPI)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
