"""What the arena looks at when the fight is over: each finding is a list that must be empty."""

import re
from collections import Counter
from datetime import timedelta
from pathlib import Path

from django.conf import settings

from builds import sandbox
from builds.models import Build, State
from notifications.mails.headers import message_id
from notifications.mails.rules import event_of_result
from notifications.models import UNSETTLED, Mail, OutgoingState
from pages import retention
from pages.models import Publication, Release, releases_directory
from repositories.models import BuildStatus, Version
from tests.crash.short_builds import FILES


def is_work_left() -> bool:
    return Build.objects.unfinished().exists() or Mail.objects.filter(state__in=UNSETTLED).exists()


def look(arena) -> dict[str, object]:
    retention.GRACE = timedelta(0)
    sandbox.sweep()
    retention.sweep()
    notes = arena.directory / "results"
    ends = Counter(notes.read_text().split()) if notes.exists() else Counter()
    sent = Counter(message_ids(Path(settings.EMAIL_FILE_PATH)))
    return {
        "builds": dict(Counter(Build.objects.values_list("state", flat=True))),
        "mails": Mail.objects.count(),
        "repeated mails, each with its one Message-ID": sum(count - 1 for count in sent.values()),
        "findings": {
            "builds without an end": [str(build) for build in Build.objects.unfinished()],
            "pushes without a build": pushes_without_build(arena),
            "ends stored twice": [build for build, count in ends.items() if count > 1],
            "wrong status": wrong_status(),
            "counted builds without their mail, or mails without reason": wrong_mails(),
            "mails that were not sent": [f"{mail.pk} {mail.state}" for mail in unsent(sent)],
            "releases that are not whole": [
                str(release) for release in Release.objects.all() if not is_whole(release)
            ],
            "publications of another release than the newest": wrong_publications(),
            "directories of no release": strays(),
            "scratch": scratch(),
            "processes": processes_below(arena.directory),
        },
    }


def pushes_without_build(arena) -> list[str]:
    """Of each repository's accepted pushes the last one was built; earlier ones may have been passed over."""
    last = dict(arena.pushes[: arena.accepted()])
    built = set(Build.objects.exclude(state=State.CANCELLED).values_list("repository__slug", "commit"))
    return [commit for index, commit in last.items() if (f"octo/docs-{index}", commit) not in built]


def counted(version: Version) -> list[Build]:
    """In the order in which their ends were stored."""
    return list(Build.objects.counted().filter(version=version).order_by("finished_at"))


def wrong_status() -> list[str]:
    wrong = []
    for version in Version.objects.select_related("repository"):
        newest = max(counted(version), key=lambda build: build.number, default=None)
        expected = newest.status if newest else BuildStatus.UNKNOWN
        if not version.build_status == version.repository.build_status == expected:
            wrong.append(f"{version}: {version.build_status} instead of {expected}")
    return wrong


def wrong_mails() -> list[str]:
    """Replays the rule over what was counted, and compares with the outbox."""
    expected, found = set(), set(Mail.objects.exclude(event="our-side").values_list("build_id", "event"))
    for version in Version.objects.all():
        previous, newest = BuildStatus.UNKNOWN, 0
        for build in counted(version):
            is_stale = build.number < newest  # it was lost and tried again while a newer one ended
            event = event_of_result(
                previous=previous,
                new=build.status,
                kind=Version.Kind.BRANCH,
                is_default=True,
                is_stale=is_stale,
                mail_service=True,
                only_changes=False,
            )
            if event:
                expected.add((build.pk, str(event)))
            if not is_stale:
                previous, newest = build.status, build.number
    return [f"missing {row}" for row in expected - found] + [f"without reason {row}" for row in found - expected]


def message_ids(directory: Path) -> list[str]:
    text = "".join(path.read_text() for path in directory.glob("*"))
    return re.findall(r"^Message-ID: <(.*)>$", text, flags=re.MULTILINE)


def unsent(sent: Counter) -> list[Mail]:
    mails = Mail.objects.select_related("build__repository")
    return [mail for mail in mails if mail.state != OutgoingState.SENT or not sent[message_id(mail).strip("<>")]]


def is_whole(release: Release) -> bool:
    pages = list(release.directory.rglob("*.html"))
    return len(pages) == FILES + 1 and {page.read_text() for page in pages} == {release.commit}


def wrong_publications() -> list[str]:
    wrong = []
    for version in Version.objects.all():
        newest = Build.objects.filter(version=version, state=State.SUCCESS).order_by("-number").first()
        served = Publication.objects.filter(version=version).select_related("release").first()
        if (newest and newest.release_id) != (served and served.release_id):
            wrong.append(f"{version}: {served and served.release_id} instead of {newest and newest.release_id}")
    return wrong


def strays() -> list[str]:
    known = set(Release.objects.values_list("directory_name", flat=True))
    return [path.name for path in releases_directory().glob("*") if path.name not in known]


def scratch() -> list[str]:
    directory = sandbox.build_directory() / "scratch"
    return [path.name for path in directory.iterdir()] if directory.exists() else []


def processes_below(directory: Path) -> list[str]:
    """Command lines of processes that still name the arena's directory, or render one of its builds."""
    found = []
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = process.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(directory) in line:
            found.append(line[:200])
    return found
