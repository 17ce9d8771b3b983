"""The breaker: from a repository's mails that are more than anyone reads, one "paused" mail and one digest."""

import logging
from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Now

from notifications.mails import rows
from notifications.mails.recipients import Recipient, recipient_of
from notifications.mails.rules import Event
from notifications.models import Mail, OutgoingState, Pause
from repositories.models import Repository

logger = logging.getLogger(__name__)

AT_MOST = 20  # mails about the builds of one repository in PERIOD
PERIOD = timedelta(hours=1)


def pause_for(repository: Repository, recipient: Recipient) -> Pause | None:
    """What holds back the mail about a build that is to be written now; it begins with the first one too many.

    Call it with the repository locked, so that of two such mails one begins the pause and the other finds it.
    """
    pause: Pause | None = Pause.objects.open().filter(repository=repository).first()
    if pause or not is_at_limit(repository):
        return pause
    pause = Pause.objects.create(repository=repository)
    facts = {"at_most": AT_MOST, "until": pause.ends_at.isoformat()}
    rows.add(repository, Event.PAUSED, recipient, pause=pause, facts=facts)
    return pause


def is_at_limit(repository: Repository) -> bool:
    """What was never to be sent does not count; held ones would begin the next pause right after the last."""
    lately = Mail.objects.filter(repository=repository, created_at__gt=Now() - PERIOD)
    told = lately.filter(build__isnull=False, pause=None).exclude(state=OutgoingState.SUPPRESSED)
    return len(told.order_by().values_list("pk")[:AT_MOST]) == AT_MOST


def sweep() -> None:
    """Called by the clock: ends what is over. Any number of processes may run it at once."""
    for pause in Pause.objects.over():
        try:
            end(pause)
        # A fault of ours with one repository must be seen, and keep no other waiting.
        except Exception:
            logger.exception("The pause of %s cannot be ended", pause)


@transaction.atomic
def end(pause: Pause) -> Mail | None:
    """Close the pause, settle what it held and write its digest, all at once; None: there is nothing to tell.

    Nothing is held any more by one that has ended already.
    """
    repository = rows.locked(pause.repository_id)
    pause.end()
    held = Mail.objects.filter(pause=pause).held()
    if not repository.mail_service:
        held.suppress_held("mail was turned off")
        return None
    count = held.suppress_held(f"told in the digest of {pause.ended_at:%-d %B, %H:%M} UTC")
    if not count:
        return None
    facts = {"held": count, "since": pause.began_at.isoformat()}
    return rows.add(repository, Event.DIGEST, recipient_of(repository), pause=pause, facts=facts)
