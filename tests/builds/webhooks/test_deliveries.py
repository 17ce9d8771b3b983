"""Every recorded delivery of GitHub, Gitea and Forgejo: rightly signed, wrongly signed and unsigned."""

import json

import pytest

from builds.models import Build, Delivery
from repositories.models import Repository, Version
from tests.webhook_requests import (
    HEADERS,
    INDEX,
    body_of,
    deliver,
    digest_of_file,
    forge_of,
    post,
)

BY_NAME = pytest.mark.parametrize("entry", INDEX, ids=[entry["file"] for entry in INDEX])
BUILDS = [entry for entry in INDEX if entry["answer"] == "accepted"]


@pytest.fixture
def tracking(repository):
    """Makes `repository` one of the entry's forge that tracks what the entry pushes or deletes."""

    def track(entry):
        repository.forge = forge_of(entry)
        repository.save(update_fields=["forge"])
        body = json.loads(body_of(entry))
        ref = body.get("ref", "")
        is_tag = ref.startswith("refs/tags/") or body.get("ref_type") == "tag"
        kind = Version.Kind.TAG if is_tag else Version.Kind.BRANCH
        name = ref.removeprefix("refs/tags/").removeprefix("refs/heads/") or "unrelated"
        if name != repository.default_branch:
            Version.objects.create(repository=repository, kind=kind, name=name, slug="tracked")
        return repository

    return track


def test_the_recorded_bodies_are_as_they_were_sent():
    assert [entry["file"] for entry in INDEX if digest_of_file(entry) != entry["sha256"]] == []


@BY_NAME
def test_a_rightly_signed_delivery_does_what_it_says(client, tracking, entry):
    repository = tracking(entry)
    response = deliver(client, repository, body_of(entry), entry["event"])
    assert response.json()["status"] == entry["answer"]
    assert response.status_code == (200 if entry["event"] == "ping" else 202)
    assert Build.objects.count() == (entry in BUILDS)
    assert list(Delivery.objects.values_list("event", "outcome")) == [(entry["event"], entry["answer"])]


@BY_NAME
def test_a_wrongly_signed_delivery_changes_nothing(client, tracking, entry):
    repository = tracking(entry)
    headers = HEADERS[repository.forge](entry["event"], body_of(entry), "another secret")
    response = post(client, repository, body_of(entry), headers)
    assert (response.status_code, response.json()["status"]) == (403, "signature invalid")
    assert (Build.objects.count(), Delivery.objects.count()) == (0, 0)


@BY_NAME
def test_an_unsigned_delivery_changes_nothing(client, tracking, entry):
    repository = tracking(entry)
    headers = HEADERS[repository.forge](entry["event"], body_of(entry), repository.webhook_secret)
    unsigned = {name: value for name, value in headers.items() if "Signature" not in name}
    response = post(client, repository, body_of(entry), unsigned)
    assert (response.status_code, response.json()["status"]) == (403, "signature missing")
    assert (Build.objects.count(), Delivery.objects.count()) == (0, 0)


@BY_NAME
def test_a_delivery_with_one_more_space_is_not_the_signed_one(client, tracking, entry):
    repository = tracking(entry)
    headers = HEADERS[repository.forge](entry["event"], body_of(entry), repository.webhook_secret)
    response = post(client, repository, body_of(entry) + b" ", headers)
    assert (response.status_code, response.json()["status"]) == (403, "signature invalid")


@pytest.mark.parametrize("entry", BUILDS, ids=[entry["file"] for entry in BUILDS])
def test_a_push_builds_the_commit_that_was_pushed(client, tracking, entry):
    repository = tracking(entry)
    body = json.loads(body_of(entry))
    response = deliver(client, repository, body_of(entry))
    build = Build.objects.get()
    assert (build.commit, build.trigger) == (body["after"], "push")
    assert build.version.name == body["ref"].split("/", 2)[2]
    assert response.json()["build"] == build.page_url


@pytest.mark.parametrize("file", ["github/delete_branch.json", "gitea/delete_tag.json"])
def test_a_deleted_branch_or_tag_is_no_longer_built(client, tracking, file):
    entry = next(entry for entry in INDEX if entry["file"] == file)
    repository = tracking(entry)
    deliver(client, repository, body_of(entry), "delete")
    assert list(Version.objects.order_by("slug").values_list("slug", "is_active")) == [
        ("latest", True),
        ("tracked", False),
    ]


def test_a_renaming_at_the_forge_is_noted_and_renames_nothing(client, repository):
    entry = next(entry for entry in INDEX if entry["file"] == "github/repository_renamed.json")
    deliver(client, repository, body_of(entry), "repository")
    assert Delivery.objects.get().outcome == "ignored: repository renamed to Octocoders/Hello-World"
    assert Repository.objects.get().full_name == "octo/docs"
