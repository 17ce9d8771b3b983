"""What pages do when something happens below them."""

from typing import Any

from django.dispatch import receiver

from pages.models import Publication
from repositories.signals import versions_changed


@receiver(versions_changed)
def choose_stable(*, repository_id: int, **arguments: Any) -> None:
    Publication.objects.choose_stable(repository_id)
