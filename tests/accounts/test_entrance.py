"""Signing up, signing in and setting a new password."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import User

from repositories.registrants import confirmed_address_of

PASSWORD = "correct horse battery"
PERSON = {"email": "ada@example.com", "username": "ada", "password1": PASSWORD, "password2": PASSWORD}


def sign_up(client, **fields):
    return client.post("/accounts/signup/", {**PERSON, **fields})


def sign_in(client, login, **fields):
    return client.post("/accounts/login/", {"login": login, "password": PASSWORD, **fields})


def test_who_signs_up_is_signed_in(as_nobody):
    response = sign_up(as_nobody)

    assert response["Location"] == "/"
    assert "Register your first repository" in as_nobody.get("/").text


def test_sign_up_can_be_closed(as_nobody, settings):
    settings.SIGNUP_OPEN = False

    response = sign_up(as_nobody)

    assert "Sign-up is closed" in response.text
    assert "/accounts/signup/" not in as_nobody.get("/").text
    assert "/accounts/signup/" not in as_nobody.get("/accounts/login/").text
    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"username": "victim@example.com"}, "must not contain @"),
        ({"username": "<script>"}, "Enter a valid username"),
        ({"password1": "x" * 1_000_000, "password2": "x" * 1_000_000}, "at most 4096 characters"),
        ({"password2": "another one"}, "same password"),
        ({"email": "<script>@example.com"}, "Enter a valid email address"),
        ({"email": "user@localhost"}, "not allowed"),
        ({"email": "user@[127.0.0.1]"}, "not allowed"),
        ({"email": "user@example.com\u202e"}, "Enter a valid e"),
        ({"email": "\ufb01@example.com"}, "Enter a valid e"),
        ({"email": "u" * 65 + "@example.com"}, "at most 64 characters"),
        ({"email": "a@example.com\nBcc: b@example.com"}, "Enter a valid e"),
    ],
)
def test_bad_input_makes_no_account(as_nobody, mailoutbox, fields, sentence):
    response = sign_up(as_nobody, **fields)

    assert response.status_code == 200
    assert sentence in response.text
    assert not User.objects.exists()
    assert mailoutbox == []


def test_an_address_is_taken_in_whatever_case(as_nobody):
    sign_up(as_nobody)
    as_nobody.post("/accounts/logout/")

    sign_up(as_nobody, email="ADA@EXAMPLE.COM", username="other")

    assert User.objects.count() == 1


@pytest.mark.parametrize("login", ["olivia", "olivia@example.org"])
def test_user_name_and_address_both_sign_in(as_nobody, owner, login):
    assert sign_in(as_nobody, login)["Location"] == "/"


@pytest.mark.parametrize(
    "target",
    ["//evil.example", "/\\evil.example", "https:evil.example", "https://evil.example", "javascript:alert(1)"],
)
def test_signing_in_leads_to_no_other_site(as_nobody, owner, target):
    response = sign_in(as_nobody, "olivia", next=target)

    assert (response.status_code, response["Location"]) == (302, "/")


def test_signing_in_leads_back_to_where_one_came_from(as_nobody, owner):
    assert sign_in(as_nobody, "olivia", next="/register/")["Location"] == "/register/"


def test_guessing_is_limited(as_nobody, owner):
    for _ in range(10):
        as_nobody.post("/accounts/login/", {"login": "olivia", "password": "wrong"})

    assert "Too many" in sign_in(as_nobody, "olivia").text


def test_a_reset_does_not_tell_who_has_an_account(as_nobody, owner):
    known = as_nobody.post("/accounts/password/reset/", {"email": "olivia@example.org"})
    unknown = as_nobody.post("/accounts/password/reset/", {"email": "unknown@example.com"})

    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])


def test_a_new_password_is_set_by_the_link_of_the_mail(as_nobody, owner, mailoutbox, settings):
    as_nobody.post("/accounts/password/reset/", {"email": "olivia@example.org"})
    link = re.search(r"http\S+", mailoutbox[0].body).group()
    assert link.startswith(settings.SITE_URL)

    form = as_nobody.get(link.removeprefix(settings.SITE_URL), follow=True)
    new = "another horse battery"
    as_nobody.post(form.request["PATH_INFO"], {"password1": new, "password2": new})

    owner.refresh_from_db()
    assert owner.check_password(new)


def test_without_its_variables_there_is_no_github_sign_in(as_nobody):
    assert "GitHub" not in as_nobody.get("/accounts/login/").text
    assert as_nobody.get("/accounts/github/login/").status_code == 404


@pytest.fixture
def with_github(settings):
    settings.ROOT_URLCONF = "tests.accounts.urls_with_github"
    settings.GITHUB_CLIENT_ID = "an-id"
    settings.SOCIALACCOUNT_PROVIDERS = {
        "github": {"APPS": [{"client_id": "an-id", "secret": "a-secret", "key": ""}], "SCOPE": ["user:email"]}
    }


def test_with_its_variables_github_is_a_way_in(with_github, as_nobody):
    page = as_nobody.get("/accounts/login/").text
    response = as_nobody.post("/accounts/github/login/")

    assert "Continue with GitHub" in page
    assert response["Location"].startswith("https://github.com/login/oauth/authorize?client_id=an-id")


@pytest.mark.parametrize("state", ["wrong", ""])
def test_a_callback_with_a_wrong_state_signs_nobody_in(with_github, as_nobody, state):
    response = as_nobody.get("/accounts/github/login/callback/", {"state": state, "code": "x"})

    assert response.status_code in {200, 401, 403}
    assert "Sign-in did not work" in response.text
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "path",
    ["email/", "password/change/", "logout/", "reauthenticate/", "confirm-email/", "inactive/"],
)
def test_all_pages_of_the_account_wear_the_sites_looks(as_owner, path):
    page = as_owner.get(f"/accounts/{path}", follow=True)

    assert page.status_code == 200
    assert 'class="topbar"' in page.text
    assert "style=" not in page.text


def test_behind_a_proxy_one_who_guesses_locks_out_nobody_else(as_nobody, owner, stranger, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1

    def sign_in_from(address, name, password):
        fields = {"login": name, "password": password}
        return as_nobody.post("/accounts/login/", fields, headers={"X-Forwarded-For": f"8.8.8.8, {address}"})

    for _ in range(12):
        guess = sign_in_from("198.51.100.7", "sam", "wrong")
    other = sign_in_from("198.51.100.8", "olivia", "correct horse battery")

    assert "Too many" in guess.text
    assert other.status_code == 302


@pytest.mark.parametrize("login", ["olivia", "olivia@example.org"])
def test_looking_at_ones_addresses_does_not_unconfirm_what_an_administrator_gave(as_nobody, owner, login):
    sign_in(as_nobody, login)

    as_nobody.get("/accounts/email/")

    assert confirmed_address_of(owner) == "olivia@example.org"


def test_an_address_that_somebody_else_confirmed_is_not_taken_over_at_sign_in(as_nobody, owner, stranger):
    EmailAddress.objects.create(user=stranger, email="olivia@example.org", verified=True)

    sign_in(as_nobody, "olivia")

    assert not EmailAddress.objects.filter(user=owner).exists()
