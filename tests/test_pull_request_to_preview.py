"""A pull request from its announcement to its preview and its end: real git, a real build, real requests."""

import pytest

from builds import pipeline, places, retention, sandbox
from builds.models import Build, State
from notifications.models import Mail
from repositories.models import BuildStatus
from tests.builds.checkouts.git_server import GitRepository
from tests.webhook_requests import deliver, pull_request, push

pytestmark = pytest.mark.django_db(transaction=True)

CONF = "project = 'Small'\nextensions = []\nhtml_theme = 'basic'\n"
BROKEN = CONF + "raise LookupError('this proposal is broken')\n"
PREVIEW, DOCS = "/octo/docs/pr-1/", "/octo/docs/latest/"


@pytest.fixture
def origin(repository, tmp_path, settings):
    """What `repository` is cloned from: a documentation whose branch is built and published."""
    tmp_path.chmod(0o755)
    settings.CLONE_PROTOCOLS = ["https", "file"]
    origin = GitRepository(tmp_path / "origin")
    origin.commit("Start", docs__conf_dot_py=CONF, docs__index_dot_rst=page_of("The old words."))
    repository.clone_url, repository.builds_pull_requests = origin.url, True
    repository.save(update_fields=["clone_url", "builds_pull_requests"])
    yield origin
    sandbox.remove(places.git_mirror(repository.pk))
    for version in repository.versions.all():
        sandbox.remove(places.version_directory(version))


def page_of(text):
    return f"Small\n=====\n\n{text}\n"


def propose(origin, text, conf=CONF):
    """A new head of pull request 1, which no branch leads to."""
    origin.git("checkout", "--quiet", "--detach", "main")
    commit = origin.commit("Propose", docs__conf_dot_py=conf, docs__index_dot_rst=page_of(text))
    origin.git("update-ref", "refs/pull/1/head", commit)
    origin.git("checkout", "--quiet", "main")
    return commit


@pytest.fixture
def work():
    """What a worker does: run all that is queued. The newest build."""

    def work():
        for build in Build.objects.queued():
            assert build.claim()
            pipeline.run(build)
        return Build.objects.latest("pk")

    return work


@pytest.fixture
def announce(client, repository):
    """A signed delivery about pull request 1; the answer's words."""
    count = iter(range(100))

    def announce(action, commit, **more):
        body = pull_request(action, number=1, commit=commit, **more)
        response = deliver(client, repository, body, "pull_request", delivery=f"pull-{next(count)}")
        return response.json()["status"]

    return announce


@pytest.fixture
def seen(get, repository):
    """What the world sees of the branch: status, badge, pages, mails."""

    def seen():
        repository.refresh_from_db()
        badge = get("/octo/docs.svg", host="localhost:8000").headers["X-Yaydoc-Status"]
        mails = sorted(Mail.objects.values_list("event", flat=True))
        return repository.build_status, repository.status_changed_at, badge, get(DOCS).body, mails

    return seen


def test_a_pull_request_is_previewed_and_nothing_of_the_branch_moves(
    client, as_owner, get, repository, origin, work, announce, seen
):
    deliver(client, repository, push(after=origin.git("rev-parse", "HEAD")))
    assert work().state == State.SUCCESS
    before = seen()
    assert (before[0], before[2], before[4]) == (BuildStatus.SUCCESS, "success", ["first-success"])

    # A newcomer's waits until somebody of the repository approves it.
    commit = propose(origin, "The proposed words.")
    assert announce("opened", commit) == "waiting for approval"
    assert get(PREVIEW).status == 404
    as_owner.post("/octo/docs/pull-requests/1/approve/", {"commit": commit})
    build = work()
    preview = get(PREVIEW)
    assert (build.state, build.commit, preview.status) == (State.SUCCESS, commit, 200)
    assert b"The proposed words." in preview.body
    assert preview.headers["X-Robots-Tag"] == "noindex"
    assert seen() == before

    # A broken one is the pull request's own trouble, and leaves the last preview.
    broken = propose(origin, "Words that nobody sees.", BROKEN)
    assert announce("synchronize", broken, author_association="MEMBER") == "accepted"
    assert work().state == State.FAILED
    assert b"The proposed words." in get(PREVIEW).body
    assert seen() == before

    # The end.
    assert announce("closed", broken) == "pull request closed: its preview is removed"
    assert get(PREVIEW).status == 404
    retention.sweep()
    assert not places.version_directory(build.version).exists()
    assert not (places.git_mirror(repository.pk) / "worktrees" / str(build.version_id)).exists()
    assert seen() == before
