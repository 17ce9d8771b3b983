"""What a mail shows: one set of facts, from which its text and its HTML are both made."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple

from builds import logs
from builds.models import MOST_FAILURES_IN_A_ROW, Automation, Build, State, Trigger
from builds.stages import Stage
from notifications.mails import digest
from notifications.mails.links import unsubscribe_url
from notifications.mails.rules import FAILURES, Event
from notifications.mails.sentences import branch_of, headline_of, lead_of
from notifications.mails.wording import lines_of, one_line, span
from notifications.models import Mail
from pages.models import Publication
from repositories.forge_pages import commit_page, compare_page
from repositories.models import Repository

LOG_LINES = 30
LOG_BYTES = 8_192
MOST_BRANCHES = 10  # that a digest begins with

TRIGGERS = {
    Trigger.PUSH: "a push",
    Trigger.REGISTRATION: "the registration",
    Trigger.PERSON: "a person",
    Trigger.WATCH: "a look at the branches",
    Trigger.SCHEDULE: "the schedule",
}
DOCUMENTATION = "Documentation"
BUTTONS = {DOCUMENTATION: "Read the documentation"}
GOOD = (Event.FIRST_SUCCESS, Event.FIXED)
PILLS = {Event.FIRST_SUCCESS: "Live", Event.FIRST_FAILURE: "Failed", Event.LATE_FAILURE: "Failed"}
TONES = {Event.TEST: "plain", **dict.fromkeys(GOOD, "good"), **dict.fromkeys(FAILURES, "bad")}


PAUSES = (
    f" After {MOST_FAILURES_IN_A_ROW} of them pushes build nothing any more, until somebody presses “Build again”"
    " on the repository's page."
)


class Fact(NamedTuple):
    label: str
    value: str
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What a mail says besides its own row and its build's."""

    is_published: bool = False
    compared_with: str = ""  # commit
    log: str = ""  # its end
    pauses: bool = False  # it was one failure in a row too many
    entries: tuple[digest.Entry, ...] = ()


def surroundings_of(mail: Mail) -> Surroundings:
    build, is_failure = mail.build, mail.event in FAILURES
    if build is None:
        return Surroundings(entries=tuple(digest.entries(mail)) if mail.event == Event.DIGEST else ())
    return Surroundings(
        is_published=Publication.objects.filter(
            version_id=build.version_id, version__repository__is_private=False
        ).exists(),
        compared_with=compared_with(build, is_failure),
        log=logs.tail(build, lines=LOG_LINES, max_bytes=LOG_BYTES) if is_failure else "",
        pauses=mail.event == Event.STILL_FAILING and Automation.objects.was_paused_by(build),
    )


def compared_with(build: Build, is_failure: bool) -> str:
    """The commit of the build to compare with: for a failure the last good one, else the one before."""
    earlier = Build.objects.counted().filter(version_id=build.version_id, number__lt=build.number)
    if is_failure:
        earlier = earlier.filter(state=State.SUCCESS)
    return str(earlier.order_by("-number").values_list("commit", flat=True).first() or "")


def content_of(mail: Mail, around: Surroundings) -> dict[str, Any]:
    """What the templates show, foreign text cleaned (the HTML ones escape it besides)."""
    event, repository = Event(mail.event), mail.repository
    content: dict[str, Any] = {
        "subject": mail.subject,
        "pill": PILLS.get(event, event.label),
        "tone": TONES.get(event, "odd"),
        "headline": headline_of(mail),
        "lead": lead_of(mail),
        "repository": repository,
        "unsubscribe_url": unsubscribe_url(repository),
    }
    specific = content_of_build(mail.build, event, around) if mail.build else content_about(mail, around)
    if around.pauses:
        content["lead"] += PAUSES
    if specific.get("old_pages_stay"):
        content["lead"] += " The pages that are published stay as they are."
    return {**content, **specific, "preview": specific.get("reason") or content["lead"]}


def content_of_build(build: Build, event: Event, around: Surroundings) -> dict[str, Any]:
    is_failure = event in FAILURES
    links = links_of(build, around)
    return {
        "build": build,
        "reason": "" if event in GOOD else lines_of(build.reason).strip(),
        "hint": lines_of(build.hint).strip() if is_failure else "",
        "old_pages_stay": around.is_published and is_failure,
        "facts": facts_shown(build, is_failure=is_failure),
        "log": lines_of(around.log),
        "button": links[0]._replace(label=BUTTONS.get(links[0].label, f"Look at {links[0].label.lower()}")),
        "links": links[1:],
    }


def content_about(mail: Mail, around: Surroundings) -> dict[str, Any]:
    """Of a mail that is not about one build; a digest lists what was held back."""
    repository = mail.repository
    return {
        "facts": how_it_stands(repository, around.entries),
        "entries": around.entries[-digest.SHOWN :],
        "earlier": digest.in_short(around.entries[: -digest.SHOWN]),
        "button": Fact("Look at the repository", "", repository.page_url),
        "links": [Fact("Settings", "", repository.settings_url)],
    }


def how_it_stands(repository: Repository, entries: Iterable[digest.Entry]) -> list[Fact]:
    """The repository, and what a digest tells last of each branch."""
    last = {entry.branch: entry for entry in entries}
    return [
        Fact("Status now", repository.get_build_status_display()),
        *[
            Fact(entry.event, f"{branch}, build #{entry.number}", entry.url)
            for branch, entry in list(last.items())[:MOST_BRANCHES]
        ],
    ]


def facts_shown(build: Build, *, is_failure: bool) -> list[Fact]:
    version = build.version
    stage = Stage(build.stage).label if build.stage in Stage else ""
    facts = [
        Fact("Failed in", stage if is_failure else ""),
        Fact("Commit", build.short_commit, commit_page(build.repository, build.commit)),
        Fact("Message", one_line(build.message.strip().partition("\n")[0])),
        Fact("Author", one_line(build.author)),
        Fact(version.get_kind_display(), branch_of(version)),
        Fact("Started by", TRIGGERS[Trigger(build.trigger)]),
        Fact("Duration", span(timedelta(seconds=build.duration)) if build.duration is not None else ""),
        Fact("Attempt", str(build.attempt) if build.attempt else ""),
    ]
    return [fact for fact in facts if fact.value]


def links_of(build: Build, around: Surroundings) -> list[Fact]:
    """The first one is what most readers want next."""
    repository = build.repository
    docs = Fact(DOCUMENTATION, "", build.version.docs_url if around.is_published else "")
    pages = [
        Fact(f"Build #{build.number}", "", build.page_url),
        Fact("Whole log", "", build.log_url),
        Fact("Changes", "", compare_page(repository, around.compared_with, build.commit)),
        Fact("Settings", "", repository.settings_url),
    ]
    links = [*pages[:3], docs, pages[3]] if build.state != State.SUCCESS else [docs, *pages]
    return [link for link in links if link.url]
