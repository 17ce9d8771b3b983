"""The dashboard, and the page for who isn't signed in."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from builds.models import Build, State
from repositories.models import BuildStatus, Repository, Version


def many_repositories(registrant, count):
    """With a build each, straight into the tables: registering one by one would take longer than the test."""
    repositories = Repository.objects.bulk_create(
        Repository(
            owner="acme",
            name=f"book-{number:05}",
            slug=f"acme/book-{number:05}",
            clone_url=f"https://github.com/acme/book-{number:05}",
            forge="github",
            registrant=registrant,
            last_build_number=1,
        )
        for number in range(count)
    )
    versions = Version.objects.bulk_create(
        Version(repository=repository, name="main", slug="latest", is_default=True) for repository in repositories
    )
    Build.objects.bulk_create(
        Build(repository=version.repository, version=version, number=1, state=State.SUCCESS, commit="a" * 40)
        for version in versions
    )


def ended_build(version, number, state=State.SUCCESS, **fields):
    Repository.objects.filter(pk=version.repository_id).update(last_build_number=number)
    return Build.objects.create(
        repository=version.repository,
        version=version,
        number=number,
        state=state,
        finished_at=timezone.now(),
        **fields,
    )


def test_the_latest_build_is_shown_with_commit_and_duration(as_owner, version):
    ended_build(version, 1, commit="a" * 40, message="Older")
    ended_build(version, 2, commit="b" * 40, message="Explain retries", duration=72.4)

    page = as_owner.get("/").text

    for text in ("octo/", "docs", "#2", "bbbbbbb", "Explain retries", "1 min 12 s"):
        assert text in page
    assert "Older" not in page


def test_only_my_repositories_are_listed(as_stranger, repository):
    assert "octo/" not in as_stranger.get("/").text


def test_without_a_repository_the_first_step_is_explained(as_owner):
    page = as_owner.get("/").text

    assert "Register your first repository" in page
    assert 'href="/register/"' in page


def test_who_is_not_signed_in_reads_what_yaydoc_does(as_nobody, repository):
    page = as_nobody.get("/").text

    assert "published documentation" in page
    assert "octo/" not in page


@pytest.mark.parametrize("count", [3, 60])
def test_the_number_of_queries_does_not_depend_on_the_number_of_repositories(
    no_notices, as_owner, owner, count, django_assert_num_queries
):
    many_repositories(owner, count)

    with django_assert_num_queries(6):  # session, user, counts per status, count, page, latest builds
        as_owner.get("/")


def test_fifty_repositories_stand_on_a_page(as_owner, owner):
    many_repositories(owner, 51)

    first, second = as_owner.get("/").text, as_owner.get("/?page=2").text

    assert "book-00049" in first
    assert "book-00050" not in first
    assert "book-00050" in second


def test_search_and_status_narrow_the_list(as_owner, owner):
    many_repositories(owner, 12)
    Repository.objects.filter(slug="acme/book-00007").update(build_status=BuildStatus.FAILED)

    found = as_owner.get("/?q=BOOK-0000&status=failed").text

    assert "book-00007" in found
    assert "book-00003" not in found


@pytest.mark.parametrize(
    "query", ["page=9999999999999999999999", "page=x", "status=' OR 1=1--", "order=password", "q=%25'\"<b>"]
)
def test_senseless_filters_are_ignored(as_owner, repository, query):
    response = as_owner.get(f"/?{query}")

    assert response.status_code == 200
    assert "<b>" not in response.text


def test_a_running_build_lets_the_list_refresh_itself(as_owner, version):
    build = ended_build(version, 1, State.RUNNING, lease_expires_at=timezone.now() + timedelta(minutes=1))
    running = as_owner.get("/").text
    Build.objects.filter(pk=build.pk).update(state=State.SUCCESS)
    ended = as_owner.get("/").text

    assert 'hx-trigger="every' in running
    assert "hx-trigger" not in ended


def test_ten_thousand_repositories_take_no_more_queries_and_little_time(
    no_notices, as_owner, owner, django_assert_num_queries
):
    many_repositories(owner, 10_000)
    as_owner.get("/")

    began = time.process_time()
    with django_assert_num_queries(6):
        as_owner.get("/?q=book-099")

    assert time.process_time() - began < 1  # s


@pytest.mark.parametrize(
    "query",
    [
        "page=9999999999999999999999",
        "page=-1&status='%20OR%201=1--&order=password",
        "q=%00",
        "state=%FF",
        "page=%00",
    ],
)
def test_a_hostile_question_is_answered_as_any_other(as_owner, repository, query):
    for page in ("/", "/octo/docs/"):
        assert as_owner.get(f"{page}?{query}").status_code in {200, 400, 404}


@pytest.mark.parametrize(
    "path", ["/octo/docs/builds/%00/", "/octo/%00/", "/octo/docs/builds/9999999999999999999999/"]
)
def test_a_hostile_address_is_not_found(as_owner, repository, path):
    assert as_owner.get(path).status_code in {400, 404}
