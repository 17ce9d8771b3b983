"""Whether a repository without a conf.py wants its notebooks among the pages: it requires what shows them."""

import re

from builds.detection.requirement_files import included
from builds.detection.requirements import FOR_DOCS, METADATA, Requirements
from builds.detection.source_tree import SourceTree

MYST_NB = re.compile(r"^\s*[\"']?myst[-_]nb(?![\w.-])", re.MULTILINE | re.IGNORECASE)


def requirements_of(tree: SourceTree) -> Requirements:
    """The usual file of requirements where it asks for notebooks; else nothing is installed of the project's."""
    file = next((name for name in FOR_DOCS if tree.is_file(name)), "")
    return Requirements(files=(file,)) if MYST_NB.search(tree.text(file)) else Requirements()


def are_wanted(tree: SourceTree, requirements: Requirements) -> bool:
    """Whether it is in a file of requirements, a group, or an extra."""
    files = included(tree, requirements.files)
    if requirements.groups or any(package.extras for package in requirements.packages):
        files += [name for name in requirements.metadata if name.endswith(METADATA[0])]
        return any(MYST_NB.search(tree.text(name).replace("[", "\n")) for name in files)
    return any(MYST_NB.search(tree.text(name)) for name in files)
