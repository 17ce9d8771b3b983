"""Each row of docs/mail.md's table: a commit in a real repository, a real build of it, a real SMTP server.

Only installing is left out: builds render with the tests' own environment.
"""

import socket

import pytest

from builds import pipeline
from builds.models import Build, State, Trigger
from notifications.models import Mail
from repositories.models import Repository, Version
from repositories.names import RepositoryName
from tests.builds.checkouts.git_server import GitRepository
from tests.builds.small_projects import environment_of_the_tests
from tests.webhook_requests import deliver, push

# Committed as they go: the heartbeat of a build looks at its row from a thread of its own.
pytestmark = pytest.mark.django_db(transaction=True)

GOOD = "project = 'Small'\nhtml_theme = 'basic'\n"
BAD = GOOD + "raise LookupError('no release is written down')\n"
SLOW = GOOD + "import time\ntime.sleep(60)\n"


class Project:
    """octo/docs, cloned from a real repository on this machine."""

    def __init__(self, origin, repository, run_mail_tasks, smtp):
        self.origin, self.repository, self.smtp = origin, repository, smtp
        self.run_mail_tasks = run_mail_tasks

    def commit(self, conf=GOOD):
        return self.origin.commit(docs__conf_dot_py=conf, docs__index_dot_rst="Small\n=====\n")

    def request(self, commit, trigger=Trigger.PUSH):
        return Build.objects.request(self.repository.default_version, trigger=trigger, commit=commit)

    def run(self, build):
        """Claimed and taken to its end, and whatever mail follows is sent."""
        assert build.claim()
        pipeline.run(build)
        self.run_mail_tasks()
        build.refresh_from_db()
        return State(build.state)

    def build(self, conf=GOOD):
        return self.run(self.request(self.commit(conf)))

    @property
    def subjects(self):
        """How the subjects of what arrived begin."""
        return [subject.partition(":")[0] for subject in self.smtp.subjects]

    @property
    def badge(self):
        self.repository.refresh_from_db()
        return self.repository.build_status


@pytest.fixture
def project(repository, tmp_path, settings, monkeypatch, run_mail_tasks, smtp):
    settings.CLONE_PROTOCOLS = ["https", "file"]
    monkeypatch.setattr(pipeline, "prepare_environment", lambda execution, plan, clean: environment_of_the_tests())
    origin = GitRepository(tmp_path / "origin")
    Repository.objects.filter(pk=repository.pk).update(clone_url=origin.url)
    repository.refresh_from_db()
    return Project(origin, repository, run_mail_tasks, smtp)


