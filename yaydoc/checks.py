"""System checks: settings that work and are not safe."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register


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
