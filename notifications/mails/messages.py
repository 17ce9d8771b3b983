"""Composes a mail: headers, and the same facts as text and as HTML."""

import re
from datetime import timedelta
from email.header import Header
from email.message import Message
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from builds import logs
from builds.models import Build, State, Trigger
from notifications.mails.links import commit_page, compare_page, unsubscribe_url
from notifications.mails.rules import FAILURES, Event
from notifications.mails.sentences import branch_of, headline_of, lead_of
from notifications.mails.wording import lines_of, one_line, span
from notifications.models import Mail
from pages.models import Publication
from repositories.models import Repository

LOG_LINES = 30
LOG_BYTES = 8_192

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


def host() -> str:
    return str(urlsplit(settings.SITE_URL).hostname)


# -- headers


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

    Django forgets the name's length, so that a long subject has nothing on its first line, which some readers
    (Python's own among them) show as a blank in front of it.
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
