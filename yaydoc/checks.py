"""System checks: settings that work and are not safe."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from yaydoc.queues import DATABASE_QUEUE


@register(Tags.security)
def check_host_names(app_configs: Sequence[AppConfig] | None, **_: object) -> list[CheckMessage]:
    """Ports don't count: a cookie is sent to every port of its host (RFC 6265, 8.5)."""
    if settings.DEBUG or urlsplit(settings.SITE_URL).hostname != urlsplit(settings.DOCS_URL).hostname:
        return []
    return [
        Error(
            "SITE_URL and DOCS_URL have the same host name: scripts in published pages could act as readers.",
            hint="Give the published pages a host name of their own, such as DOCS_URL=https://docs.example.org.",
            id="yaydoc.E001",
        )
    ]


@register()
def check_badge_shortcut(app_configs: Sequence[AppConfig] | None, **_: object) -> list[CheckMessage]:
    """A queue in Redis is what several machines have."""
    if not settings.BADGE_SHORTCUT or settings.QUEUE_URL == DATABASE_QUEUE:
        return []
    return [
        Warning(
            "BADGE_SHORTCUT is on: where processes run on several machines, badges can be five seconds old.",
            hint="Leave BADGE_SHORTCUT out, unless web, worker and clock run on one machine with one DATA_DIR.",
            id="yaydoc.W001",
        )
    ]
