"""Whether a repository's documentation is made with MkDocs."""

import re
from pathlib import PurePosixPath

from builds.configuration.config import Config, SphinxOptions
from builds.detection.conf_py import FOLDERS, SUFFIXES, conf_py, source_of
from builds.detection.mkdocs_yml import MkDocsSite, find_site, read_site
from builds.detection.source_tree import SourceTree
from builds.errors import BuildFailed


def find_mkdocs(tree: SourceTree, config: Config, wanted: str | None, conf: str | None) -> MkDocsSite | None:
    """The mkdocs.yml, unless Sphinx's conf.py, found in the folder `conf`, is rather what the pages are made with.

    Raises BuildFailed where the configuration asks for MkDocs, and there is none.
    """
    if config.mkdocs and config.mkdocs.configuration:
        return read_site(tree, config.mkdocs.configuration.as_posix())
    if config.sphinx != SphinxOptions():
        return None
    site = find_site(tree, ("", *FOLDERS) if wanted is None else (wanted, ""))
    if config.mkdocs and site is None:
        raise BuildFailed(
            f"{config.file} asks for MkDocs, but there is no mkdocs.yml.",
            "Add one, or name it as mkdocs.configuration.",
        )
    if site is None or config.mkdocs:
        return site
    if wanted is not None and not (conf is None and wanted in {site.docs, PurePosixPath(site.file).parent.name}):
        return None
    return site if conf is None or outweighs(tree, site, conf) else None


def outweighs(tree: SourceTree, site: MkDocsSite, conf: str) -> bool:
    """Which of two is in use: projects that moved from one to the other leave the old one's file behind.

    What has no first page is the old one. Where both have one, a conf.py in a usual place counts.
    """
    if not site.has_first_page:
        return False
    text = tree.text(conf_py(conf))
    pages = {name.lower() for name in tree.children(source_of(tree, conf, text))}
    suffixes = [suffix for suffix in SUFFIXES if suffix != ".md" or re.search("myst|recommonmark", text)]
    has_first_page = any(f"index{suffix}" in pages for suffix in suffixes)
    return not has_first_page or conf not in (*FOLDERS, "")
