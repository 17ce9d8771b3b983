"""Downloads of a version: what its build made, and the zip of its pages, made when it is first asked for."""

import logging
import os
import tempfile
import threading
import zipfile
from http import HTTPStatus
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

from django.conf import settings
from django.utils.http import content_disposition_header
from whitenoise.responders import MissingFileError, Response

from pages.files import HEADERS, PageFile
from pages.formats import DOWNLOADS, FORMATS, LABELS, ZIP, stored_file
from pages.models import Publication, Release, releases_directory
from pages.releases import Source, open_regular_files
from pages.serving import Address, Published, plain_answer
from pages.switcher import HEAD, SUFFIX, takes_switcher
from repositories.models import Repository, Version

TYPES = {"htmlzip": "application/zip", "pdf": "application/pdf", "epub": "application/epub+zip"}
FORMAT_OF = {extension: name for name, extension in FORMATS.items()}
PREFIX = "downloads/"  # /owner/name/-/downloads/<version>/<name>-<version>.<extension>
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can say
MOST_AT_ONCE = 2  # zips that a process makes: each takes one of its threads for a while
CHUNK = 1024 * 1024  # bytes
BUSY = b"<!doctype html><title>Wait</title><p>Other downloads are being made. Try again in a few seconds."

logger = logging.getLogger(__name__)
_places = threading.BoundedSemaphore(MOST_AT_ONCE)


def download_path(full_name: str, version: str, name: str) -> str:
    """The address on the docs host of a version's file of a format."""
    file = f"{full_name.rpartition('/')[2]}-{version}.{FORMATS[name]}"
    return quote(f"/{full_name}/-/{PREFIX}{version}/{file}")


def links(repository: Repository, version: Version, release: Release) -> list[tuple[str, str]]:
    """Labels and URLs of what can be downloaded of a release: nothing, unless it is served to everybody."""
    return links_of_served(repository, version, release) if is_served(release) else []


def is_served(release: Release) -> bool:
    return Publication.objects.filter(release=release).exists()


def links_of_served(repository: Repository, version: Version, release: Release) -> list[tuple[str, str]]:
    """The same of a release that is known to be served, without a query."""
    if repository.is_private or version.is_pull_request:
        return []
    names = [name for name in FORMATS if name == ZIP or name in release.formats]
    return [
        (LABELS[name], settings.DOCS_URL + download_path(repository.full_name, version.slug, name))
        for name in names
    ]


def wanted_file(address: Address) -> tuple[str, str] | None:
    """The version and the format that an address names; the file's name must be the one that it has."""
    version, _, file = address.path.removeprefix(PREFIX).partition("/")
    stem, _, extension = file.rpartition(".")
    if address.is_directory or extension not in FORMAT_OF or stem != f"{address.repository.name}-{version}":
        return None
    return version, FORMAT_OF[extension]


def answer_download(environ: dict[str, Any], address: Address, name: str, release: Published) -> Response | None:
    """None: this release has no such file."""
    directory = releases_directory() / release.directory_name
    file, file_name = stored_file(directory, name), address.path.rpartition("/")[2]
    try:
        if name == ZIP and not file.is_file() and not make_zip(directory, address.repository.name.lower()):
            return busy()
        headers = [
            ("Content-Type", TYPES[name]),
            ("Content-Disposition", content_disposition_header(True, file_name)),
            ("ETag", f'W/"{release.directory_name}"'),
            ("Last-Modified", release.since),
            *HEADERS,
        ]
        return PageFile(str(file), headers).answer(environ)
    except (MissingFileError, FileNotFoundError):
        return None
    except OSError:
        logger.exception("%s could not be stored.", file)
        return busy()


def busy() -> Response:
    response = plain_answer(HTTPStatus.SERVICE_UNAVAILABLE, BUSY)
    response.headers.append(("Retry-After", "5"))
    return response


def make_zip(release: Path, folder: str) -> bool:
    """The zip of all pages, in `folder`, beside them; False where too many are being made.

    The same pages give the same bytes. Two who make it at once make the same, and the last one's stays.
    Raises FileNotFoundError where the release is gone.
    """
    if not _places.acquire(blocking=False):
        return False
    try:
        downloads = release / DOWNLOADS
        downloads.mkdir(mode=0o755, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix="incoming-", dir=downloads)
        try:
            with os.fdopen(descriptor, "wb") as file:
                os.fchmod(descriptor, 0o644)
                write_zip(release, folder, file)
                file.flush()
                os.fsync(descriptor)
            Path(name).rename(stored_file(release, ZIP))
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    finally:
        _places.release()
    return True


def write_zip(release: Path, folder: str, file: IO[bytes]) -> None:
    """Pages as the build wrote them: from a disk, the switcher's script would not be found."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for source in open_regular_files(release):
            entry = zipfile.ZipInfo(f"{folder}/{source.path}", LONG_AGO)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o100644 << 16
            entry.file_size = remaining = size_as_built(source)
            with archive.open(entry, "w") as target:
                while remaining and (chunk := os.read(source.descriptor, min(CHUNK, remaining))):
                    target.write(chunk)
                    remaining -= len(chunk)


def size_as_built(source: Source) -> int:
    """In bytes, without the switcher's line."""
    start = source.size - len(SUFFIX)
    if start < 0 or os.pread(source.descriptor, len(SUFFIX), start) != SUFFIX:
        return source.size
    return start if takes_switcher(source.path, os.pread(source.descriptor, min(HEAD, start), 0)) else source.size
