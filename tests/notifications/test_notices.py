"""Notices about addresses: what is wrong, for whom, and the one click against it."""

import pytest
from allauth.account.models import EmailAddress
from django.utils import timezone

from notifications.models import DisabledAddress, Pause, Preferences
from repositories import notices
from repositories.models import Repository
from repositories.notices import Notice

pytestmark = pytest.mark.django_db
SETTINGS = "/octo/docs/settings/notifications/"
Kind = DisabledAddress.Kind


def of(repository):
    repository.refresh_from_db()
    return notices.of_repository(repository)


def test_nothing_is_said_while_mail_reaches_somebody(repository, owner):
    assert (of(repository), notices.of_user(owner)) == ([], [])


def test_without_an_address_nobody_is_mailed(repository, owner):
    owner.email = ""
    owner.save()

    assert of(repository) == [
        Notice("Nobody is mailed about octo/docs: there is no address.", SETTINGS, "Give an address")
    ]
    assert notices.of_user(owner) == [
        Notice(
            "Nothing can be mailed to you: your account has no address.",
            "/accounts/email/",
            "Give an address",
            summary="none",
        )
    ]


def test_an_address_that_is_not_confirmed_is_one_click_from_it(repository, owner):
    EmailAddress.objects.create(user=owner, email="olivia@example.org", primary=True)

    assert of(repository) == [
        Notice(
            "Nobody is mailed about octo/docs: olivia@example.org is not confirmed.",
            f"{SETTINGS}confirm-registrant/",
            "Send a link",
            is_post=True,
        )
    ]
    assert [(one.url, one.summary) for one in notices.of_user(owner)] == [("/settings/confirm/", "not confirmed")]


@pytest.mark.parametrize(
    ("kind", "text", "summary"),
    [
        (Kind.BOUNCED, "Mail to olivia@example.org came back, so none is sent there any more.", "bounced"),
        (
            Kind.COMPLAINT,
            "Mail to olivia@example.org was reported as spam, so none is sent there any more.",
            "reported as spam",
        ),
    ],
)
def test_an_address_that_mail_came_back_from(repository, owner, kind, text, summary):
    DisabledAddress.objects.disable("olivia@example.org", kind)

    def notice(url):
        return Notice(text, url, "Confirm it again", is_post=True, summary=summary)

    assert of(repository) == [notice(f"{SETTINGS}confirm-registrant/")]
    assert notices.of_user(owner) == [notice("/settings/confirm/")]


def test_the_repositorys_own_address_is_told_apart_from_the_registrants(repository, owner):
    Preferences.objects.create(
        repository=repository, mail_to="ops@example.org", mail_to_confirmed_at=timezone.now()
    )
    DisabledAddress.objects.disable("ops@example.org", Kind.BOUNCED)

    assert [one.url for one in of(repository)] == [f"{SETTINGS}confirm/"]
    assert notices.of_user(owner) == []


def test_nothing_is_said_of_a_repository_whose_mail_is_off(repository, owner):
    DisabledAddress.objects.disable("olivia@example.org", Kind.BOUNCED)
    repository.mail_service = False
    repository.save()

    assert of(repository) == []


def test_a_pause_is_said_until_it_ends(repository):
    pause = Pause.objects.create(repository=repository)
    assert of(repository) == [
        Notice(
            f"Mail is paused until {pause.ends_at:%H:%M} UTC: there was too much of it. "
            "A digest will tell what was held back.",
            f"{SETTINGS}mails/",
            "Look at the mails",
            summary="paused",
        )
    ]
    pause.end()
    assert of(repository) == []


def test_a_pause_is_not_said_while_mail_is_off(repository):
    Pause.objects.create(repository=repository)
    Repository.objects.update(mail_service=False)
    assert of(repository) == []


def test_they_cost_a_few_queries_whatever_there_is(repository, owner, django_assert_max_num_queries):
    EmailAddress.objects.create(user=owner, email="olivia@example.org", primary=True)
    for number in range(30):
        DisabledAddress.objects.disable(f"{number}@example.org", Kind.BOUNCED)

    repository.refresh_from_db()
    with django_assert_max_num_queries(10):
        notices.of_repository(repository)
    with django_assert_max_num_queries(3):
        notices.of_user(owner)


@pytest.mark.parametrize(
    ("verified", "disabled", "pill"),
    [(True, None, "confirmed"), (False, None, "not confirmed"), (True, Kind.BOUNCED, "bounced")],
)
def test_the_settings_page_says_where_mail_goes_and_how_it_is(as_owner, owner, verified, disabled, pill):
    EmailAddress.objects.create(user=owner, email="olivia@example.org", primary=True, verified=verified)
    if disabled:
        DisabledAddress.objects.disable("olivia@example.org", disabled)

    page = as_owner.get("/settings/").text

    assert f">{pill}</span>" in page
    assert ('action="/settings/confirm/"' in page) == (pill != "confirmed")


@pytest.mark.parametrize(
    ("disabled", "mail_service", "pill"),
    [(False, True, "in use"), (True, True, "bounced"), (False, False, "mail is off")],
)
def test_the_tab_notifications_says_where_mail_goes(as_owner, repository, disabled, mail_service, pill):
    repository.mail_service = mail_service
    repository.save()
    if disabled:
        DisabledAddress.objects.disable("olivia@example.org", Kind.BOUNCED)

    page = as_owner.get(SETTINGS).text

    assert "<strong>olivia@example.org</strong>" in page
    assert f"{pill}</span></li>" in page


def test_the_page_of_an_accounts_addresses_says_so_too(as_owner, owner):
    EmailAddress.objects.create(user=owner, email="olivia@example.org", primary=True, verified=True)
    DisabledAddress.objects.disable("olivia@example.org", Kind.BOUNCED)

    page = as_owner.get("/accounts/email/").text

    assert "Mail to olivia@example.org came back" in page
    assert (
        '<form method="post" action="/settings/confirm/"><input type="hidden" name="csrfmiddlewaretoken"' in page
    )


@pytest.mark.parametrize(
    ("path", "most"), [("/", 8), ("/octo/docs/", 22), ("/octo/docs/settings/", 13), (SETTINGS, 20)]
)
def test_pages_with_notices_cost_a_bounded_number_of_queries(
    as_owner, repository, end_build, path, most, django_assert_max_num_queries
):
    DisabledAddress.objects.disable("olivia@example.org", Kind.BOUNCED)
    for _ in range(3):
        end_build("failed")

    with django_assert_max_num_queries(most):
        assert "Mail to olivia@example.org came back" in as_owner.get(path).text
