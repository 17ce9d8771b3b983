"""What each key of `.yaydoc.yml` does to the pages, by a real Sphinx in the real sandbox."""

import json
import re
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import module_from_spec, spec_from_file_location
from threading import Thread

import pytest

from builds import sandbox
from builds.configuration.reading import read_config
from builds.detection.plans import find_docs
from builds.places import RUNNER
from builds.rendering.render import render
from builds.rendering.uncounted import uncounted
from tests.builds.small_projects import CONF, environment_of_the_tests, log_of, source_of, write

MATH = "# One\n\nCosts $x$ and more.\n"


@pytest.fixture
def rendered(execution):
    """Renders a checkout of these files: the folder with its pages."""

    def render_files(files, **options):
        source = source_of(execution.build)
        for made in ("index.md", "index.rst", "apidocs"):  # as the checkout removes what is none of git's files
            sandbox.remove(source / "docs" / made)
        write(source, files)
        sandbox.give(source)
        return render(execution, find_docs(source, read_config(source)), environment_of_the_tests(), **options)

    return render_files


SWAGGER = {
    "swagger": "2.0",
    "info": {
        "title": "Pets & more",
        "version": "1.0",
        "description": "All **of** [it](https://example.org/a)\n\n- one `x`\n- two",
    },
    "host": "api.example.org",
    "basePath": "/v1",
    "paths": {
        "/pets/{id}": {
            "get": {
                "tags": ["pets"],
                "summary": "One <b>pet</b>",
                "parameters": [{"name": "id", "in": "path", "required": True, "type": "integer"}],
                "responses": {"200": {"description": "Found", "schema": {"$ref": "#/definitions/Pet"}}},
            }
        }
    },
    "definitions": {"Pet": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}},
}
OPENAPI = """
openapi: 3.1.0
info: {title: Pets, version: 2024-01-01}
servers: [{url: https://api.example.org/v2}]
paths:
  /pets:
    post:
      operationId: add
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}
      responses: {'201': {$ref: '#/components/responses/Made'}}
components:
  responses: {Made: {description: It was made}}
  schemas:
    Pet: {oneOf: [{type: array, items: {$ref: '#/components/schemas/Pet'}}, {type: string, enum: [cat, dog]}]}
"""


def said(execution, files):
    """What the log says of keys that do not count."""
    source = write(source_of(execution.build), files)
    return list(uncounted(find_docs(source, read_config(source)), execution.build.repository))


def test_each_key_about_looks_changes_every_page(rendered, execution):
    output = rendered(
        {
            ".yaydoc.yml": "metadata: {debug: true, inline_math: true}\n"
            "build:\n  theme: classic\n  github_ribbon: {position: left, color: green}\n"
            "  github_button: {buttons: {watch: false, follow: false}, large: false}\n",
            "index.md": MATH,
            "more/two.md": "# Two\n",
        }
    )

    page = (output / "more/two.html").read_text()
    assert '<div class="yaydoc-ribbon yaydoc-left yaydoc-green"><a href="https://github.com/octo/docs">' in page
    assert re.findall(r'<a href="https://github.com/([^"]+)">(Star|Watch|Fork|Follow|Issues)<', page) == [
        ("octo/docs", "Star"),
        ("octo/docs/fork", "Fork"),
        ("octo/docs/issues", "Issues"),
    ]
    assert "yaydoc-large" not in page
    assert ".yaydoc-ribbon" in (output / "_static/yaydoc-github.css").read_text()
    assert 'href="../_static/yaydoc-github.css' in page
    assert 'class="math' in (output / "index.html").read_text()
    assert "locale_dir" in log_of(execution)  # one of the lines that Sphinx has with -v only


def test_without_the_keys_there_is_nothing_of_them(rendered, execution):
    output = rendered({".yaydoc.yml": "build: {theme: classic}\n", "index.md": MATH, "more/two.md": "# Two\n"})

    assert not [path for path in output.rglob("*.html") if "yaydoc" in path.read_text()]
    assert not (output / "_static/yaydoc-github.css").exists()
    assert "Costs $x$ and more." in (output / "index.html").read_text()
    assert "locale_dir" not in log_of(execution)


def test_the_keys_that_can_be_honoured_beside_a_conf_py_are(rendered):
    output = rendered(
        {
            ".yaydoc.yml": "metadata: {inline_math: true}\n"
            "build: {source: docs, github_ribbon: , github_button: {buttons: {watch: false}}}\n",
            "docs/conf.py": CONF + "extensions += ['myst_parser']\n",
            "docs/index.md": MATH,
        }
    )

    page = (output / "index.html").read_text()
    assert 'class="yaydoc-ribbon yaydoc-right yaydoc-red"' in page
    assert 'class="yaydoc-github yaydoc-large"' in page
    assert '<a href="https://github.com/octo">Follow</a>' in page
    assert 'class="math' in page


