"""A repository is given to somebody else: where the one before had sent its news, none goes any more."""

import pytest
from django.utils import timezone

from notifications.mails import confirmations
from notifications.mails.recipients import recipient_of
from notifications.models import Hook, Preferences
from repositories import forge_tokens
from repositories.models import Repository
from tests.repositories.test_admin import change

pytestmark = pytest.mark.django_db

URL = "https://hooks.example.org/a"


@pytest.fixture
def handed_over(as_staff, repository):
    """With all that its registrant may have stored; a function that changes it in the admin."""
    Preferences.objects.create(
        repository=repository, mail_to="team@example.org", mail_to_confirmed_at=timezone.now(), only_changes=True
    )
    Hook.objects.create(repository=repository, url=URL)
    forge_tokens.store(repository, "olivias-token")

    def change_it(**fields):
        assert change(as_staff, repository, **fields).status_code == 302
        repository.refresh_from_db()

    return change_it


def test_nobody_is_told_whom_the_last_registrant_had_chosen(handed_over, repository, stranger, client):
    token = confirmations.token_of(repository.preferences)

    handed_over(registrant=stranger.pk)

    hook, preferences = Hook.objects.get(), Preferences.objects.get()
    assert recipient_of(repository).address == "sam@example.org"
    assert (preferences.mail_to, preferences.mail_to_confirmed_at, preferences.only_changes) == ("", None, True)
    assert client.post(f"/mail/confirm/{token}/").status_code == 404
    assert not hook.is_active
    assert "another registrant" in hook.turned_off_because
    assert repository.forge_token is None


def test_all_of_it_stays_while_the_registrant_does(handed_over, repository):
    handed_over(default_branch="stable")

    assert recipient_of(repository).address == "team@example.org"
    assert Hook.objects.get().is_active
    assert repository.forge_token == "olivias-token"


def test_a_token_that_is_given_with_the_new_registrant_is_kept(handed_over, stranger):
    handed_over(registrant=stranger.pk, new_forge_token="sams-token")

    assert Repository.objects.get().forge_token == "sams-token"
