"""The default branch gets another name at the forge."""

from datetime import timedelta

import pytest
from django.utils import timezone

from builds import watching
from builds.models import Build, State, Trigger, Watch
from builds.notices import of_pushes
from repositories.models import BuildStatus, Version
from tests.builds.checkouts.git_server import GitRepository
from tests.webhook_requests import deliver, push

pytestmark = pytest.mark.django_db
PAGES = ("/octo/docs/", "/octo/docs/settings/")
SENTENCE = "There is no branch main at the remote any more: its default branch is trunk now."


@pytest.fixture
def moved(tmp_path, repository, version, settings):
    """A repository whose branch main, which was built, is called trunk now; somebody has looked."""
    settings.CLONE_PROTOCOLS = ["https", "file"]
    tmp_path.chmod(0o755)
    origin = GitRepository(tmp_path / "origin")
    origin.commit("Start", index_dot_md="# Home\n")
    origin.git("branch", "-m", "main", "trunk")
    repository.clone_url = origin.url
    repository.save()
    build = Build.objects.request(version, trigger=Trigger.PUSH, commit="a" * 40)
    assert build.claim()
    assert build.finish(State.SUCCESS)
    look()
    return repository


def look():
    Watch.objects.update(next_look_at=timezone.now() - timedelta(minutes=1))  # clocks may differ by a little
    watching.look_at_due()
    assert Watch.objects.get().problem == ""


def test_its_owner_is_told_and_one_button_builds_the_other_branch_at_the_same_address(moved, as_owner, version):
    assert [SENTENCE in as_owner.get(page).text for page in PAGES] == [True, True]

    text = as_owner.post("/octo/docs/follow-branch/", follow=True).text

    moved.refresh_from_db()
    followed = moved.default_version
    assert (moved.default_branch, followed, followed.name, followed.slug) == ("trunk", version, "trunk", "latest")
    assert moved.build_status == followed.build_status == BuildStatus.SUCCESS
    assert list(Build.objects.values_list("number", "state", "commit")) == [
        (2, State.QUEUED, ""),
        (1, State.SUCCESS, "a" * 40),
    ]
    assert (SENTENCE in text, "trunk is built as latest from now on." in text) == (False, True)
    look()
    assert Watch.objects.get().moved_to == ""


def test_the_notice_goes_when_another_branch_is_chosen_or_the_old_one_is_there_again(moved, as_owner):
    assert of_pushes(moved)[0].text == SENTENCE
    moved.change_default_branch("docs")
    assert Watch.objects.get().moved_to == ""

    look()
    assert "no branch docs" in of_pushes(moved)[0].text
    moved.default_branch = "trunk"
    moved.save()
    look()
    assert "no branch" not in str(of_pushes(moved))


def test_a_branch_that_is_a_version_already_is_not_taken_from_its_address(moved, as_owner):
    Version.objects.create(repository=moved, name="trunk")
    text = as_owner.post("/octo/docs/follow-branch/", follow=True).text
    assert "trunk is built as a version of its own already: remove that one first." in text
    assert moved.default_version.name == "main"


def test_nobody_else_presses_the_button_and_without_a_notice_it_does_nothing(moved, as_owner, as_stranger):
    assert as_stranger.post("/octo/docs/follow-branch/").status_code == 404
    Watch.objects.update(moved_to="")
    assert "as far as Yaydoc knows" in as_owner.post("/octo/docs/follow-branch/", follow=True).text
    assert moved.default_version.name == "main"


@pytest.mark.parametrize(
    ("told", "is_hurried"),
    [
        (push(ref="refs/heads/trunk", repository={"id": 1, "default_branch": "trunk"}), True),
        (push(ref="refs/heads/main", repository={"id": 1}, deleted=True, after="0" * 40, head_commit=None), True),
        (push(ref="refs/heads/topic", repository={"id": 1, "default_branch": "main"}), False),
        (push(ref="refs/tags/main", repository={"id": 1}, deleted=True, after="0" * 40, head_commit=None), False),
    ],
)
def test_a_delivery_that_lets_suppose_it_has_the_remote_looked_at_at_once_but_not_twice(
    client, repository, told, is_hurried
):
    assert deliver(client, repository, told, delivery="guid-1").status_code == 202
    assert Watch.objects.due().exists() == is_hurried

    soon = timezone.now() + watching.SHORTEST
    Watch.objects.update(looked_at=timezone.now(), next_look_at=soon)
    deliver(client, repository, told, delivery="guid-2")
    assert not Watch.objects.due().exists()
