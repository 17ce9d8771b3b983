"""What mail providers post when a mail came back, in the form that their manuals give it, with our own values.

Sources: Postmark, "Bounce webhook" and "Spam complaint webhook"; Mailgun, "Webhooks" and "Securing webhooks";
Brevo, "Transactional webhooks"; SparkPost, "Webhooks event reference".
"""

import hashlib
import hmac

SIGNING_KEY = "key-of-the-webhooks"
NO_SUCH_USER = "550 5.1.1 The email account that you tried to reach does not exist."


def postmark(kind, message_id, *, address="olivia@example.org", details=f"smtp;{NO_SUCH_USER}", at="2026-11-01"):
    """`kind`: as in Postmark's list of bounce types."""
    return {
        "RecordType": "SpamComplaint" if kind == "SpamComplaint" else "Bounce",
        "MessageStream": "outbound",
        "ID": 4323372036854775807,
        "Type": kind,
        "TypeCode": {"HardBounce": 1, "SoftBounce": 4096, "SpamComplaint": 512}.get(kind, 0),
        "Name": kind,
        "Tag": "",
        "MessageID": message_id,
        "Metadata": {},
        "ServerID": 23,
        "Description": "The server was unable to deliver your message (ex: unknown user, mailbox not found).",
        "Details": details,
        "Email": address,
        "From": "yaydoc@localhost",
        "BouncedAt": f"{at}T16:33:54.9070259Z",
        "DumpAvailable": True,
        "Inactive": kind != "SoftBounce",
        "CanActivate": kind != "SpamComplaint",
        "Subject": "Failed: octo/docs",
    }


def mailgun(data, *, key=SIGNING_KEY):
    """The event with Mailgun's signature over timestamp and token."""
    timestamp, token = "1793548434", "a" * 50
    signature = hmac.new(key.encode(), f"{timestamp}{token}".encode(), hashlib.sha256).hexdigest()
    return {
        "signature": {"timestamp": timestamp, "token": token, "signature": signature},
        "event-data": {
            "id": "G9Bn5sl1TC6nu79C8C0bwg",
            "timestamp": 1793548434.907,
            "log-level": "error",
            "recipient": "olivia@example.org",
            "recipient-domain": "example.org",
            "message": {"headers": {"to": "olivia@example.org", "message-id": "1@mg.example.org"}, "size": 111},
            "tags": [],
            "user-variables": {},
            **data,
        },
    }


def mailgun_failed(severity, reason, code, text):
    return mailgun(
        {
            "event": "failed",
            "severity": severity,
            "reason": reason,
            "delivery-status": {
                "attempt-no": 1,
                "message": text,
                "code": code,
                "description": "",
                "session-seconds": 0.4,
            },
        }
    )


MAILGUN_COMPLAINED = {"event": "complained", "log-level": "warn"}


def brevo(event):
    return {
        "id": 26224,
        "event": event,
        "email": "olivia@example.org",
        "date": "2026-11-01 17:33:54",
        "ts": 1793550834,
        "ts_event": 1793550834,
        "ts_epoch": 1793550834907,
        "message-id": "<1@smtp-relay.mailin.fr>",
        "subject": "Failed: octo/docs",
        "reason": "the address does not exist",
        "sending_ip": "192.0.2.7",
    }


def sparkpost(bounce_class):
    event = {
        "type": "bounce",
        "bounce_class": bounce_class,
        "error_code": "550",
        "raw_reason": "550 unknown",
        "raw_rcpt_to": "olivia@example.org",
        "rcpt_to": "olivia@example.org",
        "transmission_id": "65832150921904138",
        "timestamp": "1793550834",
        "event_id": "92356927693813856",
    }
    return [{"msys": {"message_event": event}}]
