"""Send a mail that waits in the outbox."""

from notifications import outbox
from notifications.mails import messages, sending
from notifications.models import Mail
from notifications.outbox import Suppressed
from repositories.models import Repository


def deliver(mail_id: int) -> None:
    """Send one mail, if it is due and nobody else does, and store what became of it."""
    waiting = Mail.objects.due().select_related("repository", "build__repository", "build__version")
    outbox.deliver(waiting.filter(pk=mail_id).first(), transmit)


def transmit(mail: Mail) -> None:
    """Raises Suppressed, Refused, TryLater. What has changed since the mail was written counts."""
    if not Repository.objects.filter(pk=mail.repository_id, mail_service=True).exists():
        raise Suppressed("mail was turned off")
    sending.send(messages.compose(mail))
