"""Registering and changing in the admin: the same rules as on the site."""

import pytest
from django.contrib.auth.models import Permission

from builds.models import Build, Trigger
from pages.models import Publication, Release
from repositories.models import Repository, Version

LIST = "/admin/repositories/repository/"
VERSIONS = "/admin/repositories/version/"


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
    return client.post(f"{LIST}{repository.pk}/change/", {**typed, **fields})


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


def test_badge_is_shown_as_everybody_sees_it(as_staff, repository):
    page = as_staff.get(f"{LIST}{repository.pk}/change/").text

    assert '<img src="/octo/docs.svg" alt="octo/docs">' in page


def test_changing_stores_what_was_changed(as_staff, repository, stranger):
    response = change(as_staff, repository, registrant=stranger.pk, default_branch="stable")

    stored = Repository.objects.get()
    assert response.status_code == 302
    assert (stored.registrant, stored.default_version.name) == (stranger, "stable")


def test_changing_checks_the_git_url_too(as_staff, repository):
    response = change(as_staff, repository, clone_url="https://127.0.0.1/a/b")

    assert response.status_code == 200
    assert Repository.objects.get().clone_url == repository.clone_url


def add_version(client, repository, name, kind="branch"):
    return client.post(f"{VERSIONS}add/", {"repository": repository.pk, "kind": kind, "name": name})


@pytest.mark.parametrize(("kind", "name"), [("branch", "stable"), ("tag", "v1.0")])
def test_adding_a_version_makes_its_address_and_requests_its_first_build(as_staff, repository, kind, name):
    response = add_version(as_staff, repository, name, kind)

    version = Version.objects.get(is_default=False)
    build = Build.objects.get()
    assert response.status_code == 302
    assert (version.kind, version.name, version.slug, version.is_active) == (kind, name, name, True)
    assert (build.version, build.trigger) == (version, Trigger.PERSON)


@pytest.mark.parametrize(
    ("name", "kind", "sentence"),
    [
        ("-x", "branch", "git allows"),
        ("a..b", "tag", "git allows"),
        ("", "branch", "required"),
        ("main", "branch", "is a version already"),
        ("stable", "tag", "The branch stable-tag has this address already"),
        ("x", "pull request", "not one of the available choices"),
    ],
)
def test_a_version_that_cannot_be_is_refused_with_a_sentence(as_staff, repository, name, kind, sentence):
    repository.versions.create(name="stable")
    repository.versions.create(name="stable-tag")

    response = add_version(as_staff, repository, name, kind)

    assert sentence in response.text
    assert repository.versions.count() == 3


def test_the_form_of_a_version_switches_it_off_and_on_and_hides_it(as_staff, version):
    other = Version.objects.create(repository=version.repository, kind=Version.Kind.TAG, name="v1.0")
    page = f"{VERSIONS}{other.pk}/change/"

    assert as_staff.get(page).status_code == as_staff.get(f"{VERSIONS}add/").status_code == 200
    assert as_staff.post(page, {"is_hidden": "on"}).status_code == 302
    other.refresh_from_db()
    assert (other.is_active, other.is_hidden, Build.objects.count()) == (False, True, 0)

    as_staff.post(page, {"is_active": "on"})
    other.refresh_from_db()
    assert (other.is_active, other.is_hidden) == (True, False)
    assert Build.objects.get().version == other


def test_the_default_version_is_not_switched_off_by_itself(as_staff, version):
    assert as_staff.post(f"{VERSIONS}{version.pk}/change/", {}).status_code == 302
    assert Version.objects.get().is_active


def test_secret_variables_do_not_go_over_to_another_registrant(as_staff, repository, stranger):
    repository.variables.create(name="HIDDEN", value="hunter2-and-more")
    repository.variables.create(name="PLAIN", value="x", is_secret=False)

    change(as_staff, repository, registrant=stranger.pk)

    assert [variable.name for variable in repository.variables.all()] == ["PLAIN"]


# -- deleting


def delete(client, page, *chosen):
    ids = [one.pk for one in chosen]
    return client.post(page, {"action": "delete_selected", "_selected_action": ids, "post": "yes"}, follow=True)


@pytest.fixture
def deleted_one_by_one(monkeypatch):
    """The repositories that were deleted by the method that locks rows in order."""
    names, before = [], Repository.delete
    monkeypatch.setattr(Repository, "delete", lambda one: (names.append(one.full_name), before(one))[1])
    return names


def test_published_repositories_are_deleted_one_by_one_by_who_may(
    client, repository, version, stranger, deleted_one_by_one
):
    Build.objects.create(repository=repository, version=version, number=1)
    Publication.objects.publish(Release.objects.create(version=version, build_number=1, files=1, size=1))
    stranger.is_staff = True
    stranger.save()
    client.force_login(stranger)

    stranger.user_permissions.set(Permission.objects.filter(codename="view_repository"))
    delete(client, LIST, repository)
    assert Repository.objects.exists()

    stranger.user_permissions.add(Permission.objects.get(codename="delete_repository"))
    asked = client.post(LIST, {"action": "delete_selected", "_selected_action": repository.pk}).text
    assert "octo/docs, with its builds and published pages" in asked
    delete(client, LIST, repository)
    assert deleted_one_by_one == ["octo/docs"]
    assert [model.objects.count() for model in (Repository, Version, Release, Build)] == [0, 0, 0, 0]


def test_versions_are_removed_but_for_the_default_one(as_staff, repository, version):
    one, other = (Version.objects.create(repository=repository, name=name) for name in ("next", "old"))
    Publication.objects.publish(Release.objects.create(version=one, build_number=1, files=1, size=1))

    response = delete(as_staff, VERSIONS, version, one)
    as_staff.post(f"{VERSIONS}{other.pk}/delete/", {"post": "yes"})

    assert "Default versions go with their repository only." in response.text
    assert list(Version.objects.all()) == [version]
    assert as_staff.post(f"{VERSIONS}{version.pk}/delete/", {"post": "yes"}).status_code == 403
