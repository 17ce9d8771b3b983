"""What each provider calls permanent: its event, read by anymail as its webhook does, without the request."""

import pytest
from anymail.webhooks.amazon_ses import AmazonSESTrackingWebhookView
from anymail.webhooks.mailersend import MailerSendTrackingWebhookView
from anymail.webhooks.mailjet import MailjetTrackingWebhookView
from anymail.webhooks.mandrill import MandrillCombinedWebhookView
from anymail.webhooks.resend import ResendTrackingWebhookView
from anymail.webhooks.sendgrid import SendGridTrackingWebhookView
from django.test import RequestFactory

from notifications.mails.bounces import PERMANENT, kind_of
from notifications.models import DisabledAddress

ADDRESS = "olivia@example.org"
BOUNCED, COMPLAINT = DisabledAddress.Kind


def ses(kind, **details):
    event = {"eventType": kind, "mail": {"messageId": "1", "destination": [ADDRESS]}, kind.lower(): details}
    view = object.__new__(AmazonSESTrackingWebhookView)
    return view.esp_to_anymail_events(event, {"MessageId": "2"})[0]


def ses_bounce(kind):
    recipient = {"emailAddress": ADDRESS, "action": "failed", "status": "5.1.1", "diagnosticCode": "smtp; 550 no"}
    return ses("Bounce", bounceType=kind, bounceSubType="General", bouncedRecipients=[recipient])


def mailersend(kind):
    data = {"type": kind, "id": "1", "email": {"recipient": {"email": ADDRESS}, "message": {"id": "2"}}}
    if kind != "spam_complaint":
        data["morph"] = {"object": "recipient_bounce", "reason": "Host or domain name not found"}
    view = object.__new__(MailerSendTrackingWebhookView)
    return view.esp_to_anymail_event({"type": f"activity.{kind}", "data": data})


def mailjet(error, *, hard, event="bounce"):
    raw = {"event": event, "time": 1793550834, "MessageID": 1, "email": ADDRESS, "blocked": False}
    view = object.__new__(MailjetTrackingWebhookView)
    return view.esp_to_anymail_event({**raw, "hard_bounce": hard, "error_related_to": "recipient", "error": error})


def mandrill(event):
    raw = {"event": event, "ts": 1793550834, "_id": "1", "msg": {"email": ADDRESS, "diag": "smtp;550 no"}}
    return object.__new__(MandrillCombinedWebhookView).mandrill_tracking_to_anymail_event(raw)


def resend(kind, text="The recipient's email provider sent a bounce message."):
    data = {"email_id": "1", "to": [ADDRESS], "bounce": {"type": kind, "subType": "General", "message": text}}
    raw = {"type": "email.bounced", "created_at": "2026-11-01T16:33:54.907Z", "data": data}
    return object.__new__(ResendTrackingWebhookView).esp_to_anymail_event(raw, RequestFactory().post("/"))


def sendgrid(event, kind, status="5.0.0"):
    raw = {
        "event": event,
        "type": kind,
        "status": status,
        "reason": "no",
        "email": ADDRESS,
        "timestamp": 1793550834,
    }
    return object.__new__(SendGridTrackingWebhookView).esp_to_anymail_event(raw)


CASES = [
    ("Amazon SES", ses_bounce("Permanent"), BOUNCED),
    ("Amazon SES", ses_bounce("Transient"), None),
    ("Amazon SES", ses_bounce("Undetermined"), None),
    ("Amazon SES", ses("Complaint", complainedRecipients=[{"emailAddress": ADDRESS}]), COMPLAINT),
    ("MailerSend", mailersend("hard_bounced"), BOUNCED),
    ("MailerSend", mailersend("soft_bounced"), None),
    ("MailerSend", mailersend("spam_complaint"), COMPLAINT),
    ("Mailjet", mailjet("user unknown", hard=True), BOUNCED),
    ("Mailjet", mailjet("quota exceeded", hard=False), None),
    ("Mailjet", mailjet("", hard=False, event="spam"), COMPLAINT),
    ("Mandrill", mandrill("hard_bounce"), BOUNCED),
    ("Mandrill", mandrill("soft_bounce"), None),
    ("Mandrill", mandrill("spam"), COMPLAINT),
    ("Resend", resend("Permanent"), BOUNCED),
    (
        "Resend",
        resend("Permanent", "The address is on the suppression list: it has produced hard bounces."),
        BOUNCED,
    ),
    ("Resend", resend("Transient"), None),
    ("SendGrid", sendgrid("bounce", "bounce"), BOUNCED),
    ("SendGrid", sendgrid("bounce", "blocked"), None),
    ("SendGrid", sendgrid("dropped", "bounced address"), BOUNCED),
    ("SendGrid", sendgrid("dropped", "unsubscribed address"), None),
]


@pytest.mark.parametrize(("provider", "event", "kind"), CASES)
def test_only_what_the_provider_calls_permanent_disables(provider, event, kind):
    assert event.recipient == ADDRESS
    assert kind_of(event, provider) == kind


def test_each_provider_of_the_table_is_tried():
    through_its_webhook = {"Brevo", "Postmark", "SparkPost"}  # in test_bounces
    assert set(PERMANENT) == {provider for provider, _, _ in CASES} | through_its_webhook
