"""A Sphinx extension, added without touching conf.py: with what is kept of the last render it gives a clean one's.

Sphinx alone reads changed pages and writes those again, but titles, tables of contents, labels and objects of one
page stand in others. Here the facts that pages share are digested after reading: the same digest means that the
pages of the last render can stay, another that all are written again (not read again).
"""

import hashlib
import logging
import os
import pickle
import re
import secrets
import shutil
import sys
from pathlib import Path
from typing import Any

import yaydoc_fingerprint
from jinja2 import FileSystemBytecodeCache
from yaydoc_warnings import Warnings

# Of the environment: what belongs to one page, to this process, or is digested in another way.
OWN = frozenset(
    "app _app srcdir doctreedir config config_status config_status_extra events project version settings domains"
    " versioning_condition versioning_compare all_docs dependencies included reread_always temp_data ref_context"
    " current_document original_image_uri _pickled_doctree_cache _write_doc_doctree_cache _builder_cls _registry"
    " _search_index_titles _search_index_filenames _search_index_mapping _search_index_title_mapping"
    " _search_index_all_titles _search_index_index_entries _search_index_objtypes _search_index_objnames"
    " intersphinx_cache intersphinx_inventory intersphinx_named_inventory _tags _toctree_prefix _viewcode_modules"
    " metadata autoapi_objects autoapi_all_objects autoapi_annotations autoapi_source_dirs".split()
)
INDEX = ("_titles", "_filenames", "_mapping", "_title_mapping", "_all_titles", "_index_entries")
# Pages with such directives are made by running or looking into the project's code, though few say so to Sphinx.
FROM_CODE = re.compile(
    r"(?:^|[\s{])(?:auto\w+|py:auto\w+|click|typer|argparse|program-output|command-output|jupyter-execute|code-cell"
    r"|ipython|plot|exec\w*|testcode|inheritance-diagram|autoprogram|currentmodule|module|py:\w+)(?:::|\})",
    re.MULTILINE,
)
DUPLICATE = re.compile(r"duplicate (?:label|\w+ description|object|citation|ID)", re.IGNORECASE)
LAST = 999  # the priority of a listener that comes after all others


class Incremental:
    def __init__(self, facts: dict[str, Any], kept: dict[str, Any], python: dict[str, str]) -> None:
        self.facts, self.kept, self.python = facts, kept, python
        self.previous = Path(facts["previous"])
        self.index_file = Path(facts["doctrees"]) / "yaydoc-index.pickle"
        self.digest = ""
        self.first_page = ""
        self.has_duplicates = bool(kept.get("has_duplicates"))
        self.keeps_pages = False

    def state(self) -> dict[str, Any]:
        return {"digest": self.digest, "python": self.python, "has_duplicates": self.has_duplicates}

    # -- listeners, in the order of their events

    def begin(self, app: Any) -> None:
        self.first_page = getattr(app.config, "root_doc", None) or app.config.master_doc
        builder = app.builder
        keep_compiled_templates(builder, Path(self.facts["doctrees"]) / "templates")
        viewcode = sys.modules.get("sphinx.ext.viewcode")
        if viewcode:
            viewcode.should_generate_module_page = self.is_code_to_be_shown  # type: ignore[attr-defined]
        if not hasattr(builder, "load_indexer"):
            return
        builder.get_outdated_docs = lambda: sorted(set(app.env.found_docs) - set(app.env.all_docs))
        load, dump = builder.load_indexer, builder.dump_search_index
        builder.load_indexer = lambda docnames: self.load_index(builder, set(docnames)) or load(docnames)
        builder.dump_search_index = lambda: (self.keep_index(builder), dump())

    def outdated(self, app: Any, env: Any, *_: Any) -> list[str]:
        """Pages that are made from code, when any code changed: their bases may be anywhere in it."""
        if not self.kept or self.kept.get("python") == self.python:
            return []
        root = Path(self.facts["root"])
        for name in app.extensions:
            file = getattr(getattr(app.extensions[name], "module", None), "__file__", None)
            if file and Path(file).resolve().is_relative_to(root):
                return sorted(env.found_docs)
        return sorted(docname for docname in set(env.found_docs) & set(env.all_docs) if is_from_code(env, docname))

    def finish_reading(self, app: Any, env: Any) -> list[str]:
        """The pages to write besides those that were read: all, or none where those of the last render hold."""
        name_images_by_path(env)
        sort_in_place(env.all_docs)  # read again means last; a clean render reads in this order
        self.digest = self.digest_of_shared_facts(app, env)
        self.keeps_pages = self.digest == self.kept.get("digest") and self.previous.is_dir()
        if not self.keeps_pages:
            return sorted(env.found_docs)
        take_over(self.previous, Path(app.outdir))
        if hasattr(app.builder, "gen_indices"):
            app.builder.gen_indices = lambda: None  # what they list is in the digest
        return []

    def is_code_to_be_shown(self, app: Any, module: str) -> bool:
        """Whether a page with a module's code is to be made: all with the other pages, else what is missing."""
        page = app.builder.get_outfilename(f"_modules/{module.replace('.', '/')}")
        return not (self.keeps_pages and Path(page).is_file())

    # -- the facts that pages share

    def digest_of_shared_facts(self, app: Any, env: Any) -> str:
        total = hashlib.sha256()
        try:
            yaydoc_fingerprint.feed(total, {key: value for key, value in vars(env).items() if key not in OWN})
            yaydoc_fingerprint.feed(total, {value.name: value.value for value in app.config})
        except RecursionError:
            return secrets.token_hex()  # too deep to look at: as if it had changed
        yaydoc_fingerprint.feed(total, sorted(env.found_docs))
        yaydoc_fingerprint.feed(total, code_of_modules(env))
        yaydoc_fingerprint.feed(total, metadata_of(env))
        # By time of loading: a digest of whole inventories costs more than it saves.
        cache = getattr(env, "intersphinx_cache", {})
        yaydoc_fingerprint.feed(total, {str(uri): list(entry)[:2] for uri, entry in cache.items()})
        for name in ("html_static_path", "html_extra_path", "templates_path"):
            paths = [Path(app.confdir, path) for path in app.config[name]]
            yaydoc_fingerprint.feed(total, [list_files(path) for path in paths])
        return total.hexdigest()

    # -- the search index: Sphinx's own way of loading it loses most of the entries

    def load_index(self, builder: Any, written: set[str]) -> bool:
        """Give the indexer what it knew after the last render, without the pages that are written now."""
        if not self.keeps_pages:
            return False
        try:
            known = pickle.loads(self.index_file.read_bytes())
        except (OSError, pickle.UnpicklingError, EOFError):
            return False
        keep = set(builder.env.all_docs) - written
        for name, value in known.items():
            if name.endswith("mapping"):
                words = {word: docnames & keep for word, docnames in value.items()}
                setattr(builder.indexer, name, {word: docnames for word, docnames in words.items() if docnames})
            else:
                setattr(builder.indexer, name, {docname: value[docname] for docname in value if docname in keep})
        return True

    def keep_index(self, builder: Any) -> None:
        indexer = builder.indexer
        known = {name: getattr(indexer, name) for name in INDEX if hasattr(indexer, name)}
        for name, value in known.items():
            known[name] = dict(sorted(value.items()))
            setattr(indexer, name, known[name])  # in the order of a clean render
        self.index_file.parent.mkdir(parents=True, exist_ok=True)
        self.index_file.write_bytes(pickle.dumps(known))


