"""What a mail says: subject, headers, and the same facts as text and as HTML."""

import re
from datetime import datetime, timedelta
from email.header import Header
from email.message import Message
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from builds import logs
from builds.models import Build, State, Trigger
from notifications.links import commit_page, compare_page, unsubscribe_url
from notifications.models import Mail
from notifications.rules import FAILURES, Event
from notifications.wording import lines_of, one_line, ordinal, span
from pages.models import Publication
from repositories.models import BuildStatus, Repository, Version

SUBJECT_LENGTH = 255
LOG_LINES = 30
LOG_BYTES = 8_192

# How a subject starts.
STATUS = {
    Event.FIRST_SUCCESS: "First build",
    Event.FIRST_FAILURE: "First build failed",
    Event.FAILURE: "Failed",
    Event.STILL_FAILING: "Still failing",
    Event.LATE_FAILURE: "Failed",
    Event.FIXED: "Fixed",
    Event.OUR_SIDE: "Could not build",
}
TRIGGERS = {
    Trigger.PUSH: "a push",
    Trigger.REGISTRATION: "the registration",
    Trigger.PERSON: "a person",
    Trigger.SCHEDULE: "the schedule",
}


class Fact(NamedTuple):
    label: str
    value: str
    url: str = ""


def host() -> str:
    return str(urlsplit(settings.SITE_URL).hostname)


def branch_of(version: Version) -> str:
    """The branch's or tag's name; the default one has none before its first checkout."""
    return one_line(version.name or version.slug, 100)


# -- subject and headers


def subject_of(build: Build, event: Event) -> str:
    """`Failed: owner/name (main @ 1a2b3c4) – Yaydoc #42`, on one line whatever a branch is called."""  # noqa: RUF002
    where = branch_of(build.version)
    if build.commit:
        where += f" @ {build.short_commit}"
    subject = f"{STATUS[event]}: {build.repository.full_name} ({where}) \N{EN DASH} Yaydoc #{build.number}"
    return one_line(subject, SUBJECT_LENGTH)


def message_id(mail: Mail) -> str:
    """The same for (build, event) however often it is sent, so that a receiver can drop a repetition."""
    return f"<yaydoc.{mail.repository_id}.{mail.build.number}.{mail.event}@{host()}>"


def thread_id(mail: Mail) -> str:
    """What all mails of one incident answer to; "" for a mail that belongs to none.

    No mail carries it as its own Message-ID: so the thread holds together whichever of its mails were sent.
    """
    incident = mail.facts.get("incident")
    if incident is None:
        return ""
    return f"<yaydoc.{mail.repository_id}.{mail.build.version_id}.incident.{incident}@{host()}>"


def list_id(repository: Repository) -> str:
    """`"owner/name" <name.owner.host>`. Source: RFC 2919, 2: labels of a domain name, no empty ones."""
    name = re.sub(r"\.{2,}", ".", repository.name).strip(".") or str(repository.pk)
    return f'"{repository.full_name}" <{name}.{repository.owner}.{host()}>'.lower()


def headers_of(mail: Mail) -> dict[str, str]:
    repository, build = mail.repository, mail.build
    thread = thread_id(mail)
    return {
        "Message-ID": message_id(mail),
        **({"In-Reply-To": thread, "References": thread} if thread else {}),
        "Auto-Submitted": "auto-generated",  # RFC 3834: no out-of-office answers, please
        "List-Id": list_id(repository),
        "List-Unsubscribe": f"<{unsubscribe_url(repository)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",  # RFC 8058
        "X-Yaydoc-Repository": repository.full_name,
        "X-Yaydoc-Branch": branch_of(build.version),
        "X-Yaydoc-Build": str(build.number),
        "X-Yaydoc-Status": build.state,
        "X-Yaydoc-Event": mail.event,
    }


class TidyMessage(EmailMultiAlternatives):
    """Folds headers that are not ASCII with their name in mind.

    Django forgets the name's length, so a long subject begins with an empty line, which strict readers mark down
    and some show as a blank in front.
    """

    def message(self, *args: Any, **options: Any) -> Message:  # type: ignore[override]
        message: Message = super().message(*args, **options)
        for name, value in {"Subject": str(self.subject), **self.extra_headers}.items():
            if not value.isascii():
                message.replace_header(name, Header(value, "utf-8", header_name=name).encode(linesep=""))
        return message


