"""Where `stable` leads to, before and after whatever may move it."""

import pytest

from pages.models import Publication
from repositories.models import Repository, Version


@pytest.fixture
def tag(repository):
    return lambda name, **fields: Version.objects.create(
        repository=repository, kind=Version.Kind.TAG, name=name, **fields
    )


@pytest.fixture
def release(tag, publish):
    """A published tag whose page is its name."""

    def release(name, number=1, text=""):
        return publish({"index.html": text or name}, number=number, of=tag(name))

    return release


@pytest.fixture
def stable(get):
    return lambda: get("/octo/docs/stable/").body.decode()


def test_without_a_release_there_is_no_stable(get, publish, tag):
    publish({"index.html": "latest"})
    tag("v9.0")  # has no pages

    assert get("/octo/docs/stable/").status == 404


def test_stable_is_the_highest_published_release_and_answers_with_its_pages(get, release, stable):
    release("v1.9")
    assert stable() == "v1.9"

    release("v1.10")
    release("v2.0rc1")
    release("v1.2")
    assert stable() == "v1.10"
    assert get("/octo/docs/stable").headers["Location"] == "/octo/docs/stable/"
    assert get("/octo/docs/stable/none.html").status == 404


def test_stable_takes_one_query(get, release, django_assert_num_queries):
    release("v1.0")
    with django_assert_num_queries(1):
        assert get("/octo/docs/stable/").status == 200


def test_stable_follows_a_new_build_and_a_roll_back_of_its_version(client, owner, release, publish, stable):
    first = release("v1.0", number=1, text="one")
    publish({"index.html": "two"}, number=2, of=first.version)
    assert stable() == "two"

    client.force_login(owner)
    client.post(f"/octo/docs/releases/{first.pk}/serve/")
    assert stable() == "one"


def test_a_branch_or_tag_of_that_name_goes_first_once_it_has_pages(repository, release, publish, stable):
    release("v1.0")
    branch = Version.objects.create(repository=repository, name="stable")
    assert stable() == "v1.0"

    publish({"index.html": "the branch"}, of=branch)
    assert stable() == "the branch"


@pytest.mark.parametrize("go", ["retire", "hide", "withdraw", "delete"])
def test_stable_moves_to_the_next_when_a_release_goes(release, stable, go):
    release("v1.0")
    version = release("v2.0").version
    {
        "retire": version.retire,
        "hide": lambda: version.hide(True),
        "withdraw": lambda: Publication.objects.withdraw(version),
        "delete": version.remove,
    }[go]()

    assert stable() == "v1.0"


def test_a_tag_that_comes_back_is_stable_again(release, stable):
    release("v1.0")
    version = release("v2.0").version
    version.retire()
    version.take_up_again()

    assert stable() == "v2.0"


def test_a_release_that_is_only_built_no_more_stays_stable(release, stable):
    release("v1.0").version.switch_off()

    assert stable() == "v1.0"


def test_pages_of_a_retired_version_stay_at_their_own_address(get, release):
    release("v1.0").version.retire()

    assert get("/octo/docs/v1.0/").status == 200


def test_stable_of_a_private_repository_is_not_served(get, release):
    release("v1.0")
    Repository.objects.update(is_private=True)

    assert get("/octo/docs/stable/").status == 404
