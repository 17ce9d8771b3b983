"""Puts right what a crash left behind. Idempotent; any process may call it at any time."""

import logging
from datetime import timedelta

from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now

from builds import sandbox
from builds.liveness import is_alive
from builds.models import MAX_SETBACKS, Build, State

logger = logging.getLogger(__name__)

REMIND_AFTER = timedelta(seconds=60)  # a wake-up may be lost with the worker that took it
REMIND_AT_MOST = 20  # builds in one sweep, the oldest first, so that a long queue does not multiply itself


def sweep() -> None:
    """What the clock calls every few seconds."""
    take_back_lost_builds()
    wake_forgotten_builds()
    sandbox.sweep()


def take_back_lost_builds() -> None:
    """Builds whose worker is gone, or has not been heard of for a lease, go back to the queue (I2)."""
    for build in Build.objects.running().select_related("version", "repository"):
        if is_alive(build.worker) is False or Build.objects.abandoned().filter(pk=build.pk).exists():
            take_back(build)


def take_back(build: Build) -> None:
    reason = "The worker that built it was lost."
    logger.warning("%s: %s", build, reason)
    if build.cancel_requested:
        build.finish(State.CANCELLED, "Cancelled.")
    elif build.setbacks + 1 >= MAX_SETBACKS:
        build.finish(State.ERROR, reason)
    else:
        build.requeue(reason=reason)


def wake_forgotten_builds() -> None:
    """Tell the queue again of builds that wait without need: their task was lost."""
    same_version_runs = Build.objects.running().filter(version_id=OuterRef("version_id"))
    forgotten = (
        Build.objects.queued()
        .filter(Q(not_before=None) | Q(not_before__lte=Now()))
        .filter(Q(woken_at=None) | Q(woken_at__lt=Now() - REMIND_AFTER) | Q(woken_at__lt=F("not_before")))
        .exclude(Exists(same_version_runs))
        .order_by("pk")
    )
    for build in forgotten[:REMIND_AT_MOST]:
        build.wake_worker()


def wake_all() -> None:
    """At the start of a worker: whatever waits may have lost its task with the worker before."""
    Build.objects.queued().update(woken_at=None)
    sweep()
