"""What this app does when builds end. Each receiver has a savepoint of its own, see `repositories.signals`."""

from typing import Any

from django.db import transaction
from django.dispatch import receiver

from builds.models import Build, State
from builds.signals import build_ended
from notifications.mails import writing
from repositories.models import BuildStatus, Version
from repositories.signals import build_result_recorded


@receiver(build_result_recorded, dispatch_uid="mail of a result")
def mail_result(
    *, version: Version, build: Build, old_status: BuildStatus, is_stale: bool, **arguments: Any
) -> None:
    with transaction.atomic():
        writing.record_result(version, build, previous=old_status, is_stale=is_stale)


@receiver(build_ended, dispatch_uid="mail of our side")
def mail_fault_of_ours(*, build: Build, **arguments: Any) -> None:
    if build.state != State.ERROR:
        return
    with transaction.atomic():
        writing.record_fault_of_ours(build)
