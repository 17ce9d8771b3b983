"""The pull requests on a repository's page, and the button that approves one."""

import pytest
from django.test import Client

from builds.models import Build, PullRequest, State, Trigger
from builds.views import repository as repository_views
from pages.models import Publication, Release
from repositories.models import Repository, Version
from tests.builds.test_pages_repository import PAGE, build_of

COMMIT, LATER = "c" * 40, "d" * 40
APPROVE = f"{PAGE}pull-requests/12/approve/"


@pytest.fixture
def propose(building):
    """A pull request as a delivery leaves it."""

    def propose(number=12, approved=COMMIT, **fields):
        version = Version.objects.create(
            repository=building, kind=Version.Kind.PULL_REQUEST, name=str(number), slug=f"pr-{number}"
        )
        fields = {"title": "Say more", "author": "nora", "head_commit": COMMIT, **fields}
        return PullRequest.objects.create(version=version, approved_commit=approved, **fields)

    return propose


@pytest.fixture
def waiting(propose):
    return propose(approved="")


def publish(version, number):
    release = Release.objects.create(version=version, build_number=number, commit=COMMIT, files=3, size=100)
    Publication.objects.publish(release)


def test_an_open_pull_request_is_shown_with_its_build_preview_and_page_at_the_forge(as_nobody, propose):
    pull_request = propose()
    build_of(pull_request.version, 1)
    publish(pull_request.version, 1)

    page = as_nobody.get(PAGE).text

    assert '<a href="https://github.com/octo/docs/pull/12" rel="noopener noreferrer nofollow">' in page
    assert '<a href="/octo/docs/builds/1/">Build #1</a>' in page
    assert '<a href="http://docs.localhost:8000/octo/docs/pr-12/" rel="nofollow">Preview</a>' in page
    assert "waits for approval" not in page


def test_of_a_private_repository_no_preview_is_named_which_nobody_is_served(as_owner, propose, private_repository):
    publish(propose().version, 1)
    page = as_owner.get(PAGE).text
    assert ("Say more" in page, "/octo/docs/pr-12/" in page) == (True, False)


def test_where_they_are_not_built_the_page_says_nothing_of_pull_requests(as_owner, waiting):
    Repository.objects.update(builds_pull_requests=False)
    assert "ull request" not in as_owner.get(PAGE).text


def test_a_closed_one_is_not_shown(as_owner, propose):
    Version.objects.filter(pk=propose().version_id).update(is_active=False)
    assert "Say more" not in as_owner.get(PAGE).text


def test_a_title_is_text_and_never_markup(as_owner, propose):
    propose(title="<script>alert(1)</script>", author="<img src=x>")
    page = as_owner.get(PAGE).text
    assert "<script>alert" not in page
    assert "<img src=x>" not in page


def test_it_is_no_version_release_or_news_of_the_repository(as_owner, propose, version):
    pull_request = propose()
    publish(pull_request.version, 1)
    build_of(version, 1)
    build_of(pull_request.version, 2, State.FAILED, reason="The proposal is broken.")

    page = as_owner.get(PAGE)

    assert [row.version.slug for row in page.context["versions"]] == ["latest"]
    assert page.context["releases"] == []
    assert "The proposal is broken." not in page.text
    assert "<span>pr-12</span>" in page.text  # among the builds


def test_it_is_not_built_by_the_button_of_versions(as_owner, waiting):
    assert as_owner.post(f"{PAGE}build/", {"version": "pr-12"}).status_code == 404
    assert not Build.objects.exists()


@pytest.mark.parametrize("count", [1, 30])
def test_the_number_of_queries_does_not_depend_on_the_number_of_pull_requests(
    no_notices, as_owner, propose, count, django_assert_num_queries
):
    for number in range(1, count + 1):
        version = propose(number, approved=COMMIT if number % 2 else "").version
        build_of(version, number)
        publish(version, number)
    as_owner.get(PAGE)

    with django_assert_num_queries(13):
        page = as_owner.get(PAGE).text

    assert page.count('class="pull-request"') == min(count, 10)


def test_those_that_wait_come_first_and_hundreds_keep_the_page_short(as_owner, propose):
    propose(1, approved="", title="Waits for long")
    for number in range(2, 31):
        propose(number)

    page, everything = as_owner.get(PAGE), as_owner.get(f"{PAGE}?pull-requests=all")

    shown = [row.pull_request.number for row in page.context["pull_requests"]]
    assert shown == ["1", *(str(number) for number in range(30, 21, -1))]
    assert "Show all pull requests" in page.text
    assert len(everything.context["pull_requests"]) == 30
    assert "There are more" not in everything.text


def test_i8_strangers_cannot_make_the_page_as_long_as_they_like(as_nobody, propose, monkeypatch):
    monkeypatch.setattr(repository_views, "ALL_PULL_REQUESTS", 15)
    for number in range(1, 18):
        propose(number)

    page = as_nobody.get(f"{PAGE}?pull-requests=all")

    assert len(page.context["pull_requests"]) == 15
    assert "There are more" in page.text


