"""An operator at an installation whose worker runs: reads wishes, lines of JSON, and answers each when it is done.

`{"register": <url>, "name": <owner/name>}` answers with the first build, `{"build": <owner/name>}` with the build
that was asked for, of `"commit"` or the newest, from nothing with `"clean": true`. Started by `installation.py`.
"""

import io
import json
import os
import sys
import time
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yaydoc.settings")

import django

django.setup()

from django.core.management import call_command  # noqa: E402

from builds import logs  # noqa: E402
from builds.models import Build, Trigger  # noqa: E402
from pages.models import Publication  # noqa: E402
from repositories.models import Repository  # noqa: E402

LOOK = 0.02  # seconds between two looks at a build


def grant(wish: dict[str, Any]) -> dict[str, Any]:
    began = time.monotonic()
    if "register" in wish:
        call_command("register", wish["register"], name=wish["name"], stdout=io.StringIO())
        build = Build.objects.get(repository=Repository.objects.named(wish["name"]).get())
    else:
        version = Repository.objects.named(wish["build"]).get().versions.get(is_default=True)
        told = {"clean": wish.get("clean", False), "commit": wish.get("commit", "")}
        build = Build.objects.request(version, trigger=Trigger.PERSON, **told)
    while not build.is_finished:
        time.sleep(LOOK)
        build.refresh_from_db()
        if time.monotonic() - began > wish["patience"]:
            build.cancel()
    return facts_of(build) | {"wall": round(time.monotonic() - began, 2)}


def facts_of(build: Build) -> dict[str, Any]:
    """`duration` is of the build alone, without the wait for the worker; `release` is what is published."""
    publication = Publication.objects.filter(version=build.version).select_related("release").first()
    return {
        "state": build.state,
        "reason": build.reason,
        "hint": build.hint,
        "commit": build.commit,
        "pages": build.pages or 0,
        "warnings": build.warning_count or 0,
        "duration": build.duration,
        "stages": build.stages,
        "release": str(publication.release.directory) if publication else "",
        "log": str(logs.log_path(build)),
    }


def serve() -> None:
    for line in sys.stdin:
        print(json.dumps(grant(json.loads(line))), flush=True)
