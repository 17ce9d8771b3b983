"""What lines of requirement files lead to: other such files, and folders of the checkout."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from builds.detection.source_tree import SourceTree

# A folder of the checkout, as a line of a requirements file: ".", "-e ./libs/small[docs]".
LOCAL = re.compile(
    r"^[ \t]*(?:(?:-e|--editable)[=\s]\s*)?(?:file:)?(\.{1,2}(?:/[^\s\[;#]*)?)(?:\[[^\]\n]*\])?[ \t]*(?:[#;].*)?$",
    re.MULTILINE,
)
INCLUDE = re.compile(r"^\s*(?:-r|-c|--requirements?|--constraints?)[=\s]\s*(\S+)", re.MULTILINE)


def included(tree: SourceTree, files: tuple[str, ...]) -> list[str]:
    """The requirement files and all that they include within the tree by `-r` and `-c`, relative to themselves."""
    found: list[str] = []
    waiting = list(files)
    while waiting and len(found) < 100:
        file = waiting.pop(0)
        if file in found or not tree.is_file(file):
            continue
        found.append(file)
        folder = PurePosixPath(file).parent
        for name in INCLUDE.findall(tree.text(file)):
            if path := tree.path((folder / name).as_posix()):
                waiting.append(path.relative_to(tree.root).as_posix())
    return found


def folders_in(tree: SourceTree, files: tuple[str, ...]) -> Iterator[str]:
    """Those that the files and what they include name, relative to the root; nothing says that they are there."""
    for file in included(tree, files):
        for path in map(PurePosixPath, LOCAL.findall(tree.text(file))):
            if ".." not in path.parts:
                yield "" if path == PurePosixPath() else path.as_posix()