# -- body


def compose(mail: Mail) -> EmailMultiAlternatives:
    context = context_of(mail)
    message = TidyMessage(
        subject=mail.subject,
        body=render_to_string("notifications/mail.txt", context),
        to=[mail.recipient],
        headers=headers_of(mail),
    )
    message.attach_alternative(render_to_string("notifications/mail.html", context), "text/html")
    return message


def context_of(mail: Mail) -> dict[str, Any]:
    """What both templates show, foreign text cleaned (the HTML one escapes it besides)."""
    build, event = mail.build, Event(mail.event)
    is_published = Publication.objects.filter(version_id=build.version_id).exists()
    is_failure = event in FAILURES
    return {
        "subject": mail.subject,
        "headline": headline_of(mail),
        "lead": lead_of(mail),
        "tone": "bad" if is_failure else "odd" if event == Event.OUR_SIDE else "good",
        "repository": mail.repository,
        "build": build,
        "reason": lines_of(build.reason).strip() if event not in (Event.FIRST_SUCCESS, Event.FIXED) else "",
        "hint": lines_of(build.hint).strip() if is_failure else "",
        "old_pages_stay": is_published and event not in (Event.FIRST_SUCCESS, Event.FIXED),
        "facts": facts_shown(build, is_failure=is_failure),
        "log": lines_of(logs.tail(build, lines=LOG_LINES, max_bytes=LOG_BYTES)) if is_failure else "",
        "log_lines": LOG_LINES,
        "links": links_of(build, is_failure=is_failure, is_published=is_published),
        "unsubscribe_url": unsubscribe_url(mail.repository),
    }


def facts_shown(build: Build, *, is_failure: bool) -> list[Fact]:
    version = build.version
    facts = [
        Fact("Failed in", build.stage if is_failure else ""),
        Fact("Commit", build.short_commit, commit_page(build.repository, build.commit)),
        Fact("Message", one_line(build.message)),
        Fact("Author", one_line(build.author)),
        Fact(version.get_kind_display(), branch_of(version)),
        Fact("Started by", TRIGGERS[Trigger(build.trigger)]),
        Fact("Duration", span(timedelta(seconds=build.duration)) if build.duration is not None else ""),
        Fact("Attempt", str(build.attempt) if build.attempt else ""),
    ]
    return [fact for fact in facts if fact.value]


def links_of(build: Build, *, is_failure: bool, is_published: bool) -> list[Fact]:
    """The first one is what most readers want next."""
    repository = build.repository
    docs = Fact("Documentation", "", build.version.docs_url if is_published else "")
    pages = [
        Fact(f"Build #{build.number}", "", build.page_url),
        Fact("Whole log", "", build.log_url),
        Fact("Changes", "", compare_page(repository, compared_with(build, is_failure), build.commit)),
        Fact("Settings", "", repository.settings_url),
    ]
    links = [*pages[:3], docs, pages[3]] if build.state != State.SUCCESS else [docs, *pages]
    return [link for link in links if link.url]


def compared_with(build: Build, is_failure: bool) -> str:
    """The commit of the build to compare with: for a failure the last good one, else the one before."""
    earlier = Build.objects.counted().filter(version_id=build.version_id, number__lt=build.number)
    if is_failure:
        earlier = earlier.filter(state=State.SUCCESS)
    return str(earlier.order_by("-number").values_list("commit", flat=True).first() or "")


def headline_of(mail: Mail) -> str:
    branch, number = branch_of(mail.build.version), mail.build.number
    return {
        Event.FIRST_SUCCESS: "Your documentation is live",
        Event.FIRST_FAILURE: "The first build failed",
        Event.FAILURE: f"Build #{number} of {branch} failed",
        Event.STILL_FAILING: f"{branch} is still failing",
        Event.LATE_FAILURE: f"Build #{number} of {branch} failed",
        Event.FIXED: f"{branch} builds again",
        Event.OUR_SIDE: f"Build #{number} of {branch} could not be done",
    }[Event(mail.event)]


def lead_of(mail: Mail) -> str:
    """One or two sentences: what happened, in its course."""
    build, facts = mail.build, mail.facts
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
                "The fault is on this server's side, not in your documentation. Every attempt was lost; status "
                "and badge stay as they are. A push, or “Build again” on the build's page, tries once more. "
                "You get at most one such mail a day."
            )


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
