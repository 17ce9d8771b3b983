"""System checks of how mail is sent."""

from collections.abc import Sequence

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Warning, register


@register()
def check_bounces_are_heard_of(app_configs: Sequence[AppConfig] | None, **_: object) -> list[CheckMessage]:
    """With a mail server there is nothing to hear: it refuses at once, or writes to the sender's address."""
    if not settings.ANYMAIL_PROVIDER or settings.ANYMAIL_WEBHOOK_SECRET:
        return []
    return [
        Warning(
            "ANYMAIL_PROVIDER is set without ANYMAIL_WEBHOOK_SECRET: mail that comes back goes unnoticed.",
            hint="Set it to user:password, both random, and give the provider the webhook of docs/operating.md.",
            id="notifications.W001",
        )
    ]
