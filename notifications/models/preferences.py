"""Preferences: how a repository's mail is to be sent, beside whether it is (`Repository.mail_service`)."""

from django.db import models
from django.utils import timezone

from repositories.models import Repository


class PreferencesManager(models.Manager["Preferences"]):
    def of(self, repository: Repository) -> "Preferences":
        """Those of one repository; while nobody has changed any, the defaults, which are not stored."""
        return self.filter(repository=repository).first() or Preferences(repository=repository)


class Preferences(models.Model):
    """Rows are made when somebody changes a default."""

    repository = models.OneToOneField(Repository, models.CASCADE, related_name="preferences")
    mail_to = models.EmailField(
        "address", blank=True, help_text="Used once it is confirmed. Empty: the registrant's address."
    )
    mail_to_confirmed_at = models.DateTimeField("confirmed", null=True, editable=False)
    only_changes = models.BooleanField(
        "only changes", default=False, help_text="No mail while the documentation stays broken."
    )

    objects = PreferencesManager()

    class Meta:
        verbose_name = verbose_name_plural = "mail preferences"
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(mail_to="") | models.Q(mail_to_confirmed_at=None),
                name="no_address_is_never_confirmed",
            )
        ]

    def __str__(self) -> str:
        return f"Mail of {self.repository.full_name}"

    @property
    def confirmed_mail_to(self) -> str:
        """The address that mail goes to instead of the registrant's; "" when none, or not confirmed yet."""
        return self.mail_to if self.mail_to_confirmed_at else ""

    def confirm_mail_to(self) -> bool:
        """Use the address from now on. False: it was changed meanwhile."""
        mine = Preferences.objects.filter(pk=self.pk, mail_to=self.mail_to)
        self.mail_to_confirmed_at = timezone.now()
        return bool(self.mail_to and mine.update(mail_to_confirmed_at=self.mail_to_confirmed_at))
