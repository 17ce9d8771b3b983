"""What outgoing webhooks tell of, and which of it each one wants to hear."""

from django.db import models

from builds.models import State


class CallType(models.TextChoices):
    """`type` of a payload; each has one schema."""

    STARTED = "build.started"
    FINISHED = "build.finished"
    TEST = "hook.test"


class Wish(models.TextChoices):
    """What a hook may ask for. All but the first are states that a build ends with."""

    STARTED = "started", "A build starts"
    SUCCESS = State.SUCCESS.value, "A build succeeds"
    FAILED = State.FAILED.value, "A build fails"
    ERROR = State.ERROR.value, "A build ends in error, by Yaydoc's fault"
    CANCELLED = State.CANCELLED.value, "A build is cancelled"


def usual_wishes() -> list[str]:
    return [Wish.SUCCESS, Wish.FAILED, Wish.ERROR]
