"""The task that a worker wakes up to."""

from django_tasks import task

from notifications import outbox


@task(queue_name="mails")
def deliver_mail(mail_id: int) -> None:
    """Send one mail, if it still waits. The task may be lost or doubled without harm: the row is the truth."""
    outbox.deliver(mail_id)
