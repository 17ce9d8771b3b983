"""What the docs host answers: the pages of published releases, and nothing else.

No cookie is read or set. Private, unknown and not yet published are the same 404. Redirects stay on the host:
they begin with a repository's name, never with what a stranger put in front.
"""

from datetime import UTC, datetime
from functools import lru_cache
from http import HTTPStatus
from io import BytesIO
from typing import Any, NamedTuple, Self
from urllib.parse import quote

from django.conf import settings
from django.db import connection
from django.template.loader import render_to_string
from django.utils.http import http_date
from whitenoise.responders import IsDirectoryError, NotARegularFileError, Response

from pages.files import HEADERS, page_file
from pages.models import Publication, Release
from pages.paths import PATH_LENGTH, is_publishable
from repositories.models import Repository, Version
from repositories.names import InvalidName, RepositoryName

INDEX = "index.html"
# Of a pull request's pages: search engines are to show those of branches and tags.
NOT_INDEXED = ("X-Robots-Tag", "noindex")
NAMES_LENGTH = 256  # bytes, of owner, name and version in front of a release's own paths


class Address(NamedTuple):
    """A well-formed path of the docs host: `/owner/name/version/path`. Parts that were not given are empty."""

    repository: RepositoryName
    version: str
    path: str
    is_directory: bool  # ended with a slash

    @classmethod
    def parse(cls, path_info: str) -> Self | None:
        """`path_info` as WSGI gives it: percent-decoded bytes as Latin-1. None for what no page has."""
        raw = path_info.encode("latin-1", "replace")
        try:
            segments = raw.decode().removeprefix("/").split("/")
            repository = RepositoryName.parse("/".join(segments[:2]))
        except (UnicodeDecodeError, InvalidName):
            return None
        is_directory = segments[-1] == ""
        rest = segments[2:-1] if is_directory else segments[2:]
        if len(raw) > NAMES_LENGTH + PATH_LENGTH or not all(map(is_publishable, rest)):
            return None
        version = rest[0] if rest else ""
        return cls(repository, version, "/".join(rest[1:]), is_directory)


class Published(NamedTuple):
    """Which release is served, and since when (an HTTP date)."""

    directory_name: str
    since: str
    is_preview: bool  # of a pull request


# Written out: the ORM would take most of a page's time to write this anew for each. A version that is built no
# more keeps its pages; a pull request that is closed has none.
RELEASE_OF_VERSION = f"""
    SELECT release.directory_name, publication.published_at, version.kind = %s
    FROM {Publication._meta.db_table} publication
    JOIN {Release._meta.db_table} release ON release.id = publication.release_id
    JOIN {Version._meta.db_table} version ON version.id = publication.version_id
    JOIN {Repository._meta.db_table} repository ON repository.id = version.repository_id
    WHERE repository.slug = %s AND version.slug = %s AND NOT repository.is_private
        AND (version.kind <> %s OR version.is_active AND repository.builds_pull_requests)
"""  # noqa: S608
# A branch or tag that is called `stable` goes first, once it has pages; else the repository's pointer counts.
RELEASE_OF_STABLE = (
    RELEASE_OF_VERSION.replace(
        "version.slug = %s", "(version.slug = %s OR version.id = repository.stable_version_id)"
    )
    + " ORDER BY version.slug <> %s LIMIT 1"
)


def published(repository: RepositoryName, version: str) -> Published | None:
    """In one query. None as well for what exists but is private."""
    with connection.cursor() as cursor:
        preview = Version.Kind.PULL_REQUEST.value
        asked = [preview, repository.slug, version, preview]
        if version == Version.STABLE:
            cursor.execute(RELEASE_OF_STABLE, [*asked, version])
        else:
            cursor.execute(RELEASE_OF_VERSION, asked)
        row = cursor.fetchone()
    if row is None:
        return None
    directory_name, since, is_preview = row
    # SQLite keeps times as text, in UTC.
    if isinstance(since, str):
        since = datetime.fromisoformat(since).replace(tzinfo=UTC)
    return Published(directory_name, http_date(since.timestamp()), bool(is_preview))


def respond(environ: dict[str, Any]) -> Response:
    """The answer to a request to the docs host. Raises django.db.Error."""
    if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
        return Response(HTTPStatus.METHOD_NOT_ALLOWED, [("Allow", "GET, HEAD"), ("Content-Length", "0")], None)
    path_info = environ.get("PATH_INFO", "")
    if path_info in ("", "/"):
        return redirect(f"{settings.SITE_URL}/")
    address = Address.parse(path_info)
    release = address and published(address.repository, address.version or Version.LATEST)
    if not address or not release:
        return missing(environ)
    if not address.version:
        return redirect(f"/{address.repository}/{Version.LATEST}/", environ)
    response = page(environ, address, release)
    if release.is_preview:  # its headers are kept for later requests: another list, never a longer one
        response.headers = [*response.headers, NOT_INDEXED]
    return response


def page(environ: dict[str, Any], address: Address, release: Published) -> Response:
    if not address.path and not address.is_directory:
        return redirect_to_directory(environ, address)
    path = f"{address.path}/{INDEX}".lstrip("/") if address.is_directory else address.path
    try:
        return page_file(release.directory_name, path, release.since).answer(environ)
    except IsDirectoryError:
        return directory(environ, address, release)
    except (NotARegularFileError, FileNotFoundError):
        return missing(environ, release)


def directory(environ: dict[str, Any], address: Address, release: Published) -> Response:
    """A directory asked for without its slash; one without an index is never listed."""
    try:
        page_file(release.directory_name, f"{address.path}/{INDEX}", release.since)
    except NotARegularFileError:
        return missing(environ, release)
    return redirect_to_directory(environ, address)


def redirect_to_directory(environ: dict[str, Any], address: Address) -> Response:
    path = "/".join(filter(None, (str(address.repository), address.version, address.path)))
    return redirect(f"/{quote(path)}/", environ)


def redirect(location: str, environ: dict[str, Any] | None = None) -> Response:
    """`location` is quoted; the query string of `environ` goes along."""
    query = quote((environ or {}).get("QUERY_STRING", ""), safe="%&=+;:@/?!$'()*,~")
    headers = [("Location", f"{location}?{query}" if query else location), ("Content-Length", "0")]
    return Response(HTTPStatus.FOUND, [*headers, ("Cache-Control", "no-cache")], None)


def missing(environ: dict[str, Any], release: Published | None = None) -> Response:
    """The release's own 404.html where it has one."""
    if release:
        try:
            return page_file(release.directory_name, "404.html", release.since).answer_missing(environ)
        except (NotARegularFileError, FileNotFoundError):
            pass
    return plain_answer(HTTPStatus.NOT_FOUND, missing_page(first_page(environ, release)))


def first_page(environ: dict[str, Any], release: Published | None) -> str:
    """The quoted path of the version's own start, where it has one; '' for none."""
    address = Address.parse(environ.get("PATH_INFO", ""))
    if not address or not release:
        return ""
    try:
        page_file(release.directory_name, INDEX, release.since)
    except (NotARegularFileError, FileNotFoundError):
        return ""
    return quote(f"/{address.repository}/{address.version}/")


def plain_answer(status: HTTPStatus, body: bytes) -> Response:
    headers = [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Length", str(len(body))),
        ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'"),
        *HEADERS,
    ]
    return Response(status, headers, BytesIO(body))


@lru_cache(maxsize=64)
def missing_page(first: str = "") -> bytes:
    return render_to_string("pages/missing.html", {"site_url": settings.SITE_URL, "first_page": first}).encode()
