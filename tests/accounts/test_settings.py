"""The user settings page: profile, and the mail toggle of each repository."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from repositories.models import Repository
from repositories.names import RepositoryName

SETTINGS = "/settings/"


@pytest.fixture
def second(owner):
    return Repository.objects.register(
        name=RepositoryName.parse("octo/tools"),
        clone_url="https://github.com/octo/tools",
        forge="github",
        registrant=owner,
    )


@pytest.fixture
def of_the_stranger(stranger):
    return Repository.objects.register(
        name=RepositoryName.parse("sam/own"),
        clone_url="https://github.com/sam/own",
        forge="git",
        registrant=stranger,
    )


def mail_by_name():
    return dict(Repository.objects.values_list("name", "mail_service"))


def test_all_my_repositories_are_listed_with_their_toggle(as_owner, repository, second, of_the_stranger):
    page = as_owner.get(SETTINGS).text

    assert page.count('role="switch"') == 2
    assert "sam/own" not in page


def test_what_is_not_ticked_is_switched_off(as_owner, repository, second):
    response = as_owner.post(SETTINGS, {"save_mail": "1", "on": [second.pk]})

    assert response.status_code == 302
    assert mail_by_name() == {"docs": False, "tools": True}


def test_repositories_of_others_are_out_of_reach(as_owner, repository, of_the_stranger):
    Repository.objects.update(mail_service=False)

    response = as_owner.post(SETTINGS, {"save_mail": "1", "on": [of_the_stranger.pk]})

    assert response.status_code == 200
    assert "not one of the available choices" in response.text
    assert mail_by_name() == {"docs": False, "own": False}


def test_a_value_that_is_no_choice_is_refused(as_owner, repository):
    response = as_owner.post(SETTINGS, {"save_mail": "1", "on": "maybe"})

    assert response.status_code == 200
    assert "not a valid value" in response.text
    assert mail_by_name() == {"docs": True}


def test_toggles_of_other_pages_of_the_list_stay(as_owner, owner):
    Repository.objects.bulk_create(
        Repository(
            owner="o",
            name=f"r{n:03}",
            slug=f"o/r{n:03}",
            clone_url="https://github.com/o/r",
            forge="git",
            registrant=owner,
        )
        for n in range(60)
    )

    as_owner.post(f"{SETTINGS}?page=2", {"save_mail": "1"})

    assert Repository.objects.filter(mail_service=True).count() == 50


def test_the_name_is_stored_and_nothing_else(as_owner, owner):
    as_owner.post(
        SETTINGS, {"first_name": "{{ settings.SECRET_KEY }}", "is_superuser": "1", "is_staff": "1", "groups": "1"}
    )

    stored = User.objects.get(pk=owner.pk)
    assert stored.first_name == "{{ settings.SECRET_KEY }}"
    assert (stored.is_superuser, stored.is_staff, stored.groups.count()) == (False, False, 0)
    assert "{{ settings.SECRET_KEY }}" in as_owner.get(SETTINGS).text


def test_a_post_without_a_csrf_token_changes_nothing(owner, repository):
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner)

    assert client.post(SETTINGS, {"save_mail": "1"}).status_code == 403
    assert mail_by_name() == {"docs": True}


def test_it_asks_to_sign_in(as_nobody):
    assert as_nobody.get(SETTINGS)["Location"] == "/accounts/login/?next=/settings/"


@pytest.mark.parametrize("count", [1, 40])
def test_the_number_of_queries_does_not_depend_on_the_number_of_repositories(
    no_notices, as_owner, owner, count, django_assert_num_queries
):
    Repository.objects.bulk_create(
        Repository(owner="o", name=f"r{n}", slug=f"o/r{n}", clone_url="x", forge="git", registrant=owner)
        for n in range(count)
    )

    with django_assert_num_queries(5):  # session, user, count, page, address
        as_owner.get(SETTINGS)
