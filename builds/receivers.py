"""What builds do when something happens below them."""

from typing import Any

from django.dispatch import receiver

from builds.models import Build, Trigger
from repositories.models import Repository
from repositories.signals import repository_registered


@receiver(repository_registered)
def request_first_build(sender: type[Repository], repository: Repository, **kwargs: Any) -> None:
    Build.objects.request(repository.default_version, trigger=Trigger.REGISTRATION)
