"""Mail that came back: what providers post, through anymail's own views, to the address that gets no more mail."""

import base64
import json
import re

import pytest
from django.core import mail as django_mail
from django.test import Client
from django.utils import timezone

from notifications.checks import check_bounces_are_heard_of
from notifications.mails.confirmations import preferences_of_token, token_of
from notifications.mails.delivery import deliver
from notifications.mails.recipients import recipient_of
from notifications.models import DisabledAddress, Mail, OutgoingState, Preferences
from tests.notifications import provider_events
from tests.notifications.conftest import POSTMARK_ID
from tests.notifications.provider_events import (
    MAILGUN_COMPLAINED,
    NO_SUCH_USER,
    SIGNING_KEY,
    mailgun,
    mailgun_failed,
)
from tests.notifications.urls_with_providers import SECRET
from yaydoc.urls import tracking_urls

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def tracking(settings):
    settings.ROOT_URLCONF = "tests.notifications.urls_with_providers"
    settings.ANYMAIL_WEBHOOK_SECRET = [SECRET]
    settings.ANYMAIL_MAILGUN_WEBHOOK_SIGNING_KEY = SIGNING_KEY


def tell(provider, body, *, secret=SECRET):
    """As the provider does: without a cookie, and with CSRF checked as in production."""
    basic = base64.b64encode(secret.encode()).decode()
    headers = {"Authorization": f"Basic {basic}"} if secret else {}
    return Client(enforce_csrf_checks=True).post(
        f"/mail/{provider}/tracking/", json.dumps(body), content_type="application/json", headers=headers
    )


def disabled():
    return list(DisabledAddress.objects.disabled().values_list("address", "kind"))


BOUNCED, COMPLAINED = [("olivia@example.org", "bounced")], [("olivia@example.org", "complaint")]


@pytest.fixture
def sent_by_postmark(written_mail, provider):
    deliver(written_mail.pk)
    written_mail.refresh_from_db()
    assert (written_mail.state, written_mail.provider_id) == (OutgoingState.SENT, POSTMARK_ID)
    return written_mail


def outcome(mail):
    mail.refresh_from_db()
    return mail.state, mail.reason


# -- from the provider's post to the mail and the address


def test_a_hard_bounce_marks_the_mail_and_disables_the_address(sent_by_postmark, repository):
    response = tell("postmark", provider_events.postmark("HardBounce", POSTMARK_ID))

    repository.refresh_from_db()
    assert response.status_code == 200
    assert outcome(sent_by_postmark) == (OutgoingState.BOUNCED, f"It came back: smtp;{NO_SUCH_USER}")
    assert (disabled(), repository.mail_service) == (BOUNCED, True)


def test_a_soft_bounce_marks_the_mail_only(sent_by_postmark):
    event = provider_events.postmark("SoftBounce", POSTMARK_ID, details="smtp;452 4.2.2 mailbox full")

    tell("postmark", event)

    assert outcome(sent_by_postmark) == (OutgoingState.BOUNCED, "It came back: smtp;452 4.2.2 mailbox full")
    assert disabled() == []


def test_a_hard_bounce_after_a_soft_one_disables_the_address(sent_by_postmark):
    tell("postmark", provider_events.postmark("SoftBounce", POSTMARK_ID))
    tell("postmark", provider_events.postmark("HardBounce", POSTMARK_ID))

    assert disabled() == BOUNCED


def test_a_complaint_disables_the_address_as_such(sent_by_postmark):
    tell("postmark", provider_events.postmark("SpamComplaint", POSTMARK_ID))

    assert outcome(sent_by_postmark) == (OutgoingState.BOUNCED, "The recipient reported it as spam.")
    assert disabled() == COMPLAINED


