"""The tasks that a worker wakes up to."""

from django_tasks import task

from notifications.hooks import delivery as hook_delivery
from notifications.mails import delivery
from notifications.statuses import delivery as status_delivery


@task(queue_name="mails")
def deliver_mail(mail_id: int) -> None:
    """Send one mail, if it still waits. The task may be lost or doubled without harm: the row is the truth."""
    delivery.deliver(mail_id)


@task(queue_name="hooks")
def deliver_hook_call(call_id: int) -> None:
    """Make one call of an outgoing webhook, if it still waits. Lost or doubled without harm, as above."""
    hook_delivery.deliver(call_id)


@task(queue_name="statuses")
def post_commit_status(status_id: int) -> None:
    """Send one commit status, if it still waits. Lost or doubled without harm, as above."""
    status_delivery.deliver(status_id)
