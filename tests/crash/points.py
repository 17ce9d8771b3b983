"""Named points of the product's code at which a process of the arena ends itself with SIGKILL."""

import functools
import os
import random
import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.module_loading import import_string


@dataclass(frozen=True)
class Point:
    """Before or after a call of the function `attribute` of what `owner` names."""

    when: str
    owner: str
    attribute: str

    def __str__(self) -> str:
        return f"{self.when} {self.owner.rpartition('.')[2]}.{self.attribute}"


def around(owner: str, attribute: str) -> list[Point]:
    return [Point("before", owner, attribute), Point("after", owner, attribute)]


POINTS = {
    "web": [
        *around("builds.models.BuildManager", "request"),
        *around("builds.models.Build", "wake_worker"),
    ],
    "worker": [
        *around("builds.models.Build", "claim"),
        *around("builds.models.Build", "record"),
        *around("builds.models.Build", "finish"),
        *around("builds.models.Build", "_wake_next"),
        *around("repositories.models.Version", "record_result"),
        *around("pages.models.PublicationManager", "publish"),
        *around("builds.pipeline", "store"),
        *around("builds.pipeline", "end"),
        *around("notifications.mails.writing", "record"),
        *around("notifications.outbox", "deliver"),
        *around("django.core.mail.message.EmailMessage", "send"),
        *around("os", "rename"),
        *around("os", "fsync"),
    ],
    "clock": [
        *around("builds.sweeper", "take_back"),
        *around("builds.models.Build", "requeue"),
        *around("builds.models.Build", "wake_worker"),
        *around("notifications.outbox", "sweep"),
        *around("pages.retention", "sweep"),
    ],
}


def arm(point: Point, chance: float, note: Callable[[str], None]) -> None:
    """From now on each call passes `point` alive, or, with `chance`, ends this process there."""
    owner: Any = import_string(point.owner) if "." in point.owner else __import__(point.owner)
    original = getattr(owner, point.attribute)

    @functools.wraps(original)
    def fatal(*args: Any, **kwargs: Any) -> Any:
        ends_here = random.random() < chance
        if point.when == "before" and ends_here:
            die(point, note)
        result = original(*args, **kwargs)
        if point.when == "after" and ends_here:
            die(point, note)
        return result

    setattr(owner, point.attribute, fatal)


def die(point: Point, note: Callable[[str], None]) -> None:
    note(str(point))
    os.kill(os.getpid(), signal.SIGKILL)
