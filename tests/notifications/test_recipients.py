"""Who is mailed: the repository's own address, a verified one of the registrant's, or nobody."""

import pytest
from allauth.account.models import EmailAddress
from django.utils import timezone

from notifications.mails.delivery import deliver
from notifications.mails.recipients import recipient_of
from notifications.models import DisabledAddress, Mail, OutgoingState, Preferences

pytestmark = pytest.mark.django_db


def add(user, address, *, verified, primary=False):
    EmailAddress.objects.create(user=user, email=address, verified=verified, primary=primary)


def test_the_primary_address_is_preferred_when_it_is_verified(repository, owner):
    add(owner, "second@example.org", verified=True)
    add(owner, "first@example.org", verified=True, primary=True)
    assert recipient_of(repository).address == "first@example.org"


def test_another_verified_address_stands_in_for_an_unverified_primary_one(repository, owner):
    add(owner, "first@example.org", verified=False, primary=True)
    add(owner, "second@example.org", verified=True)
    assert recipient_of(repository).address == "second@example.org"


def test_an_address_that_nobody_verified_is_not_mailed(repository, owner):
    add(owner, "olivia@example.org", verified=False, primary=True)
    assert recipient_of(repository).address == ""


def test_an_account_made_by_an_administrator_is_mailed_at_its_own_address(repository):
    assert recipient_of(repository).address == "olivia@example.org"


def test_a_disabled_account_is_not_mailed(repository, owner):
    owner.is_active = False
    owner.save()
    repository.refresh_from_db()
    assert recipient_of(repository).address == ""


def test_nobody_to_mail_is_recorded_as_such(repository, owner, end_build, run_mail_tasks, smtp):
    owner.email = ""
    owner.save()
    end_build("failed")
    run_mail_tasks()
    assert list(Mail.objects.values_list("state", "reason", "recipient")) == [
        (OutgoingState.SUPPRESSED, "no address", "")
    ]
    assert smtp.taken == []


# -- addresses that mail came back from


@pytest.fixture
def bounced(owner):
    DisabledAddress.objects.disable("Olivia@Example.org", DisabledAddress.Kind.BOUNCED, "550 5.1.1 no such user")


def outcomes():
    return list(Mail.objects.order_by("pk").values_list("recipient", "state", "reason"))


def test_nothing_is_sent_to_a_disabled_address_and_the_log_says_why(
    repository, bounced, end_build, run_mail_tasks, smtp
):
    end_build("failed")
    run_mail_tasks()

    assert outcomes() == [("olivia@example.org", OutgoingState.SUPPRESSED, "address bounced")]
    assert smtp.data_seen == 0
    repository.refresh_from_db()
    assert repository.mail_service


def test_an_address_that_was_disabled_since_the_mail_was_written_gets_it_no_more(written_mail, smtp):
    DisabledAddress.objects.disable("olivia@example.org", DisabledAddress.Kind.COMPLAINT)

    deliver(written_mail.pk)

    assert outcomes() == [("olivia@example.org", OutgoingState.SUPPRESSED, "spam complaint")]
    assert smtp.data_seen == 0


@pytest.mark.parametrize(
    ("reply", "disables"),
    [
        ("550 5.1.1 <olivia@example.org>: no such user", True),
        ("554 5.1.10 the domain takes no mail", True),
        ("550 5.2.1 mailbox disabled", True),
        ("550 no such user here", False),  # without a status code it may be about us
        ("552 5.2.2 mailbox full", False),
        ("553 5.1.8 sender's domain does not exist", False),
        ("550 5.7.1 your network is on a block list", False),
        ("450 4.1.1 try later", False),
    ],
)
def test_a_refusal_disables_the_address_only_where_it_speaks_of_the_address(written_mail, smtp, reply, disables):
    smtp.rcpt_reply = reply

    deliver(written_mail.pk)

    kinds = list(DisabledAddress.objects.values_list("address", "kind"))
    assert kinds == ([("olivia@example.org", "bounced")] if disables else [])


def test_of_two_reasons_the_newer_counts(bounced):
    DisabledAddress.objects.disable("OLIVIA@example.org", DisabledAddress.Kind.COMPLAINT, "")

    assert [(one.kind, one.detail) for one in DisabledAddress.objects.all()] == [("complaint", "")]


def test_an_address_of_the_repositorys_own_is_used_once_it_is_confirmed(repository, owner):
    preferences = Preferences.objects.create(repository=repository, mail_to="ops@example.org")
    before = recipient_of(repository).address
    preferences.mail_to_confirmed_at = timezone.now()
    preferences.save()

    assert (before, recipient_of(repository).address) == ("olivia@example.org", "ops@example.org")


def test_who_is_mailed_is_found_by_four_queries(repository, django_assert_num_queries):
    with django_assert_num_queries(4):  # preferences, registrant, its addresses, disabled ones
        recipient_of(repository)
