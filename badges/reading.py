"""One indexed query for what a badge says."""

import logging
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple

import django.db
from django.db import connection
from django.db.models import Case, F, Q, When

from badges.status import Status
from repositories.models import Repository, Version

logger = logging.getLogger(__name__)


class Reading(NamedTuple):
    status: Status
    changed_at: datetime | None = None  # end of the build that set the status


class Row(NamedTuple):
    repository_id: int
    version_id: int | None  # None: the default version
    status: str
    changed_at: datetime | None


INVALID = Reading(Status.INVALID)


def read(slug: str, *, version: str = "", branch: str = "", live: bool = False) -> Reading:
    """What is known of a repository's documentation, or of one version or branch of it.

    `live` costs a second query and tells whether a build is waiting or running. A database that does not
    answer is no reason for a picture to vanish from somebody's README: then the status is unreadable.
    """
    # PostgreSQL refuses NUL in text with an error; nothing in git has one in its name.
    if "\0" in version + branch:
        return INVALID
    try:
        row = _version(slug, version, branch) if version or branch else _repository(slug)
        if row is None:
            return INVALID
        if live and _is_building(row):
            return Reading(Status.BUILDING)
        return Reading(Status(row.status), row.changed_at)
    except django.db.Error:
        logger.exception("No database to read a badge's status from.")
        return Reading(Status.UNREADABLE)


# Written out: the ORM would take four times as long to write this anew for each badge as the database takes to
# answer it. The slug's unique index finds the row.
STATUS_OF_REPOSITORY = f"""
    SELECT id, build_status, status_changed_at FROM {Repository._meta.db_table}
    WHERE slug = %s AND is_enabled AND NOT is_private
"""  # noqa: S608


def _repository(slug: str) -> Row | None:
    with connection.cursor() as cursor:
        cursor.execute(STATUS_OF_REPOSITORY, [slug])
        row = cursor.fetchone()
    if row is None:
        return None
    repository_id, status, changed_at = row
    # SQLite keeps times as text, in UTC.
    if isinstance(changed_at, str):
        changed_at = _moment(changed_at)
    return Row(repository_id, None, status, changed_at)


@lru_cache
def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _version(slug: str, version: str, branch: str) -> Row | None:
    stable = Q(pk=F("repository__stable_version")) if version == Version.STABLE else Q()
    found = (
        Version.objects.branches_and_tags()
        .filter(Q(is_active=True) | stable)  # what is built no more may well be the stable one
        .filter(repository__slug=slug, repository__is_private=False, repository__is_enabled=True)
        .values_list("repository_id", "pk", "build_status", "status_changed_at")
    )
    if not version:
        return next((Row(*row) for row in found.filter(kind=Version.Kind.BRANCH, name=branch)), None)
    tag = Q(kind=Version.Kind.TAG, name=version)
    # A tag may have the name that is another version's slug, which is what the docs' address goes by.
    slug_first = Case(When(slug=version, then=0), When(tag, then=1), default=2)
    named = found.filter(Q(slug=version) | tag | stable).order_by(slug_first)
    return next((Row(*row) for row in named[:1]), None)


def _is_building(row: Row) -> bool:
    # Through the reverse relation: this app must not import builds, which are above it.
    unfinished = Repository(pk=row.repository_id).builds.unfinished()
    if row.version_id is None:
        return bool(unfinished.filter(version__is_default=True).exists())
    return bool(unfinished.filter(version_id=row.version_id).exists())