current: Incremental  # set by whoever starts Sphinx, and so are:
warnings: Warnings


class NoticeDuplicates(logging.Filter):
    """With a label in two pages the one read last wins, and re-reading changes who that is."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno >= logging.WARNING and DUPLICATE.search(str(record.msg)):
            current.has_duplicates = True
        return True


def keep_compiled_templates(builder: Any, folder: Path) -> None:
    """Jinja looks at a template's text before it takes what it kept of it."""
    environment = getattr(getattr(builder, "templates", None), "environment", None)
    if environment is not None:
        folder.mkdir(parents=True, exist_ok=True)
        environment.bytecode_cache = FileSystemBytecodeCache(str(folder))


def is_from_code(env: Any, docname: str) -> bool:
    if any(str(path).endswith(yaydoc_fingerprint.PYTHON) for path in env.dependencies.get(docname, ())):
        return True
    try:
        source = Path(env.doc2path(docname)).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return True
    return bool(FROM_CODE.search(source))


def code_of_modules(env: Any) -> dict[str, Any]:
    """What sphinx.ext.viewcode shows: digested alone, as its entries hold whole files."""
    modules = getattr(env, "_viewcode_modules", {})
    return {name: list(entry[:3]) if isinstance(entry, tuple) else entry for name, entry in modules.items()}


def metadata_of(env: Any) -> dict[str, Any]:
    """Of all pages, but for MyST's count of words: it stands in the page itself only."""
    own = {"wordcount"}
    return {
        docname: {name: value for name, value in values.items() if name not in own}
        for docname, values in env.metadata.items()
    }


def name_images_by_path(env: Any) -> None:
    """Two images of one name get a number in the order of their reading; here in the order of their paths."""
    images = env.images
    if all(name == os.path.basename(str(path)) for path, (_, name) in images.items()):  # noqa: PTH119
        return
    known = {path: set(docnames) for path, (docnames, _) in images.items()}
    fresh = type(images)()
    for path in sorted(known):
        for docname in sorted(known[path]):
            fresh.add_file(docname, path)
    env.images = fresh


def sort_in_place(values: dict[str, Any]) -> None:
    items = sorted(values.items())
    values.clear()
    values.update(items)


def list_files(path: Path) -> list[str]:
    """With size and time: which files there are, and whether they are the same."""
    if path.is_file():
        return [f"{path} {path.stat().st_mtime_ns}"]
    files = [file for file in sorted(path.rglob("*")) if file.is_file()]
    return [f"{file} {file.stat().st_size} {file.stat().st_mtime_ns}" for file in files]


def take_over(previous: Path, output: Path) -> None:
    """Move what the last render wrote, but for what this one has written already."""
    for folder, _, names in os.walk(previous):
        target = output / Path(folder).relative_to(previous)
        target.mkdir(parents=True, exist_ok=True)
        for name in names:
            if not (target / name).exists():
                Path(folder, name).rename(target / name)
    shutil.rmtree(previous, ignore_errors=True)


def setup(app: Any) -> dict[str, Any]:
    app.connect("builder-inited", current.begin, priority=LAST)
    app.connect("env-get-outdated", current.outdated, priority=LAST)
    app.connect("env-updated", current.finish_reading, priority=LAST)
    for handler in logging.getLogger("sphinx").handlers:
        handler.addFilter(NoticeDuplicates())
    warnings.connect(app)
    # Without a version in the environment: drive_book.py reads it, too, and has no use for this extension.
    return {"parallel_read_safe": True, "parallel_write_safe": True}
