"""From a signed delivery through a real build to the forge's answer: the states of a commit, in order."""

import json

import pytest
from django_tasks_db.models import DBTaskResult

from builds import pipeline
from builds.checkouts import checkout
from builds.models import Build
from notifications.models import CommitStatus
from repositories import forge_tokens
from tests.builds.checkouts.git_server import GitRepository
from tests.builds.small_projects import environment_of_the_tests
from tests.http_server import receiver
from tests.webhook_requests import deliver, pull_request, push

# Committed as they go: the heartbeat of a build looks at its row from a thread of its own.
pytestmark = pytest.mark.django_db(transaction=True)

GOOD = "project = 'Small'\nhtml_theme = 'basic'\n"
BAD = GOOD + "raise LookupError('no release is written down')\n"
MADE = (201, {}, b"{}")
AWAY = (503, {}, b"")


@pytest.fixture
def forge(settings):
    """A real HTTP server in the place of GitHub Enterprise."""
    settings.CLONE_PROTOCOLS = ["https", "http", "file"]
    with receiver() as told:
        settings.CLONE_HOSTS = ["public", told.address]
        told.script = [MADE] * 20
        yield told


@pytest.fixture
def origin(repository, forge, tmp_path, monkeypatch):
    """What is cloned in the forge's stead; the repository lies at the forge, with a token."""
    tmp_path.chmod(0o755)
    origin = GitRepository(tmp_path / "origin")
    repository.clone_url = f"http://{forge.address}/octo/docs.git"
    repository.builds_pull_requests = True
    repository.save(update_fields=["clone_url", "builds_pull_requests"])
    forge_tokens.store(repository, "t0ken")
    monkeypatch.setattr(checkout, "check_clone_url", lambda url: origin.url)
    return origin


@pytest.fixture
def send():
    """What a worker's thread does with the statuses that wait."""

    def send():
        for row in DBTaskResult.objects.filter(queue_name="statuses"):
            row.delete()
            row.task.call(*row.args_kwargs["args"], **row.args_kwargs["kwargs"])

    return send


@pytest.fixture
def work(send, monkeypatch):
    """Runs the newest build; statuses are sent while it renders, and after its end."""

    def prepare(execution, plan, clean):
        send()
        return environment_of_the_tests()

    def work():
        build = Build.objects.latest("pk")
        assert build.claim()
        pipeline.run(build)
        send()

    monkeypatch.setattr(pipeline, "prepare_environment", prepare)
    return work


def commit(origin, conf=GOOD):
    return origin.commit(docs__conf_dot_py=conf, docs__index_dot_rst="Small\n=====\n")


def said(forge):
    """The commit, name and state of each status, in the order of their arrival."""
    bodies = [(request.path.rpartition("/")[2], json.loads(request.body)) for request in forge.taken]
    return [(commit, body["context"], body["state"]) for commit, body in bodies]


@pytest.mark.parametrize(("conf", "end"), [(GOOD, "success"), (BAD, "failure")])
def test_a_signed_push_is_pending_while_it_is_built_and_then_what_it_ended_as(
    client, repository, origin, forge, work, conf, end
):
    pushed = commit(origin, conf)
    answer = deliver(client, repository, push(after=pushed, head_commit={"id": pushed}))
    work()

    assert answer.status_code == 202
    assert said(forge) == [(pushed, "yaydoc/latest", "pending"), (pushed, "yaydoc/latest", end)]
    build = Build.objects.get()
    assert {json.loads(request.body)["target_url"] for request in forge.taken} == {build.page_url}


def test_a_pull_request_of_a_fork_is_told_at_the_repository_that_it_is_for(
    client, repository, origin, forge, work
):
    commit(origin)
    origin.git("checkout", "--quiet", "--detach")
    head = commit(origin, BAD)
    origin.git("update-ref", "refs/pull/1/head", head)
    body = pull_request(number=1, commit=head, author_association="CONTRIBUTOR")
    answer = deliver(client, repository, body, "pull_request")
    work()

    assert answer.status_code == 202
    assert said(forge) == [(head, "yaydoc", "pending"), (head, "yaydoc", "failure")]
    assert {request.path.rpartition("/")[0] for request in forge.taken} == {"/api/v3/repos/octo/docs/statuses"}


def test_a_forge_that_is_away_hears_of_the_end_later_and_the_build_does_not_wait(
    client, repository, origin, forge, work, send
):
    forge.script = [AWAY, AWAY, *[MADE] * 20]
    pushed = commit(origin)
    deliver(client, repository, push(after=pushed, head_commit={"id": pushed}))
    work()
    assert Build.objects.get().state == "success"
    waiting = CommitStatus.objects.latest("pk")
    assert (waiting.state, waiting.verdict) == ("queued", "success")

    CommitStatus.objects.update(not_before=None)
    waiting.wake_worker()
    send()
    assert said(forge)[-1] == (pushed, "yaydoc/latest", "success")
    assert not CommitStatus.objects.queued().exists()
