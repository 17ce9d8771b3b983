"""The form of an outgoing webhook."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from notifications.hooks.events import Wish
from notifications.models import Hook
from repositories.forms import AS_TYPED
from repositories.models import Repository
from repositories.web_urls import InvalidURL, WebURL

MOST = 10  # hooks of a repository


class HookForm(forms.ModelForm[Hook]):
    """Where to, and what for. What the address leads to is checked at each call as well."""

    wishes = forms.MultipleChoiceField(
        label="When",
        choices=Wish.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose one."},
    )

    class Meta:
        model = Hook
        fields = ["url", "wishes", "is_active"]
        labels = {"url": "URL", "is_active": "On"}
        help_texts = {"is_active": "Off: it is told nothing, and what happens meanwhile is not made up for."}
        widgets = {
            "url": forms.TextInput(
                attrs={**AS_TYPED, "placeholder": "https://example.org/yaydoc", "inputmode": "url"}
            )
        }

    def clean_url(self) -> str:
        try:
            return str(WebURL.parse(self.cleaned_data["url"]))
        except InvalidURL as error:
            raise ValidationError(str(error)) from error

    def save(self, commit: bool = True) -> Hook:
        """Store what was changed, and nothing else. Turning a hook on, or moving it, forgets its failures."""
        changed = list(self.changed_data)
        if {"url", "is_active"} & set(changed):
            changed += self.instance.forget_failures()
        self.instance.save(update_fields=changed)
        return self.instance


class NewHookForm(HookForm):
    """Of a hook that is not there yet: it starts turned on."""

    class Meta(HookForm.Meta):
        fields = ["url", "wishes"]

    def __init__(self, data: QueryDict | None = None, *, repository: Repository) -> None:
        super().__init__(data, instance=Hook(repository=repository))

    def clean(self) -> dict[str, Any]:
        if Hook.objects.filter(repository=self.instance.repository).count() >= MOST:
            raise ValidationError(f"A repository may have at most {MOST} outgoing webhooks.")
        return self.cleaned_data

    def save(self, commit: bool = True) -> Hook:
        self.instance.save()
        return self.instance
