"""What to do about the faults that documentation fails of most: by what Sphinx and uv say of them."""

import re
from collections.abc import Iterable

Hints = Iterable[tuple[re.Pattern[str], str]]

PROGRAMS = (
    "dot|doxygen|pandoc|pdflatex|latex|latexmk|xelatex|java|plantuml|node|npm|npx|mmdc|inkscape|convert|make"
)

# The first that fits, with {1}, {2}, … for its groups. Each was made to happen, or has its source above it.
OF_SPHINX: Hints = [
    # The warning that setuptools gives itself.
    (
        re.compile(r"No module named 'pkg_resources'"),
        "Newer releases of setuptools have left pkg_resources out: require setuptools<81, or a newer release of "
        "what imports it.",
    ),
    # Sphinx, changelog of 4.0.
    (
        re.compile(r"object has no attribute 'add_(?:stylesheet|javascript)'"),
        "Sphinx 4 has removed it: call add_css_file or add_js_file instead, or require a newer release of the "
        "extension.",
    ),
    (
        re.compile(
            r"cannot import name '\w+' from '(sphinx|docutils|jinja2|markupsafe)\b|"
            r"No module named '(sphinx|docutils|jinja2)\.[\w.]+'"
        ),
        "What imports it was written for an older {1}{2}: require a newer release of it, or an older {1}{2}.",
    ),
    # Sphinx, changelog of 7.1: style sheets and scripts are objects in templates.
    (
        re.compile(r"argument of type '_(?:JavaScript|CascadingStyleSheet)' is not iterable"),
        "The theme was written for an older Sphinx: require sphinx<7, or a newer theme.",
    ),
    # Sphinx, changelog of 8.0.
    (
        re.compile(r"Invalid `intersphinx_mapping` configuration"),
        "Since Sphinx 8 each entry has a name: {{'python': ('https://docs.python.org/3', None)}}.",
    ),
    (
        re.compile(r"No package metadata was found for ([\w.-]+)"),
        "conf.py asks for the version of {1}, which is not installed: add it to the requirements of the "
        "documentation.",
    ),
    (
        re.compile(r"KeyError: '([A-Z][A-Z0-9_]{2,60})'"),
        "If {1} is a variable of the environment: a build does not have it, so write os.environ.get('{1}', '').",
    ),
    (
        re.compile(r"setuptools[-_]scm was unable to detect version"),
        "The version is taken from git's tags: push one, or give the version in conf.py.",
    ),
    (
        re.compile(r"CellExecutionError|CellTimeoutError"),
        "A notebook's code failed: run it by hand, or have it shown only (nbsphinx_execute = 'never', or "
        "nb_execution_mode = 'off').",
    ),
    (
        re.compile(r"host='([\w.-]{1,100})', port=\d+\): Max retries exceeded"),
        "{1} could not be reached: is it up, and may builds on this server reach it? Fonts and the like can also "
        "be kept in the repository.",
    ),
    (
        re.compile(r"Couldn't load inventory (\S{1,200})"),
        "{1} could not be fetched: is it up, and may builds on this server reach it?",
    ),
    (re.compile(r"UnicodeDecodeError|codec can't decode"), "Save the file that it speaks of as UTF-8."),
    # urllib, requests, a bare socket, a proxy's refusal: each made to happen without a network.
    (
        re.compile(
            r"Tunnel connection failed|ProxyError|name resolution|Name or service not known|Network is unreachable"
            r"|NameResolutionError|Failed to resolve|<urlopen error|Max retries exceeded"
        ),
        "It was to be loaded from the network while rendering, and could not be: have a copy in the repository, "
        "or ask whoever runs this server whether builds may reach that host (RENDER_NETWORK).",
    ),
    (
        re.compile(r"([\w.+-]{1,100}\.so[\w.]{0,20}): cannot open shared object file"),
        "The library {1} of the system is not installed on this server: ask whoever runs it, or do without.",
    ),
    (
        re.compile(r"Read-only file system: '([^'\n]{1,200})'"),
        "{1} cannot be written: a build may write to its checkout, HOME and TMPDIR only.",
    ),
    (
        re.compile(r"No space left on device|Disk quota exceeded"),
        "The disk of this server, or its room for temporary files, is full: write less, or tell whoever runs it.",
    ),
    (
        re.compile(rf"No such file or directory: '({PROGRAMS})'|(Pandoc) wasn't found"),
        "The program {1}{2} is not installed on this server: ask whoever runs it, or do without.",
    ),
    (
        re.compile(r"No such file or directory: '([^'\n]{1,200})'"),
        "Is {1} committed? Paths in conf.py are taken from its own folder.",
    ),
]
# What a compiler, setuptools, CMake, Meson and Rust's build say where something of the system is missing.
COMPILERS = r"[\w./-]{0,60}(?:g?cc|[gc]\+\+|clang|gfortran|rustc|cargo|cmake|ninja|swig|nasm|pkg-config)"
OF_UV: Hints = [
    (
        re.compile(r"fatal error: (\S{1,200}): No such file or directory"),
        "It is compiled while it is installed, and {1} of a system library is not there: require a release that "
        "has a wheel, or ask whoever runs this server.",
    ),
    (
        re.compile(
            rf"No such file or directory: '({COMPILERS})'|command '({COMPILERS})' failed: No such file"
            r"|can't find (Rust compiler)|(pg_config|mysql_config|llvm-config|CMake|pkg-config)[^\n]{0,40} "
            r"(?:not found|must be installed|is not installed|could not be found)"
        ),
        "It is compiled while it is installed, for which {1}{2}{3}{4} is missing here: require a release that has "
        "a wheel, or ask whoever runs this server.",
    ),
    # Our proxy's words.
    (
        re.compile(r"network: ([\w.-]{1,200}) was not found"),
        "No host is called {1}, or its name could not be looked up: is the address right?",
    ),
    (
        re.compile(r"(?<![\w.-])([\w.-]{1,100}) was not found in the package registry"),
        "Is {1} spelled as on the package index? A private package cannot be installed from there.",
    ),
    (
        re.compile(r"there (?:is|are) no versions? of ([^\s,]{1,200})"),
        "There is no such release of {1}: correct the version, or leave it open.",
    ),
    (
        re.compile(r"the current Python version \(([\d.]+)\) does not satisfy (Python[^\s,]{1,40})"),
        "Builds run on Python {1}: allow a release that does without {2}.",
    ),
    (
        re.compile(r"you cannot have both|are incompatible|requirements are unsatisfiable|conflicting"),
        "Two requirements exclude each other: loosen the version of one of them.",
    ),
    (
        re.compile(r"Failed to build|build backend|[Cc]all to `[\w.]+` failed"),
        "It has no ready-made wheel and cannot be built here: require a release that has one, or name its modules "
        "as build.mock in .yaydoc.yml.",
    ),
    # uv 0.13; a requirement in a file, a table of pyproject.toml, a reference of git, an address.
    (
        re.compile(r"Couldn't parse requirement in `([^`\n]{1,200})`"),
        "Correct the line of {1}: a requirement is a name, with a version such as >=2.1 behind it.",
    ),
    (
        re.compile(r"File not found: (\S{1,200})"),
        "Is {1} committed, and its path spelled as it is?",
    ),
]

