"""Where in a checkout the documentation is, and what it takes to render it."""

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePosixPath

from django.db.models import TextChoices

from builds.checkouts.subprojects import Included
from builds.configuration.config import Config
from builds.detection import notebooks
from builds.detection.conf_py import conf_py, find_conf, source_of
from builds.detection.documents import Documents, find_documents
from builds.detection.mkdocs import find_mkdocs
from builds.detection.mkdocs_packages import reads_code
from builds.detection.mkdocs_packages import undeclared as missing_of_mkdocs
from builds.detection.mkdocs_yml import MkDocsSite
from builds.detection.renderers import MKDOCS, SPHINX, Renderer
from builds.detection.requirements import (
    Requirements,
    find_requirements,
    stated_requirements,
)
from builds.detection.source_tree import SourceTree
from builds.detection.sphinx_packages import PACKAGES
from builds.detection.sphinx_packages import undeclared as missing_of_sphinx
from builds.errors import BuildFailed

WITH_SPHINX = {"alabaster", "basic", "classic", "sphinxdoc", "scrolls", "agogo", "nature", "pyramid", "haiku"}
WITH_SPHINX |= {"traditional", "epub", "bizstyle", "default", "furo"}  # furo is of the builder's requirements
AUTOAPI, YAML = "sphinx-autoapi", "pyyaml"
# Last released for a Sphinx that is long gone.
OLD_THEMES = {
    name: (name.replace("_", "-"), "sphinx<7") for name in ("sphinx_fossasia_theme", "sphinx_susiai_theme")
}


class Kind(TextChoices):
    """What it is rendered with."""

    SPHINX = "sphinx", "the project's own conf.py"
    PLAIN = "plain", "a configuration made from its files"
    LINES = "lines", "lines of its own instead"
    MKDOCS = "mkdocs", "MkDocs, by the project's mkdocs.yml"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is rendered, and with what. Paths are relative to `root`, "" being the root itself."""

    root: Path  # the checkout
    kind: Kind
    docs: str  # the folder of the pages
    conf: str | None  # the folder of the project's own conf.py
    config: Config
    requirements: Requirements
    documents: Documents | None = None  # of a PLAIN one
    shows_notebooks: bool = False  # among them
    mkdocs_yml: str = ""  # where it is for MkDocs
    subprojects: tuple[Included, ...] = ()  # whose files are below the folder of the pages

    @property
    def description(self) -> str:
        """For the log."""
        if self.kind == Kind.LINES:
            return f"The lines of {self.config.file} make the pages."
        if self.kind == Kind.MKDOCS:
            return f"Found {self.mkdocs_yml}."
        if self.conf is None:
            return (
                f"Found {len(self.documents.names) if self.documents else 0} pages, but no conf.py: one is made."
            )
        return f"Found {PurePosixPath(self.conf) / 'conf.py'}."

    @property
    def renderer(self) -> Renderer:
        return MKDOCS if self.mkdocs_yml else SPHINX


def find_docs(source: Path, config: Config) -> Plan:
    """Look at the checkout `source`, start nothing. Raises BuildFailed where there is nothing to render.

    Call it while no build can write to `source`.
    """
    tree = SourceTree(source)
    if config.makes_pages:
        return _of_lines(tree, config)
    wanted = _wanted(tree, config)
    conf = _stated_conf(config) if config.sphinx.configuration else find_conf(tree, wanted)
    if site := find_mkdocs(tree, config, wanted, conf):
        return _of_mkdocs(tree, config, site)
    if conf is not None:
        text = tree.text(conf_py(conf))
        docs = source_of(tree, conf, text)
        return Plan(
            root=tree.root,
            kind=Kind.SPHINX,
            docs=docs,
            conf=conf,
            config=config,
            requirements=_with_keys(_requirements(tree, config, docs, text), config),
        )
    return _of_documents(tree, config, wanted)


def folder_of_pages(source: Path, config: Config) -> str:
    """Where pages of others belong: beside those of this repository, if it has any. Raises nothing."""
    try:
        return find_docs(source, config).docs
    except BuildFailed:
        return (config.build.source or PurePosixPath("docs")).as_posix()


def _of_documents(tree: SourceTree, config: Config, wanted: str | None) -> Plan:
    documents = find_documents(tree, wanted, config.metadata.autoindex)
    if config.file:
        requirements = _requirements(tree, config, documents.folder if documents else wanted or "", "")
    else:
        requirements = notebooks.requirements_of(tree)
    if with_notebooks := notebooks.are_wanted(tree, requirements):
        documents = find_documents(tree, wanted, config.metadata.autoindex, with_notebooks=True)
    if documents is None:
        raise BuildFailed(
            f"There is nothing to render{f' in {wanted}' if wanted else ''}:"
            " no conf.py, no mkdocs.yml, no Markdown, no reStructuredText.",
            "Add a README.md, or a docs folder, or name the folder in .yaydoc.yml as build.source.",
        )
    return Plan(
        root=tree.root,
        kind=Kind.PLAIN,
        docs=documents.folder,
        conf=None,
        config=config,
        requirements=_with_parser(_with_keys(requirements, config), config),
        documents=documents,
        shows_notebooks=with_notebooks,
    )


def _of_lines(tree: SourceTree, config: Config) -> Plan:
    """Where lines make the pages: what a conf.py, or MkDocs, needs is installed for them only if the file
    names it.
    """
    conf = _stated_conf(config) if config.sphinx.configuration else ""
    site = find_mkdocs(tree, config, None, conf) if config.mkdocs else None
    if config.names_no_tool:
        requirements = stated_requirements(tree, config.installs or (), SPHINX)
    elif site:
        requirements = _requirements_of_mkdocs(tree, config, site)
    else:
        requirements = _requirements(tree, config, conf, tree.text(conf_py(conf)))
    return Plan(
        root=tree.root,
        kind=Kind.LINES,
        docs=conf,
        conf=conf,
        config=config,
        requirements=requirements,
        mkdocs_yml=site.file if site else "",
    )


def _of_mkdocs(tree: SourceTree, config: Config, site: MkDocsSite) -> Plan:
    return Plan(
        root=tree.root,
        kind=Kind.MKDOCS,
        docs=site.docs,
        conf=None,
        config=config,
        requirements=_requirements_of_mkdocs(tree, config, site),
        mkdocs_yml=site.file,
    )


def _wanted(tree: SourceTree, config: Config) -> str | None:
    """The folder that the repository's configuration names, or None. Raises BuildFailed when it is not there."""
    if config.build.source is None:
        return None
    wanted = config.build.source.as_posix()
    if not tree.is_folder(wanted):
        raise BuildFailed(f"build.source: there is no folder {wanted}.", f"Correct it in {config.file}.")
    return "" if wanted == "." else wanted


