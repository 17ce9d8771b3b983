"""`manage.py build <owner>/<name>`: build now, and show the log."""

import sys
import threading
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from builds import logs, pipeline
from builds.models import Build, State, Trigger
from repositories.models import Repository, Version

EXIT_CODES = {State.SUCCESS: 0, State.FAILED: 1, State.ERROR: 3, State.CANCELLED: 3}
LOOK = 0.2  # seconds


class Command(BaseCommand):
    help = "Build a registered repository now. Exit code: 0 success, 1 failed, 2 bad input, 3 error or cancelled."

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Ours is the version to build, in the place of Django's `--version`."""
        return super().create_parser(prog_name, subcommand, conflict_handler="resolve", **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("repository", help="owner/name")
        parser.add_argument("--version", dest="version_name", help="a branch, a tag or its slug (default: latest)")

        parser.add_argument("--clean", action="store_true", help="use nothing that earlier builds left")

    def handle(self, *args: Any, **options: Any) -> None:
        version = find_version(options["repository"], options["version_name"])
        build = Build.objects.request(version, trigger=Trigger.PERSON, clean=options["clean"])
        threading.Thread(target=build_here, args=(build.pk,), daemon=True).start()
        self.follow(build)
        self.stdout.write(f"{build}: {build.get_state_display()}. {build.reason}".rstrip())
        if build.state == State.SUCCESS and not version.repository.is_private:
            self.stdout.write(f"Docs:  {version.docs_url}")
        self.stdout.write(f"Build: {build.page_url}")
        sys.exit(EXIT_CODES[State(build.state)])

    def follow(self, build: Build) -> None:
        """Print the log as it grows, until the build is over."""
        offset, attempt, is_over = 0, build.attempt, False
        while not is_over:
            build.refresh_from_db()
            is_over = build.is_finished
            if build.attempt != attempt:
                offset, attempt = 0, build.attempt
            text, offset = logs.read(build, offset)
            while text:
                self.stdout.write(text, ending="")
                text, offset = logs.read(build, offset)
            self.stdout.flush()
            time.sleep(0 if is_over else LOOK)


def find_version(full_name: str, name: str | None) -> Version:
    """Raises CommandError (exit code 2) when there is none."""
    repository = Repository.objects.named(full_name).first()
    if repository is None:
        raise CommandError(f"{full_name} is not registered; see `manage.py register --help`.", returncode=2)
    wanted = name or Version.LATEST
    # The slug first: a branch and a tag may have one name.
    named = repository.versions.branches_and_tags().filter(name=wanted)
    version: Version | None = repository.versions.at(wanted) or named.first()
    if version is None:
        known = ", ".join(repository.versions.listed().values_list("slug", flat=True))
        raise CommandError(f"{full_name} has no version {wanted}. It has: {known}.", returncode=2)
    return version


def build_here(build_id: int) -> None:
    """Run the build in this process, unless a worker takes it first; wait while another of the version runs."""
    try:
        while True:
            build = Build.objects.unfinished().filter(pk=build_id).first()
            if build is None:
                return
            if build.claim():
                pipeline.run(build)
            time.sleep(LOOK)
    finally:
        connection.close()
