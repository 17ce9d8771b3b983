"""The forms of the admin: they check what the site's own forms check."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction

from repositories import forge_tokens, signals
from repositories.forms import (
    NAME_LENGTH,
    AddVersionForm,
    SettingsForm,
    check_ref,
    checked_clone_url,
    named_or_proposed,
)
from repositories.models import Repository
from repositories.names import InvalidName, RepositoryName


class AddRepositoryForm(forms.ModelForm[Repository]):
    """Registers, as the site does: the first build is requested, and the secret made."""

    full_name = forms.CharField(
        label="Name", max_length=NAME_LENGTH, required=False, help_text="owner/name; empty: taken from the URL."
    )

    class Meta:
        model = Repository
        fields = ["clone_url", "registrant", "default_branch", "forge", "is_private"]

    def clean_clone_url(self) -> str:
        return checked_clone_url(self.cleaned_data["clone_url"])

    def clean_default_branch(self) -> str:
        branch: str = self.cleaned_data["default_branch"]
        check_ref(branch)
        return branch

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        try:
            name = named_or_proposed(cleaned.get("full_name", ""), cleaned.get("clone_url", ""))
        except InvalidName as error:
            raise ValidationError({"full_name": str(error)}) from error
        if name and Repository.objects.named(str(name)).exists():
            raise ValidationError({"full_name": f"{name} is registered already."})
        cleaned["parsed_name"] = name
        return cleaned

    def register(self) -> Repository:
        cleaned = self.cleaned_data
        name: RepositoryName = cleaned["parsed_name"]
        repository: Repository = Repository.objects.register(
            name=name,
            clone_url=cleaned["clone_url"],
            forge=cleaned["forge"],
            registrant=cleaned["registrant"],
            default_branch=cleaned["default_branch"],
            is_private=cleaned["is_private"],
        )
        return repository


class ChangeRepositoryForm(SettingsForm):
    new_forge_token = forms.CharField(
        label="New token",
        max_length=forge_tokens.LONGEST,
        required=False,
        validators=[forge_tokens.IS_TOKEN],
        widget=forge_tokens.TokenInput(),
        help_text="Of the forge, for commit statuses, gh-pages and private repositories. It is never shown. "
        "Empty: what is stored stays.",
    )
    remove_forge_token = forms.BooleanField(label="Remove the token", required=False)

    class Meta(SettingsForm.Meta):
        fields = [*SettingsForm.Meta.fields, "tag_patterns", "branch_patterns", "mail_service", "registrant"]

    @transaction.atomic
    def save(self, commit: bool = True) -> Repository:
        """As on the site. A token is whose repository it was: it does not go over to another registrant."""
        repository = super().save(commit)
        token, has_new_registrant = self.cleaned_data["new_forge_token"], "registrant" in self.changed_data
        if token or self.cleaned_data["remove_forge_token"] or has_new_registrant:
            forge_tokens.store(repository, token or None)
        if has_new_registrant:
            repository.variables.filter(is_secret=True).delete()
            signals.registrant_changed.send(sender=Repository, repository=repository)
        return repository


class AddVersionOfRepositoryForm(AddVersionForm):
    class Meta(AddVersionForm.Meta):
        fields = ["repository", *AddVersionForm.Meta.fields]
