"""What a rightly signed delivery about a pull request leads to."""

import json
import threading

import pytest
from django.db import connection

from builds.models import Build, PullRequest, State, Trigger
from builds.webhooks import pull_requests
from pages.models import Publication, Release
from repositories.models import BuildStatus, Repository, Version
from tests.webhook_requests import COMMIT, INDEX, body_of, deliver, forge_of, pull_request

LATER = "6" * 40
KNOWN = {"author_association": "CONTRIBUTOR"}
NEWCOMERS = ["NONE", "FIRST_TIMER", "FIRST_TIME_CONTRIBUTOR", "MANNEQUIN", "A_WORD_OF_TOMORROW"]
RECORDED = [entry for entry in INDEX if entry["event"] == "pull_request"]


@pytest.fixture
def tell(client, building):
    """Deliver, under an id of its own; the answer's words."""
    count = iter(range(100))

    def tell(body, **more):
        response = deliver(client, building, body, "pull_request", delivery=f"guid-{next(count)}", **more)
        return response.json()["status"]

    return tell


def pull_request_12():
    return PullRequest.objects.select_related("version").get(version__name="12")


# -- the toggle


def test_pull_requests_are_not_built_unless_somebody_wants_them(client, repository):
    response = deliver(client, repository, pull_request(**KNOWN), "pull_request")

    assert response.json()["status"] == "ignored: pull requests are not built"
    assert not Repository().builds_pull_requests
    assert not PullRequest.objects.exists()


def test_a_disabled_repository_builds_none(tell, building):
    Repository.objects.update(is_enabled=False)
    assert tell(pull_request(**KNOWN)) == "ignored: repository is disabled"
    assert not Build.objects.exists()


# -- real deliveries


@pytest.mark.parametrize(
    ("file", "answer", "commit"),
    [
        (
            "github/pull_request_opened_null_body.json",
            "accepted",
            "ec26c3e57ca3a959ca5aad62de7213c562f8c821",
        ),
        ("github/pull_request_reopened.json", "accepted", "ec26c3e57ca3a959ca5aad62de7213c562f8c821"),
        ("github/pull_request_synchronize.json", "accepted", "ec26c3e57ca3a959ca5aad62de7213c562f8c821"),
        ("github/pull_request_opened_without_head_repo.json", "ignored: fork was deleted", None),
        ("gitea/pull_request_opened_from_fork.json", "waiting for approval", None),
        ("gitea/pull_request_closed.json", "ignored: pull request was not built", None),
        ("gitea/pull_request_merged.json", "ignored: pull request was not built", None),
    ],
)
def test_a_recorded_delivery_does_what_it_says(client, building, file, answer, commit):
    entry = next(entry for entry in RECORDED if entry["file"] == file)
    Repository.objects.update(forge=forge_of(entry))
    building.refresh_from_db()

    response = deliver(client, building, body_of(entry), "pull_request")

    assert (response.status_code, response.json()["status"]) == (202, answer)
    assert list(Build.objects.values_list("commit", flat=True)) == ([commit] if commit else [])


def test_what_is_recorded_is_all_tried():
    names = test_a_recorded_delivery_does_what_it_says.pytestmark[0].args[1]
    assert {name for name, _, _ in names} == {entry["file"] for entry in RECORDED}


# -- what is built


def test_a_pull_request_is_a_version_of_its_own(tell, building, version):
    assert tell(pull_request(**KNOWN)) == "accepted"

    build = Build.objects.get()
    made = build.version
    assert (made.kind, made.name, made.slug) == (Version.Kind.PULL_REQUEST, "12", "pr-12")
    assert made != version
    assert (build.commit, build.trigger, build.state) == (COMMIT, Trigger.PUSH, State.QUEUED)
    assert (build.message, build.author) == ("Say more", "nora")
    assert made not in building.versions.listed()


def test_a_branch_of_that_name_has_another_address(tell, building):
    branch = Version.objects.create(repository=building, name="pr-12")
    assert tell(pull_request(**KNOWN)) == "accepted"
    assert Build.objects.get().version != branch
    assert branch.slug.startswith("pr-12-")


def test_a_push_to_it_takes_the_place_of_the_running_build(tell):
    tell(pull_request(**KNOWN))
    first = Build.objects.get()
    assert first.claim()

    assert tell(pull_request("synchronize", commit=LATER, **KNOWN)) == "accepted"

    first.refresh_from_db()
    assert (first.cancel_requested, first.is_superseded) == (True, True)
    assert list(Build.objects.queued().values_list("commit", flat=True)) == [LATER]


