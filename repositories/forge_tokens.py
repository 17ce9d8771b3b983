"""The token with which Yaydoc speaks to a repository's forge: typed once, stored encrypted, never shown again."""

from urllib.parse import urlsplit

from django import forms
from django.core.validators import RegexValidator

from repositories.models import Repository

LONGEST = 500  # characters; GitHub's have 40 and 93, Gitea's 40
# A header takes no control character and no space; an error about one would tell the token.
IS_TOKEN = RegexValidator(r"\A[!-~]+\Z", "A token has neither spaces nor special letters.")


class TokenInput(forms.PasswordInput):
    """Shows dots, is never filled in by us, and by no browser with a password of this site."""

    def __init__(self) -> None:
        super().__init__(attrs={"autocomplete": "new-password", "spellcheck": "false"}, render_value=False)


class ForgeTokenForm(forms.Form):
    """A new token."""

    token = forms.CharField(label="Token", max_length=LONGEST, validators=[IS_TOKEN], widget=TokenInput())

    def save(self, repository: Repository) -> None:
        store(repository, self.cleaned_data["token"])


def store(repository: Repository, token: str | None) -> None:
    repository.forge_token = token
    repository.save(update_fields=["forge_token"])


def is_at_another_place(new_url: str, old_url: str) -> bool:
    """Whether a token for the host of one clone URL would go to another host with the other, or unencrypted."""
    new, old = urlsplit(new_url), urlsplit(old_url)
    return (new.scheme, new.netloc) != (old.scheme, old.netloc)
