"""A branch or tag that is added by hand, and that the remote does not have."""

import pytest

from builds import pipeline
from builds.checkouts.missing_refs import LONGEST, closest
from builds.models import Build, State, Trigger
from repositories.models import Version
from tests.builds.checkouts.git_server import GitRepository

pytestmark = pytest.mark.django_db(transaction=True)  # a thread of the build looks at its row
PAGE = "/octo/docs/settings/versions/"


@pytest.fixture
def origin(tmp_path, repository, settings):
    settings.CLONE_PROTOCOLS = ["https", "file"]
    tmp_path.chmod(0o755)
    origin = GitRepository(tmp_path / "origin")
    origin.commit("Start", index_dot_md="# Home\n")
    origin.git("tag", "v1.0")
    repository.clone_url = origin.url
    repository.save()
    return origin


@pytest.fixture
def add(as_owner):
    """Add a version on the page; its first build, at its end."""

    def add(kind, name):
        as_owner.post(f"{PAGE}add/", {"kind": kind, "name": name})
        build = Build.objects.get(version__name=name)
        assert build.claim()
        pipeline.run(build)
        return build

    return add


def test_its_build_says_so_in_plain_words_with_the_nearest_name_and_one_click_removes_it(origin, add, as_owner):
    wrong = [add("tag", "v1.O"), add("branch", "v1.0"), add("branch", "1.x")]

    add_that = "the repository's settings, under Versions, add that, and remove this one."
    assert [(build.state, build.reason, build.hint) for build in wrong] == [
        (State.FAILED, "There is no tag v1.O at the remote.", f"There is the tag v1.0: {add_that}"),
        (State.FAILED, "There is no branch v1.0 at the remote.", f"There is the tag v1.0: {add_that}"),
        (
            State.FAILED,
            "There is no branch 1.x at the remote.",
            "It is built as soon as it is pushed. The repository's settings, under Versions, remove it.",
        ),
    ]
    text = as_owner.get(PAGE).text
    assert (text.count("There is no such tag"), text.count("There is no such branch")) == (1, 2)
    assert text.count('name="do"') == text.count('value="remove"') == 3

    as_owner.post(f"{PAGE}{wrong[0].version_id}/", {"do": "remove"})
    assert not Version.objects.filter(name="v1.O").exists()


def test_a_name_is_compared_with_others_within_bounds():
    long = "x" * LONGEST
    assert closest("v1.O", ["v2.0", "v1.0"]) == "v1.0"
    assert (closest(long, [f"{long}y", f"{long[1:]}y"]), closest(f"{long}y", [long])) == (f"{long[1:]}y", "")


def test_the_default_branch_stays_what_is_built(origin, repository, version, request_build):
    origin.git("branch", "-m", "main", "trunk")
    build = request_build("")
    assert build.claim()
    pipeline.run(build)

    version.refresh_from_db()
    assert (build.reason, version.is_active) == ("There is no branch main at the remote.", True)
    assert build.hint.startswith("Push it again, or name another as the default branch")


def test_a_branch_that_is_pushed_before_its_build_without_it_ended_is_built(repository, request_build):
    topic = Version.objects.create(repository=repository, name="topic")
    early = request_build(of=topic)
    assert early.claim()
    pushed = request_build(of=topic, trigger=Trigger.PUSH, commit="b" * 40)
    assert early.finish(State.FAILED)
    early.retire_version()

    topic.refresh_from_db()
    pushed.refresh_from_db()
    assert (topic.is_active, pushed.state) == (True, State.QUEUED)
