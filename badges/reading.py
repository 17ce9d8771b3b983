"""One indexed query for what a badge says."""

import logging
from datetime import UTC, datetime
from typing import NamedTuple

import django.db
from django.db import connection

from badges.status import Status
from repositories.models import Repository, Version

logger = logging.getLogger(__name__)


class Reading(NamedTuple):
    status: Status
    changed_at: datetime | None = None  # end of the build that set the status


Row = tuple[int, str, datetime | None]  # the repository's id, the status and when it changed

INVALID = Reading(Status.INVALID)


def read(slug: str, *, branch: str = "", live: bool = False) -> Reading:
    """What is known of a repository's documentation, or of one branch of it.

    `live` costs a second query and tells whether a build is waiting or running. A database that does not
    answer is no reason for a picture to vanish from somebody's README: then the status is unreadable.
    """
    try:
        return _read(slug, branch, live)
    except django.db.Error:
        logger.exception("No database to read a badge's status from.")
        return Reading(Status.UNREADABLE)


def _read(slug: str, branch: str, live: bool) -> Reading:
    # PostgreSQL refuses NUL in text with an error; no branch has one in its name.
    if "\0" in branch:
        return INVALID
    row = _branch(slug, branch) if branch else _repository(slug)
    if row is None:
        return INVALID
    repository_id, status, changed_at = row
    if live and _is_building(repository_id, branch):
        return Reading(Status.BUILDING)
    return Reading(Status(status), changed_at)


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
        changed_at = datetime.fromisoformat(changed_at).replace(tzinfo=UTC)
    return repository_id, status, changed_at


def _branch(slug: str, branch: str) -> Row | None:
    row: Row | None = (
        Version.objects.active()
        .filter(
            repository__slug=slug,
            repository__is_private=False,
            repository__is_enabled=True,
            kind=Version.Kind.BRANCH,
            name=branch,
        )
        .values_list("repository_id", "build_status", "status_changed_at")
        .first()
    )
    return row


def _is_building(repository_id: int, branch: str) -> bool:
    # Through the reverse relation: this app must not import builds, which are above it.
    unfinished = Repository(pk=repository_id).builds.unfinished()
    if branch:
        return bool(unfinished.filter(version__kind=Version.Kind.BRANCH, version__name=branch).exists())
    return bool(unfinished.filter(version__is_default=True).exists())
