"""The form under the tab Notifications of a repository's settings."""

from allauth.account.adapter import get_adapter
from django import forms
from django.http import QueryDict

from notifications.models import Preferences


class PreferencesForm(forms.ModelForm[Preferences]):
    """The switch of the repository itself, and how its mail is sent."""

    mail_service = forms.BooleanField(
        label="Send mail",
        required=False,
        help_text="On the first build, every failure and every change of status.",
    )

    class Meta:
        model = Preferences
        fields = ["only_changes", "mail_to"]
        labels = {"only_changes": "Only changes", "mail_to": "Address"}
        help_texts = {
            "only_changes": "On the first build, the first failure and the repair; not while it stays broken.",
            "mail_to": "Gets a link first, and mail once that is used. Empty: the registrant's own address.",
        }

    field_order = ["mail_service", "only_changes", "mail_to"]

    def __init__(self, data: QueryDict | None = None, *, instance: Preferences) -> None:
        initial = {"mail_service": instance.repository.mail_service}
        super().__init__(data, instance=instance, initial=initial)

    def clean_mail_to(self) -> str:
        """Held to what an account's address is held to; letters' case is no part of it."""
        address = self.cleaned_data["mail_to"].lower()
        return str(get_adapter().clean_email(address)) if address else ""

    def has_another_address(self) -> bool:
        return bool(self.cleaned_data["mail_to"] != self.initial["mail_to"])

    def save(self, commit: bool = True) -> Preferences:
        """Store what was changed, and nothing else. Another address is not confirmed yet."""
        repository = self.instance.repository
        if "mail_service" in self.changed_data:
            repository.mail_service = self.cleaned_data["mail_service"]
            repository.save(update_fields=["mail_service"])
        changed = [name for name in self.changed_data if name in self.Meta.fields]
        if self.has_another_address():
            self.instance.mail_to_confirmed_at = None
            changed.append("mail_to_confirmed_at")
        if changed:
            values = {name: getattr(self.instance, name) for name in changed}
            Preferences.objects.update_or_create(values, repository=repository)
        return self.instance
