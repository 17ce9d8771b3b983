"""One file of a release as an answer: types, validators, ranges and compressed forms.

whitenoise's `StaticFile` does the work. A release never changes, so what was found out about a file once is kept.
"""

import os
from functools import lru_cache
from http import HTTPStatus
from io import BufferedReader
from typing import Any
from wsgiref.headers import Headers

from django.utils.http import parse_etags
from whitenoise.media_types import MediaTypes
from whitenoise.responders import FileEntry, MissingFileError, Response, SlicedFile, StaticFile

from pages.compression import ENCODINGS, compressed_path
from pages.models import releases_directory

KEPT_FILES = 8192  # what is known of each takes about 2 kB
media_types = MediaTypes(extra_types={".inv": "application/octet-stream", ".md": "text/markdown"})
TEXT_TYPES = {
    "application/json",
    "application/xml",
    "application/javascript",
    "image/svg+xml",
    "application/atom+xml",
}
# Published pages are strangers' and public: anyone may read them from anywhere, since no cookie is ever read
# here. What they may do themselves is bounded by the host name, which the application does not share.
HEADERS = (
    # A publish or a roll back is seen at once: browsers ask each time, and mostly hear "not modified".
    ("Cache-Control", "no-cache"),
    ("X-Content-Type-Options", "nosniff"),
    ("Access-Control-Allow-Origin", "*"),
    ("Cross-Origin-Resource-Policy", "cross-origin"),
    ("Referrer-Policy", "strict-origin-when-cross-origin"),
)


class PageFile(StaticFile):  # type: ignore[misc]
    """As whitenoise's, but a range may have one byte, and an answer's status may be another than 200."""

    def answer(self, environ: dict[str, Any]) -> Response:
        return self.get_response(environ["REQUEST_METHOD"], self._conditions(environ))

    def answer_missing(self, environ: dict[str, Any]) -> Response:
        """This file as the page that says that there is none of the address."""
        path, headers = self.get_path_and_headers(self._conditions(environ))
        kept = [(name, value) for name, value in headers if name not in ("ETag", "Last-Modified")]
        return Response(HTTPStatus.NOT_FOUND, kept, open(path, "rb"))  # noqa: PTH123

    def _conditions(self, environ: dict[str, Any]) -> dict[str, str]:
        """The request headers in the form that whitenoise understands: one ETag, no coding with `q=0`."""
        conditions = {"HTTP_ACCEPT_ENCODING": acceptable_codings(environ.get("HTTP_ACCEPT_ENCODING", ""))}
        if "HTTP_IF_NONE_MATCH" in environ:
            etags = parse_etags(environ["HTTP_IF_NONE_MATCH"])
            is_known = etags == ["*"] or self.etag.removeprefix("W/") in (tag.removeprefix("W/") for tag in etags)
            conditions["HTTP_IF_NONE_MATCH"] = self.etag if is_known else ""
        elif "HTTP_IF_MODIFIED_SINCE" in environ:
            conditions["HTTP_IF_MODIFIED_SINCE"] = environ["HTTP_IF_MODIFIED_SINCE"]
        # A weak ETag never satisfies If-Range (RFC 9110, 13.1.5): the whole file is right.
        if "HTTP_RANGE" in environ and "HTTP_IF_RANGE" not in environ:
            conditions["HTTP_RANGE"] = environ["HTTP_RANGE"]
        return conditions

    def get_range_response(
        self, range_header: str, base_headers: list[tuple[str, str]], file_handle: BufferedReader | None
    ) -> Response:
        size = int(Headers(list(base_headers))["Content-Length"] or 0)
        start, end = self.get_byte_range(range_header, size)
        if start > end:
            return self.get_range_not_satisfiable_response(file_handle, size)
        headers = [(name, value) for name, value in base_headers if name != "Content-Length"]
        headers += [("Content-Range", f"bytes {start}-{end}/{size}"), ("Content-Length", str(end - start + 1))]
        return Response(HTTPStatus.PARTIAL_CONTENT, headers, file_handle and SlicedFile(file_handle, start, end))


def acceptable_codings(header: str) -> str:
    """An Accept-Encoding header without its weights and without what it excludes (`gzip;q=0`)."""
    codings = []
    for item in header[:500].lower().split(","):
        coding, _, weight = item.partition(";")
        if weight.replace(" ", "").rstrip("0").rstrip(".") not in ("q=", "q=0"):
            codings.append(coding.strip())
    return ", ".join(codings)


@lru_cache(maxsize=KEPT_FILES)
def page_file(directory_name: str, path: str, last_modified: str) -> PageFile:
    """`path` is relative to the release. Raises whitenoise's IsDirectoryError and MissingFileError.

    `last_modified` is an HTTP date: when the release was published, not when the file was written, so that it
    only ever grows, also when older files are served again.
    """
    release = releases_directory() / directory_name
    real = os.path.join(os.path.realpath(release), path)  # noqa: PTH118
    # Releases hold no links; should one get there all the same, it leads nowhere.
    if os.path.realpath(real) != real:
        raise MissingFileError(path)
    try:
        # Looked at first: for a missing file, the compressed forms need not be looked for.
        FileEntry(real)
    except NotADirectoryError as error:
        raise MissingFileError(path) from error
    headers = Headers([("Content-Type", content_type(path)), *HEADERS])
    headers["ETag"] = f'W/"{directory_name}"'  # weak: the compressed forms have it, too
    headers["Last-Modified"] = last_modified
    encodings = {coding: str(compressed_path(release, path, ENCODINGS[coding])) for coding in ENCODINGS}
    return PageFile(real, headers.items(), encodings=encodings)


def content_type(path: str) -> str:
    media_type = str(media_types.get_type(path))
    if media_type.startswith("text/") or media_type in TEXT_TYPES:
        return f"{media_type}; charset=utf-8"
    return media_type