def test_keys_that_do_not_count_are_named(execution):
    keys = "metadata: {version: '1', autoindex: {toc: {show: false}}}\nbuild: {source: docs, github_ribbon: }\n"
    execution.build.repository.forge = "gitea"

    assert said(execution, {".yaydoc.yml": keys, "docs/conf.py": CONF, "docs/index.rst": "A\n=\n"}) == [
        "Beside a conf.py, metadata.autoindex of .yaydoc.yml does not count: the first page is there.",
        "The repository is not at GitHub, so these keys of .yaydoc.yml do not count: build.github_ribbon.",
    ]


def test_beside_a_mkdocs_yml_all_keys_about_pages_are_named(execution):
    keys = "metadata: {version: '1', autoindex: {toc: {show: false}}}\nbuild: {github_ribbon: }\n"

    assert said(execution, {".yaydoc.yml": keys, "mkdocs.yml": "site_name: A\n", "docs/index.md": "# A\n"}) == [
        "Beside mkdocs.yml these keys of .yaydoc.yml do not count: metadata.version, metadata.autoindex,"
        " build.github_ribbon."
    ]


# -- the first page


AUTOINDEX = """metadata:
  projectname: Named
  autoindex:
    include: [README.md, docs/MORE.md]
    toc: {heading: All pages}
    apidoc: {heading: Interfaces}
build: {source: docs, theme: basic}
extras: {swagger: {url: api.yaml}}
"""
INDEXED = {
    ".yaydoc.yml": AUTOINDEX,
    "README.md": "# Tool\n\n[guide](docs/guide.md) [all](docs/) ![logo](img/logo.svg) [licence](LICENSE)\n\n"
    "```\n[as it is](docs/guide.md)\n```\n",
    "LICENSE": "MIT\n",
    "img/logo.svg": '<svg xmlns="http://www.w3.org/2000/svg"/>',
    "docs/MORE.md": "More of [the guide](guide.md).\n",
    "docs/guide.md": "# Guide\n",
    "docs/parts/one.md": "# Part one\n",
    "api.yaml": OPENAPI,
}


def test_an_index_is_made_of_what_is_to_be_included_and_of_the_contents(rendered):
    output = rendered(INDEXED)

    page = (output / "index.html").read_text()
    body = page[page.index("<h1>Tool") :]
    assert '<a class="reference internal" href="guide.html">' in body
    assert 'src="_images/logo.svg"' in body
    assert re.search(r'href="https://github.com/octo/docs/blob/main/LICENSE"', body)
    assert "[as it is](docs/guide.md)" in re.sub(r"<[^>]+>", "", body)
    assert "More of <a" in body
    headings = re.findall(r"<h\d>([^<]+)|caption-text\">([^<]+)", body)
    assert [one or other for one, other in headings[:4]] == ["Tool", "All pages", "Parts", "Interfaces"]
    links = re.findall(r'toctree-l1"><a class="reference internal" href="([^"]+)"', body)
    assert links[:3] == ["guide.html", "parts/one.html", "apidocs/index.html"]
    assert not (output / "MORE.html").exists()


def test_parts_of_the_index_that_are_not_to_be_shown_are_not(rendered):
    keys = AUTOINDEX.replace("heading: All pages", "show: false").replace("heading: Interfaces", "show: false")

    page = (rendered({**INDEXED, ".yaydoc.yml": keys}) / "index.html").read_text()

    assert "toctree-wrapper" in page
    assert not re.search(r'<h2>|toctree-l1"><a', page[page.index("<h1>Tool") : page.index("sphinxsidebar")])


def test_a_page_that_is_an_index_stays_the_first(rendered):
    page = (rendered({**INDEXED, "docs/index.md": "# Own start\n"}) / "index.html").read_text()

    assert "<h1>Own start" in page
    assert "<h1>Tool" not in page


def test_the_readme_is_included_where_an_index_has_to_be_made(rendered):
    files = {
        **INDEXED,
        ".yaydoc.yml": "build: {source: docs}\n",
        "README.rst": "Tool\n====\n\n`guide <docs/guide.md>`_\n",
    }
    del files["README.md"]

    page = (rendered(files) / "index.html").read_text()

    assert "<h1>Tool" in page
    assert 'href="guide.html"' in page
    assert "<h2>Contents" in page


# -- the web API


