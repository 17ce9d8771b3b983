"""The forms of the user settings page."""

from typing import Any, cast

from django import forms
from django.contrib.auth.models import User

from repositories.models import Repository, RepositoryQuerySet


class ProfileForm(forms.ModelForm[User]):
    class Meta:
        model = User
        fields = ["first_name"]
        labels = {"first_name": "Name"}
        help_texts = {"first_name": "How Yaydoc addresses you."}


class MailForm(forms.Form):
    """Which of the listed repositories send mail."""

    on = forms.ModelMultipleChoiceField(Repository.objects.none(), required=False)

    def __init__(self, *args: Any, listed: RepositoryQuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.listed = listed
        cast("forms.ModelMultipleChoiceField[Repository]", self.fields["on"]).queryset = listed

    def save(self) -> None:
        on = [repository.pk for repository in self.cleaned_data["on"]]
        self.listed.filter(pk__in=on, mail_service=False).update(mail_service=True)
        self.listed.exclude(pk__in=on).filter(mail_service=True).update(mail_service=False)
