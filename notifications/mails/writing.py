"""Write the mail that a result calls for, in the transaction that stores the result (I5)."""

from datetime import timedelta

from django.utils import timezone

from builds.models import Build
from notifications.mails.incidents import incident_at
from notifications.mails.recipients import address_of_registrant
from notifications.mails.rules import FAILURES, Event, event_of_result
from notifications.mails.sentences import subject_of
from notifications.models import Mail, OutgoingState
from repositories.models import BuildStatus, Repository, Version

OUR_SIDE_AT_MOST_EVERY = timedelta(days=1)  # for each repository


def record_result(version: Version, build: Build, *, previous: BuildStatus, is_stale: bool) -> Mail | None:
    """Write the mail that a counted result calls for, if any. Call it inside the transaction of the result."""
    event = event_of_result(
        previous=previous,
        new=build.status,
        is_default=version.is_default,
        is_stale=is_stale,
        mail_service=version.repository.mail_service,
    )
    return record(build, event) if event else None


def record_fault_of_ours(build: Build) -> Mail | None:
    """Write the mail about a build that we could not do: at most one a day for each repository."""
    repository = Repository.objects.select_for_update(of=("self",)).get(pk=build.repository_id)
    told = Mail.objects.filter(
        repository=repository,
        event=Event.OUR_SIDE,
        created_at__gt=timezone.now() - OUR_SIDE_AT_MOST_EVERY,
    )
    if not repository.mail_service or told.exists():
        return None
    return record(build, Event.OUR_SIDE)


def record(build: Build, event: Event) -> Mail:
    """One row for (build, event, recipient), and a wake-up for the worker once it is committed."""
    recipient = address_of_registrant(build.repository)
    mail, is_new = Mail.objects.get_or_create(
        build=build,
        event=event,
        recipient=recipient,
        defaults={
            "repository": build.repository,
            "subject": subject_of(build, event),
            "facts": facts_of(build, event),
            "state": OutgoingState.QUEUED if recipient else OutgoingState.SUPPRESSED,
            "reason": "" if recipient else "no address",
        },
    )
    if is_new and recipient:
        mail.wake_on_commit()
    return mail


def facts_of(build: Build, event: Event) -> dict[str, int | str]:
    """What a mail says of the builds around its own; kept in its row, since later builds would change it.

    `incident`, `failures`, `since`: see `incidents.Incident`; `newer`: the number of the newer build that ended
    before it, `newer_status`: how that one ended.
    """
    facts: dict[str, int | str] = {}
    incident = incident_at(build) if event in (*FAILURES, Event.FIXED) else None
    if incident:
        facts |= {
            "incident": incident.first,
            "failures": incident.failures,
            "since": incident.since.isoformat(),
        }
    if event == Event.LATE_FAILURE:
        version = build.version
        facts |= {"newer": version.status_build_number, "newer_status": str(version.build_status)}
    return facts
