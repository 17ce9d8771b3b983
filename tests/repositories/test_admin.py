"""Registering and changing in the admin: the same rules as on the site."""

import pytest

from builds.models import Build
from repositories.models import Repository

LIST = "/admin/repositories/repository/"
NO_VERSIONS = {"versions-TOTAL_FORMS": "0", "versions-INITIAL_FORMS": "0"}


def add(client, registrant, **fields):
    typed = {"clone_url": "https://github.com/acme/handbook", "forge": "github", "registrant": registrant.pk}
    return client.post(f"{LIST}add/", {**typed, **fields})


def change(client, repository, **fields):
    typed = {
        "clone_url": repository.clone_url,
        "forge": repository.forge,
        "default_branch": repository.default_branch,
        "registrant": repository.registrant_id,
        "mail_service": "on",
        "is_enabled": "on",
    }
    return client.post(f"{LIST}{repository.pk}/change/", {**typed, **fields, **NO_VERSIONS})


def test_the_form_to_add_can_be_opened(as_staff):
    assert as_staff.get(f"{LIST}add/").status_code == 200


def test_adding_registers_and_requests_the_first_build(as_staff, owner):
    response = add(as_staff, owner)

    repository = Repository.objects.get()
    assert response.status_code == 302
    assert (repository.full_name, repository.registrant) == ("acme/handbook", owner)
    assert repository.default_version.slug == "latest"
    assert Build.objects.get().repository == repository


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"clone_url": "ext::sh -c x"}, "only https:// URLs"),
        ({"full_name": "admin/x"}, "reserved"),
        ({"full_name": "octo/docs"}, "registered already"),
        ({"default_branch": "-x"}, "git allows"),
    ],
)
def test_adding_checks_what_the_site_checks(as_staff, repository, owner, fields, sentence):
    response = add(as_staff, owner, **fields)

    assert sentence in response.text
    assert Repository.objects.count() == 1


def test_changing_stores_what_was_changed(as_staff, repository, stranger):
    response = change(as_staff, repository, registrant=stranger.pk, default_branch="stable")

    stored = Repository.objects.get()
    assert response.status_code == 302
    assert (stored.registrant, stored.default_version.name) == (stranger, "stable")


def test_changing_checks_the_git_url_too(as_staff, repository):
    response = change(as_staff, repository, clone_url="https://127.0.0.1/a/b")

    assert response.status_code == 200
    assert Repository.objects.get().clone_url == repository.clone_url
