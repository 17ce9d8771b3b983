"""The settings of a repository, who may change them, and its end."""

import pytest
from django.test import Client

from builds.models import State
from pages.models import Publication, Release
from repositories.models import Repository

SETTINGS = "/octo/docs/settings/"


def fields_of(repository, **changed):
    fields = {
        "is_enabled": "on",
        "default_branch": repository.default_branch,
        "clone_url": repository.clone_url,
        "forge": repository.forge,
    }
    return {name: value for name, value in {**fields, **changed}.items() if value is not None}


def test_the_owner_switches_builds_off(as_owner, repository):
    response = as_owner.post(SETTINGS, fields_of(repository, is_enabled=None))

    repository.refresh_from_db()
    assert (response.status_code, repository.is_enabled) == (302, False)


def test_the_default_version_follows_the_branch(as_owner, repository):
    as_owner.post(SETTINGS, fields_of(repository, default_branch="stable"))

    assert repository.default_version.name == "stable"


def test_a_branch_that_is_switched_off_as_a_version_becomes_the_default_one(as_owner, repository):
    repository.versions.create(name="stable", is_active=False)

    as_owner.post(SETTINGS, fields_of(repository, default_branch="stable"))

    assert list(repository.versions.values_list("name", "slug")) == [("stable", "latest")]


def test_another_git_url_is_another_repository_of_the_forge(as_owner, repository):
    Repository.objects.update(forge_id="42")

    as_owner.post(SETTINGS, fields_of(repository, is_enabled=None))
    assert Repository.objects.get().forge_id == "42"

    as_owner.post(SETTINGS, fields_of(repository, clone_url="https://github.com/octo/other"))
    assert Repository.objects.get().forge_id == ""


@pytest.mark.parametrize("url", ["https://127.0.0.1/a/b", "ext::sh -c x", "https://user:token@github.com/a/b"])
def test_a_bad_git_url_is_refused_here_too(as_owner, repository, url):
    response = as_owner.post(SETTINGS, fields_of(repository, clone_url=url))

    assert response.status_code == 200
    assert 'class="errorlist"' in response.text
    assert Repository.objects.get().clone_url == repository.clone_url


def test_a_branch_that_is_a_version_already_is_refused(as_owner, repository):
    repository.versions.create(name="stable")

    response = as_owner.post(SETTINGS, fields_of(repository, default_branch="stable"))

    assert "version of its own" in response.text
    assert repository.default_version.name == "main"


def test_fields_that_are_not_in_the_form_are_ignored(as_owner, repository):
    as_owner.post(SETTINGS, fields_of(repository, owner="evil", build_status="success", webhook_secret="known"))

    stored = Repository.objects.get()
    assert (stored.owner, stored.build_status) == ("octo", "unknown")
    assert stored.webhook_secret != "known"


def test_only_what_was_changed_is_written(as_owner, repository):
    form_fields = fields_of(repository)
    Repository.objects.update(build_status="failed")

    as_owner.post(SETTINGS, form_fields)

    assert Repository.objects.get().build_status == "failed"


@pytest.mark.parametrize("path", ["", "secret/", "delete/"])
@pytest.mark.parametrize("who", ["as_stranger", "as_nobody"])
def test_others_cannot_change_anything(request, repository, who, path):
    client = request.getfixturevalue(who)

    response = client.post(
        SETTINGS + path, {**fields_of(repository, is_enabled=None), "confirmation": "octo/docs"}
    )

    stored = Repository.objects.get()
    assert response.status_code == (404 if who == "as_stranger" else 302)
    assert stored.is_enabled
    assert stored.webhook_secret == repository.webhook_secret


def test_the_staff_may_change_what_others_registered(as_staff, repository):
    as_staff.post(SETTINGS, fields_of(repository, is_enabled=None))

    assert not Repository.objects.get().is_enabled


@pytest.mark.parametrize("path", ["secret/", "delete/"])
def test_a_link_or_picture_changes_nothing(as_owner, repository, path):
    assert as_owner.get(SETTINGS + path).status_code == 405


def test_a_post_without_a_csrf_token_is_refused(owner, repository):
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner)

    response = client.post(SETTINGS, fields_of(repository, is_enabled=None))

    assert response.status_code == 403
    assert "nothing was changed" in response.text
    assert Repository.objects.get().is_enabled


def test_a_renewed_secret_is_another_one_and_shown_once(as_owner, repository):
    response = as_owner.post(SETTINGS + "secret/", follow=True)

    renewed = Repository.objects.get().webhook_secret
    assert renewed != repository.webhook_secret
    assert renewed in response.text
    assert renewed not in as_owner.get("/octo/docs/registered/").text


def test_deleting_asks_for_the_name(as_owner, repository):
    response = as_owner.post(SETTINGS + "delete/", {"confirmation": "octo"})

    assert "write octo/docs" in response.text
    assert Repository.objects.exists()


def test_deleting_takes_builds_and_published_releases_along(as_owner, repository, request_build):
    build = request_build()
    build.claim()
    release = Release.objects.create(version=build.version, build_number=1, commit="a" * 40, files=1, size=1)
    build.finish(State.SUCCESS, release=release)

    response = as_owner.post(SETTINGS + "delete/", {"confirmation": "Octo/docs"})

    assert response["Location"] == "/"
    assert not Repository.objects.exists()
    assert not Publication.objects.exists()


def test_the_settings_page_never_shows_the_secret(as_owner, repository):
    assert repository.webhook_secret not in as_owner.get(SETTINGS).text