# -- approval


@pytest.mark.parametrize(
    ("who", "has_button"), [("as_owner", True), ("as_staff", True), ("as_stranger", False), ("as_nobody", False)]
)
def test_who_may_change_the_repository_sees_the_button_and_a_notice(request, waiting, who, has_button):
    page = request.getfixturevalue(who).get(PAGE).text

    assert "waits for approval" in page
    assert (APPROVE in page) == has_button
    assert ("A pull request waits for your approval" in page) == has_button


def test_the_notice_counts_what_waits(as_owner, propose):
    propose(1)
    assert ">Look<" not in as_owner.get(f"{PAGE}settings/").text
    propose(2, approved="")
    propose(3, approved=LATER)
    assert "2 pull requests wait for your approval" in as_owner.get(f"{PAGE}settings/").text


def test_approving_builds_the_commit_that_was_shown(as_owner, waiting):
    response = as_owner.post(APPROVE, {"commit": COMMIT})

    build = Build.objects.get()
    assert response["Location"] == build.get_absolute_url()
    assert (build.commit, build.version, build.trigger) == (COMMIT, waiting.version, Trigger.PUSH)


@pytest.mark.parametrize("form", [{}, {"commit": ""}, {"commit": LATER}, {"commit": COMMIT[:7]}])
def test_a_commit_other_than_the_newest_is_not_approved(as_owner, waiting, form):
    response = as_owner.post(APPROVE, form, follow=True)

    assert "has changed since you looked" in response.text
    assert not Build.objects.exists()


def test_a_closed_one_cannot_be_approved(as_owner, waiting):
    Version.objects.filter(pk=waiting.version_id).update(is_active=False)
    as_owner.post(APPROVE, {"commit": COMMIT})
    assert not Build.objects.exists()


@pytest.mark.parametrize("field", ["is_enabled", "builds_pull_requests"])
def test_nothing_is_approved_while_it_is_switched_off(as_owner, waiting, field):
    Repository.objects.update(**{field: False})
    response = as_owner.post(APPROVE, {"commit": COMMIT}, follow=True)
    assert "switched off" in response.text
    assert not Build.objects.exists()


@pytest.mark.parametrize(("who", "status"), [("as_stranger", 404), ("as_nobody", 302)])
def test_others_cannot_approve(request, waiting, who, status):
    assert request.getfixturevalue(who).post(APPROVE, {"commit": COMMIT}).status_code == status
    assert not Build.objects.exists()


def test_a_link_does_not_approve(as_owner, waiting):
    assert as_owner.get(APPROVE).status_code == 405


def test_approval_asks_for_the_forms_token(owner, waiting):
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner)
    assert client.post(APPROVE, {"commit": COMMIT}).status_code == 403
    assert not Build.objects.exists()


def test_another_repositorys_pull_request_is_not_found(as_owner, waiting, owner):
    other = Repository.objects.create(
        owner="octo", name="other", slug="octo/other", clone_url="https://github.com/octo/other", registrant=owner
    )
    assert as_owner.post(f"/{other.full_name}/pull-requests/12/approve/", {"commit": COMMIT}).status_code == 404


# -- its builds' pages


def test_its_build_offers_the_preview_and_another_build_of_the_approved_commit(as_owner, propose):
    pull_request = propose(head_commit=LATER)
    Build.objects.request(pull_request.version, trigger=Trigger.PUSH, commit=COMMIT)
    Build.objects.update(state=State.SUCCESS)

    page = as_owner.get(f"{PAGE}builds/1/").text
    as_owner.post(f"{PAGE}builds/1/again/")

    assert "See the preview" in page
    assert Build.objects.queued().get().commit == COMMIT


def test_a_closed_ones_build_offers_neither(as_owner, propose):
    pull_request = propose()
    build_of(pull_request.version, 1, commit=COMMIT)
    Version.objects.filter(pk=pull_request.version_id).update(is_active=False)

    page = as_owner.get(f"{PAGE}builds/1/").text
    response = as_owner.post(f"{PAGE}builds/1/again/", follow=True)

    assert "See the preview" not in page
    assert "Build again" not in page
    assert "The pull request is closed." in response.text
    assert Build.objects.count() == 1


def test_the_admin_lists_them_and_builds_no_closed_one_again(as_staff, propose):
    pull_request = propose(approved="")
    build = build_of(pull_request.version, 1)
    assert "Say more" in as_staff.get("/admin/builds/pullrequest/").text
    Version.objects.filter(pk=pull_request.version_id).update(is_active=False)

    as_staff.post("/admin/builds/build/", {"action": "build_again", "_selected_action": [build.pk]})

    assert Build.objects.count() == 1
