"""Registering in the dashboard, and the page that follows."""

import pytest

from builds.models import Build, Trigger
from repositories.models import Repository, Version

URL = "https://github.com/acme/handbook.git"


def register(client, **fields):
    return client.post("/register/", {"clone_url": URL, **fields})


def test_a_git_url_is_enough_to_register(as_owner, owner):
    response = register(as_owner)

    repository = Repository.objects.get()
    assert response["Location"] == "/acme/handbook/registered/"
    assert (repository.full_name, repository.registrant, repository.forge) == ("acme/handbook", owner, "github")


def test_what_is_typed_goes_before_what_is_proposed(as_owner):
    register(as_owner, name="books/Python", default_branch="release/2.x", forge="gitea", is_private="on")

    repository = Repository.objects.get()
    assert (repository.full_name, repository.forge, repository.is_private) == ("books/Python", "gitea", True)
    assert repository.default_version.name == "release/2.x"
    assert repository.default_version.slug == Version.LATEST


def test_registering_requests_the_first_build(as_owner):
    register(as_owner)

    build = Build.objects.get()
    assert (build.number, build.trigger, build.version.slug) == (1, Trigger.REGISTRATION, Version.LATEST)


def test_the_secret_is_shown_once(as_owner):
    response = as_owner.post("/register/", {"clone_url": URL}, follow=True)
    again = as_owner.get("/acme/handbook/registered/")

    secret = Repository.objects.get().webhook_secret
    assert secret in response.text
    assert secret not in again.text


def test_the_result_page_has_all_that_is_needed_next(as_owner):
    response = as_owner.post("/register/", {"clone_url": URL}, follow=True)

    repository = Repository.objects.get()
    for text in (
        repository.webhook_url,
        f"[![Documentation status]({repository.badge_url})]({repository.docs_url})",
        "application/json",
    ):
        assert text in response.text


@pytest.mark.parametrize("forge", ["github", "gitea", "git"])
def test_each_forge_has_its_own_instructions(as_owner, forge):
    response = as_owner.post("/register/", {"clone_url": URL, "forge": forge}, follow=True)

    words = {"github": "Payload URL", "gitea": "Target URL", "git": "post-receive"}
    assert [name for name, word in words.items() if word in response.text] == [forge]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"name": "acme/<script>alert(1)</script>"}, "exactly one slash"),
        ({"name": "acme/<img src=x onerror=alert(1)>"}, "Invalid character"),
        ({"name": "admin/handbook"}, "reserved"),
        ({"clone_url": "ext::sh -c x"}, "only https:// URLs"),
        ({"clone_url": "https://127.0.0.1/a/b"}, "not allowed"),
        ({"clone_url": ""}, "required"),
        ({"clone_url": "https://github.com/a/" + "b" * 3000}, "at most 255"),
        ({"default_branch": "--upload-pack=x"}, "not a name that git allows"),
        ({"default_branch": "a..b"}, "not a name that git allows"),
        ({"forge": "sourceforge"}, "not one of the available choices"),
    ],
)
def test_bad_input_is_answered_at_its_field_and_stores_nothing(as_owner, fields, sentence):
    response = register(as_owner, **fields)

    assert response.status_code == 200
    assert sentence in response.text
    assert "<script>alert" not in response.text
    assert "<img src=x" not in response.text
    assert not Repository.objects.exists()


@pytest.mark.parametrize("name", ["my_org.io/.github", "o" * 100 + "/" + "r" * 100])
def test_every_name_that_can_be_registered_has_its_pages(as_owner, name):
    response = register(as_owner, name=name)

    assert response["Location"] == f"/{name}/registered/"
    assert as_owner.get(f"/{name}/").status_code == 200


def test_a_taken_name_is_refused_in_whatever_case(as_owner, as_stranger):
    register(as_owner)

    response = register(as_stranger, name="ACME/Handbook")

    assert "is registered already" in response.text
    assert Repository.objects.count() == 1


def test_registering_asks_to_sign_in_first(as_nobody):
    assert register(as_nobody)["Location"] == "/accounts/login/?next=/register/"


def test_the_result_page_is_the_registrants_only(as_stranger, repository):
    assert as_stranger.get("/octo/docs/registered/").status_code == 404
