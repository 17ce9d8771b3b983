"""A repository's page: what it shows to whom, and its button."""

import re

import pytest
from django.utils import timezone

from builds.models import Build, Delivery, State, Trigger
from pages.models import Publication, Release
from repositories.models import Repository

PAGE = "/octo/docs/"


def build_of(version, number, state=State.SUCCESS, **fields):
    return Build.objects.create(
        repository=version.repository, version=version, number=number, state=state, **fields
    )


def release_of(version, number):
    return Release.objects.create(version=version, build_number=number, commit="c" * 40, files=3, size=100)


def without_csrf_token(page):
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page)


@pytest.mark.parametrize("who", ["as_owner", "as_staff", "as_stranger", "as_nobody"])
def test_a_public_repository_is_shown_to_everybody(request, repository, who):
    assert request.getfixturevalue(who).get(PAGE).status_code == 200


@pytest.mark.parametrize(
    ("who", "is_shown"), [("as_owner", True), ("as_staff", True), ("as_stranger", False), ("as_nobody", False)]
)
@pytest.mark.parametrize("path", ["", "builds/1/", "builds/1/log", "builds/1/log?offset=0"])
def test_a_private_one_only_to_its_owner_and_the_staff(request, private_repository, version, who, is_shown, path):
    build_of(version, 1)

    response = request.getfixturevalue(who).get(PAGE + path)

    assert (response.status_code != 404) == is_shown


def test_what_is_missing_and_what_is_forbidden_look_the_same(as_stranger, private_repository):
    forbidden = without_csrf_token(as_stranger.get(PAGE).text)
    missing = without_csrf_token(as_stranger.get("/octo/nothing/").text)

    assert forbidden == missing


def test_names_count_in_whatever_case(as_owner, repository):
    assert as_owner.get("/OCTO/Docs/").status_code == 200


def test_only_who_may_change_it_sees_buttons_and_deliveries(as_owner, as_stranger, version):
    build_of(version, 1)
    Publication.objects.publish(release_of(version, 1))
    release_of(version, 2)
    Delivery.objects.create(
        repository=version.repository, delivery_id="1", event="push", outcome="build requested"
    )

    mine, theirs = as_owner.get(PAGE).text, as_stranger.get(PAGE).text

    for text in ("Build now", "/octo/docs/settings/", "build requested", "/serve/"):
        assert text in mine
        assert text not in theirs


def test_each_state_is_named(as_owner, version):
    for number, state in enumerate(State, 1):
        lease = {"lease_expires_at": timezone.now()} if state == State.RUNNING else {}
        build_of(version, number, state, **lease)

    page = as_owner.get(PAGE).text

    for label in ("queued", "building", "success", "failed", "error", "cancelled"):
        assert f"<span>{label}</span>" in page


def test_why_the_latest_build_failed_stands_on_top(as_owner, version):
    build_of(version, 1, State.FAILED, reason="docs/conf.py: line 3")

    assert "docs/conf.py: line 3" in as_owner.get(PAGE).text


def test_docs_are_linked_once_they_are_published(as_owner, version):
    before = as_owner.get(PAGE).text
    Publication.objects.publish(release_of(version, 1))
    after = as_owner.get(PAGE).text

    assert "Read the docs" not in before
    assert "Read the docs" in after


def test_another_kept_release_is_served_with_one_click(as_owner, version):
    old, new = release_of(version, 1), release_of(version, 2)
    Publication.objects.publish(old)
    Publication.objects.publish(new)
    assert f'action="/octo/docs/releases/{old.pk}/serve/"' in as_owner.get(PAGE).text

    as_owner.post(f"/octo/docs/releases/{old.pk}/serve/")

    assert version.publication.release == old
    assert f"/releases/{new.pk}/serve/" in as_owner.get(PAGE).text


@pytest.mark.parametrize("count", [2, 45])
def test_the_number_of_queries_does_not_depend_on_the_number_of_builds(
    no_notices, as_owner, version, count, django_assert_num_queries
):
    for number in range(1, count + 1):
        build_of(version, number)
        release_of(version, number)
        Delivery.objects.create(repository=version.repository, delivery_id=str(number), event="push", outcome="x")

    with django_assert_num_queries(12):
        as_owner.get(PAGE)


def test_hundreds_of_versions_keep_the_page_short(as_owner, repository):
    for number in range(30):
        repository.versions.create(name=f"v{number}", kind="tag")

    page, everything = as_owner.get(PAGE).text, as_owner.get(f"{PAGE}?versions=all").text

    assert "Show all versions" in page
    assert page.count('name="version" value="v') == 9
    assert everything.count('name="version" value="v') == 30


def test_build_now_requests_a_build_and_shows_it(as_owner, repository):
    response = as_owner.post(f"{PAGE}build/")

    build = Build.objects.get()
    assert response["Location"] == "/octo/docs/builds/1/"
    assert (build.trigger, build.commit, build.version.slug) == (Trigger.PERSON, "", "latest")


@pytest.mark.parametrize(("who", "status"), [("as_stranger", 404), ("as_nobody", 302)])
def test_others_cannot_build(request, repository, who, status):
    assert request.getfixturevalue(who).post(f"{PAGE}build/").status_code == status
    assert not Build.objects.exists()


def test_a_link_does_not_build(as_owner, repository):
    assert as_owner.get(f"{PAGE}build/").status_code == 405


def test_a_switched_off_repository_does_not_build(as_owner, repository):
    Repository.objects.update(is_enabled=False)

    response = as_owner.post(f"{PAGE}build/", follow=True)

    assert "switched off" in response.text
    assert not Build.objects.exists()


def test_commit_messages_are_text_and_never_markup(as_owner, version):
    build_of(version, 1, message="<script>alert(1)</script>", author="<img src=x>", commit="a" * 40)

    for path in (PAGE, f"{PAGE}builds/1/", "/"):
        page = as_owner.get(path).text
        assert "<script>alert" not in page
        assert "<img src=x>" not in page


def test_downloads_stand_beside_the_version_whose_pages_are_served(as_nobody, version):
    other = version.repository.versions.create(name="v1.0", kind="tag")
    Publication.objects.publish(release_of(version, 1))
    release_of(other, 2)
    served = Release.objects.create(
        version=other, build_number=3, commit="c" * 40, files=3, size=100, formats=["pdf", "epub"]
    )
    Publication.objects.publish(served)

    page = as_nobody.get(PAGE).text

    assert re.findall(r"/-/downloads/([^\"]+)", page) == [
        "latest/docs-latest.zip",
        "v1.0/docs-v1.0.zip",
        "v1.0/docs-v1.0.pdf",
        "v1.0/docs-v1.0.epub",
    ]


def test_nothing_leads_to_pages_of_a_private_repository_which_nobody_is_served(
    as_owner, private_repository, version
):
    build_of(version, 1)
    Publication.objects.publish(release_of(version, 1))

    pages = [as_owner.get(PAGE + path).text for path in ("", "builds/1/", "settings/versions/", "registered/")]

    assert f'href="{private_repository.docs_url}' not in "".join(pages)
    assert "served to nobody" in pages[0]
    assert "One thing is left to do." in pages[-1]
