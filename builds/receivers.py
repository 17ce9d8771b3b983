"""What builds do when something happens below them."""

from typing import Any

from django.dispatch import receiver

from builds.models import Build, Trigger
from repositories.models import Version
from repositories.signals import version_added


@receiver(version_added)
def request_first_build(*, version: Version, **arguments: Any) -> None:
    """The default version comes with its repository, any other by a person's hand."""
    trigger = Trigger.REGISTRATION if version.is_default else Trigger.PERSON
    Build.objects.request(version, trigger=trigger)
