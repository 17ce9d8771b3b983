"""The last counted result, and what is known of the build that had it."""

from datetime import datetime
from typing import Protocol

from django.db import models


class BuildStatus(models.TextChoices):
    """The last counted result, as the badge shows it."""

    UNKNOWN = "unknown"
    SUCCESS = "success"
    FAILED = "failed"


class CountedBuild(Protocol):
    """What this app needs to know of a build that counts (`builds.models.Build` is one)."""

    number: int
    finished_at: datetime | None

    @property
    def status(self) -> BuildStatus: ...
