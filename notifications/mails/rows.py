"""Adds the rows of the outbox that are mails, and locks what their limits are counted for."""

from typing import Any

from builds.models import Build
from notifications.mails.recipients import Recipient
from notifications.mails.rules import Event
from notifications.mails.sentences import subject_about, subject_of
from notifications.models import Mail, OutgoingState, Pause
from repositories.models import Repository


def locked(repository_id: int) -> Repository:
    """The row as it is now, for this transaction alone: what counts a repository's mails does it one at a time.

    Rows that point at it, such as builds, may be added meanwhile.
    """
    repository: Repository = Repository.objects.select_for_update(of=("self",), no_key=True).get(pk=repository_id)
    return repository


def add(
    repository: Repository,
    event: Event,
    recipient: Recipient,
    *,
    build: Build | None = None,
    pause: Pause | None = None,
    facts: dict[str, Any] | None = None,
) -> Mail:
    """A row, and a wake-up for the worker once it is committed; what may not be sent is stored as suppressed.

    A pause holds back what is about a build; what is not tells of the pause.
    """
    state, reason = first_state(recipient, pause if build else None)
    mail = Mail(
        repository=repository,
        build=build,
        pause=pause,
        event=event,
        recipient=recipient.address,
        subject=subject_of(build, event) if build else subject_about(repository, event, facts or {}),
        facts=facts or {},
        state=state,
        reason=reason,
    )
    mail.save(force_insert=True)
    if state == OutgoingState.QUEUED:
        mail.wake_on_commit()
    return mail


def first_state(recipient: Recipient, held_by: Pause | None) -> tuple[OutgoingState, str]:
    """And the reason for it."""
    if recipient.obstacle:
        return OutgoingState.SUPPRESSED, recipient.obstacle
    if held_by:
        return OutgoingState.HELD, f"too many mails in an hour: told in a digest at {held_by.ends_at:%H:%M} UTC"
    return OutgoingState.QUEUED, ""
