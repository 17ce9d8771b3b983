"""The outbox: write a mail with the result it tells of, send it after the commit, see to what was left behind."""

import logging
import random
from datetime import timedelta

from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from builds.models import Build
from notifications import messages
from notifications.incidents import incident_at
from notifications.models import Mail, MailState
from notifications.recipients import address_of_registrant
from notifications.rules import FAILURES, Event, event_of_result
from notifications.sending import Refused, TryLater, send
from notifications.sentences import subject_of
from repositories.models import BuildStatus, Repository, Version

logger = logging.getLogger(__name__)

WAITS = tuple(
    timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360, 720)
)  # before the second, third, … delivery
JITTER = 0.2  # of a wait, either way, so that a server that comes back isn't met by all at once
PATIENCE = 5  # claims that are lost with their process before the mail itself is suspected
OUR_SIDE_AT_MOST_EVERY = timedelta(days=1)  # for each repository
REMIND_AFTER = timedelta(minutes=5)  # a wake-up may be lost with the worker that took it
REMIND_AT_MOST = 100  # mails in one sweep


# -- write


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
            "state": MailState.QUEUED if recipient else MailState.SUPPRESSED,
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


# -- send


def deliver(mail_id: int) -> None:
    """Send one mail, if it is due and nobody else does, and store what became of it."""
    mail = (
        Mail.objects.due()
        .filter(pk=mail_id)
        .select_related("repository", "build__repository", "build__version")
        .first()
    )
    if mail is None or not mail.claim():
        return
    if not Repository.objects.filter(pk=mail.repository_id, mail_service=True).exists():
        mail.suppress("mail was turned off")
        return
    try:
        send(messages.compose(mail))
    except Refused as refusal:
        mail.mark_refused(str(refusal))
    except TryLater as fault:
        try_later(mail, str(fault))
    # A fault of ours in one mail must be seen, and end with that mail.
    except Exception as error:
        logger.exception("Mail %d cannot be composed or sent", mail.pk)
        try_later(mail, f"A fault of ours: {type(error).__name__}.")
    else:
        mail.mark_sent()


def try_later(mail: Mail, reason: str) -> None:
    if mail.failures >= len(WAITS):
        mail.expire(f"Given up after {mail.failures + 1} deliveries. {reason}")
        return
    mail.retry_after(WAITS[mail.failures] * random.uniform(1 - JITTER, 1 + JITTER), reason=reason)  # noqa: S311


# -- see to what was left behind


def sweep() -> None:
    """What the clock calls every few seconds. Idempotent; any process may call it at any time."""
    for mail in Mail.objects.sending():
        if mail.is_abandoned():
            mail.take_back(timedelta(0) if mail.attempt < PATIENCE else WAITS[2])
    for mail in Mail.objects.too_old():
        mail.expire(f"Not sent within 24 hours. {mail.reason}".strip())
    forgotten = Q(woken_at=None) | Q(woken_at__lt=Now() - REMIND_AFTER)
    for mail in Mail.objects.due().filter(forgotten).order_by("pk")[:REMIND_AT_MOST]:
        mail.wake_worker()
