"""Pages that are made before Sphinx starts. None is one of git's files: the next checkout removes them."""

import json
import re
import time
import urllib.request
from pathlib import Path, PurePosixPath
from posixpath import normpath
from typing import Any

LARGEST = 8 * 2**20  # bytes of a description, or of a page
PATIENCE = 60  # seconds for loading one
API = "apidocs/index"  # where the first Yaydoc had it
COPIES = "_included"  # of files whose markup is not that of the first page
ELSEWHERE = re.compile(r"^(?:[a-z][a-z0-9+.-]*:|//|#|$)", re.IGNORECASE)
LINKS = {
    ".md": re.compile(
        r"""(?P<before>\]\(\s*<?|^ {0,3}\[[^\]\n]+\]:\s*<?|\b(?:src|href)=["'])(?P<target>[^\s)>"']+)""",
        re.MULTILINE,
    ),
    ".rst": re.compile(
        r"(?P<before>^ *(?:\.\. (?:\|[^|\n]+\| )?(?:image|figure):: *|:target: *|\.\. _[^:\n]+: +)|`[^`<\n]*<)"
        r"(?P<target>[^\s>`]+)",
        re.MULTILINE,
    ),
}
BLOCKS = re.compile(r"(^```.*?^```|^~~~.*?^~~~)", re.MULTILINE | re.DOTALL)


def write_pages(facts: dict[str, Any]) -> list[str]:
    """Complaints about what could not be made as it was wanted."""
    site, docs = facts["site"], Path(facts["docs"])
    complaints = []
    if site["is_made"] and not site["first"]:
        write_index(Path(facts["root"]), docs, site)
    if site.get("swagger"):
        complaints += write_api(Path(facts["root"]), docs, site["swagger"])
    return complaints


# -- the first page


def write_index(root: Path, docs: Path, site: dict[str, Any]) -> None:
    files = site["index"]["include"]
    suffix = ".rst" if files and files[0].lower().endswith(".rst") else ".md"
    parts = [included(root, docs, file, number, suffix) for number, file in enumerate(files)]
    title = site["settings"]["project"]
    if not parts:
        parts = [f"# {title}\n"]
    text = "\n\n".join(parts)
    (docs / f"index{suffix}").write_text(text)
    if site["debug"]:
        print(f"Made index{suffix}:\n{text}", flush=True)


def included(root: Path, docs: Path, file: str, number: int, suffix: str) -> str:
    """What a file of the repository says, its links as links from the root."""
    own = ".rst" if file.lower().endswith(".rst") else ".md"
    text = (root / file).read_bytes()[:LARGEST].decode(errors="replace")
    blocks = BLOCKS.split(text) if own == ".md" else [text]

    def moved(match: re.Match[str]) -> str:
        return match["before"] + from_root(file, match["target"])

    text = "".join(block if BLOCKS.match(block) else LINKS[own].sub(moved, block) for block in blocks)
    if own == suffix:
        return text
    copy = docs / COPIES / f"{number}{own}.txt"
    copy.parent.mkdir(exist_ok=True)
    copy.write_text(text)
    name = copy.relative_to(docs).as_posix()
    if suffix == ".md":
        return f"```{{eval-rst}}\n.. include:: {name}\n```\n"
    return f".. include:: {name}\n   :parser: myst_parser.sphinx_\n"


def from_root(file: str, target: str) -> str:
    """A link in `file` as one from the root of the repository, which `yaydoc_links` follows from any page."""
    path, mark, anchor = target.partition("#")
    if ELSEWHERE.match(target) or path.startswith("/"):
        return target
    whole = normpath(f"{PurePosixPath(file).parent}/{path}")
    return target if whole.startswith("..") else f"/{whole}{mark}{anchor}"


# -- a web API


def write_api(root: Path, docs: Path, swagger: dict[str, str]) -> list[str]:
    page = docs / f"{API}.rst"
    page.parent.mkdir(parents=True, exist_ok=True)
    where = swagger["url"] or swagger["file"]
    try:
        spec = described((root / swagger["file"]).read_bytes()[:LARGEST] if swagger["file"] else loaded(where))
    except (OSError, ValueError) as error:
        reason = " ".join(str(error).split())[:300]
        told = "The description of this API could not be read when this page was made."
        link = f"`It is here. <{where}>`__" if swagger["url"] else ""
        page.write_text(f":orphan:\n\nWeb API\n=======\n\n{told} {link}\n")
        return [f"extras.swagger: {where} could not be read: {reason}"]
    page.with_name("openapi.json").write_text(json.dumps(spec, indent=1, default=str))
    page.write_text(":orphan:\n\n.. yaydoc-openapi:: openapi.json\n")
    return []


def loaded(url: str) -> bytes:
    """From an http:// or https:// address, by the sandbox's proxy. Raises OSError."""
    headers = {"User-Agent": "Yaydoc", "Accept": "application/json, */*"}
    request = urllib.request.Request(url, headers=headers)  # noqa: S310
    until, parts, size = time.monotonic() + PATIENCE, list[bytes](), 0
    with urllib.request.urlopen(request, timeout=PATIENCE / 2) as answer:  # noqa: S310
        while part := answer.read(2**16):
            parts.append(part)
            size += len(part)
            if size > LARGEST or time.monotonic() > until:
                raise OSError("it is too large, or comes too slowly")
    return b"".join(parts)


def described(content: bytes) -> dict[str, Any]:
    """The description of a web API that JSON or YAML holds. Raises ValueError."""
    try:
        spec = json.loads(content)
    except ValueError:
        spec = of_yaml(content)
    if not isinstance(spec, dict) or not isinstance(spec.get("paths"), dict | None):
        raise ValueError("it is no description in OpenAPI or Swagger")
    if not ("openapi" in spec or "swagger" in spec):
        raise ValueError("it names neither openapi nor swagger as its format")
    return spec


def of_yaml(content: bytes) -> Any:
    try:
        import yaml  # not in every environment
    except ImportError:
        raise ValueError("it is no JSON, and PyYAML is not installed") from None
    try:
        return yaml.safe_load(content)
    except (yaml.YAMLError, RecursionError) as error:
        raise ValueError(f"it is neither JSON nor YAML: {error}") from None
