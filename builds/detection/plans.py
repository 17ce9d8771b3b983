"""Where in a checkout the documentation is, and what it takes to render it."""

import re
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from django.db.models import TextChoices

from builds.configuration.config import Config
from builds.detection.documents import Documents, find_documents
from builds.detection.requirements import (
    PACKAGES,
    READ_THE_DOCS,
    Requirements,
    find_requirements,
    stated_requirements,
)
from builds.detection.source_tree import SourceTree
from builds.errors import BuildFailed

FOLDERS = (
    "docs docs/source docs/src doc doc/source doc/src documentation documentation/source Documentation"
    " docs/sphinx docs/en docs/html sphinx dev/docs/source dev/docs website/docs"
).split()
SETTINGS = re.compile(
    r"^\s*(extensions|project|html_theme|master_doc|root_doc|source_suffix|templates_path|exclude_patterns"
    r"|html_static_path|copyright|release|pygments_style|intersphinx_mapping|htmlhelp_basename)\s*[:=+]",
    re.MULTILINE,
)
FIRST_PAGE = re.compile(r"""^\s*(?:master_doc|root_doc)\s*=\s*["']([\w./-]+)["']""", re.MULTILINE)
SUFFIXES = (".rst", ".md", ".txt", ".ipynb", ".myst")
NOT_THEIR_OWN = {"example", "examples", "sample", "samples", "demo", "skeleton", "cookiecutter", "data"}
WITH_SPHINX = {"alabaster", "basic", "classic", "sphinxdoc", "scrolls", "agogo", "nature", "pyramid", "haiku"}
WITH_SPHINX |= {"traditional", "epub", "bizstyle", "default", "furo"}  # furo is of the builder's requirements
# Last released for a Sphinx that is long gone.
OLD_THEMES = {"sphinx_fossasia_theme": ("sphinx-fossasia-theme", "sphinx<7")}