# MkDocs 1.6's words, and Python's.
OF_MKDOCS: Hints = [
    (
        re.compile(r"A reference to '([^'\n]{1,300})' is included in the 'nav' configuration"),
        "Add {1} to the folder of the pages, or take it out of nav.",
    ),
    (
        re.compile(r"^ModuleNotFoundError: No module named '([\w.]{1,200})'"),
        "Add what holds {1} to the requirements of the documentation (docs/requirements.txt).",
    ),
]

# Sphinx 9.0's words of what it goes on after.
OF_WARNINGS: Hints = [
    (
        re.compile(r"failed to import .{1,400}No module named '([\w.]+)'"),
        "autodoc imports what it describes: add {1} to the requirements of the documentation, or name it in "
        "autodoc_mock_imports.",
    ),
    (
        re.compile(r"failed to import (?:module|class|function|object) "),
        "autodoc imports what it describes: that must be possible where the documentation is built.",
    ),
    (
        re.compile(r"dot command .{1,200} cannot be run"),
        "Graphviz is not installed on this server: ask whoever runs it, or have pictures in the repository.",
    ),
    (
        re.compile(r"failed to reach any of the inventories|intersphinx inventory .{1,300} not fetchable"),
        "Other projects' inventories could not be loaded: references into them are left as text.",
    ),
]


def hint_about(said: str, hints: Hints) -> str:
    """The first hint that fits what was said; "" when none is known."""
    for pattern, hint in hints:
        if found := pattern.search(said):
            return hint.format("", *(group or "" for group in found.groups()))
    return ""
