"""The outbox: send a row after the commit that wrote it, try again what may pass, see to what was left behind."""

import logging
import random
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from django.db.models import Q
from django.db.models.functions import Now

from notifications.models import Outgoing

logger = logging.getLogger(__name__)

WAITS = tuple(
    timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360, 720)
)  # before the second, third, … delivery
JITTER = 0.2  # of a wait, either way, so that a server that comes back isn't met by all at once
PATIENCE = 5  # claims that are lost with their process before the row itself is suspected
REMIND_AFTER = timedelta(minutes=5)  # a wake-up may be lost with the worker that took it
REMIND_AT_MOST = 100  # rows of a kind in one sweep


class Suppressed(Exception):
    """A rule of ours says that this is not to be sent any more. The text says which."""


class Refused(Exception):
    """The other side, or the address itself, says no for good. The text says why."""


class TryLater(Exception):
    """The network, the other side or a configuration is at fault for now. The text says why."""

    def __init__(self, reason: str, *, wait: timedelta = timedelta(0)) -> None:
        """`wait`: how long the other side asks to be left alone."""
        super().__init__(reason)
        self.wait = wait


Row = TypeVar("Row", bound=Outgoing)


def deliver(outgoing: Row | None, transmit: Callable[[Row], None]) -> None:
    """Send one row, if there is one and nobody else does, and store what became of it.

    `transmit` raises Suppressed, Refused or TryLater.
    """
    if outgoing is None or not outgoing.claim():
        return
    try:
        transmit(outgoing)
    except Suppressed as rule:
        outgoing.suppress(str(rule))
    except Refused as refusal:
        outgoing.mark_refused(str(refusal))
    except TryLater as fault:
        try_later(outgoing, str(fault), fault.wait)
    # A fault of ours in one row must be seen, and end with that row.
    except Exception as error:
        logger.exception("%s %d cannot be composed or sent", outgoing._meta.verbose_name, outgoing.pk)
        try_later(outgoing, f"A fault of ours: {type(error).__name__}.")
    else:
        outgoing.mark_sent()


def try_later(outgoing: Outgoing, reason: str, asked: timedelta = timedelta(0)) -> None:
    """Queue it again after the next wait, or after what the other side asked for, if that is longer."""
    if outgoing.failures >= len(WAITS):
        outgoing.expire(f"Given up after {outgoing.failures + 1} deliveries. {reason}")
        return
    jitter = random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311
    wait = max(WAITS[outgoing.failures] * jitter, min(asked, WAITS[-1]))
    outgoing.retry_after(wait, reason=reason)


def sweep() -> None:
    """What the clock calls every few seconds. Idempotent; any process may call it at any time."""
    for kind in Outgoing.__subclasses__():
        sweep_kind(kind)


def sweep_kind(kind: type[Outgoing]) -> None:
    for outgoing in kind.objects.sending():
        if outgoing.is_abandoned():
            outgoing.take_back(timedelta(0) if outgoing.attempt < PATIENCE else WAITS[2])
    for outgoing in kind.objects.too_old():
        outgoing.expire(f"Not sent within 24 hours. {outgoing.reason}".strip())
    forgotten = Q(woken_at=None) | Q(woken_at__lt=Now() - REMIND_AFTER)
    for outgoing in kind.objects.due().filter(forgotten).order_by("pk")[:REMIND_AT_MOST]:
        outgoing.wake_worker()
