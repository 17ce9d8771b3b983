"""One mail of each kind, made up: for the preview, and for the manual's pictures. Nothing of it is stored."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from allauth.account.adapter import get_adapter
from django.contrib.auth import get_user_model
from django.core.mail import EmailMessage

from builds.models import Build, State, Trigger
from builds.stages import Stage
from forges.kinds import Forge
from notifications.mails import confirmations
from notifications.mails.content import Surroundings
from notifications.mails.digest import Entry
from notifications.mails.messages import compose
from notifications.mails.rules import FAILURES, Event
from notifications.mails.sentences import subject_about, subject_of
from notifications.models import Mail
from repositories.models import BuildStatus, Repository, Version

NOON = datetime(2026, 5, 4, 12, 30, tzinfo=UTC)
RECIPIENT = "olivia@example.org"
COMMIT, EARLIER = "8c2f1d7be04a96c5d3e0fb1a7c94e2865d01a3bc", "41a7e90c6d52bf3380ce1f9d7a6b24c8150d9e7f"
LOG = """\
── Environment: reused
── Render
$ sphinx-build -b html -j auto docs output
Running Sphinx v8.2.3
loading translations [en]... done
making output directory... done

Extension error:
Could not import extension sphinx_design (exception: No module named 'sphinx_design')
── Failed: The Sphinx extension sphinx_design is not installed."""
RESULTS: dict[State, dict[str, Any]] = {
    State.SUCCESS: {"duration": 14.2},
    State.FAILED: {
        "duration": 9.6,
        "stage": Stage.RENDER,
        "reason": "The Sphinx extension sphinx_design is not installed.",
        "hint": "Add its package to the requirements of the documentation (docs/requirements.txt).",
    },
    State.ERROR: {"reason": "The git host github.com could not be reached.", "attempt": 3},
}
INCIDENT = {
    "root": 40,
    "incident": 40,
    "failures": 3,
    "since": (NOON - timedelta(hours=2, minutes=10)).isoformat(),
}
FACTS: dict[Event, dict[str, Any]] = {
    Event.STILL_FAILING: INCIDENT,
    Event.FIXED: INCIDENT,
    Event.LATE_FAILURE: {"newer": 43, "newer_status": BuildStatus.SUCCESS},
    Event.PAUSED: {"at_most": 20, "until": (NOON + timedelta(hours=1)).isoformat()},
    Event.DIGEST: {"held": 100, "since": (NOON - timedelta(hours=1)).isoformat()},
}
CONFIRM_ADDRESS = "confirm-address"
ACCOUNT_MAILS: dict[str, dict[str, Any]] = {
    "email_confirmation_signup": {"activate_url": "/accounts/confirm-email/MTQ:1tC4fX/"},
    "email_confirmation": {"activate_url": "/accounts/confirm-email/MTQ:1tC4fX/"},
    "password_reset_key": {"password_reset_url": "/accounts/password/reset/key/e-c7k2/", "username": "olivia"},
    "unknown_account": {},
}


def repository() -> Repository:
    return Repository(
        pk=0,
        owner="octo",
        name="handbook",
        clone_url="https://github.com/octo/handbook.git",
        forge=Forge.GITHUB,
        registrant_id=0,
        build_status=BuildStatus.FAILED,
    )


def build(event: Event) -> Build:
    state = State.FAILED if event in FAILURES else State.ERROR if event == Event.OUR_SIDE else State.SUCCESS
    is_first = event in (Event.FIRST_SUCCESS, Event.FIRST_FAILURE)
    of = repository()
    return Build(
        repository=of,
        version=Version(pk=0, repository=of, name="main", slug=Version.LATEST, is_default=True),
        number=1 if is_first else 42,
        trigger=Trigger.REGISTRATION if is_first else Trigger.PUSH,
        commit=COMMIT,
        message="Lay the landing page out in cards",
        author="Olivia Octo",
        state=state,
        finished_at=NOON,
        **{"attempt": 1, **RESULTS[state]},
    )


def mail(event: Event) -> Mail:
    facts = FACTS.get(event, {})
    about = None if event in (Event.PAUSED, Event.DIGEST, Event.TEST) else build(event)
    return Mail(
        pk=0,
        repository=about.repository if about else repository(),
        build=about,
        event=event,
        recipient=RECIPIENT,
        subject=subject_of(about, event) if about else subject_about(repository(), event, facts),
        facts=facts,
    )


def surroundings(event: Event) -> Surroundings:
    return Surroundings(
        is_published=event != Event.FIRST_FAILURE,
        compared_with="" if event in (Event.FIRST_SUCCESS, Event.FIRST_FAILURE) else EARLIER,
        log=LOG if event in FAILURES else "",
        entries=tuple(map(entry, range(43, 143))) if event == Event.DIGEST else (),
    )


def entry(number: int) -> Entry:
    branch = ("main", "release/2.0", "feature/a-search-that-finds-what-you-mean")[number % 3]
    event = Event.FIXED if number % 9 == 0 else Event.FAILURE if number % 9 < 4 else Event.STILL_FAILING
    commit = f"{number * 7_654_321:07x}"[:7]
    page = f"{repository().page_url}builds/{number}/"
    return Entry(number, branch, commit, event.label, page, "good" if event == Event.FIXED else "bad")


def message(kind: str) -> EmailMessage:
    """Raises KeyError for a kind that there is not."""
    return KINDS[kind]()


def message_of(event: Event) -> EmailMessage:
    return compose(mail(event), surroundings(event))


def account_message(name: str) -> EmailMessage:
    context = {"user": get_user_model()(username="olivia"), "email": RECIPIENT, **ACCOUNT_MAILS[name]}
    sent: EmailMessage = get_adapter().render_mail(f"account/email/{name}", RECIPIENT, context)
    return sent


def _of(make: Callable[[Any], EmailMessage], what: Any) -> Callable[[], EmailMessage]:
    return lambda: make(what)


KINDS: dict[str, Callable[[], EmailMessage]] = {
    **{str(event): _of(message_of, event) for event in Event},
    CONFIRM_ADDRESS: lambda: confirmations.message(repository(), RECIPIENT, "WzAsIm9saXZpYUBleGFtcGxl:1tC4fX"),
    **{name.replace("_", "-"): _of(account_message, name) for name in ACCOUNT_MAILS},
}
