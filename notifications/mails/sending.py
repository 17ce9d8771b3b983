"""Hand one message to the configured mail backend, and tell a refusal for good from a fault that may pass."""

import re
import smtplib
from collections.abc import Iterator
from contextlib import contextmanager

from anymail.exceptions import AnymailAPIError, AnymailError, AnymailRecipientsRefused
from django.core.mail import EmailMessage

from notifications.mails.wording import one_line
from notifications.outbox import Refused, TryLater

# Of a mail provider's HTTP answers below 500, those that may be different next time: no access (a key that the
# operator can put right), a time-out, too many requests.
PASSING_HTTP_ERRORS = frozenset({401, 402, 403, 408, 425, 429})

# Status codes that speak of the recipient's address alone: no such mailbox, host or syntax, moved away, a host
# that takes no mail, a mailbox that is closed. An answer without one may as well be about us, or about the text.
# Sources: RFC 3463, 3.2 and 3.3 (X.1.7 and X.1.8 are about the sender's); RFC 7505, 4.2 (X.1.10).
NO_SUCH_ADDRESS = re.compile(r"\b5\.(?:1\.(?:1|2|3|6|10)|2\.1)\b")


class NoSuchAddress(Refused):
    """A refusal for good of this recipient, whatever is sent to it."""


@contextmanager
def faults_named() -> Iterator[None]:
    """Names what a mail backend raises: Refused (NoSuchAddress where the recipient is the reason) or TryLater."""
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        code, text = next(iter(error.recipients.values()), (450, b""))
        refusal = _of_reply(code, text)
        if isinstance(refusal, Refused) and NO_SUCH_ADDRESS.search(str(refusal)):
            raise NoSuchAddress(str(refusal)) from error
        raise refusal from error
    except (smtplib.SMTPDataError, smtplib.SMTPSenderRefused) as error:
        raise _of_reply(error.smtp_code, error.smtp_error) from error
    # The address is none, or the provider keeps it on a list of those that mail came back from.
    except AnymailRecipientsRefused as error:
        raise NoSuchAddress(_told_by(error)) from error
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


def send(message: EmailMessage) -> str:
    """What the mail provider calls the message from now on; "" with a mail server. Raises as `faults_named`."""
    with faults_named():
        message.send()
    status = getattr(message, "anymail_status", None)
    if not status:
        return ""
    if status.status == {"failed"}:  # anymail raises for "rejected" and "invalid", not for this
        raise TryLater("The mail provider could not send it.")
    return str(status.message_id or "")


def _of_reply(code: int, text: bytes | str) -> Refused | TryLater:
    """What an SMTP reply means. Source: RFC 5321, 4.2.1: 4yz may pass, 5yz is permanent."""
    said = text.decode(errors="replace") if isinstance(text, bytes) else text
    reason = f"The mail server said: {code} {one_line(said)}"
    return Refused(reason) if code >= 500 else TryLater(reason)


def _told_by(error: Exception) -> str:
    return one_line(f"{type(error).__name__}: {error}")
