"""Where a build is, and who asked for it."""

from django.db import models


class State(models.TextChoices):
    """Where a build is. `failed` is the docs' own fault, `error` is ours."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCESS = "success"
    FAILED = "failed"
    ERROR = "error"
    CANCELLED = "cancelled"


UNFINISHED = (State.QUEUED, State.RUNNING)
COUNTED = (State.SUCCESS, State.FAILED)


class Trigger(models.TextChoices):
    """Who asked for a build."""

    PUSH = "push"
    REGISTRATION = "registration"
    PERSON = "person"
    WATCH = "watch"  # the look at the remote found a commit of which no push had told
    SCHEDULE = "schedule"
