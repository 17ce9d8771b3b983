"""Composes a mail: headers, and the same facts as text and as HTML."""

from datetime import timedelta
from email.header import Header
from email.message import Message
from typing import Any, NamedTuple

from django.core.mail import EmailMultiAlternatives
from django.core.mail.message import utf8_charset_qp
from django.template.loader import render_to_string

from builds import logs
from builds.models import Build, State, Trigger
from notifications.mails import digest
from notifications.mails.headers import headers_of
from notifications.mails.links import unsubscribe_url
from notifications.mails.rules import FAILURES, Event
from notifications.mails.sentences import branch_of, headline_of, lead_of
from notifications.mails.wording import lines_of, one_line, span
from notifications.models import Mail
from pages.models import Publication
from repositories.forge_pages import commit_page, compare_page

LOG_LINES = 30
LOG_BYTES = 8_192
LONGEST_LINE = 998  # characters, without CRLF. Source: RFC 5322, 2.1.1

TRIGGERS = {
    Trigger.PUSH: "a push",
    Trigger.REGISTRATION: "the registration",
    Trigger.PERSON: "a person",
}
DOCUMENTATION = "Documentation"
BUTTONS = {DOCUMENTATION: "Read the documentation"}


class Fact(NamedTuple):
    label: str
    value: str
    url: str = ""


class OneLine(Header):
    """An ASCII header that stays on one line: folded, a long address would leave the name's own line empty."""

    def encode(self, splitchars: str = ";, \t", maxlinelen: int | None = None, linesep: str = "\n") -> str:
        return super().encode(splitchars, LONGEST_LINE, linesep)


class TidyMessage(EmailMultiAlternatives):
    """What Django makes of a message, with every byte below 128, and headers folded with their names in mind.

    Quoted-printable instead of 8bit: no server on the way has to change it, which would break its DKIM signature
    (RFC 6376, 5.3). Of a header's name Django forgets the length, so that a long subject has nothing on its first
    line, which some readers (Python's own among them) show as a blank in front of it.
    """

    encoding = utf8_charset_qp

    def message(self, *args: Any, **options: Any) -> Message:  # type: ignore[override]
        message: Message = super().message(*args, **options)
        for name, value in {"Subject": str(self.subject), **self.extra_headers}.items():
            if not value.isascii():
                message.replace_header(name, Header(value, "utf-8", header_name=name).encode(linesep=""))
            elif name != "Subject":
                message.replace_header(name, OneLine(value, "us-ascii", header_name=name))  # type: ignore[arg-type]
        return message


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
    if build is None:
        return context_about(mail)
    is_published = Publication.objects.filter(version_id=build.version_id).exists()
    is_failure = event in FAILURES
    links = links_of(build, is_failure=is_failure, is_published=is_published)
    button = links[0]._replace(label=BUTTONS.get(links[0].label, f"Look at {links[0].label.lower()}"))
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
        "button": button,
        "links": links,
        "unsubscribe_url": unsubscribe_url(mail.repository),
    }


def context_about(mail: Mail) -> dict[str, Any]:
    """The same of a mail that is not about one build; a digest lists what was held back."""
    repository = mail.repository
    links = [Fact("Repository", "", repository.page_url), Fact("Settings", "", repository.settings_url)]
    return {
        "subject": mail.subject,
        "headline": headline_of(mail),
        "lead": lead_of(mail),
        "tone": "good" if mail.event == Event.TEST else "odd",
        "repository": repository,
        "facts": [Fact("Status now", repository.get_build_status_display())],
        "entries": digest.entries(mail) if mail.event == Event.DIGEST else [],
        "button": links[0]._replace(label="Look at the repository"),
        "links": links,
        "unsubscribe_url": unsubscribe_url(repository),
    }


def facts_shown(build: Build, *, is_failure: bool) -> list[Fact]:
    version = build.version
    facts = [
        Fact("Failed in", build.stage if is_failure else ""),
        Fact("Commit", build.short_commit, commit_page(build.repository, build.commit)),
        Fact("Message", one_line(build.message.strip().partition("\n")[0])),
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
    docs = Fact(DOCUMENTATION, "", build.version.docs_url if is_published else "")
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
