"""What is added to published HTML so that readers can change the version: a line that loads a script of ours.

It is added when a release is stored, not when a page is asked for: compressed forms, ranges and validators stay
those of a file, and a page costs no more to serve.
"""

import gzip
import hashlib
import re
from functools import cache
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import brotli
from django.utils.http import parse_etags
from whitenoise.responders import Response

from pages.files import HEADERS, acceptable_codings

# No repository can have this address: no owner's name begins with a dash.
SCRIPT_PATH = "/-/versions.js"
# After the end of the document, where HTML lets the parser put it at the end of the body.
SUFFIX = f'\n<script defer src="{SCRIPT_PATH}"></script>\n'.encode()
HEAD = 4096  # bytes in which a document has to begin
NAMES = (".html", ".htm")
# A whole document in an encoding that begins as ASCII does: neither what other pages include, nor UTF-16.
DOCUMENT = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*+(?:<\?xml[^>]*+>\s*+)?+(?:<!--(?:(?!-->).)*+-->\s*+)*+<(?:!doctype\s+html|html)[\s>]",
    re.IGNORECASE | re.DOTALL,
)
SCRIPT = Path(__file__).parent / "versions.js"
SCRIPT_AGE = 3600  # seconds that a browser need not ask for the script again


def takes_switcher(path: str, head: bytes) -> bool:
    """Whether a file is an HTML document; `head` is how it begins."""
    return path.lower().endswith(NAMES) and DOCUMENT.match(head) is not None


class Script(NamedTuple):
    """The script in each content coding, '' for none, and its validator."""

    forms: dict[str, bytes]
    etag: str


@cache
def script() -> Script:
    content = SCRIPT.read_bytes()
    forms = {"br": brotli.compress(content), "gzip": gzip.compress(content, mtime=0), "": content}
    return Script(forms, f'W/"{hashlib.sha256(content).hexdigest()[:32]}"')


def answer_script(environ: dict[str, Any]) -> Response:
    """The same bytes for everybody: what is special about a page is asked for by the script itself."""
    forms, etag = script()
    headers = [(name, value) for name, value in HEADERS if name != "Cache-Control"]
    headers += [("Cache-Control", f"public, max-age={SCRIPT_AGE}"), ("ETag", etag), ("Vary", "Accept-Encoding")]
    known = parse_etags(environ.get("HTTP_IF_NONE_MATCH", ""))
    if known == ["*"] or etag in known:
        return Response(HTTPStatus.NOT_MODIFIED, headers, None)
    accepted = acceptable_codings(environ.get("HTTP_ACCEPT_ENCODING", "")).split(", ")
    coding = next((coding for coding in forms if coding in accepted), "")
    headers += [("Content-Type", "text/javascript; charset=utf-8"), ("Content-Length", str(len(forms[coding])))]
    if coding:
        headers.append(("Content-Encoding", coding))
    return Response(HTTPStatus.OK, headers, BytesIO(forms[coding]))
