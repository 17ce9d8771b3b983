"""Send a mail that waits in the outbox."""

from notifications import outbox
from notifications.mails import messages, sending
from notifications.mails.recipients import is_of, recipient_at
from notifications.mails.sending import NoSuchAddress
from notifications.models import DisabledAddress, Mail
from notifications.outbox import Suppressed
from repositories.models import Repository


def deliver(mail_id: int) -> None:
    """Send one mail, if it is due and nobody else does, and store what became of it."""
    waiting = Mail.objects.due().select_related("repository", "build__repository", "build__version")
    outbox.deliver(waiting.filter(pk=mail_id).first(), transmit)


def transmit(mail: Mail) -> None:
    """Raises Suppressed, Refused, TryLater. What has changed since the mail was written counts."""
    repository = Repository.objects.select_related("registrant").get(pk=mail.repository_id)
    if not repository.mail_service:
        raise Suppressed("mail was turned off")
    if not is_of(repository, mail.recipient):
        raise Suppressed("mail goes to another address now")
    if obstacle := recipient_at(mail.recipient).obstacle:
        raise Suppressed(obstacle)
    try:
        provider_id = sending.send(messages.compose(mail))
    except NoSuchAddress as refusal:
        DisabledAddress.objects.disable(mail.recipient, DisabledAddress.Kind.BOUNCED, str(refusal))
        raise
    if provider_id:
        mail.provider_id = provider_id
        mail.save(update_fields=["provider_id"])