class Kind(TextChoices):
    """Whose conf.py it is rendered with."""

    SPHINX = "sphinx", "the project's own conf.py"
    PLAIN = "plain", "a configuration made from its files"
    LINES = "lines", "lines of its own instead"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is rendered, and with what. Paths are relative to `root`, "" being the root itself."""

    root: Path  # the checkout
    kind: Kind
    docs: str  # Sphinx's source directory
    conf: str | None  # the folder of the project's own conf.py
    config: Config
    requirements: Requirements
    documents: Documents | None = None  # of a PLAIN one

    @property
    def description(self) -> str:
        """For the log."""
        if self.kind == Kind.LINES:
            return f"The lines of {self.config.file} make the pages."
        if self.conf is None:
            return (
                f"Found {len(self.documents.names) if self.documents else 0} pages, but no conf.py: one is made."
            )
        return f"Found {PurePosixPath(self.conf) / 'conf.py'}."


def find_docs(source: Path, config: Config) -> Plan:
    """Look at the checkout `source`, start nothing. Raises BuildFailed where there is nothing to render.

    Call it while no build can write to `source`.
    """
    tree = SourceTree(source)
    if config.makes_pages:
        return _of_lines(tree, config)
    wanted = _wanted(tree, config)
    conf = _stated_conf(config) if config.sphinx.configuration else _find_conf(tree, wanted)
    if conf is not None:
        text = tree.text(_conf_py(conf))
        docs = _source_of(tree, conf, text)
        return Plan(
            root=tree.root,
            kind=Kind.SPHINX,
            docs=docs,
            conf=conf,
            config=config,
            requirements=_with_theme(_requirements(tree, config, docs, text), config),
        )
    documents = find_documents(tree, wanted)
    if documents is None:
        raise BuildFailed(
            f"There is nothing to render{f' in {wanted}' if wanted else ''}:"
            " no conf.py, no Markdown, no reStructuredText.",
            "Add a README.md, or a docs folder, or name the folder in .yaydoc.yml as build.source.",
        )
    requirements = _requirements(tree, config, documents.folder, "") if config.file else Requirements()
    return Plan(
        root=tree.root,
        kind=Kind.PLAIN,
        docs=documents.folder,
        conf=None,
        config=config,
        requirements=_with_theme(requirements, config),
        documents=documents,
    )


def _of_lines(tree: SourceTree, config: Config) -> Plan:
    """Where lines make the pages: what a conf.py needs is installed for them only if the file names one."""
    conf = _stated_conf(config) if config.sphinx.configuration else ""
    if config.names_no_tool:
        requirements = stated_requirements(tree, config.installs or ())
    else:
        requirements = _requirements(tree, config, conf, tree.text(_conf_py(conf)))
    return Plan(root=tree.root, kind=Kind.LINES, docs=conf, conf=conf, config=config, requirements=requirements)


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


def _conf_py(folder: str) -> str:
    return f"{folder}/conf.py" if folder else "conf.py"


def _find_conf(tree: SourceTree, wanted: str | None) -> str | None:
    """The folder of the conf.py, in the usual places first, then anywhere but among tests and examples."""
    if wanted is not None:
        usual = [f"{wanted}/{name}".strip("/") for name in ("", "source", "src")]
        return next((folder for folder in usual if _is_sphinx(tree, folder)), None)
    named = re.search(
        r"^\s*configuration:\s*[\"']?([\w./-]*conf\.py)\b",
        next((tree.text(name) for name in READ_THE_DOCS if tree.is_file(name)), ""),
        re.MULTILINE,
    )
    if named and tree.is_file(named[1]):
        folder = PurePosixPath(named[1]).parent.as_posix()
        return "" if folder == "." else folder
    for folder in (*FOLDERS, ""):
        if _is_sphinx(tree, folder):
            return folder
    elsewhere = [PurePosixPath(file).parent for file in tree.files if PurePosixPath(file).name == "conf.py"]
    elsewhere.sort(key=lambda folder: (len(folder.parts), folder))
    for found in elsewhere:
        if not NOT_THEIR_OWN & {part.lower() for part in found.parts} and _is_sphinx(tree, found.as_posix()):
            return found.as_posix()
    return None


def _is_sphinx(tree: SourceTree, folder: str) -> bool:
    """Whether its conf.py is Sphinx's: many other things are called so, but not in a docs folder with an index.

    There a broken one must fail, rather than be passed by for pages that are made without it.
    """
    if not tree.is_file(_conf_py(folder)):
        return False
    if folder in FOLDERS and any(tree.is_file(f"{folder}/index{suffix}") for suffix in SUFFIXES):
        return True
    text = tree.text(_conf_py(folder))
    told = len(set(SETTINGS.findall(text))) + ("sphinx" in text.lower())
    if told == 0 or (told == 1 and "sphinx" not in text.lower()):
        return False
    places = (folder, f"{folder}/source".strip("/"), f"{folder}/src".strip("/"))
    return any(name.lower().endswith(SUFFIXES) for place in places for name in tree.children(place))


def _source_of(tree: SourceTree, conf: str, text: str) -> str:
    """Where the pages of a conf.py are: beside it, or in a folder below."""
    named = FIRST_PAGE.search(text)
    first_pages = [f"{named[1] if named else 'index'}{suffix}" for suffix in SUFFIXES]
    for folder in (conf, f"{conf}/source".strip("/"), f"{conf}/src".strip("/")):
        if any(tree.is_file(f"{folder}/{page}".strip("/")) for page in first_pages):
            return folder
    return conf


def _requirements(tree: SourceTree, config: Config, docs: str, conf: str) -> Requirements:
    """What the configuration file says, else what the project declares in one of the usual ways."""
    if config.installs is not None or config.makes_environment:
        return stated_requirements(tree, config.installs or ())
    return find_requirements(tree, docs, conf)


def _with_theme(requirements: Requirements, config: Config) -> Requirements:
    """With the package of the theme that .yaydoc.yml asks for: the index holds most under the theme's own name."""
    theme = config.build.theme.name
    if not theme or theme in WITH_SPHINX:
        return requirements
    packages = OLD_THEMES.get(theme.replace("-", "_"), (PACKAGES.get(theme, theme.replace("_", "-")),))
    return replace(requirements, named=(*requirements.named, *packages))
