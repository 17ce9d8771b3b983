"""Where the conf.py of a Sphinx project is, and the pages that it is of."""

import re
from pathlib import PurePosixPath

from builds.detection.requirements import READ_THE_DOCS
from builds.detection.source_tree import SourceTree

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


def conf_py(folder: str) -> str:
    return f"{folder}/conf.py" if folder else "conf.py"


def find_conf(tree: SourceTree, wanted: str | None) -> str | None:
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
    if not tree.is_file(conf_py(folder)):
        return False
    if folder in FOLDERS and any(tree.is_file(f"{folder}/index{suffix}") for suffix in SUFFIXES):
        return True
    text = tree.text(conf_py(folder))
    told = len(set(SETTINGS.findall(text))) + ("sphinx" in text.lower())
    if told == 0 or (told == 1 and "sphinx" not in text.lower()):
        return False
    places = (folder, f"{folder}/source".strip("/"), f"{folder}/src".strip("/"))
    return any(name.lower().endswith(SUFFIXES) for place in places for name in tree.children(place))


def source_of(tree: SourceTree, conf: str, text: str) -> str:
    """Where the pages of a conf.py are: beside it, or in a folder below."""
    named = FIRST_PAGE.search(text)
    first_pages = [f"{named[1] if named else 'index'}{suffix}" for suffix in SUFFIXES]
    for folder in (conf, f"{conf}/source".strip("/"), f"{conf}/src".strip("/")):
        if any(tree.is_file(f"{folder}/{page}".strip("/")) for page in first_pages):
            return folder
    return conf
