"""Addresses that no page can have: `/-/…`, and `/owner/name/-/…` of a repository; no version is called `-`.

What they answer is public, and for what may not be seen they answer as for what does not exist.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from whitenoise.responders import NotARegularFileError, Response

from pages.downloads import PREFIX, answer_download, wanted_file
from pages.files import page_file
from pages.serving import INDEX, NOT_INDEXED, Address, Published, published, redirect
from pages.switcher import SCRIPT_PATH, answer_script
from pages.version_list import answer_list

MARK = "-"
LIST = "versions.json"  # /owner/name/-/versions.json
SWITCH = "switch/"  # /owner/name/-/switch/<version>/<path of the page that is left>


def respond(environ: dict[str, Any]) -> Response | None:
    """None: to be answered like any other address. Raises django.db.Error."""
    path_info = environ.get("PATH_INFO", "")
    if f"/{MARK}/" not in path_info or environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
        return None
    if path_info == SCRIPT_PATH:
        return answer_script(environ)
    address = Address.parse(path_info)
    response = answer(environ, address) if address and address.version == MARK else None
    if response:
        response.headers = [*response.headers, NOT_INDEXED]
    return response


def answer(environ: dict[str, Any], address: Address) -> Response | None:
    if address.path == LIST and not address.is_directory:
        return answer_list(address.repository)
    if address.path.startswith(SWITCH):
        return switch(environ, address)
    if address.path.startswith(PREFIX):
        return download(environ, address)
    return None


def download(environ: dict[str, Any], address: Address) -> Response | None:
    """Previews have none."""
    wanted = wanted_file(address)
    release = published(address.repository, wanted[0]) if wanted else None
    if not wanted or not release or release.is_preview:
        return None
    return answer_download(environ, address, wanted[1], release)


def switch(environ: dict[str, Any], address: Address) -> Response | None:
    """To the same page of another version, or to that one's first page where it has none of the path."""
    version, _, path = address.path.removeprefix(SWITCH).partition("/")
    release = published(address.repository, version)
    if release is None:
        return None
    found = next((page for file, page in candidates(path, address.is_directory) if has(release, file)), "")
    return redirect(f"/{quote(f'{address.repository}/{version}/{found}')}", environ)


def candidates(path: str, is_directory: bool) -> Iterator[tuple[str, str]]:
    """Files of a release at which the page may be, each with its address: versions may differ in their builder."""
    stem = path.removesuffix(".html")
    if not path:
        return
    if not is_directory:
        yield path, path
    yield f"{stem}/{INDEX}", f"{stem}/"
    yield f"{stem}.html", f"{stem}.html"


def has(release: Published, file: str) -> bool:
    try:
        page_file(release.directory_name, file, release.since)
    except (NotARegularFileError, FileNotFoundError):
        return False
    return True