@pytest.fixture
def closed_port():
    """Nobody listens there, and nobody will while the test runs."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def test_row_none_to_success(project):
    assert project.build() == State.SUCCESS
    assert (project.subjects, project.badge) == (["First build"], "success")


def test_row_none_to_failed(project):
    assert project.build(BAD) == State.FAILED
    assert (project.subjects, project.badge) == (["First build failed"], "failed")


def test_rows_of_success_failure_and_repair(project):
    ends = [project.build(conf) for conf in (GOOD, GOOD, BAD, BAD, BAD, GOOD, GOOD)]

    assert [end == State.SUCCESS for end in ends] == [True, True, False, False, False, True, True]
    assert project.subjects == ["First build", "Failed", "Still failing", "Still failing", "Fixed"]
    text = project.smtp.taken[-1].get_body(("plain",)).get_content()
    assert "after 3 failed builds and" in " ".join(text.split())


def test_row_anything_to_cancelled(project):
    project.build(BAD)
    waiting = project.request(project.commit())
    waiting.cancel()
    stopped = project.request(project.commit())
    Build.objects.filter(pk=stopped.pk).update(cancel_requested=True)

    assert project.run(stopped) == State.CANCELLED
    assert (project.subjects, project.badge) == (["First build failed"], "failed")
    assert project.build() == State.SUCCESS
    assert project.subjects == ["First build failed", "Fixed"]  # what came before the cancelled ones counts


def test_row_anything_to_superseded(project):
    project.build()
    older = project.request(project.commit(SLOW))
    assert older.claim()
    newer = project.request(project.commit())

    pipeline.run(older)
    assert (Build.objects.get(pk=older.pk).state, project.subjects) == (State.CANCELLED, ["First build"])
    assert project.run(newer) == State.SUCCESS
    assert (project.subjects, project.badge) == (["First build"], "success")


def test_row_anything_to_error(project, settings, closed_port):
    """Two attempts that will be followed by another are silent; the last one is told, once a day."""
    project.build()
    url, commit = project.repository.clone_url, project.commit()
    settings.CLONE_HOSTS = [f"127.0.0.1:{closed_port}"]
    Repository.objects.update(clone_url=f"https://127.0.0.1:{closed_port}/octo/docs")
    for _ in range(2):
        build = project.request(commit, trigger=Trigger.PERSON)
        for attempt in range(1, 4):
            expected = State.QUEUED if attempt < 3 else State.ERROR
            assert project.run(build) == expected
            assert project.subjects[1:] == ["Could not build"] * (Mail.objects.count() - 1)
            Build.objects.filter(pk=build.pk).update(not_before=None)
    assert (project.subjects, project.badge) == (["First build", "Could not build"], "success")

    Repository.objects.update(clone_url=url)
    assert project.build(BAD) == State.FAILED
    assert project.subjects == ["First build", "Could not build", "Failed"]  # success before the errors counts


@pytest.mark.parametrize(("conf", "told"), [(BAD, ["Failed"]), (GOOD, [])], ids=["failed", "success"])
def test_row_an_older_build_ends_after_a_newer_one(project, conf, told):
    older = project.request(project.commit(conf))
    assert older.claim()
    newer = project.request(project.commit())
    Build.objects.filter(pk=older.pk).update(is_superseded=False, cancel_requested=False)
    older.refresh_from_db()
    assert older.requeue(reason="The worker was lost.")

    assert project.run(newer) == State.SUCCESS
    project.run(older)
    assert (project.subjects, project.badge) == (["First build", *told], "success")
    if told:
        text = " ".join(project.smtp.taken[-1].get_body(("plain",)).get_content().split())
        assert f"the newer build #{newer.number} has passed already" in text


def test_row_rebuild_of_the_same_commit(project, settings):
    """A build like any other: what failed only because of a limit is fixed when the limit is raised."""
    settings.BUILD_OUTPUT_FILES = 1
    commit = project.commit()
    assert project.run(project.request(commit)) == State.FAILED
    assert project.run(project.request(commit, trigger=Trigger.PERSON)) == State.FAILED

    settings.BUILD_OUTPUT_FILES = 1000
    assert project.run(project.request(commit, trigger=Trigger.PERSON)) == State.SUCCESS
    assert project.subjects == ["First build failed", "Still failing", "Fixed"]
    assert project.badge == "success"


def test_row_the_same_webhook_twice(project, client):
    commit = project.commit(BAD)
    answers = [
        deliver(client, project.repository, push(after=commit, head_commit={"id": commit}), delivery="twice")
        for _ in range(2)
    ]
    build = Build.objects.get()  # one for both
    assert [answer.status_code for answer in answers] == [202, 202]
    assert project.run(build) == State.FAILED
    assert project.subjects == ["First build failed"]


def test_row_the_worker_reports_twice(project):
    build = project.request(project.commit(BAD))
    assert build.claim()
    twin = Build.objects.get(pk=build.pk)
    pipeline.run(build)
    assert not twin.finish(State.SUCCESS)
    assert Mail.objects.count() == 1
    assert project.badge == "failed"


def test_row_re_registered(project, owner):
    project.build(BAD)
    url, name = project.repository.clone_url, RepositoryName.parse("octo/docs")
    project.repository.delete()
    project.repository = Repository.objects.register(
        name=name, clone_url=url, forge="github", registrant=owner, default_branch="main"
    )
    assert project.badge == "unknown"
    assert project.run(Build.objects.queued().get()) == State.FAILED
    assert project.subjects == ["First build failed", "First build failed"]


def test_row_mail_service_off(project):
    Repository.objects.update(mail_service=False)
    project.build()
    project.build(BAD)
    assert (project.subjects, project.badge, Mail.objects.count()) == ([], "failed", 0)

    Repository.objects.update(mail_service=True)
    project.build()
    assert project.subjects == ["Fixed"]  # what it could not hear of is not made up for


def test_row_mail_service_off_between_the_end_and_the_sending(project):
    build = project.request(project.commit())
    assert build.claim()
    pipeline.run(build)
    Repository.objects.update(mail_service=False)
    project.run_mail_tasks()
    assert (project.subjects, Mail.objects.get().state) == ([], "suppressed")


def test_row_another_branchs_first_passing_build(project):
    project.origin.git("checkout", "--quiet", "-b", "next")
    commit = project.commit()
    branch = Version.objects.create(repository=project.repository, name="next")
    build = Build.objects.request(branch, trigger=Trigger.PERSON, commit=commit)
    assert project.run(build) == State.SUCCESS
    assert (project.subjects, project.badge) == ([], "unknown")


def test_row_no_address(project, owner):
    owner.email = ""
    owner.save(update_fields=["email"])
    assert project.build() == State.SUCCESS
    assert (project.subjects, Mail.objects.get().reason) == ([], "no address")