def _stated_conf(config: Config) -> str:
    """The folder of the conf.py that the configuration file names."""
    folder = PurePosixPath(config.sphinx.configuration or "").parent.as_posix()
    return "" if folder == "." else folder


def _requirements(tree: SourceTree, config: Config, docs: str, conf: str) -> Requirements:
    """What the configuration file says, else what the project declares in one of the usual ways."""
    if config.installs is not None or config.makes_environment:
        return stated_requirements(tree, config.installs or (), SPHINX)
    return find_requirements(tree, docs, partial(missing_of_sphinx, conf), SPHINX)


def _requirements_of_mkdocs(tree: SourceTree, config: Config, site: MkDocsSite) -> Requirements:
    if config.installs is not None or config.makes_environment:
        return stated_requirements(tree, config.installs or (), MKDOCS)
    missing = partial(missing_of_mkdocs, site)
    return find_requirements(tree, site.docs, missing, MKDOCS, reads_code=reads_code(site))


def _with_keys(requirements: Requirements, config: Config) -> Requirements:
    """With the packages that keys of .yaydoc.yml need."""
    named = [*_of_theme(config.build.theme.name)]
    if config.build.autoapi:
        named.append(AUTOAPI)
    if config.swagger and requirements.name_renderer:  # else MyST, of the builder's requirements, brings it
        named.append(YAML)
    return (
        replace(requirements, named=tuple(dict.fromkeys([*requirements.named, *named]))) if named else requirements
    )


def _with_parser(requirements: Requirements, config: Config) -> Requirements:
    """What the conf.py that is made needs: the Sphinx that a project or a theme chooses may want another MyST."""
    if not requirements.any:
        return requirements  # the builder's own
    theme = () if config.build.theme.name else ("furo",)
    return replace(requirements, named=(*requirements.named, "myst-parser>=2", *theme))


def _of_theme(theme: str) -> tuple[str, ...]:
    """The index holds most under the theme's own name."""
    if not theme or theme in WITH_SPHINX:
        return ()
    return OLD_THEMES.get(theme.replace("-", "_"), (PACKAGES.get(theme, theme.replace("_", "-")),))
