"""The product with one rule broken: what the arena must notice, or it could notice nothing."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from django.db import transaction

from builds import heartbeat, models, pipeline, sweeper
from notifications.mails import writing
from pages.models import Release, releases_directory
from tests.crash import short_builds
from tests.crash.points import Point

SHORT_LEASE = 0.6  # seconds


@dataclass(frozen=True)
class Twin:
    """`points` are where its workers end themselves, `pause` is whether they are also stopped for a while."""

    breaks: Callable[[], None]
    points: list[Point] = field(default_factory=list)
    pause: bool = False


def shorten_leases() -> None:
    """Leases that a stopped worker outlives, a sweeper that can't see who is alive, builds that can be met."""
    models.build.LEASE = heartbeat.LEASE = timedelta(seconds=SHORT_LEASE)
    heartbeat.RENEW = SHORT_LEASE / 6
    heartbeat.LOOK = SHORT_LEASE / 12
    sweeper.is_alive = lambda worker: None
    short_builds.LASTS = SHORT_LEASE / 3


def mail_after_commit() -> None:
    """The mail's row is written after the result is stored, not with it."""
    writing.record_later = writing.record
    writing.record = lambda build, event: transaction.on_commit(lambda: writing.record_later(build, event))


def no_fencing() -> None:
    """A worker that was given up on may still write, and does not hear that it was."""
    models.Build._mine = lambda build: models.Build.objects.filter(pk=build.pk)
    heartbeat.Heartbeat._what_ends_it = lambda beat: None


def copy_in_place() -> None:
    """The new pages are copied over those that are served, one file after the other."""
    pipeline.copy_one = lambda source, target: target.write_text(source.read_text())

    def store(version, *, build_number: int, commit: str, output: Path, downloads: object) -> Release:
        served = releases_directory() / f"live-{version.pk}"
        served.mkdir(parents=True, exist_ok=True)
        for page in sorted(output.iterdir()):
            pipeline.copy_one(page, served / page.name)
        name = f"live-{version.pk}-{build_number}-{os.getpid()}"
        (releases_directory() / name).symlink_to(served)
        return Release.objects.create(
            version=version, directory_name=name, build_number=build_number, commit=commit, files=6, size=0
        )

    pipeline.store = store


TWINS = {
    "mail-after-commit": Twin(mail_after_commit, [Point("before", "notifications.mails.writing", "record_later")]),
    "no-fencing": Twin(no_fencing, pause=True),
    "copy-in-place": Twin(copy_in_place, [Point("after", "builds.pipeline", "copy_one")]),
}
