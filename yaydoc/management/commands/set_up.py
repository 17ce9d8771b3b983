"""`manage.py set_up`: what `make run` does before it starts the processes. Harmless to repeat."""

import hashlib
import os
import secrets
import shutil
import socket
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

OWN_NAME = "yaydoc/yaydoc"
ADMINISTRATOR = "admin"


class Command(BaseCommand):
    help = (
        "Migrate, collect static files and, on an empty database, make an administrator and register our own docs."
    )
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        if not shutil.which("git"):
            raise CommandError("git is missing: install it (Debian: apt install git) and start again.")
        check_port()
        call_command("migrate", verbosity=0, interactive=False)
        collect_static_files()
        if not get_user_model().objects.exists():
            self.greet()
        self.stdout.write(f"Yaydoc: {settings.SITE_URL}   docs: {settings.DOCS_URL}   data: {settings.DATA_DIR}")

    @transaction.atomic
    def greet(self) -> None:
        password = secrets.token_urlsafe(12)
        get_user_model().objects.create_superuser(
            ADMINISTRATOR, f"{ADMINISTRATOR}@{settings.SITE_HOST.partition(':')[0]}", password
        )
        self.stdout.write("The database was empty: an administrator is made.")
        self.stdout.write(self.style.SUCCESS(f"Sign in at {settings.SITE_URL}/accounts/login/"))
        self.stdout.write(
            self.style.SUCCESS(f"  user name  {ADMINISTRATOR}\n  password   {password}   (shown once)")
        )
        if (settings.BASE_DIR / ".git").exists():
            self.stdout.write("Yaydoc's own documentation is registered, and builds as soon as the worker runs:")
            call_command("register", f"file://{settings.BASE_DIR}", name=OWN_NAME, stdout=self.stdout)
        if settings.EMAIL_BACKEND.endswith("filebased.EmailBackend"):
            self.stdout.write(f"Mail: {settings.EMAIL_FILE_PATH} (one file each, until EMAIL_URL is set)\n")


def check_port() -> None:
    """Raises CommandError when something listens where `web` will."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((os.environ.get("BIND", "127.0.0.1"), settings.PORT))
        except OSError as error:
            raise CommandError(
                f"Port {settings.PORT} is taken or not allowed ({error.strerror}). "
                f"Choose another one: make run PORT={settings.PORT + 1 if settings.PORT < 65535 else 8000}"
            ) from error


def collect_static_files() -> None:
    """Collect and compress them, which takes seconds, only when one of them has changed."""
    stamp = Path(settings.STATIC_ROOT) / ".collected"
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list(None):
            stat = Path(storage.path(path)).stat()
            digest.update(f"{path} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    if stamp.exists() and stamp.read_text() == digest.hexdigest():
        return
    call_command("collectstatic", verbosity=0, interactive=False, clear=True)
    stamp.write_text(digest.hexdigest())
