"""The forms by which a repository is registered, changed and deleted."""

from typing import Any

from django import forms
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import transaction

from forges import refs
from forges.kinds import Forge, forge_of
from repositories.clone_urls import check_clone_url
from repositories.forge_tokens import is_at_another_place
from repositories.models import AlreadyRegistered, Repository, Version
from repositories.names import MAX_LENGTH, InvalidName, RepositoryName
from repositories.version_rules import MAX_VERSIONS
from repositories.web_urls import InvalidURL

# Names and addresses are neither completed nor corrected by a browser or a telephone's keyboard.
AS_TYPED = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
NAME_LENGTH = 2 * MAX_LENGTH + 1  # of owner/name


def check_ref(name: str) -> None:
    """Raises ValidationError for what git wouldn't take as the name of a branch or tag; nothing is let through."""
    if name and not refs.is_name(name):
        raise ValidationError("This is not a name that git allows for a branch or tag.")


def checked_clone_url(url: str) -> str:
    """The URL as it will be stored. Raises ValidationError with the sentence of the check."""
    try:
        return check_clone_url(url)
    except InvalidURL as error:
        raise ValidationError(str(error)) from error


def host_of(clone_url: str) -> str:
    return clone_url.partition("://")[2].partition("/")[0].lower()


def named_or_proposed(name: str, clone_url: str) -> RepositoryName | None:
    """What was typed, else what the URL proposes; None without either. Raises InvalidName."""
    if name:
        return RepositoryName.parse(name)
    return RepositoryName.propose(clone_url) if clone_url else None


class RegisterForm(forms.Form):
    """A git URL; all else is proposed from it."""

    clone_url = forms.CharField(
        label="Git URL",
        max_length=255,
        widget=forms.TextInput(
            attrs={
                **AS_TYPED,
                "placeholder": "https://github.com/owner/name",
                "inputmode": "url",
                "autofocus": True,
                "data-propose": "#id_name",
            }
        ),
    )
    name = forms.CharField(
        max_length=NAME_LENGTH,
        required=False,
        help_text="Addresses of page, docs and badge are made of it. Empty: taken from the URL.",
        widget=forms.TextInput(attrs={**AS_TYPED, "placeholder": "owner/name"}),
    )
    default_branch = forms.CharField(
        label="Branch",
        max_length=255,
        required=False,
        validators=[check_ref],
        help_text="Empty: the default branch of the remote.",
        widget=forms.TextInput(attrs={**AS_TYPED, "placeholder": "main"}),
    )
    forge = forms.ChoiceField(
        required=False,
        choices=[("", "Guess it from the URL"), *Forge.choices],
        help_text="Decides how pushes are announced to Yaydoc.",
    )
    is_private = forms.BooleanField(
        label="Private",
        required=False,
        help_text="Page and builds are shown to you only; the documentation is served to nobody, and the badge"
        " says “invalid”.",
    )

    def clean_clone_url(self) -> str:
        return checked_clone_url(self.cleaned_data["clone_url"])

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        clone_url = cleaned.get("clone_url", "")
        try:
            cleaned["name"] = named_or_proposed(cleaned.get("name", ""), clone_url)
        except InvalidName as error:
            self.add_error("name", str(error))
        cleaned["forge"] = cleaned.get("forge") or forge_of(host_of(clone_url))
        return cleaned

    def register(self, registrant: AbstractBaseUser) -> Repository | None:
        """The new repository; None, with the error at the field, where the name is taken."""
        cleaned = self.cleaned_data
        try:
            repository: Repository = Repository.objects.register(
                name=cleaned["name"],
                clone_url=cleaned["clone_url"],
                forge=cleaned["forge"],
                registrant=registrant,
                default_branch=cleaned["default_branch"],
                is_private=cleaned["is_private"],
            )
        except AlreadyRegistered as error:
            self.add_error("name", str(error))
            return None
        return repository


