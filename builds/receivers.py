"""What builds do when something happens below them."""

from typing import Any

from django.db import transaction
from django.db.models.functions import Now
from django.dispatch import receiver

from builds import watching
from builds.models import Automation, Build, Trigger, Watch
from repositories.models import Repository, Version
from repositories.signals import (
    build_result_recorded,
    default_branch_changed,
    version_added,
    version_stopped,
)


@receiver(version_added)
def request_first_build(*, version: Version, **arguments: Any) -> None:
    """The default version comes with its repository, any other by a person's hand."""
    trigger = Trigger.REGISTRATION if version.is_default else Trigger.PERSON
    Build.objects.request(version, trigger=trigger)


@receiver(version_added)
def begin_to_watch(*, version: Version, **arguments: Any) -> None:
    """The first build sees what is there; the first look, what was pushed since."""
    if version.is_default:
        Watch.objects.create(repository=version.repository, next_look_at=Now() + watching.later(watching.SHORTEST))


@receiver(version_stopped)
def give_up_builds(*, version: Version, **arguments: Any) -> None:
    """Nobody wants what waits or runs."""
    Build.objects.cancel_all_of(version)


@receiver(default_branch_changed)
def build_other_branch(*, repository: Repository, **arguments: Any) -> None:
    """What a look has said of the branch before is of no interest any more."""
    Watch.objects.filter(repository=repository).update(moved_to="")
    if repository.is_enabled:
        Build.objects.request(repository.default_version, trigger=Trigger.PERSON)


@receiver(build_result_recorded)
def count_failures(*, version: Version, build: Build, is_stale: bool, **arguments: Any) -> None:
    if version.is_default and not is_stale:
        with transaction.atomic():
            Automation.objects.count(build)
