"""Mail: one row of the outbox that is sent to one recipient."""

from django.db import models

from builds.models import Build
from notifications.mails.rules import Event
from notifications.models.outgoing import Outgoing
from notifications.models.pause import Pause
from repositories.models import Repository


class Mail(Outgoing):
    """What is told to one recipient of one build, or of a repository; always under the same Message-ID."""

    TASK = "notifications.tasks.deliver_mail"

    repository = models.ForeignKey(Repository, models.CASCADE, related_name="mails")
    build = models.ForeignKey(Build, models.CASCADE, null=True, related_name="mails")  # none: about the repository
    pause = models.ForeignKey(Pause, models.CASCADE, null=True, related_name="mails")  # held by it, or tells of it
    event = models.CharField(max_length=20, choices=Event)
    recipient = models.CharField(max_length=254, blank=True)  # empty: nobody to send it to
    subject = models.CharField(max_length=255)
    # What was true when the result was stored, as `notifications.mails.writing.facts_of` makes it.
    facts = models.JSONField(default=dict, editable=False)

    # What the mail provider calls it when it tells later what became of it; "" with a mail server.
    provider_id = models.CharField(max_length=255, blank=True, editable=False)

    class Meta(Outgoing.Meta):
        constraints = [
            *Outgoing.Meta.constraints,
            models.UniqueConstraint(fields=["build", "event", "recipient"], name="mail_is_written_once"),
            models.UniqueConstraint(
                fields=["pause", "event"],
                condition=models.Q(build=None, pause__isnull=False),
                name="mail_of_a_pause_is_written_once",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="held") | models.Q(pause__isnull=False),
                name="mail_that_is_held_has_a_pause",
            ),
        ]
        indexes = [
            *Outgoing.Meta.indexes,
            models.Index(fields=["repository", "-created_at", "-id"], name="mail_of_repository"),
            models.Index(fields=["provider_id"], condition=~models.Q(provider_id=""), name="mail_at_the_provider"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} → {self.recipient or 'nobody'}"

    @property
    def can_be_sent_again(self) -> bool:
        """As of any row, and when it has a recipient."""
        return bool(self.recipient) and super().can_be_sent_again