class SettingsForm(forms.ModelForm[Repository]):
    """What the registrant may change of a repository."""

    class Meta:
        model = Repository
        fields = [
            "is_enabled",
            "builds_pull_requests",
            "has_version_switcher",
            "is_private",
            "default_branch",
            "clone_url",
            "forge",
        ]
        labels = {
            "is_enabled": "Build on push",
            "builds_pull_requests": "Build pull requests",
            "has_version_switcher": "Version switcher",
            "is_private": "Private",
            "default_branch": "Branch",
        }
        help_texts = {
            "is_enabled": "Off: nothing is built, by hand neither. What is published stays.",
            "builds_pull_requests": "A preview of each, for which the webhook must announce pull requests too. "
            "Those of newcomers wait for your approval.",
            "has_version_switcher": "In a corner of each page, and a banner on old versions and on previews. "
            "Off: gone within a minute. On: there with the next build.",
            "is_private": "Page and builds are shown to you only; the documentation is served to nobody, and the"
            " badge says “invalid”.",
            "default_branch": "Published as <code>latest</code>. Empty: the default branch of the remote.",
        }

    def clean_clone_url(self) -> str:
        clone_url: str = self.cleaned_data["clone_url"]
        return clone_url if clone_url == self.instance.clone_url else checked_clone_url(clone_url)

    def clean_default_branch(self) -> str:
        branch: str = self.cleaned_data["default_branch"]
        check_ref(branch)
        if branch and self.instance.has_version_of(branch):
            raise ValidationError(f"{branch} is built as a version of its own already: remove that one first.")
        return branch

    @transaction.atomic
    def save(self, commit: bool = True) -> Repository:
        """Store what was changed, and nothing else; the default version follows the branch."""
        changed = [name for name in self.changed_data if name not in self.declared_fields]
        if "clone_url" in changed:
            self.instance.forge_id = ""  # another repository: its first signed delivery says its id
            changed.append("forge_id")
            if is_at_another_place(self.instance.clone_url, self.initial["clone_url"]):
                self.instance.forge_token = None  # it was given for the other host
                changed.append("forge_token")
        if "default_branch" in changed:  # first, since it locks versions
            self.instance.change_default_branch(self.cleaned_data["default_branch"])
        self.instance.save(update_fields=changed)
        return self.instance


class VersionRuleForm(forms.ModelForm[Repository]):
    """Which pushed tags and branches become versions."""

    class Meta:
        model = Repository
        fields = ["tag_patterns", "branch_patterns"]
        help_texts = {
            "tag_patterns": "Those that match are built when they are pushed, each at an address of its own. "
            "Patterns such as <code>v*, release-*</code>; empty: none.",
            "branch_patterns": "Besides the default branch, which is always built. Such as <code>*.x</code>; "
            "empty: none.",
        }
        widgets = {name: forms.TextInput(attrs=AS_TYPED) for name in fields}

    def save(self, commit: bool = True) -> Repository:
        self.instance.save(update_fields=self.changed_data)
        return self.instance


class AddVersionForm(forms.ModelForm[Version]):
    """Another branch or tag to build; its segment of the docs' address is made from its name."""

    kind = forms.ChoiceField(choices=[(kind, kind.label) for kind in (Version.Kind.BRANCH, Version.Kind.TAG)])
    name = forms.CharField(
        max_length=255,
        validators=[check_ref],
        help_text="As git knows it: <code>stable</code>, or <code>v1.0</code>.",
        widget=forms.TextInput(attrs=AS_TYPED),
    )

    class Meta:
        model = Version
        fields = ["kind", "name"]

    def __init__(self, *args: Any, repository: Repository | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.repository = repository

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        repository, name = cleaned.get("repository", self.repository), cleaned.get("name")
        if repository and name:
            kind, versions = cleaned.get("kind", ""), repository.versions
            if versions.filter(kind=kind, name=name).exists():
                raise ValidationError({"name": f"The {kind} {name} is a version already."})
            taken = versions.filter(slug=Version.objects.slug_for(repository, kind, name)).first()
            if taken:
                raise ValidationError({"name": f"The {taken.kind} {taken.name} has this address already."})
            if Version.objects.is_full(repository):
                raise ValidationError({"name": f"A repository has at most {MAX_VERSIONS} versions."})
        self.repository = repository
        return cleaned

    def add(self) -> Version:
        cleaned = self.cleaned_data
        version: Version = Version.objects.add(
            repository=self.repository, kind=cleaned["kind"], name=cleaned["name"]
        )
        return version


class DeleteForm(forms.Form):
    """Deleting asks for the repository's name."""

    confirmation = forms.CharField(label="Name", max_length=200, widget=forms.TextInput(attrs=AS_TYPED))

    def __init__(self, *args: Any, repository: Repository, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.repository = repository

    def clean_confirmation(self) -> str:
        text: str = self.cleaned_data["confirmation"]
        if text.lower() != self.repository.slug:
            raise ValidationError(f"To delete it, write {self.repository.full_name}.")
        return text