def test_a_web_api_has_its_page_from_a_file_of_the_repository(rendered, execution):
    output = rendered(
        {
            ".yaydoc.yml": "build: {source: docs}\nextras: {swagger: api/swagger.json}\n",
            "docs/conf.py": CONF,
            "docs/index.rst": "Start\n=====\n",
            "api/swagger.json": json.dumps(SWAGGER),
        }
    )

    page = (output / "apidocs/index.html").read_text()
    text = re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))
    assert "<h1>Pets &amp; more" in page
    assert "https://api.example.org/v1" in text
    assert "GET /pets/{id}" in text
    assert "One <b>pet</b>" in text
    assert "id (required)" in text
    assert '<strong>of</strong> <a class="reference external" href="https://example.org/a">it</a>' in page
    assert (
        '<li><p>one <code class="docutils literal notranslate"><span class="pre">x</span></code></p></li>' in page
    )
    assert "<p>Content</p>" in page
    assert not re.search(r"<p>In</p>.*<p>Description</p>.*<p>Status</p>", page, re.DOTALL)  # an empty column
    assert '<a class="reference internal" href="#schema-pet">Pet</a>' in page
    assert "<script" not in page[page.index("<h1>") : page.index("schema-pet")]
    assert list(output.glob("_downloads/*/openapi.json"))
    assert list(execution.build.warnings.all()) == []


def test_a_web_api_in_openapi_3_and_yaml_has_its_page_too(rendered):
    files = {".yaydoc.yml": "extras: {swagger: {url: api.yaml, ui: swagger}}\n", "README.md": "# Tool\n"}
    output = rendered({**files, "api.yaml": OPENAPI})

    text = re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", "", (output / "apidocs/index.html").read_text())))
    assert "POST /pets" in text
    assert "It was made" in text
    assert "array of Pet or string: cat, dog" in text
    assert 'href="apidocs/index.html"' in (output / "index.html").read_text()


def test_a_description_that_cannot_be_read_is_a_warning_and_a_page_that_says_so(rendered, execution):
    files = {".yaydoc.yml": "extras: {swagger: README.md}\n", "README.md": "# Tool\n"}

    output = rendered(files)

    assert "could not be read" in (output / "apidocs/index.html").read_text()
    assert [warning.text.partition(":")[0] for warning in execution.build.warnings.all()] == ["extras.swagger"]


@pytest.mark.parametrize(
    "spec",
    [
        {"openapi": "3.0.0", "paths": None},
        {"openapi": 3, "info": [], "paths": {"/": {"get": {"parameters": [1, None], "responses": [2]}}}},
        {
            "swagger": "2.0",
            "paths": {"/": {"get": {"responses": {"200": None}, "parameters": [{"$ref": "#/x/y"}]}}},
        },
        {
            "openapi": "3.0.0",
            "paths": {},
            "components": {"schemas": {"A": {"$ref": "#/components/schemas/A"}, "B": 1}},
        },
    ],
)
def test_whatever_a_description_says_its_page_is_made(spec, monkeypatch):
    monkeypatch.syspath_prepend(RUNNER)  # as it is inside
    assert runner("yaydoc_openapi").Page(spec).all().astext().startswith("Web API")


def runner(name):
    """A module of what runs in the sandbox."""
    found = spec_from_file_location(name, RUNNER / f"{name}.py")
    module = module_from_spec(found)
    found.loader.exec_module(module)
    return module


def test_a_description_is_fetched_from_its_address_and_is_not_to_be_a_giant(monkeypatch, tmp_path):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    pages = runner("yaydoc_pages")
    answers = {"/api.yaml": OPENAPI.encode(), "/giant": b" " * (pages.LARGEST + 1), "/none": None}

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self):
            answer = answers[self.path]
            self.send_response(200 if answer else 404)
            self.end_headers()
            self.wfile.write(answer or b"")

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        root = f"http://127.0.0.1:{server.server_port}"
        told = [pages.write_api(tmp_path, tmp_path, {"url": f"{root}{path}", "file": ""}) for path in answers]
        server.shutdown()

    assert told == [
        [],
        [f"extras.swagger: {root}/giant could not be read: it is too large, or comes too slowly"],
        [f"extras.swagger: {root}/none could not be read: HTTP Error 404: Not Found"],
    ]
    assert json.loads((tmp_path / "apidocs/openapi.json").read_text())["info"]["version"] == "2024-01-01"


def test_pages_that_are_made_are_as_of_a_clean_render_after_each_change(rendered):
    rendered(INDEXED)
    rendered({"README.md": "# Renamed\n\nNo picture.\n"})
    edited = OPENAPI.replace("/pets", "/animals").replace("title: Pets", "title: Zoo")

    kept = contents_of(rendered({"api.yaml": edited}))
    clean = contents_of(rendered({}, clean=True))

    assert b"Zoo" in kept["index.html"]
    assert b"Renamed" in kept["index.html"]
    assert [name for name in kept.keys() | clean.keys() if kept.get(name) != clean.get(name)] == []


def contents_of(output):
    return {str(path.relative_to(output)): path.read_bytes() for path in output.rglob("*") if path.is_file()}
