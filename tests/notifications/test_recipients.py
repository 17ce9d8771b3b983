"""Who is mailed: a verified address of the registrant's, or nobody."""

import pytest
from allauth.account.models import EmailAddress

from notifications.mails.recipients import address_of_registrant
from notifications.models import Mail, OutgoingState

pytestmark = pytest.mark.django_db


def add(user, address, *, verified, primary=False):
    EmailAddress.objects.create(user=user, email=address, verified=verified, primary=primary)


def test_the_primary_address_is_preferred_when_it_is_verified(repository, owner):
    add(owner, "second@example.org", verified=True)
    add(owner, "first@example.org", verified=True, primary=True)
    assert address_of_registrant(repository) == "first@example.org"


def test_another_verified_address_stands_in_for_an_unverified_primary_one(repository, owner):
    add(owner, "first@example.org", verified=False, primary=True)
    add(owner, "second@example.org", verified=True)
    assert address_of_registrant(repository) == "second@example.org"


def test_an_address_that_nobody_verified_is_not_mailed(repository, owner):
    add(owner, "olivia@example.org", verified=False, primary=True)
    assert address_of_registrant(repository) == ""


def test_an_account_made_by_an_administrator_is_mailed_at_its_own_address(repository):
    assert address_of_registrant(repository) == "olivia@example.org"


def test_a_disabled_account_is_not_mailed(repository, owner):
    owner.is_active = False
    owner.save()
    repository.refresh_from_db()
    assert address_of_registrant(repository) == ""


def test_nobody_to_mail_is_recorded_as_such(repository, owner, end_build, run_mail_tasks, smtp):
    owner.email = ""
    owner.save()
    end_build("failed")
    run_mail_tasks()
    assert list(Mail.objects.values_list("state", "reason", "recipient")) == [
        (OutgoingState.SUPPRESSED, "no address", "")
    ]
    assert smtp.taken == []
