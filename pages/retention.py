"""Removing releases that nobody needs, and what crashes left of them."""

import logging
import shutil
import time
from datetime import timedelta
from pathlib import Path

from django.db import IntegrityError, transaction
from django.db.models import Count, F, ProtectedError, QuerySet, Sum, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from pages.models import Publication, Release, releases_directory
from repositories.models import Version
from repositories.retention import Rule, mebibytes

logger = logging.getLogger(__name__)

AT_ONCE = 2_000  # releases that one sweep removes at most: the clock has more to do
KEPT_RELEASES = 5  # of each version, newest first, besides the published one
# Storing a release takes minutes at most: a directory without a row is a crash's after this time.
GRACE = timedelta(hours=1)


def sweep() -> None:
    """Called by the clock. Any number of processes may run it at once."""
    # A build may have ended, and published, while its pull request was being closed.
    Publication.objects.filter(version__kind=Version.Kind.PULL_REQUEST, version__is_active=False).delete()
    for release in superfluous().order_by("pk")[:AT_ONCE]:
        remove(release)
    _remove_directories_without_row()
    _remove_rows_without_directory()


def superfluous() -> QuerySet[Release]:
    """Neither published nor pinned: beyond the newest of their version, of pull requests, of repeated builds."""
    newest_first = F("id").desc()
    kept = (
        Release.objects.annotate(
            of_version=Window(RowNumber(), partition_by="version_id", order_by=newest_first),
            of_build=Window(RowNumber(), partition_by=[F("version_id"), F("build_number")], order_by=newest_first),
        )
        .filter(of_version__lte=KEPT_RELEASES, of_build=1)
        .exclude(version__kind=Version.Kind.PULL_REQUEST)
        .values("pk")
    )
    # A worker may be about to publish what it stored just now.
    return (
        Release.objects.filter(created_at__lt=timezone.now() - GRACE)
        .exclude(is_pinned=True)
        .exclude(pk__in=kept)
        .exclude(pk__in=Publication.objects.values("release_id"))
    )


def remove(release: Release) -> bool:
    """Row first: a crash in between leaves a directory without a row. False: it was published meanwhile."""
    directory = release.directory
    try:
        with transaction.atomic():
            release.delete()
    except (ProtectedError, IntegrityError):
        return False
    shutil.rmtree(directory, ignore_errors=True)
    return True


def _remove_directories_without_row() -> None:
    if not releases_directory().is_dir():
        return
    oldest_allowed = time.time() - GRACE.total_seconds()
    old = [entry for entry in releases_directory().iterdir() if _changed_at(entry) < oldest_allowed]
    known = set(Release.objects.values_list("directory_name", flat=True))
    for directory in old:
        if directory.name not in known:
            shutil.rmtree(directory, ignore_errors=True)


def _changed_at(directory: Path) -> float:
    """When, in seconds since the epoch; now, if it was renamed or removed meanwhile."""
    try:
        return directory.stat().st_mtime
    except FileNotFoundError:
        return time.time()


def _remove_rows_without_directory() -> None:
    if not releases_directory().is_dir():
        return  # a file system that is not mounted is no reason to forget what lies on it
    rows = list(Release.objects.values_list("pk", "directory_name"))  # first: a row comes after its directory
    there = {entry.name for entry in releases_directory().iterdir()}
    missing = [pk for pk, name in rows if name not in there]
    for release in Release.objects.filter(pk__in=missing[:AT_ONCE]).select_related("version__repository"):
        if release.directory.is_dir() or remove(release):
            continue
        logger.error("%s is published, but its directory %s is gone.", release, release.directory)


def _releases_held() -> str:
    held = Release.objects.aggregate(Count("pk"), Sum("size"))
    return f"{held['pk__count']:,}, {mebibytes(held['size__sum'])} with equal files counted each time"


def _previews_held() -> str:
    previews = Publication.objects.filter(version__kind=Version.Kind.PULL_REQUEST)
    return f"{previews.count():,}"


RULES = [
    Rule(
        "Releases",
        lambda: f"of each version the published one, all pinned ones and the newest {KEPT_RELEASES}",
        _releases_held,
    ),
    Rule("Previews of pull requests", lambda: "until the pull request is closed", _previews_held),
]
