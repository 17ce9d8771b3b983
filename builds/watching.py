"""Looks at the remotes of repositories for what no webhook told of. Done by workers, which have git and a sandbox;
the clock only wakes them, so that nothing that it does waits for somebody's slow host.
"""

import hashlib
import json
import logging
import random
import time
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

from builds import sandbox
from builds.checkouts.references import Busy, References, look_at
from builds.errors import BuildError, BuildFailed
from builds.heartbeat import stopping
from builds.models import Watch
from builds.tracking import follow

logger = logging.getLogger(__name__)

SHORTEST = timedelta(minutes=15)  # between two looks at a repository
LONGEST = timedelta(days=1)
WITH_WEBHOOK = timedelta(hours=6)  # where deliveries arrive, a look only finds out that they don't any more
PATIENCE = 16  # a look at latest after this part of the time since which nothing has changed
JITTER = 0.2  # of a wait, later only
SHIFT = 60  # seconds that one wake-up of a worker looks for; what is due then is for the next
LOOK_AT_REMOTES = "builds.tasks.look_at_remotes"  # by name: the tasks import this module


def sweep() -> None:
    """Called by the clock: wakes one more of the workers' threads for a shift while anything is due.

    Each worker has a few for it (settings.SENDERS): however many are due, no more look at a time.
    """
    if settings.WATCH and Watch.objects.due().exists():
        import_string(LOOK_AT_REMOTES).enqueue()


def look_at_due() -> None:
    """Look at one repository after the other until none is due, or the shift is over."""
    try:
        sandbox.tier()
    except BuildError as refusal:
        logger.warning("no repository is looked at here: %s", refusal)
        return
    until = time.monotonic() + SHIFT
    while time.monotonic() < until and not stopping.is_set():
        watch = Watch.objects.claim_next()
        if watch is None:
            return
        look(watch)


def look(watch: Watch) -> None:
    """One look at a claimed repository, and all that follows from it."""
    repository = watch.repository
    try:
        seen = look_at(repository, should_stop=stopping.is_set)
        found = follow(repository, seen.heads, seen.tags)
    except Busy:
        watch.settle(wait=timedelta(minutes=1))
        return
    except (BuildFailed, BuildError) as fault:
        if not stopping.is_set():  # else another worker looks when the lease is over
            record_failure(watch, str(fault))
        return
    except Exception as error:
        logger.exception("%s: a fault of ours", watch)
        record_failure(watch, f"Yaydoc itself failed: {type(error).__name__}.")
        return
    missed = {"missed_at": timezone.now(), "missed_build": found.missed[0]} if found.missed else {}
    for build in found.missed:
        logger.info("%s: a look found a push that nobody had told of", build)
    record_look(watch, seen, **missed)


def record_look(watch: Watch, seen: References, **missed: object) -> None:
    digest, now = digest_of(seen), timezone.now()
    if digest != watch.digest:
        watch.changed_at = now
    for name, value in missed.items():
        setattr(watch, name, value)
    deliveries = watch.repository.deliveries.order_by("-id")
    last_delivery = deliveries.values_list("received_at", flat=True).first()
    watch.settle(
        wait=later(wait_after(watch, last_delivery, now)),
        looked_at=now,
        failures=0,
        problem="",
        digest=digest,
        moved_to=seen.moved_to,
        changed_at=watch.changed_at,
        **missed,
    )


def record_failure(watch: Watch, problem: str) -> None:
    logger.info("%s: %s", watch, problem)
    wait = min(LONGEST, SHORTEST * 2 ** min(watch.failures, 10))
    watch.settle(wait=later(wait), failures=watch.failures + 1, problem=problem)


def wait_after(watch: Watch, last_delivery: datetime | None, now: datetime) -> timedelta:
    """Until the next look after one that was answered: often where something was pushed lately, and no webhook
    tells of it."""
    if last_delivery and not watch.misses_deliveries(last_delivery):
        return WITH_WEBHOOK
    return min(LONGEST, max(SHORTEST, (now - watch.changed_at) / PATIENCE))


def later(wait: timedelta) -> timedelta:
    """A little later, by chance: what was due at once shall not stay so."""
    return wait * random.uniform(1, 1 + JITTER)  # noqa: S311


def digest_of(seen: References) -> str:
    return hashlib.sha256(json.dumps([seen.heads, seen.tags], sort_keys=True).encode()).hexdigest()
