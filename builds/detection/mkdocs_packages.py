"""Which packages hold the theme, the plugins and the Markdown extensions that a mkdocs.yml names.

Well-known ones only: a package that is guessed by nothing but the sound of a name may be anybody's. MkDocs says
what is missing of the others. Source: the catalog of MkDocs projects (github.com/mkdocs/catalog).
"""

import re
from collections.abc import Iterator

from builds.detection.mkdocs_yml import MkDocsSite

THEMES = {
    "bootstrap4": "mkdocs-theme-bootstrap4",
    "dracula": "mkdocs-dracula-theme",
    "zettelkasten-solarized-light": "mkdocs-zettelkasten",
    **dict.fromkeys(
        "cerulean cosmo cyborg darkly flatly journal litera lumen lux materia minty pulse sandstone simplex slate"
        " solar spacelab superhero united yeti".split(),
        "mkdocs-bootswatch",
    ),
    **{
        name: f"mkdocs-{name}"
        for name in "material cinder windmill windmill-dark bootstrap bootstrap386 gitbook ivory terminal shadcn"
        " simple-blog nature landing".split()
    },
}
OF_MATERIAL = frozenset(
    "blog group info meta offline optimize privacy projects search social tags typeset".split()
)
PLUGINS = {
    **{
        name: f"mkdocs-{name}"
        for name in "autorefs autoapi bibtex blogging-plugin breadcrumbs-plugin callouts click coverage d2-plugin"
        " enumerate-headings-plugin exclude exclude-search gen-files glightbox graphviz include-dir-to-nav jupyter"
        " linkcheck literate-nav llmstxt material-adr open-in-new-tab page-pdf pdf-export-plugin print-site-plugin"
        " puml redirects same-dir section-index simple-hooks swagger-ui-tag table-reader-plugin techdocs-core"
        " terminal video".split()
    },
    **{
        name: f"mkdocs-{name}-plugin"
        for name in "api-autonav awesome-nav awesome-pages build-plantuml charts codeinclude encryptcontent"
        " ezlinks ezlinked file-filter git-authors git-revision-date git-revision-date-localized img2fig"
        " include-markdown kroki localsearch macros markdown-filter mermaid2 meta-descriptions minify monorepo"
        " multirepo pdf roamlinks rss site-urls table-reader with-pdf".split()
    },
    "autolink_references": "autolink-references-mkdocs-plugin",
    "git-committers": "mkdocs-git-committers-plugin-2",
    "git-latest-release": "mkdocs-latest-release-plugin",
    "i18n": "mkdocs-static-i18n",
    "markdown-exec": "markdown-exec",
    "mike": "mike",
    "mkapi": "mkapi",
    "mkdocs-jupyter": "mkdocs-jupyter",
    "mkdocs-simple-hooks": "mkdocs-simple-hooks",
    "mkdocs-typer2": "mkdocs-typer2",
    "mkdocs-video": "mkdocs-video",
    "mkdocstrings": "mkdocstrings[python]",
    "mkdoxy": "mkdoxy",
    "mknotebooks": "mknotebooks",
    "neoteroi.mkdocsoad": "neoteroi-mkdocs",
    "plantuml": "mkdocs-puml",
    "print-site": "mkdocs-print-site-plugin",
    "pub-blog": "mkdocs-publisher",
    "social": "mkdocs-material[imaging]",
    "tags": "mkdocs-plugin-tags",
    "termynal": "termynal",
}
EXTENSIONS = {
    **dict.fromkeys(("callouts", "github-callouts"), "markdown-callouts"),
    "markdown_captions": "markdown-captions",
    "markdown_grid_tables": "markdown-grid-tables",
    "markdown_include": "markdown-include",
    "markdown_inline_graphviz": "markdown-inline-graphviz-extension",
    "markdown_katex": "markdown-katex",
    "mdx_breakless_lists": "mdx-breakless-lists",
    "mdx_gh_links": "mdx-gh-links",
    "mdx_include": "mdx-include",
    "mdx_math": "python-markdown-math",
    "mdx_truly_sane_lists": "mdx-truly-sane-lists",
    "mdx_wikilink_plus": "mdx-wikilink-plus",
    "mkautodoc": "mkautodoc",
    "mkdocs-click": "mkdocs-click",
    "mkdocs-typer": "mkdocs-typer",
    "neoteroi": "neoteroi-mkdocs",
    "plantuml_markdown": "plantuml-markdown",
    "pymdownx": "pymdown-extensions",
}
# With these the pages show the project's own code, which must be there with what it imports.
READ_CODE = frozenset(
    "api-autonav autoapi gen-files macros markdown-exec mkapi mkautodoc mkdocs-autoapi mkdocs-click mkdocs-jupyter"
    " mkdocs-simple-hooks mkdocs-typer mkdocs-typer2 mkdocstrings mknotebooks".split()
)


def packages(site: MkDocsSite) -> Iterator[str]:
    """Those known of what the site names, each once."""
    found = [THEMES.get(site.theme, "")]
    for plugin in site.plugins:
        is_material = site.theme == "material" and plugin in OF_MATERIAL
        theme, _, bundled = plugin.partition("/")  # of a theme. Source: MkDocs, "Plugins"
        if plugin == "social" or not (is_material or bundled):
            found.append(PLUGINS.get(plugin, ""))
        elif bundled:
            found.append(THEMES.get(theme, ""))
    found += [EXTENSIONS.get(name) or EXTENSIONS.get(name.partition(".")[0], "") for name in site.extensions]
    yield from filter(None, dict.fromkeys(found))


def undeclared(site: MkDocsSite, said: str) -> tuple[str, ...]:
    """Those that no requirement mentions."""
    said = re.sub(r"[._]", "-", said.lower())
    brought = {"pymdown-extensions"} if "mkdocs-material" in said else set()
    return tuple(name for name in packages(site) if name.partition("[")[0] not in said and name not in brought)


def reads_code(site: MkDocsSite) -> bool:
    return site.has_hooks or bool(READ_CODE & {*site.plugins, *site.extensions})