def test_news_that_comes_before_our_own_note_counts(written_mail, monkeypatch, provider):
    """The provider may be faster than we store that it took the mail."""
    mark_sent = Mail.mark_sent

    def slow_mark_sent(mail):
        tell("postmark", provider_events.postmark("HardBounce", POSTMARK_ID))
        return mark_sent(mail)

    monkeypatch.setattr(Mail, "mark_sent", slow_mark_sent)
    deliver(written_mail.pk)

    assert outcome(written_mail)[0] == OutgoingState.BOUNCED


def test_the_next_mail_is_not_sent_until_the_address_is_confirmed_again(
    sent_by_postmark, repository, as_owner, as_nobody, end_build, run_mail_tasks, settings
):
    tell("postmark", provider_events.postmark("HardBounce", POSTMARK_ID))
    end_build("failed")
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    run_mail_tasks()
    after_the_bounce = len(django_mail.outbox)
    page = as_owner.get("/octo/docs/").text
    [action] = re.findall(r'action="(/octo/docs/settings/notifications/confirm[^"]*)"', page)
    as_owner.post(action)
    as_owner.post(re.search(r"http://localhost:8000(/\S+)", django_mail.outbox[0].body)[1])
    end_build("failed")
    run_mail_tasks()

    assert (after_the_bounce, len(django_mail.outbox), disabled()) == (0, 2, [])
    assert list(Mail.objects.order_by("pk").values_list("state", "reason"))[1:] == [
        (OutgoingState.SUPPRESSED, "address bounced"),
        (OutgoingState.SENT, ""),
    ]


def test_old_news_after_the_address_was_confirmed_again_changes_nothing(sent_by_postmark, repository):
    event = provider_events.postmark("HardBounce", POSTMARK_ID)
    tell("postmark", event)
    DisabledAddress.objects.enable("olivia@example.org")

    tell("postmark", event)  # providers repeat themselves
    repeated = disabled()
    tell("postmark", provider_events.postmark("HardBounce", POSTMARK_ID, at=f"{timezone.now().year + 1}-01-01"))

    assert (repeated, disabled()) == ([], BOUNCED)


def test_a_provider_that_refuses_at_once_is_as_good_as_a_bounce(written_mail, provider):
    inactive = "Found inactive addresses: olivia@example.org.\nInactive recipients are ones that have bounced."
    provider(422, 406, inactive)

    deliver(written_mail.pk)

    assert (outcome(written_mail)[0], disabled()) == (OutgoingState.REFUSED, BOUNCED)


def test_a_refusal_of_the_sender_is_not_the_recipients_fault(written_mail, provider):
    provider(422, 300, "Invalid 'From' address: 'yaydoc@localhost'.")

    deliver(written_mail.pk)

    assert (outcome(written_mail)[0], disabled()) == (OutgoingState.REFUSED, [])


# -- what each provider says, and means


@pytest.mark.parametrize(
    ("provider", "event", "expected"),
    [
        ("mailgun", mailgun_failed("permanent", "bounce", 550, f"5.1.1 {NO_SUCH_USER}"), BOUNCED),
        (
            "mailgun",
            mailgun_failed("permanent", "suppress-bounce", 605, "Not delivering to previously bounced"),
            BOUNCED,
        ),
        ("mailgun", mailgun_failed("permanent", "bounce", 550, "5.7.1 blocked by our content filter"), []),
        ("mailgun", mailgun_failed("permanent", "bounce", 552, "5.2.2 mailbox is over its quota"), []),
        ("mailgun", mailgun_failed("permanent", "generic", 602, "Too old"), []),
        ("mailgun", mailgun_failed("temporary", "generic", 498, "No MX for example.org"), []),
        ("mailgun", mailgun(MAILGUN_COMPLAINED), COMPLAINED),
        ("mailgun", mailgun({"event": "delivered"}), []),
        ("mailgun", mailgun({"event": "unsubscribed"}), []),
        ("postmark", provider_events.postmark("HardBounce", "x"), BOUNCED),
        ("postmark", provider_events.postmark("BadEmailAddress", "x"), BOUNCED),
        ("postmark", provider_events.postmark("SpamNotification", "x"), COMPLAINED),
        ("postmark", provider_events.postmark("HardBounce", "x", details="smtp;550 5.7.1 policy"), []),
        ("postmark", provider_events.postmark("Transient", "x"), []),
        ("postmark", provider_events.postmark("DnsError", "x"), []),
        ("postmark", provider_events.postmark("Blocked", "x"), []),
        ("postmark", provider_events.postmark("VirusNotification", "x"), []),
        ("postmark", provider_events.postmark("AutoResponder", "x"), []),
        ("brevo", provider_events.brevo("hard_bounce"), BOUNCED),
        ("brevo", provider_events.brevo("invalid_email"), BOUNCED),
        ("brevo", provider_events.brevo("soft_bounce"), []),
        ("brevo", provider_events.brevo("spam"), COMPLAINED),
        ("sparkpost", provider_events.sparkpost("10"), BOUNCED),
        ("sparkpost", provider_events.sparkpost("22"), []),
        ("sparkpost", provider_events.sparkpost("51"), []),
    ],
)
def test_only_what_is_for_good_disables_an_address(owner, provider, event, expected):
    """Of an account's address, with no mail of the outbox behind it: a confirmation came back, say."""
    assert tell(provider, event).status_code == 200
    assert disabled() == expected


