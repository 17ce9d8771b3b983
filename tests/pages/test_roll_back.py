"""Rolling back with one click."""

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from pages.models import Publication, Release
from repositories.models import Repository
from repositories.names import RepositoryName


@pytest.fixture
def first(publish):
    first = publish({"index.html": "one"}, number=1)
    publish({"index.html": "two"}, number=2)
    return first


def address(release):
    return f"/octo/docs/releases/{release.pk}/serve/"


def test_owner_serves_a_kept_release_again(client, owner, first, get):
    client.force_login(owner)

    response = client.post(address(first))

    assert (response.status_code, response["Location"]) == (302, "/octo/docs/")
    assert [str(message) for message in get_messages(response.wsgi_request)] == [
        "Build #1 of latest (main) is served again until the next one."
    ]
    assert get("/octo/docs/latest/").body == b"one"


def test_next_build_is_published_after_a_roll_back(client, owner, first, publish, get):
    client.force_login(owner)
    client.post(address(first))

    publish({"index.html": "three"}, number=3)

    assert get("/octo/docs/latest/").body == b"three"


def test_stranger_and_anonymous_find_nothing(client, stranger, first, version):
    served = Publication.objects.get(version=version).release

    assert client.post(address(first)).status_code == 404
    client.force_login(stranger)
    assert client.post(address(first)).status_code == 404
    assert Publication.objects.get(version=version).release == served


def test_release_of_another_repository_is_not_served(client, owner, first, publish):
    other = Repository.objects.register(
        name=RepositoryName.parse("octo/other"), clone_url="https://x", forge="git", registrant=owner
    )
    foreign = publish({"index.html": "foreign"}, of=other.default_version)
    client.force_login(owner)

    assert client.post(address(foreign)).status_code == 404


def test_roll_back_is_a_post_with_a_token(owner, first):
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner)

    assert client.get(address(first)).status_code == 405
    assert client.post(address(first)).status_code == 403


def test_a_release_is_pinned_and_unpinned_by_who_may(as_owner, as_stranger, as_staff, first):
    pin, unpin = (address(first).replace("serve", verb) for verb in ("pin", "unpin"))

    assert as_stranger.post(pin).status_code == 404
    assert not pinned()
    as_owner.post(pin)
    assert pinned() == [1]
    assert "Unpin release #1 of latest (main)" in as_owner.get("/octo/docs/").text
    as_owner.post(unpin)
    assert not pinned()
    as_staff.post("/admin/pages/release/", {"action": "pin", "_selected_action": [first.pk]})
    assert pinned() == [1]


def pinned():
    return list(Release.objects.filter(is_pinned=True).values_list("build_number", flat=True))
