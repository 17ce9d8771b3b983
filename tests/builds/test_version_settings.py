"""The tab Versions of a repository's settings."""

import re

import pytest
from django.utils import timezone

from builds.models import Build, State, Trigger
from pages.models import Publication, Release
from repositories.models import Repository, Version
from repositories.version_rules import MAX_VERSIONS

PAGE = "/octo/docs/settings/versions/"


@pytest.fixture(autouse=True)
def data_directory(settings, tmp_path):
    settings.DATA_DIR = tmp_path


@pytest.fixture
def tag(repository):
    return Version.objects.create(repository=repository, kind=Version.Kind.TAG, name="v1.0")


@pytest.fixture
def published(tag):
    """The tag, with pages."""
    release = Release.objects.create(version=tag, build_number=1, commit="a" * 40, files=1, size=1)
    release.directory.mkdir(parents=True)
    (release.directory / "index.html").write_text("one")
    Publication.objects.publish(release)
    return release


def press(client, version, button):
    return client.post(f"{PAGE}{version.pk}/", {"do": button}, follow=True)


def fresh(version):
    version.refresh_from_db()
    return version


def test_the_rule_is_stored_and_a_bad_one_is_refused_with_a_sentence(as_owner, repository):
    as_owner.post(PAGE, {"tag_patterns": "release-*, v*", "branch_patterns": "*.x"})
    repository.refresh_from_db()
    assert (repository.tag_patterns, repository.branch_patterns) == ("release-*, v*", "*.x")

    response = as_owner.post(PAGE, {"tag_patterns": "v* release-*", "branch_patterns": ""})
    assert "No branch or tag can have a name like v* release-*" in response.text
    assert Repository.objects.get().tag_patterns == "release-*, v*"


@pytest.mark.parametrize(("kind", "name"), [("branch", "1.x"), ("tag", "docs")])
def test_a_version_is_added_by_hand_and_built(as_owner, repository, kind, name):
    as_owner.post(f"{PAGE}add/", {"kind": kind, "name": name})

    build = Build.objects.get()
    assert (build.version.kind, build.version.name, build.trigger) == (kind, name, Trigger.PERSON)


@pytest.mark.parametrize(
    ("kind", "name", "sentence"),
    [
        ("branch", "main", "The branch main is a version already."),
        ("branch", "v1.0", "The branch v1.0-branch has this address already."),
        ("tag", "a..b", "git allows"),
        ("pull request", "7", "not one of the available choices"),
    ],
)
def test_what_cannot_be_a_version_is_refused_with_a_sentence(as_owner, tag, kind, name, sentence):
    Version.objects.create(repository=tag.repository, name="v1.0-branch")
    assert sentence in as_owner.post(f"{PAGE}add/", {"kind": kind, "name": name}).text
    assert Version.objects.count() == 3


def test_a_branch_of_the_name_of_a_tag_is_added_beside_it_and_told_from_it(as_owner, as_stranger, tag):
    text = as_owner.post(f"{PAGE}add/", {"kind": "branch", "name": "v1.0"}, follow=True).text
    assert Version.objects.get(kind="branch", name="v1.0").slug == "v1.0-branch"
    assert re.findall(r"<strong>v1.0</strong>\s*<span class=\"tag\">(\w+)", text) == ["tag", "branch"]
    shown = as_stranger.get("/octo/docs/").text
    assert re.findall(r"v1.0(?: <span.*>(\w+)</span>)?</div>", shown) == ["", "branch"]


def test_the_default_version_is_called_latest_with_its_branch_beside_it_wherever_it_is_shown(
    as_owner, published, version, tag
):
    Release.objects.create(version=version, build_number=2, commit="b" * 40, files=1, size=1)
    for number, of in ((1, tag), (2, version)):
        Build.objects.create(repository=of.repository, version=of, number=number, state=State.SUCCESS)
    beside, in_text = r'latest <span class="muted">main</span>', "latest (main)"

    page, only = (as_owner.get("/octo/docs/", {"version": slug}).text for slug in ("", "latest"))
    # Versions and releases; builds, whose line is muted as a whole, the history, and what a button says.
    assert (page.count(beside), page.count(">latest</a> main"), page.count(in_text)) == (2, 1, 3)
    assert f"Builds of {beside}" in only
    assert beside in as_owner.get("/octo/docs/builds/2/").text
    assert re.search(r'<strong>latest</strong> <span class="muted">main</span>', as_owner.get(PAGE).text)
    assert in_text in as_owner.get("/octo/docs/badge/").text


def test_no_more_versions_are_added_than_a_repository_may_have(as_owner, repository, monkeypatch):
    monkeypatch.setattr("repositories.models.version.MAX_VERSIONS", 1)
    assert f"at most {MAX_VERSIONS} versions" in as_owner.post(f"{PAGE}add/", {"kind": "tag", "name": "v1"}).text


