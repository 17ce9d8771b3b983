"""What pages are told of a repository's versions: those that anybody may see, and nothing else of it."""

import json
import re
from http import HTTPStatus
from io import BytesIO
from typing import Any, NamedTuple

from whitenoise.responders import Response

from pages.files import HEADERS
from pages.models import Publication
from repositories.models import Repository, Version
from repositories.names import RepositoryName
from repositories.version_rules import order, parsed, stable

SHOWN = 300  # the first of the list: latest, the highest releases, then branches
LIST_AGE = 60  # seconds that a reader's browser, but no cache on the way, need not ask again
SERIES = re.compile(r"[._-]x$")  # the end of a branch such as `1.x`, which all of 1.* come from


class Kind:
    """In the order in which they are shown."""

    LATEST, STABLE, RELEASE, BRANCH = "latest", "stable", "release", "branch"


class Listed(NamedTuple):
    """A published version as the script is told of it."""

    slug: str
    name: str  # of the branch or tag
    kind: str
    is_old: bool  # there is a newer release
    formats: list[str]  # of downloads, besides the zip that each version has


def answer_list(name: RepositoryName) -> Response | None:
    """None: no such repository, or a private one. Without content where the switcher is off."""
    repository = Repository.objects.named(str(name)).filter(is_private=False).first()
    if repository is None:
        return None
    if not repository.has_version_switcher:
        return Response(HTTPStatus.NO_CONTENT, [*HEADERS], None)
    body = json.dumps(told(repository)).encode()
    headers = [
        *((header, value) for header, value in HEADERS if header != "Cache-Control"),
        ("Cache-Control", f"private, max-age={LIST_AGE}"),
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(body))),
    ]
    return Response(HTTPStatus.OK, headers, BytesIO(body))


def told(repository: Repository) -> dict[str, Any]:
    """`newest` is the slug of the version that old ones lead to, where there is one."""
    versions = published_versions(repository)
    newest = next((version.slug for version in versions if version.kind == Kind.STABLE), None)
    if newest is None:
        highest = stable(version.name for version in versions if version.kind == Kind.RELEASE)
        newest = next((version.slug for version in versions if version.name == highest), None)
    return {"newest": newest, "versions": [version._asdict() for version in versions[:SHOWN]]}


def published_versions(repository: Repository) -> list[Listed]:
    """Latest and stable first, then releases, the highest first, then branches by name. In one query."""
    published = Publication.objects.filter(version__in=repository.versions.shown())
    facts = ("version_id", *(f"version__{fact}" for fact in ("slug", "name", "kind", "is_default")))
    rows = list(published.values_list(*facts, "release__formats"))
    highest = stable(name for _, _, name, kind, *_ in rows if kind == Version.Kind.TAG)
    found, aliases = [], []
    for version_id, slug, name, kind, is_default, formats in rows:
        is_old = not is_default and is_older(name, kind, highest)
        found.append(Listed(slug, name, kind_of(kind, is_default), is_old, formats))
        if version_id == repository.stable_version_id:
            aliases.append(Listed(Version.STABLE, name, Kind.STABLE, False, formats))
    if any(version.slug == Version.STABLE for version in found):
        aliases = []  # a branch or tag of that name goes first
    releases = sorted(of(found, Kind.RELEASE), key=lambda version: order(version.name), reverse=True)
    branches = sorted(of(found, Kind.BRANCH), key=lambda version: version.name)
    return [*of(found, Kind.LATEST), *aliases, *releases, *branches]


def of(versions: list[Listed], kind: str) -> list[Listed]:
    return [version for version in versions if version.kind == kind]


def kind_of(kind: str, is_default: bool) -> str:
    if is_default:
        return Kind.LATEST
    return Kind.RELEASE if kind == Version.Kind.TAG else Kind.BRANCH


def is_older(name: str, kind: str, highest: str | None) -> bool:
    """Than the highest release. Of a branch, `1.x` or `1.2`, only where no release of its series is that one."""
    version = parsed(SERIES.sub("", name) if kind == Version.Kind.BRANCH else name)
    newest = parsed(highest) if highest else None
    if version is None or newest is None:
        return False
    if kind == Version.Kind.BRANCH:
        return version.release < newest.release[: len(version.release)]
    return version < newest