def test_a_delivery_that_comes_again_builds_nothing(client, building):
    answers = [deliver(client, building, pull_request(**KNOWN), "pull_request").json() for _ in range(2)]
    assert [answer["status"] for answer in answers] == ["accepted", "already accepted"]
    assert Build.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_deliveries_about_a_new_one_at_once_are_one_version_and_one_build(client, building):
    answers = []

    def send(number):
        response = deliver(client, building, pull_request(**KNOWN), "pull_request", delivery=f"guid-{number}")
        answers.append(response.json()["status"])
        connection.close()

    threads = [threading.Thread(target=send, args=(number,)) for number in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert answers == ["accepted"] * 4
    assert (PullRequest.objects.count(), Build.objects.count()) == (1, 1)


def test_a_draft_is_built_like_any_other(tell):
    assert tell(pull_request(draft=True, **KNOWN)) == "accepted"


@pytest.mark.parametrize("action", ["labeled", "edited", "ready_for_review", "converted_to_draft"])
def test_what_changes_no_commit_builds_nothing(tell, action):
    assert tell(pull_request(action, **KNOWN)) == f"ignored: pull request {action}"
    assert not Build.objects.exists()


@pytest.mark.parametrize("missing", ["repository", "sha"])
def test_without_its_repository_or_commit_it_is_malformed(client, building, missing):
    body = pull_request(fork=False, **KNOWN)
    body.pop(missing, None)
    body["pull_request"]["head"].pop(missing, None)
    response = deliver(client, building, body, "pull_request")
    assert (response.status_code, response.json()["status"]) == (
        400,
        "required: repository, pull_request.head.sha",
    )
    assert not PullRequest.objects.exists()


@pytest.mark.parametrize("said", [{}, KNOWN, {"user": {"login": "octo"}}])
def test_a_fork_without_a_commit_waits_and_leaves_nothing_behind(tell, said):
    head = {"repo": {"fork": True, "clone_url": "https://github.com/evil/x"}}
    body = {"pull_request": {"head": head, **said}, "action": "opened", "number": 1}

    assert tell(body) == "waiting for approval"
    assert not PullRequest.objects.exists()
    assert not Build.objects.exists()


def test_another_repositorys_pull_request_is_refused(client, building, tell):
    tell(pull_request(**KNOWN))
    foreign = pull_request(commit=LATER, **KNOWN) | {"repository": {"id": 1}}
    assert deliver(client, building, foreign, "pull_request", delivery="x").status_code == 403
    assert pull_request_12().head_commit == COMMIT


def test_gitea_announces_a_new_head_in_its_own_word(client, building):
    Repository.objects.update(forge="gitea")
    building.refresh_from_db()
    body = pull_request("synchronized", fork=False, author_association=None)
    assert deliver(client, building, body, "pull_request").json()["status"] == "accepted"


# -- whose is built at once


@pytest.mark.parametrize("association", sorted(pull_requests.KNOWN))
def test_those_of_people_of_the_repository_are_built_at_once(tell, association):
    assert tell(pull_request(author_association=association)) == "accepted"


@pytest.mark.parametrize("association", NEWCOMERS)
def test_a_newcomers_fork_waits_for_approval(tell, association):
    assert tell(pull_request(author_association=association)) == "waiting for approval"
    assert not Build.objects.exists()
    assert pull_request_12().waits_for_approval


def test_a_branch_of_the_repository_itself_is_built_at_once(tell):
    assert tell(pull_request(fork=False)) == "accepted"


@pytest.mark.parametrize("author", ["nora", None])
def test_where_the_forge_says_nothing_of_the_author_a_fork_waits(tell, author):
    user = {"login": author} if author else None
    assert tell(pull_request(author_association=None, user=user)) == "waiting for approval"


def test_where_the_forge_says_nothing_an_author_is_known_once_something_of_theirs_was_merged(tell):
    told = {"author_association": None}
    tell(pull_request(**told))
    tell(pull_request("closed", merged=True, **told))

    assert tell(pull_request(number=13, **told)) == "accepted"
    assert tell(pull_request(number=14, user={"login": "mallory"}, **told)) == "waiting for approval"


def test_a_closed_one_that_was_not_merged_makes_nobody_known(tell):
    told = {"author_association": None}
    tell(pull_request(**told))
    tell(pull_request("closed", **told))
    assert tell(pull_request(number=13, **told)) == "waiting for approval"


# -- approval


def test_an_approved_commit_is_built(tell):
    tell(pull_request())
    build = pull_request_12().approve(COMMIT)
    assert (build.commit, build.state, build.version.slug) == (COMMIT, State.QUEUED, "pr-12")
    assert not pull_request_12().waits_for_approval


def test_a_later_push_of_a_newcomer_waits_again_and_leaves_the_approved_build_alone(tell):
    tell(pull_request())
    build = pull_request_12().approve(COMMIT)

    assert tell(pull_request("synchronize", commit=LATER)) == "waiting for approval"

    assert list(Build.objects.values_list("commit", "cancel_requested")) == [(COMMIT, False)]
    assert Build.objects.get() == build


def test_a_commit_that_came_after_the_look_is_not_approved_with_it(tell):
    tell(pull_request())
    seen = pull_request_12()
    tell(pull_request("synchronize", commit=LATER))

    assert seen.approve(COMMIT) is None
    assert not Build.objects.exists()


@pytest.mark.parametrize("commit", ["", LATER])
def test_nothing_but_the_head_can_be_approved(tell, commit):
    tell(pull_request())
    assert pull_request_12().approve(commit) is None


def test_another_build_by_hand_takes_the_approved_commit_and_not_the_newest(tell):
    tell(pull_request())
    pull_request_12().approve(COMMIT)
    Build.objects.update(state=State.SUCCESS)
    tell(pull_request("synchronize", commit=LATER))

    again = Build.objects.request(pull_request_12().version, trigger=Trigger.PERSON)

    assert again.commit == COMMIT


# -- the end


@pytest.fixture
def published(tell):
    """Pull request 12 with a preview."""
    tell(pull_request(**KNOWN))
    build = Build.objects.get()
    assert build.claim()
    release = Release.objects.create(version=build.version, build_number=1, commit=COMMIT, files=1, size=1)
    assert build.finish(State.SUCCESS, release=release)
    return build


def test_closing_withdraws_the_preview(tell, published):
    assert tell(pull_request("closed", **KNOWN)) == "pull request closed: its preview is removed"
    assert not Publication.objects.exists()
    assert not pull_request_12().version.is_active


@pytest.mark.parametrize("field", ["is_enabled", "builds_pull_requests"])
def test_closing_counts_whatever_is_switched_off(tell, published, field):
    Repository.objects.update(**{field: False})
    assert tell(pull_request("closed", **KNOWN)) == "pull request closed: its preview is removed"
    assert not Publication.objects.exists()


def test_closing_works_when_the_fork_is_gone_already(tell, published):
    body = pull_request("closed", **KNOWN)
    body["pull_request"]["head"]["repo"] = None
    assert tell(body) == "pull request closed: its preview is removed"


def test_closing_gives_up_its_builds(tell, version, request_build):
    other = request_build()
    tell(pull_request(**KNOWN))
    running = Build.objects.get(version__name="12")
    assert running.claim()
    tell(pull_request("synchronize", commit=LATER, **KNOWN))
    queued = Build.objects.queued().get(version__name="12")

    tell(pull_request("closed", **KNOWN))

    running.refresh_from_db()
    queued.refresh_from_db()
    other.refresh_from_db()
    assert (running.cancel_requested, queued.state, other.state) == (True, State.CANCELLED, State.QUEUED)


@pytest.mark.parametrize("action", ["opened", "synchronize"])
def test_what_is_delivered_late_does_not_bring_it_back(tell, published, action):
    tell(pull_request("closed", **KNOWN))
    assert tell(pull_request(action, commit=LATER, **KNOWN)) == "ignored: pull request is closed"
    assert not pull_request_12().version.is_active


def test_reopening_builds_the_same_commit_again(tell, published):
    tell(pull_request("closed", **KNOWN))
    assert tell(pull_request("reopened", **KNOWN)) == "accepted"
    assert list(Build.objects.queued().values_list("commit", flat=True)) == [COMMIT]
    assert pull_request_12().version.is_active


def test_reopening_an_approved_one_asks_nobody_again(tell):
    tell(pull_request())
    pull_request_12().approve(COMMIT)
    tell(pull_request("closed"))
    assert tell(pull_request("reopened")) == "accepted"


def test_pages_that_a_late_build_published_are_not_back_with_the_reopening(tell, published):
    tell(pull_request("closed", **KNOWN))
    Publication.objects.publish(published.release)
    tell(pull_request("reopened", **KNOWN))
    assert not Publication.objects.exists()


# -- what it never moves


@pytest.mark.parametrize("state", [State.SUCCESS, State.FAILED])
def test_its_result_is_its_own_and_not_the_repositorys(tell, building, state):
    tell(pull_request(**KNOWN))
    build = Build.objects.get()
    assert build.claim()
    assert build.finish(state)

    building.refresh_from_db()
    assert (building.build_status, building.status_changed_at) == (BuildStatus.UNKNOWN, None)
    assert building.default_version.build_status == BuildStatus.UNKNOWN
    assert pull_request_12().version.build_status == build.status


def test_no_body_whatever_is_our_fault(tell):
    """Each value of a right body, one after the other, as what does not belong there."""
    right = pull_request(**KNOWN)
    for strange in (None, True, -1, 10**19, "", "\0", "x" * 300, [], {}, {"id": {}}, "0" * 40):
        for name in right:
            assert tell(json.loads(json.dumps(right | {name: strange})))
        for name in right["pull_request"]:
            assert tell(right | {"pull_request": right["pull_request"] | {name: strange}})