def test_a_version_is_switched_off_and_on_again(as_owner, tag):
    response = press(as_owner, tag, "switch-off")
    assert (fresh(tag).is_active, "built no more" in response.text) == (False, True)
    assert Build.objects.count() == 0

    press(as_owner, tag, "switch-on")
    assert (fresh(tag).is_active, Build.objects.get().version) == (True, tag)


def test_what_waits_and_runs_of_a_version_ends_when_it_is_switched_off_and_not_when_it_is_hidden(
    as_owner, tag, request_build
):
    running = request_build(of=tag)
    assert running.claim()
    waiting, other = request_build(of=tag), request_build()
    press(as_owner, tag, "hide")
    assert (fresh(running).cancel_requested, fresh(waiting).state) == (False, State.QUEUED)

    press(as_owner, tag, "switch-off")
    assert (fresh(running).cancel_requested, fresh(waiting).state) == (True, State.CANCELLED)
    assert (fresh(other).cancel_requested, other.state) == (False, State.QUEUED)

    press(as_owner, tag, "switch-on")
    assert Build.objects.queued().get(version=tag).number > other.number


def test_a_hidden_version_is_built_and_published_but_listed_nowhere(as_owner, as_stranger, published, tag, get):
    Build.objects.request(tag, trigger=Trigger.PERSON, message="Secret plan")
    Build.objects.update(state=State.SUCCESS, finished_at=timezone.now())
    pages = ["/octo/docs/", "/octo/docs/builds.atom", "/octo/docs/badge/"]
    shown = ["v1.0" in as_stranger.get(page).text for page in pages]
    press(as_owner, tag, "hide")
    hidden = ["v1.0" in as_stranger.get(page).text for page in pages]

    assert (shown, hidden) == ([True] * 3, [False] * 3)
    assert get("/octo/docs/v1.0/").status == 200
    assert "Secret plan" in as_owner.get("/octo/docs/").text
    assert as_owner.post("/octo/docs/build/", {"version": "v1.0"}).status_code == 302
    press(as_owner, tag, "show")
    assert "v1.0" in as_stranger.get("/octo/docs/").text


def test_removing_takes_pages_and_builds_with_it(as_owner, tag, published, get):
    Repository.objects.update(tag_patterns="")
    Build.objects.request(tag, trigger=Trigger.PERSON)
    press(as_owner, tag, "remove")

    assert not Version.objects.filter(pk=tag.pk).exists()
    assert not Build.objects.exists()
    assert get("/octo/docs/v1.0/").status == 404


def test_what_the_rule_would_bring_back_stays_in_the_list_without_pages(as_owner, tag, published, get):
    Build.objects.request(tag, trigger=Trigger.PERSON)
    response = press(as_owner, tag, "remove")

    assert "stays here, switched off" in response.text
    assert (fresh(tag).is_active, Release.objects.count(), published.directory.exists()) == (False, 0, False)
    assert Build.objects.get().state == State.CANCELLED
    assert get("/octo/docs/v1.0/").status == 404


def test_the_default_version_and_pull_requests_are_not_changed_here(as_owner, repository, version):
    preview = Version.objects.create(repository=repository, kind=Version.Kind.PULL_REQUEST, name="7", slug="pr-7")
    assert [press(as_owner, one, "remove").status_code for one in (version, preview)] == [404, 404]
    assert Version.objects.count() == 2


@pytest.mark.parametrize("count", [3, 300])
def test_hundreds_of_versions_come_in_pages_with_few_queries(
    no_notices, as_owner, repository, count, django_assert_num_queries
):
    Version.objects.bulk_create(
        Version(repository=repository, kind="tag", name=f"v{number}.0", slug=f"v{number}.0", is_active=number % 2)
        for number in range(1, count + 1)
    )
    with django_assert_num_queries(5):
        text = as_owner.get(PAGE).text

    assert text.count('value="remove"') == min(count, 49)
    highest_active, highest = (f"<strong>v{number}.0</strong>" for number in (count - 1 + count % 2, count))
    assert highest_active in text
    assert (highest in text) == (count == 3)


def test_a_version_is_found_by_a_part_of_its_name(as_owner, repository):
    Version.objects.bulk_create(
        Version(repository=repository, kind="tag", name=f"v{number}&b", slug=f"v{number}") for number in range(200)
    )
    text = as_owner.get(PAGE, {"q": "V1"}).text
    assert "<strong>v199&amp;b</strong>" in text
    assert "<strong>v2&amp;b</strong>" not in text
    assert 'href="?q=V1&amp;page=2"' in text
    assert "No version fits" in as_owner.get(PAGE, {"q": "none"}).text


def test_builds_of_one_version_are_shown_by_its_address(as_stranger, repository, version, published, tag):
    for number, of in ((1, version), (2, tag)):
        Build.objects.create(
            repository=repository, version=of, number=number, state=State.SUCCESS, message=f"Message {number}"
        )
    for asked, shown in {"v1.0": [2], "stable": [2], "latest": [1], "none": [1, 2], "": [1, 2]}.items():
        text = as_stranger.get("/octo/docs/", {"version": asked}).text
        assert [number for number in (1, 2) if f"Message {number}" in text] == shown, asked
