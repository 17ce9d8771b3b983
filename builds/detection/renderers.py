"""The programs that render: how each is told apart in what a project declares."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Renderer:
    module: str  # in the environment
    pinned: str  # the builder's own requirements, below builds/runner
    names: tuple[str, ...]  # of extras and dependency groups that hold what the documentation needs, best first
    mentioned: re.Pattern[str]  # by requirements that bring it
    included: frozenset[str] = frozenset()  # packages besides, which the builder's own requirements hold


SPHINX = Renderer(
    module="sphinx",
    pinned="requirements.txt",
    names=("docs", "doc", "documentation", "sphinx"),
    mentioned=re.compile(r"(?<![\w./-])sphinx(?![\w./-])", re.IGNORECASE),
)
MKDOCS = Renderer(
    module="mkdocs",
    pinned="mkdocs.txt",
    names=("docs", "doc", "documentation", "mkdocs"),
    # Themes and plugins require it; a mkdocs.yml, or an address, is none of them.
    mentioned=re.compile(r"(?<![\w./:-])mkdocs(?:[-_][a-z]|(?![\w/.]))", re.IGNORECASE),
    included=frozenset({"mkdocs-material", "pymdown-extensions"}),
)
