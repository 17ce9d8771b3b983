"""Hand one message to the configured mail backend, and tell a refusal for good from a fault that may pass."""

import smtplib

from anymail.exceptions import AnymailAPIError, AnymailError, AnymailRecipientsRefused
from django.core.mail import EmailMessage

from notifications.mails.wording import one_line
from notifications.outbox import Refused, TryLater

# Of a mail provider's HTTP answers below 500, those that may be different next time: no access (a key that the
# operator can put right), a time-out, too many requests.
PASSING_HTTP_ERRORS = frozenset({401, 402, 403, 408, 425, 429})


def send(message: EmailMessage) -> None:
    """Raises Refused or TryLater."""
    try:
        message.send()
    except smtplib.SMTPRecipientsRefused as error:
        code, text = next(iter(error.recipients.values()), (450, b""))
        raise _of_reply(code, text) from error
    except (smtplib.SMTPDataError, smtplib.SMTPSenderRefused) as error:
        raise _of_reply(error.smtp_code, error.smtp_error) from error
    except AnymailRecipientsRefused as error:
        raise Refused(_told_by(error)) from error
    except AnymailAPIError as error:
        status = error.status_code or 503  # none: the provider could not be reached
        kind = Refused if 400 <= status < 500 and status not in PASSING_HTTP_ERRORS else TryLater
        raise kind(_told_by(error)) from error
    # A sign-in, a greeting or an encryption that fails says nothing about this mail, whatever its code.
    except (OSError, smtplib.SMTPException) as error:
        raise TryLater(_told_by(error)) from error
    except ValueError as error:
        # Django and anymail both raise it for an address that cannot be written in a header.
        raise Refused(_told_by(error)) from error
    except AnymailError as error:
        raise TryLater(_told_by(error)) from error
    status = getattr(message, "anymail_status", None)
    if status and status.status == {"failed"}:  # anymail raises for "rejected" and "invalid", not for this
        raise TryLater("The mail provider could not send it.")


def _of_reply(code: int, text: bytes | str) -> Refused | TryLater:
    """What an SMTP reply means. Source: RFC 5321, 4.2.1: 4yz may pass, 5yz is permanent."""
    said = text.decode(errors="replace") if isinstance(text, bytes) else text
    reason = f"The mail server said: {code} {one_line(said)}"
    return Refused(reason) if code >= 500 else TryLater(reason)


def _told_by(error: Exception) -> str:
    return one_line(f"{type(error).__name__}: {error}")
