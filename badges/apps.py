"""The badges app's place in Django."""

from django.apps import AppConfig
from django.conf import settings
from django.db.models.signals import pre_delete


class BadgesConfig(AppConfig):
    name = "badges"

    def ready(self) -> None:
        if settings.BADGE_SHORTCUT:
            from badges.shortcut import announce_change
            from repositories.models import Repository
            from repositories.signals import public_state_changed

            public_state_changed.connect(announce_change)
            # Django's own, since a repository goes with its registrant too; and it is sent in the transaction.
            pre_delete.connect(announce_change, sender=Repository)
