"""Write the mail that a result calls for, in the transaction that stores the result (I5)."""

from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Now

from builds.models import Build
from notifications.mails import pauses, rows
from notifications.mails.incidents import incident_at, root_of
from notifications.mails.recipients import recipient_of
from notifications.mails.rules import FAILURES, Event, event_of_result
from notifications.models import Mail, Preferences
from repositories.models import BuildStatus, Repository, Version

OUR_SIDE_AT_MOST_EVERY = timedelta(days=1)  # for each repository
TEST_AT_MOST_EVERY = timedelta(minutes=1)  # for each repository


class TooSoon(Exception):
    """The last test mail was asked for a moment ago."""


def record_result(version: Version, build: Build, *, previous: BuildStatus, is_stale: bool) -> Mail | None:
    """Write the mail that a counted result calls for, if any. Call it inside the transaction of the result."""
    event = event_of_result(
        previous=previous,
        new=build.status,
        kind=Version.Kind(version.kind),
        is_default=version.is_default,
        is_stale=is_stale,
        mail_service=version.repository.mail_service,
        only_changes=Preferences.objects.of(version.repository).only_changes,
    )
    return record(rows.locked(build.repository_id), build, event) if event else None


def record_fault_of_ours(build: Build) -> Mail | None:
    """Write the mail about a build that we could not do: at most one a day, and none about a pull request."""
    repository = rows.locked(build.repository_id)
    told = written_within(repository, Event.OUR_SIDE, OUR_SIDE_AT_MOST_EVERY)
    if not repository.mail_service or build.version.is_pull_request or told:
        return None
    return record(repository, build, Event.OUR_SIDE)


@transaction.atomic
def record_test(repository_id: int) -> Mail:
    """Write a mail that shows whether mails arrive. Raises TooSoon."""
    repository = rows.locked(repository_id)
    if written_within(repository, Event.TEST, TEST_AT_MOST_EVERY):
        raise TooSoon("A test mail was asked for within the last minute.")
    return rows.add(repository, Event.TEST, recipient_of(repository))


def written_within(repository: Repository, event: Event, time: timedelta) -> bool:
    """By the database's clock. It stays so while the caller has the repository locked."""
    return Mail.objects.filter(repository=repository, event=event, created_at__gt=Now() - time).exists()


def record(repository: Repository, build: Build, event: Event) -> Mail:
    """One row for (build, event, recipient). The repository must be locked."""
    recipient = recipient_of(repository)
    written: Mail | None = Mail.objects.filter(build=build, event=event, recipient=recipient.address).first()
    if written:
        return written
    # What reaches nobody is no reason for a pause.
    pause = pauses.pause_for(repository, recipient) if not recipient.obstacle else None
    return rows.add(repository, event, recipient, build=build, pause=pause, facts=facts_of(build, event))


def facts_of(build: Build, event: Event) -> dict[str, int | str | None]:
    """What a mail says of the builds around its own; kept in its row, since later builds would change it.

    `incident`, `failures`, `since`: see `incidents.Incident`; `root`: see `incidents.root_of`; `newer`: the number
    of the newer build that ended before it, `newer_status`: how that one ended.
    """
    facts: dict[str, int | str | None] = {}
    incident = incident_at(build) if event in (*FAILURES, Event.FIXED) else None
    if incident:
        facts |= {
            "incident": incident.first,
            "failures": incident.failures,
            "since": incident.since.isoformat(),
            "root": root_of(build, incident),
        }
    if event == Event.LATE_FAILURE:
        version = build.version
        facts |= {"newer": version.status_build_number, "newer_status": str(version.build_status)}
    return facts
