"""Addresses are used once somebody who reads there says so, and nobody is flooded with questions."""

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from notifications.mails import confirmations
from notifications.mails.recipients import recipient_for, recipient_of
from notifications.models import DisabledAddress, Mail, Preferences
from repositories.models import Repository

pytestmark = pytest.mark.django_db
SETTINGS = "/octo/docs/settings/notifications/"
Kind = DisabledAddress.Kind


@pytest.fixture
def asked(as_owner, repository):
    """olivia gave an address for the repository."""
    return as_owner.post(SETTINGS, {"mail_service": "on", "mail_to": "Ops@example.org"}, follow=True)


def link(message):
    return re.search(r"http://localhost:8000(/\S+)", message.body)[1]


def goes_to():
    return recipient_of(Repository.objects.get()).address


# -- a repository's own address


def test_a_new_address_gets_one_link_and_is_used_once_the_button_behind_it_is_pressed(asked, as_nobody):
    [message] = mail.outbox
    before = goes_to()
    page = as_nobody.get(link(message))
    after_looking = goes_to()
    as_nobody.post(link(message))

    assert (message.to, message.subject) == (
        ["ops@example.org"],
        "Confirm this address for mail about octo/docs",
    )
    assert "A link was sent to ops@example.org" in asked.text
    assert "Yes, confirm it" in page.text
    assert (page["X-Robots-Tag"], "no-store" in page["Cache-Control"]) == ("noindex", True)
    assert (before, after_looking, goes_to()) == ("olivia@example.org", "olivia@example.org", "ops@example.org")


def test_the_page_after_it_says_so_and_may_be_looked_at_again(asked, as_nobody):
    path = link(mail.outbox[0])

    assert "<h1>Confirmed</h1>" in as_nobody.post(path).text
    assert "<h1>Confirmed</h1>" in as_nobody.get(path).text


def test_another_site_cannot_press_the_button(asked):
    assert Client(enforce_csrf_checks=True).post(link(mail.outbox[0])).status_code == 403
    assert goes_to() == "olivia@example.org"


def test_another_address_starts_over(asked, as_owner, as_nobody):
    as_nobody.post(link(mail.outbox[0]))
    as_owner.post(SETTINGS, {"mail_service": "on", "mail_to": "other@example.org"})

    assert goes_to() == "olivia@example.org"
    assert as_nobody.post(link(mail.outbox[0])).status_code == 404
    assert goes_to() == "olivia@example.org"
    assert mail.outbox[1].to == ["other@example.org"]


def test_the_same_address_in_other_letters_does_not(asked, as_owner, as_nobody):
    as_nobody.post(link(mail.outbox[0]))
    as_owner.post(SETTINGS, {"mail_service": "on", "mail_to": "OPS@example.org", "only_changes": "on"})

    assert (goes_to(), len(mail.outbox)) == ("ops@example.org", 1)


def test_no_address_is_the_registrants_again(asked, as_owner, as_nobody):
    as_nobody.post(link(mail.outbox[0]))
    as_owner.post(SETTINGS, {"mail_service": "on", "mail_to": ""})

    assert (goes_to(), len(mail.outbox)) == ("olivia@example.org", 1)


def test_a_link_ends_after_three_days(asked, as_nobody, monkeypatch):
    monkeypatch.setattr(confirmations, "VALID", timedelta(seconds=-1))

    assert as_nobody.get(link(mail.outbox[0])).status_code == 404
    assert confirmations.preferences_of_token("nonsense") is None


@pytest.mark.parametrize("token", ["nonsense", "a:b:c", "..%2f"])
def test_a_forged_link_is_a_page_that_does_not_exist(asked, as_nobody, token):
    assert as_nobody.post(f"/mail/confirm/{token}/").status_code == 404


def test_mail_goes_there_and_its_unsubscribe_link_turns_it_off(
    asked, as_nobody, end_build, run_mail_tasks, smtp, settings
):
    settings.EMAIL_BACKEND, in_use = "django.core.mail.backends.locmem.EmailBackend", settings.EMAIL_BACKEND
    as_nobody.post(link(mail.outbox[0]))
    settings.EMAIL_BACKEND = in_use
    end_build("failed")
    run_mail_tasks()
    [message] = smtp.taken
    path = re.search(r"http://localhost:8000([^>]+)", message["List-Unsubscribe"])[1]
    as_nobody.post(path, {"List-Unsubscribe": "One-Click"})

    assert message["To"] == "ops@example.org"
    assert not Repository.objects.get().mail_service


# -- how often


def ask_again(client):
    return client.post(f"{SETTINGS}confirm/", follow=True).text


def test_the_link_is_sent_again_on_request_and_not_without_end(asked, as_owner):
    answers = [ask_again(as_owner) for _ in range(3)]

    assert ["asked for too often today" in answer for answer in answers] == [False, False, True]
    assert len(mail.outbox) == 3  # a day, for one address


def test_an_address_is_not_asked_from_many_repositories(asked, as_owner, owner):
    for number in range(5):
        Repository.objects.create(owner="o", name=f"r{number}", slug=f"o/r{number}", registrant=owner)
        as_owner.post(f"/o/r{number}/settings/notifications/", {"mail_to": "ops@example.org"})

    assert len(mail.outbox) == 3


