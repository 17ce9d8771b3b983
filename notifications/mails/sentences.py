"""What a mail says in its own words: subject, headline, and what happened in a sentence or two."""

from datetime import datetime
from typing import Any

from builds.models import Build
from notifications.mails.rules import Event
from notifications.mails.wording import one_line, ordinal, plural, span
from notifications.models import Mail
from repositories.models import BuildStatus, Repository, Version

SUBJECT_LENGTH = 255


def branch_of(version: Version, limit: int = 100) -> str:
    """The branch's or tag's name; the default one has none before its first checkout."""
    return one_line(version.name or version.slug, limit)


def subject_of(build: Build, event: Event) -> str:
    """`Failed: owner/name (main @ 1a2b3c4) – Yaydoc #42`, on one line whatever a branch is called."""  # noqa: RUF002
    status = (Event.FAILURE if event == Event.LATE_FAILURE else event).label
    start = f"{status}: {build.repository.full_name} ("
    end = f" @ {build.short_commit})" if build.commit else ")"
    end += f" \N{EN DASH} Yaydoc #{build.number}"
    return start + branch_of(build.version, min(100, SUBJECT_LENGTH - len(start + end))) + end


def subject_about(repository: Repository, event: Event, facts: dict[str, Any]) -> str:
    """Of a mail that is not about one build: `Digest: owner/name (25 mails) – Yaydoc`."""  # noqa: RUF002
    detail = f" ({plural(facts['held'], 'mail')})" if event == Event.DIGEST else ""
    return one_line(f"{event.label}: {repository.full_name}{detail} \N{EN DASH} Yaydoc", SUBJECT_LENGTH)


def headline_of(mail: Mail) -> str:
    if mail.build is None:
        return {
            Event.PAUSED: "Mail is paused",
            Event.DIGEST: "What happened while mail was paused",
            Event.TEST: "Mail arrives",
        }[Event(mail.event)]
    branch, number = branch_of(mail.build.version), mail.build.number
    return {
        Event.FIRST_SUCCESS: "Your documentation is live",
        Event.FIRST_FAILURE: "The first build failed",
        Event.FAILURE: f"Build #{number} of {branch} failed",
        Event.STILL_FAILING: f"{branch} is still failing",
        Event.LATE_FAILURE: f"Build #{number} of {branch} failed",
        Event.FIXED: f"{branch} builds again",
        Event.OUR_SIDE: f"{branch} could not be built",
    }[Event(mail.event)]


def lead_of(mail: Mail) -> str:
    """One or two sentences: what happened, in its course."""
    build, facts = mail.build, mail.facts
    if build is None:
        return lead_about(mail)
    branch, name = branch_of(build.version), mail.repository.full_name
    match Event(mail.event):
        case Event.FIRST_SUCCESS:
            return f"The first build of {name} has passed. From now on every push to {branch} is published."
        case Event.FIRST_FAILURE:
            return f"The first build of {name} did not get through, so nothing is published yet."
        case Event.FAILURE:
            return f"The build before it had passed. Now {name} does not build any more."
        case Event.STILL_FAILING:
            return still_failing(facts)
        case Event.LATE_FAILURE:
            how = "passed" if facts["newer_status"] == BuildStatus.SUCCESS else "failed as well"
            return f"It ended late: the newer build #{facts['newer']} has {how} already, and its result counts."
        case Event.FIXED:
            return fixed(build, facts)
        case Event.OUR_SIDE:
            return (
                "The fault is on this server's side, not in your documentation; status, badge and published pages "
                "are as they were. The next push, or “Build again” on the build's page, tries once more. You get "
                "at most one such mail a day."
            )
        case Event.PAUSED | Event.DIGEST | Event.TEST:
            raise ValueError(f"A mail of the kind {mail.event} is not about a build.")


def lead_about(mail: Mail) -> str:
    """The same of a mail that is not about one build."""
    name, facts = mail.repository.full_name, mail.facts
    if mail.event == Event.PAUSED:
        until = datetime.fromisoformat(facts["until"])
        return (
            f"{name} had more than {facts['at_most']} mails within an hour. What happens until "
            f"{until:%H:%M} UTC is held back and comes in one digest. Builds, pages and badge go on as before."
        )
    if mail.event == Event.DIGEST:
        since = datetime.fromisoformat(facts["since"])
        return f"{plural(facts['held'], 'mail')} about {name} were held back since {since:%-d %B, %H:%M} UTC."
    return f"You asked for a test mail about {name}. That you read it means that its mails reach you."


def still_failing(facts: dict[str, Any]) -> str:
    since = datetime.fromisoformat(facts["since"])
    return (
        f"This is the {ordinal(facts['failures'])} failed build in a row, "
        f"since build #{facts['incident']} of {since:%-d %B %Y, %H:%M} UTC."
    )


def fixed(build: Build, facts: dict[str, Any]) -> str:
    if "since" not in facts or build.finished_at is None:
        return "The build has passed."
    builds = "one failed build" if facts["failures"] == 1 else f"{facts['failures']} failed builds"
    time = span(build.finished_at - datetime.fromisoformat(facts["since"]))
    return f"The build has passed, after {builds} and {time}."