def test_addresses_that_are_none_of_ours_are_not_kept(owner):
    tell("postmark", provider_events.postmark("HardBounce", "x", address="somebody@example.com"))

    assert DisabledAddress.objects.count() == 0


@pytest.mark.parametrize("event", [{"message_id": "a\0b"}, {"message_id": "", "address": "olivia@example.org\0"}])
def test_an_event_that_no_database_takes_is_not_our_fault(owner, event):
    assert tell("postmark", provider_events.postmark("HardBounce", **event)).status_code == 200


def test_a_bounce_of_the_future_can_be_confirmed_away_today(owner, repository):
    preferences = Preferences.objects.create(repository=repository, mail_to="ops@example.org")

    tell("postmark", provider_events.postmark("HardBounce", "", address="ops@example.org", at="2999-01-01"))
    link = token_of(preferences)

    assert disabled() == [("ops@example.org", "bounced")]
    assert preferences_of_token(link) == preferences


def test_an_address_in_other_letters_is_the_same(owner, repository):
    tell("postmark", provider_events.postmark("HardBounce", "x", address="Olivia@EXAMPLE.org"))

    assert recipient_of(repository).obstacle == "address bounced"


# -- who may tell


@pytest.mark.parametrize("secret", ["", "yaydoc:wrong", "correct-horse-battery"])
@pytest.mark.parametrize("provider", ["mailgun", "postmark"])
def test_nobody_disables_an_address_without_the_secret(owner, secret, provider):
    event = {"mailgun": mailgun(MAILGUN_COMPLAINED), "postmark": provider_events.postmark("HardBounce", "x")}

    assert tell(provider, event[provider], secret=secret).status_code == 400
    assert disabled() == []


def test_mailguns_signature_counts_besides(owner):
    assert tell("mailgun", mailgun(MAILGUN_COMPLAINED, key="another key")).status_code == 400
    assert disabled() == []


def test_without_a_provider_or_a_secret_there_is_no_such_address():
    assert tracking_urls("", [SECRET]) == tracking_urls("postmark", []) == []
    [included] = tracking_urls("postmark", [SECRET])
    assert [pattern.name for pattern in included.url_patterns] == ["postmark_tracking_webhook"]


@pytest.mark.parametrize(
    ("provider", "secret", "found"),
    [("postmark", [], ["notifications.W001"]), ("postmark", [SECRET], []), ("", [], [])],
)
def test_a_provider_whose_news_nobody_hears_is_a_warning(settings, provider, secret, found):
    settings.ANYMAIL_PROVIDER, settings.ANYMAIL_WEBHOOK_SECRET = provider, secret

    assert [message.id for message in check_bounces_are_heard_of(None)] == found
