"""Whom a build runs as."""

import os

from django.conf import settings


def build_user() -> tuple[int, int] | None:
    """User and group that a build becomes; None: it stays who we are, an ordinary user."""
    return (settings.BUILD_USER_ID, settings.BUILD_USER_ID) if os.getuid() == 0 else None
