"""Digests of what pages are made from, to tell whether kept ones are still good."""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

# Files beside the pages that Sphinx does not watch: what a conf.py imports, templates, themes, translations, and
# static files, whose names and digests stand in every page.
WATCHED = (
    ".py .html .htm .xml .jinja .jinja2 .j2 .tmpl .mako .css .js .scss .conf .cfg .toml .ini .json .yaml .yml"
    " .css_t .js_t .html_t .css.jinja .js.jinja .bib .mo .po .csl"
).split()
NOT_WALKED = {".git", ".hg", "node_modules", "__pycache__", ".tox", ".nox", ".venv", "venv", "site-packages"}
PYTHON = (".py", ".pyi", ".pyx", ".so", ".ipynb")
LARGEST = 4 * 2**20  # bytes; of larger files size and time stand for the content


def walk(folder: Path, suffixes: tuple[str, ...]) -> Iterator[Path]:
    for here, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in NOT_WALKED)
        for name in sorted(names):
            if name.endswith(suffixes):
                yield Path(here, name)


def stamp(facts: dict[str, Any]) -> dict[str, str]:
    """What must be the same for kept doctrees to be worth anything, each by a name for the log."""
    said = {
        "the environment": str(facts["key"]),
        "an environment variable": str(facts.get("variables", "")),
        "the configuration": digest(
            json.dumps([facts["builder"], facts["fails_on_warning"], facts["site"]], sort_keys=True)
        ),
    }
    if folders := facts["site"].get("autoapi"):
        said["the Python code"] = python_code(map(Path, folders))
    if not facts["site"]["is_made"]:
        said["conf.py or a template"] = watched_files(Path(facts["docs"]), Path(facts["conf"]))
    return said


def digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def watched_files(*folders: Path) -> str:
    total = hashlib.sha256()
    for folder in dict.fromkeys(folders):
        for path in walk(folder, tuple(WATCHED)):
            total.update(f"{path}\0{content(path)}\0".encode(errors="surrogatepass"))
    return total.hexdigest()


def python_code(folders: Iterable[Path]) -> str:
    """Of which sphinx-autoapi makes pages: what it knows of one module stands in those of others."""
    total = hashlib.sha256()
    for folder in folders:
        for path in walk(folder, (".py", ".pyi")):
            total.update(f"{path}\0{content(path)}\0".encode(errors="surrogatepass"))
    return total.hexdigest()


def content(path: Path) -> str:
    try:
        status = path.stat()
        if status.st_size > LARGEST:
            return f"{status.st_size} {status.st_mtime_ns}"
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def python_files(root: Path) -> dict[str, str]:
    """Size and time of every Python file of a checkout: by name, for the pages that are made from code."""
    found = {}
    for path in walk(root, PYTHON):
        try:
            status = path.stat()
        except OSError:
            continue
        found[str(path)] = f"{status.st_size} {status.st_mtime_ns}"
    return found


def feed(total: "hashlib._Hash", value: Any, above: tuple[int, ...] = ()) -> None:
    """Add a value to a digest in a form that depends on neither identity nor the order of dicts and sets."""
    if value is None or isinstance(value, (bool, int, float, str, bytes)):
        total.update(f"{type(value).__name__}:{value!r};".encode(errors="surrogatepass"))
    elif id(value) in above:
        total.update(b"cycle;")
    elif isinstance(value, dict):
        feed_unordered(total, value.items(), (*above, id(value)))
    elif isinstance(value, (set, frozenset)):
        feed_unordered(total, value, (*above, id(value)))
    elif hasattr(value, "pformat"):  # a docutils node
        feed(total, value.pformat())
    elif isinstance(value, (list, tuple)):
        total.update(f"[{len(value)}".encode())
        for item in value:
            feed(total, item, (*above, id(value)))
    else:
        feed_object(total, value, above)


def feed_unordered(total: "hashlib._Hash", values: Any, above: tuple[int, ...]) -> None:
    digests = []
    for value in values:
        single = hashlib.sha256()
        feed(single, value, above)
        digests.append(single.digest())
    total.update(b"{" + b"".join(sorted(digests)) + b"}")


def feed_object(total: "hashlib._Hash", value: Any, above: tuple[int, ...]) -> None:
    name = f"{type(value).__module__}.{type(value).__qualname__}"
    if isinstance(value, os.PathLike):
        feed(total, os.fspath(value))
    elif hasattr(value, "__qualname__"):  # a function or a class: a change of it is a change of conf.py
        feed(total, f"{value.__module__}.{value.__qualname__}")
    elif name.startswith("sphinx.domains.") and hasattr(value, "dump"):  # a tree of C or C++ symbols
        feed(total, value.dump(0))
    else:
        total.update(name.encode())
        feed(total, getattr(value, "__dict__", None) or slots(value), (*above, id(value)))


def slots(value: Any) -> dict[str, Any]:
    names = [name for kind in type(value).__mro__ for name in getattr(kind, "__slots__", ())]
    return {name: getattr(value, name, None) for name in names if isinstance(name, str)}
