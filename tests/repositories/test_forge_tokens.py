"""The forge's token: stored encrypted, shown to nobody, sent to nobody but its own forge."""

import pytest
from django.db import connection

from builds import pipeline
from builds.errors import BuildFailed
from builds.logs import tail
from repositories import forge_tokens
from repositories.forge_tokens import ForgeTokenForm
from repositories.models import Repository
from tests.repositories.test_admin import LIST, change
from tests.repositories.test_settings import SETTINGS, fields_of

TOKEN = "github_pat_11AAAAAAA0abcdefghijkl_mnopqrstuvwxyz"


@pytest.fixture
def with_token(repository):
    forge_tokens.store(repository, TOKEN)
    return repository


def stored():
    return Repository.objects.get().forge_token


def test_it_is_encrypted_in_the_database(with_token):
    with connection.cursor() as cursor:
        cursor.execute("SELECT forge_token FROM repositories_repository")
        (column,) = cursor.fetchone()

    assert stored() == TOKEN
    assert TOKEN not in column


@pytest.mark.parametrize("token", ["", "two words", "a\nb", "a\x7f", "pässword", "x" * (forge_tokens.LONGEST + 1)])
def test_what_no_header_takes_is_refused_and_not_repeated(db, token):
    form = ForgeTokenForm({"token": token})

    assert not form.is_valid()
    assert not token or token not in str(form.errors) + str(form["token"])


def test_the_admin_stores_it_without_ever_showing_it(as_staff, repository):
    change(as_staff, repository, new_forge_token=TOKEN)
    assert stored() == TOKEN

    change(as_staff, repository, default_branch="stable")
    assert stored() == TOKEN
    assert TOKEN not in as_staff.get(f"{LIST}{repository.pk}/change/").text
    assert TOKEN not in as_staff.get(f"{LIST}{repository.pk}/history/").text


def test_the_admin_removes_it(as_staff, with_token):
    change(as_staff, with_token, remove_forge_token="on")

    assert stored() is None


def test_the_admin_checks_it(as_staff, repository):
    response = change(as_staff, repository, new_forge_token="two words")

    assert "neither spaces nor special letters" in response.text
    assert "two words" not in response.text
    assert stored() is None


@pytest.mark.parametrize(
    ("clone_url", "token"),
    [
        ("https://github.com/octo/renamed", TOKEN),
        ("https://git.example.org/octo/docs.git", None),
        ("https://github.com.example.org/octo/docs.git", None),
    ],
)
def test_a_token_goes_with_the_host_that_it_was_given_for(as_owner, with_token, clone_url, token):
    assert as_owner.post(SETTINGS, fields_of(with_token, clone_url=clone_url)).status_code == 302

    assert stored() == token


def test_http_is_another_place_than_https():
    assert forge_tokens.is_at_another_place("http://git.example.org/a/b", "https://git.example.org/a/b")


def test_it_is_masked_in_the_log_of_a_build(with_token, request_build, monkeypatch):
    def station(execution):
        execution.say(f"The remote said {TOKEN}.")
        raise BuildFailed("failed")

    monkeypatch.setattr(pipeline, "produce", station)
    build = request_build()
    build.claim()
    pipeline.run(build)

    assert "The remote said [secret]." in tail(build, lines=50, max_bytes=10_000)