def test_one_repository_does_not_ask_many_addresses(as_owner, repository):
    for number in range(8):
        as_owner.post(SETTINGS, {"mail_to": f"stranger{number}@example.org"})

    assert len(mail.outbox) == 5


def test_one_user_does_not_ask_many_addresses(as_owner, owner):
    for number in range(12):
        Repository.objects.create(owner="o", name=f"r{number}", slug=f"o/r{number}", registrant=owner)
        as_owner.post(f"/o/r{number}/settings/notifications/", {"mail_to": f"stranger{number}@example.org"})

    assert len(mail.outbox) == 10


def test_who_called_the_question_spam_is_not_asked_again(asked, as_owner):
    DisabledAddress.objects.disable("ops@example.org", Kind.COMPLAINT)

    assert "reported mail from here as spam" in ask_again(as_owner)
    assert len(mail.outbox) == 1


@pytest.mark.parametrize("path", ["confirm/", "confirm-registrant/"])
@pytest.mark.parametrize(("who", "status"), [("as_stranger", 404), ("as_nobody", 302)])
def test_others_cannot_ask(request, asked, path, who, status):
    assert request.getfixturevalue(who).post(SETTINGS + path).status_code == status
    assert len(mail.outbox) == 1


@pytest.mark.parametrize("path", [f"{SETTINGS}confirm/", f"{SETTINGS}confirm-registrant/", "/settings/confirm/"])
def test_a_link_or_picture_asks_nothing(asked, as_owner, path):
    assert as_owner.get(path).status_code == 405


def test_a_mail_server_that_refuses_is_told_to_the_one_who_asked(as_owner, repository, smtp):
    smtp.rcpt_reply = "550 5.1.1 no such user"

    page = as_owner.post(SETTINGS, {"mail_to": "ops@example.org"}, follow=True).text

    assert "No link was sent to ops@example.org: The mail server said: 550 5.1.1 no such user" in page


# -- after mail came back


def test_a_link_sent_after_it_came_back_takes_the_address_up_again(asked, as_owner, as_nobody):
    as_nobody.post(link(mail.outbox[0]))
    DisabledAddress.objects.disable("ops@example.org", Kind.BOUNCED)
    old = as_nobody.post(link(mail.outbox[0])).status_code
    obstacle = recipient_of(Repository.objects.get()).obstacle

    ask_again(as_owner)
    page = as_nobody.get(link(mail.outbox[1]))
    as_nobody.post(link(mail.outbox[1]))

    assert (old, obstacle, "Yes, confirm it" in page.text) == (404, "address bounced", True)
    assert recipient_of(Repository.objects.get()).obstacle == ""


def test_the_registrants_address_is_confirmed_by_allauths_own_link(as_owner, owner, repository):
    EmailAddress.objects.create(user=owner, email="olivia@example.org", verified=True, primary=True)
    DisabledAddress.objects.disable("Olivia@example.org", Kind.BOUNCED)

    page = as_owner.post("/settings/confirm/", follow=True).text
    [message] = mail.outbox
    path = link(message)
    as_owner.get(path)
    after_looking = DisabledAddress.objects.disabled().count()
    as_owner.post(path)

    assert "A link was sent to olivia@example.org" in page
    assert (message.to, path.startswith("/accounts/confirm-email/")) == (["olivia@example.org"], True)
    assert (after_looking, DisabledAddress.objects.disabled().count()) == (1, 0)
    assert recipient_for(owner).address == "olivia@example.org"


def test_an_address_that_an_administrator_gave_is_confirmed_the_same_way(as_owner, owner, repository):
    DisabledAddress.objects.disable("olivia@example.org", Kind.BOUNCED)

    as_owner.post(f"{SETTINGS}confirm-registrant/")
    as_owner.post(link(mail.outbox[0]))

    assert recipient_of(repository).obstacle == ""
    assert EmailAddress.objects.get(user=owner).verified


def test_an_address_that_is_fine_stays_confirmed(as_owner, as_staff, owner, repository):
    EmailAddress.objects.create(user=owner, email="olivia@example.org", verified=True, primary=True)

    page = as_staff.post(f"{SETTINGS}confirm-registrant/", follow=True).text

    assert "olivia@example.org is confirmed already" in page
    assert (len(mail.outbox), EmailAddress.objects.get(user=owner).verified) == (0, True)


def test_the_registrants_address_is_not_asked_without_end_either(as_owner, owner, repository):
    EmailAddress.objects.create(user=owner, email="olivia@example.org", verified=False, primary=True)

    for _ in range(5):
        as_owner.post("/settings/confirm/")

    assert len(mail.outbox) == 3


def test_counting_starts_anew_the_next_day(asked, as_owner):
    for _ in range(3):
        ask_again(as_owner)
    cache.clear()

    ask_again(as_owner)

    assert len(mail.outbox) == 4


def test_nothing_of_it_is_stored_as_a_mail_about_a_build(asked):
    assert Mail.objects.count() == 0
    assert Preferences.objects.get().mail_to_confirmed_at is None


def test_a_confirmation_that_comes_too_late_changes_nothing(repository):
    preferences = Preferences.objects.create(repository=repository, mail_to="ops@example.org")
    Preferences.objects.update(mail_to="other@example.org")

    assert not confirmations.confirm(preferences)
    assert Preferences.objects.get().mail_to_confirmed_at is None
    assert timezone.now() - preferences.mail_to_confirmed_at < timedelta(minutes=1)
