"""The tasks that a worker wakes up to."""

from django_tasks import task

from notifications.mails import delivery


@task(queue_name="mails")
def deliver_mail(mail_id: int) -> None:
    """Send one mail, if it still waits. The task may be lost or doubled without harm: the row is the truth."""
    delivery.deliver(mail_id)
