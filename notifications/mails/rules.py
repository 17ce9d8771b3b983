"""Which result is mailed, and as what: the table of docs/mail.md as one pure function."""

from django.db.models import TextChoices

from repositories.models import BuildStatus, Version


class Event(TextChoices):
    """What a mail tells. The values stand in `Message-ID` and `X-Yaydoc-Event`: they never change."""

    FIRST_SUCCESS = "first-success", "First build"
    FIRST_FAILURE = "first-failure", "First build failed"
    FAILURE = "failure", "Failed"
    STILL_FAILING = "still-failing", "Still failing"
    LATE_FAILURE = "late-failure", "Failed, after a newer build had ended"
    FIXED = "fixed", "Fixed"
    OUR_SIDE = "our-side", "Could not build"
    # Not about one build:
    PAUSED = "paused", "Paused"
    DIGEST = "digest", "Digest"
    TEST = "test", "Test"


FAILURES = (Event.FIRST_FAILURE, Event.FAILURE, Event.STILL_FAILING, Event.LATE_FAILURE)


def event_of_result(
    *,
    previous: BuildStatus,
    new: BuildStatus,
    kind: Version.Kind,
    is_default: bool,
    is_stale: bool,
    mail_service: bool,
    only_changes: bool,
) -> Event | None:
    """What the registrant is told of a counted result of a version; None: nothing.

    `previous` is the version's last counted result (unknown: none yet), `is_stale` that a newer build of the
    version was counted before. The first build is told once per repository, of its default version: another
    branch's first passing build is silent, its first failure a failure like any other. With `only_changes`
    what leaves the version's status as it was is silent too. Pull requests have commit statuses instead.
    """
    if not mail_service or new == BuildStatus.UNKNOWN or kind == Version.Kind.PULL_REQUEST:
        return None
    if only_changes and (is_stale or previous == new):
        return None
    if is_stale:
        return Event.LATE_FAILURE if new == BuildStatus.FAILED else None
    if previous == BuildStatus.UNKNOWN and is_default:
        return Event.FIRST_SUCCESS if new == BuildStatus.SUCCESS else Event.FIRST_FAILURE
    if new == BuildStatus.FAILED:
        return Event.STILL_FAILING if previous == BuildStatus.FAILED else Event.FAILURE
    return Event.FIXED if previous == BuildStatus.FAILED else None
