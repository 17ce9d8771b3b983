"""What a mail provider tells later of a mail that it took: it came back, or was reported as spam.

Sources: django-anymail, "Tracking sent mail status", for the normalised events; for what each provider calls
permanent, its own documentation of the field that is named here.
"""

import re
from typing import Any

from anymail.signals import AnymailTrackingEvent, EventType, RejectReason
from django.db import transaction

from notifications.mails.recipients import used_among
from notifications.mails.wording import one_line
from notifications.models import DisabledAddress, Mail

Kind = DisabledAddress.Kind

# The mail did not arrive, or was not welcome. anymail calls temporary faults `deferred`.
BAD_NEWS = frozenset({EventType.BOUNCED, EventType.REJECTED, EventType.FAILED, EventType.COMPLAINED})
# Why a provider does not even try any more.
SUPPRESSED_BY_THE_PROVIDER = {
    RejectReason.BOUNCED: Kind.BOUNCED,
    RejectReason.INVALID: Kind.BOUNCED,
    RejectReason.SPAM: Kind.COMPLAINT,
}
# Providers for whom anymail's `bounced` may be temporary too: the field of their event that tells, and what stands
# there when it is for good. For the others anymail's reason does.
PERMANENT: dict[str, tuple[str, frozenset[object]]] = {
    "Amazon SES": ("bounce.bounceType", frozenset({"Permanent"})),
    "Brevo": ("event", frozenset({"hard_bounce", "invalid_email"})),
    "MailerSend": ("data.type", frozenset({"hard_bounced"})),
    "Mailjet": ("hard_bounce", frozenset({True})),
    "Mandrill": ("event", frozenset({"hard_bounce"})),
    "Postmark": ("Type", frozenset({"HardBounce"})),
    "Resend": ("data.bounce.type", frozenset({"Permanent"})),
    "SendGrid": ("type", frozenset({"bounce"})),  # "blocked" and "expired" may pass
    "SparkPost": ("msys.message_event.bounce_class", frozenset({"10", "30"})),  # invalid recipient, no RCPT
}
# Status codes that are no reason to give an address up: what may pass, the sender's address, a full mailbox or too
# long a mail, the other side's system, the content, a policy. Source: RFC 3463, 3.
NOT_THE_ADDRESS = re.compile(r"(?<![\d.])(?:4\.\d+\.\d+|5\.1\.[78]|5\.2\.[234]|5\.[367]\.\d+)(?!\.?\d)")


@transaction.atomic
def take(event: AnymailTrackingEvent, provider: str) -> None:
    """Note bad news at the mail, and disable the address where the news is about the address. Idempotent."""
    if event.event_type not in BAD_NEWS:
        return
    mail = mail_called(storable(event.message_id))
    if mail:
        mail.mark_bounced(reason_of(event))
    address = mail.recipient if mail else storable(event.recipient)
    kind = kind_of(event, provider)
    # Others may send through the same account at the provider; their addresses are none of ours.
    if kind and (mail or used_among([address.lower()])):
        DisabledAddress.objects.disable(address, kind, said_of(event), at=event.timestamp)


def storable(value: object) -> str:
    """PostgreSQL cannot even look for a NUL: an event with one would be refused, and told again for ever."""
    return str(value or "").replace("\0", "")


def mail_called(provider_id: str) -> Mail | None:
    """The mail that the provider calls so. The index knows no empty ones, hence the exclusion."""
    found: Mail | None = Mail.objects.exclude(provider_id="").filter(provider_id=provider_id).first()
    return found


def kind_of(event: AnymailTrackingEvent, provider: str) -> DisabledAddress.Kind | None:
    """As what the address is to be disabled; None: it may take the next mail."""
    if event.event_type == EventType.COMPLAINED:
        return Kind.COMPLAINT
    if event.event_type == EventType.REJECTED:
        return SUPPRESSED_BY_THE_PROVIDER.get(event.reject_reason)
    if event.event_type == EventType.BOUNCED and is_for_good(event, provider):
        return Kind.BOUNCED
    return None


def is_for_good(event: AnymailTrackingEvent, provider: str) -> bool:
    """Whether a bounce says that the address itself takes no mail."""
    if NOT_THE_ADDRESS.search(said_of(event)):
        return False
    if provider in PERMANENT:
        field, values = PERMANENT[provider]
        return value_at(event.esp_event, field) in values
    return event.reject_reason in {RejectReason.BOUNCED, RejectReason.INVALID}


def value_at(raw: Any, path: str) -> object:
    """What stands in an event at `a.b.c`; None where nothing does."""
    for name in path.split("."):
        raw = raw.get(name) if isinstance(raw, dict) else None
    return raw if isinstance(raw, str | bool) else None


def reason_of(event: AnymailTrackingEvent) -> str:
    """For the delivery log."""
    if event.event_type == EventType.COMPLAINED:
        return "The recipient reported it as spam."
    what = "It came back" if event.event_type == EventType.BOUNCED else "The mail provider did not send it"
    said = said_of(event) or event.reject_reason
    return f"{what}: {said}" if said else f"{what}."


def said_of(event: AnymailTrackingEvent) -> str:
    return one_line(str(event.mta_response or event.description or ""))
