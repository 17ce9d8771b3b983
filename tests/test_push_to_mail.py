"""The whole of Yaydoc as real processes: from a push to new pages, a badge and a mail, without a hand."""

import json
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.builds.checkouts.git_server import GitRepository
from tests.databases import own_database
from tests.instance import ROOT, Answer, Instance, field
from tests.mail_server import Sink
from tests.mail_server import mail_server as serving_mail
from tests.webhook_requests import github_headers, push

CONF = "project = 'Small'\nextensions = []\nhtml_theme = 'basic'\n"
BROKEN = CONF + "\n\ndef read_the_release():\n    raise LookupError('no release is written down')\n\n\n"
BROKEN += "release = read_the_release()\n"
# The first attempt at it renders without end, with a daemon at its side; the next one is quick.
SLOW_AT_FIRST = (
    CONF
    + """
import pathlib, subprocess, sys, time
attempted = pathlib.Path(__file__).resolve().parents[2] / "render" / "attempted"
if not attempted.exists():
    attempted.touch()
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)", __file__], start_new_session=True)
    print("rendering slowly", flush=True)
    time.sleep(600)
"""
)
FIRST_BUILD = 120  # seconds, with the packages from the index
BUILD = 60  # seconds
MAIL = 30
STOP = 10
CLEAN = 60  # seconds after the end of a build within which nothing of it is left (I10)


@pytest.fixture(scope="module")
def mail_server():
    with serving_mail() as sink:
        yield sink


@pytest.fixture(scope="module")
def yaydoc(tmp_path_factory, mail_server):
    """Set up, with web, worker and clock running."""
    directory = tmp_path_factory.mktemp("yaydoc")
    with own_database(directory) as url:
        instance = Instance(
            directory,
            url,
            CLONE_PROTOCOLS="https,file",
            EMAIL_URL=f"smtp://127.0.0.1:{mail_server.port}",
            DJANGO_SUPERUSER_PASSWORD="correct horse battery",
        )
        collecting = subprocess.Popen(
            [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"],
            cwd=ROOT,
            env=instance.environment,
        )
        try:
            instance.manage("migrate", "--verbosity", "0")
            instance.manage(
                "createsuperuser", "--noinput", "--username", "olivia", "--email", "olivia@example.org"
            )
            assert collecting.wait(120) == 0
            for name in ("web", "worker", "clock"):
                instance.start(name)
            instance.wait_for("answer of web", lambda: instance.ask("/healthz").status == 200, seconds=30)
            yield instance
        finally:
            collecting.kill()
            collecting.wait()
            instance.close()


@dataclass
class Project:
    """A repository with a Sphinx documentation, registered with a running Yaydoc."""

    name: str
    yaydoc: Instance
    mails: Sink
    repository: GitRepository
    webhook: str = ""
    secret: str = ""

    def register(self) -> None:
        printed = self.yaydoc.manage("register", self.repository.url, "--name", self.name)
        self.webhook, self.secret = urlsplit(field(printed, "webhook")).path, field(printed, "secret")

    def commit(self, text="", *, conf=CONF) -> str:
        page = f"Small\n=====\n\n{text}\n"
        return self.repository.commit(f"Write {text}", docs__conf_dot_py=conf, docs__index_dot_rst=page)

    def push(self, text="", *, conf=CONF, secret="") -> Answer:
        """Commit, and tell Yaydoc of it as GitHub does."""
        commit = self.commit(text, conf=conf)
        body = json.dumps(push(after=commit, head_commit={"id": commit, "message": f"Write {text}"})).encode()
        headers = github_headers("push", body, secret or self.secret, delivery=commit)
        return self.yaydoc.ask(
            self.webhook, method="POST", body=body, headers=headers | {"Content-Type": "application/json"}
        )

    # -- what a reader sees

    @property
    def badge(self) -> str:
        return self.yaydoc.ask(f"/{self.name}.svg").headers["X-Yaydoc-Status"]

    @property
    def first_page(self) -> bytes:
        """As it is published; nothing before that."""
        answer = self.yaydoc.page(f"/{self.name}/latest/")
        return answer.body if answer.status == 200 else b""

    def log(self, number: int) -> str:
        answer = self.yaydoc.ask(f"/{self.name}/builds/{number}/log")
        return answer.text if answer.status == 200 else ""

    @property
    def mails_of_it(self) -> list:
        return [mail for mail in self.mails.taken if mail["X-Yaydoc-Repository"] == self.name]

    @property
    def events(self) -> list[str]:
        """How the subjects of its mails begin."""
        return [mail["Subject"].partition(":")[0] for mail in self.mails_of_it]

    # -- waiting

    def wait_for_badge(self, status: str, *, seconds=BUILD) -> None:
        self.yaydoc.wait_for(f"badge {status} of {self.name}", lambda: self.badge == status, seconds=seconds)

    def wait_for_page(self, text: str, *, seconds=BUILD) -> None:
        self.yaydoc.wait_for(f"page with {text!r}", lambda: text.encode() in self.first_page, seconds=seconds)

    def wait_for_log(self, number: int, pattern: str, *, seconds=BUILD) -> None:
        def is_there():
            return re.search(pattern, self.log(number), re.MULTILINE)

        self.yaydoc.wait_for(f"{pattern!r} in the log of build {number}", is_there, seconds=seconds)

    def wait_for_mail(self, event: str):
        """The newest mail, once one of this event is there."""
        self.yaydoc.wait_for(f"mail {event!r} of {self.name}", lambda: event in self.events[-1:], seconds=MAIL)
        return self.mails_of_it[-1]


@pytest.fixture
def project(yaydoc, mail_server, tmp_path, request):
    """Registered, built and mailed for the first time."""
    name = request.node.name.removeprefix("test_")[:40].strip("_").replace("_", "-")
    project = Project(f"octo/{name}", yaydoc, mail_server, GitRepository(tmp_path / "origin"))
    project.commit("first words")
    project.register()
    project.wait_for_page("first words", seconds=FIRST_BUILD)
    project.wait_for_mail("First build")
    return project


def text_of(mail) -> str:
    return mail.get_body(("plain",)).get_content()


def left_of_builds(yaydoc) -> list[str]:
    """What builds left: processes, all of which name a path of theirs in their arguments, and directories."""
    builds = str(yaydoc.directory / "builds")
    lines = [command_line(entry) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    scratch = (yaydoc.directory / "builds" / "scratch").iterdir()
    return [line for line in lines if builds in line] + [str(path) for path in scratch]


def command_line(process: Path) -> str:
    try:
        return (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:  # it ended
        return ""


def test_a_registered_repository_is_built_published_and_mailed_without_a_hand(project):
    page = project.yaydoc.page(f"/{project.name}/latest/")
    mail = project.mails_of_it[0]

    assert (project.badge, page.status) == ("success", 200)
    assert "Set-Cookie" not in page.headers
    assert project.events == ["First build"]
    assert mail["To"] == "olivia@example.org"
    assert f"http://docs.localhost:{project.yaydoc.port}/{project.name}/" in text_of(mail)


def test_a_signed_push_becomes_new_pages(project):
    answer = project.push("second words")

    assert answer.status == 202
    project.wait_for_page("second words")
    assert project.badge == "success"
    assert project.events == ["First build"]  # success after success is no news


def test_a_broken_conf_py_is_told_until_it_is_repaired_and_the_old_pages_stay(project):
    old_page = project.first_page

    project.push("words that are never published", conf=BROKEN)
    project.wait_for_badge("failed")
    failed = project.wait_for_mail("Failed")
    assert project.first_page == old_page
    assert failed["X-Yaydoc-Build"] == "2"
    assert "release = read_the_release()" in text_of(failed)
    assert "LookupError: no release is written down" in text_of(failed)

    project.push("words that are not published either", conf=BROKEN)
    still_failing = project.wait_for_mail("Still failing")
    assert project.first_page == old_page
    assert still_failing["References"] == failed["Message-ID"]

    project.push("repaired words")
    project.wait_for_page("repaired words")
    project.wait_for_badge("success")
    project.wait_for_mail("Fixed")
    assert project.events == ["First build", "Failed", "Still failing", "Fixed"]


def test_a_push_with_a_wrong_signature_changes_nothing(project):
    refused = project.push("foreign words", secret="somebody else's")
    assert refused.status == 403

    # What is pushed next is the next build: nothing came of the other.
    answer = project.push("own words")
    project.wait_for_page("own words")
    assert json.loads(answer.body)["build"].endswith(f"/{project.name}/builds/2/")
    assert project.events == ["First build"]


def test_mail_that_is_turned_off_by_one_click_leaves_no_backlog(project):
    link = re.search(r"<(http[^>]+)>", project.mails_of_it[0]["List-Unsubscribe"])[1]

    def click(wish):
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        path = urlsplit(link).path
        return project.yaydoc.ask(path, method="POST", body=f"List-Unsubscribe={wish}", headers=form).status

    assert click("One-Click") == 200
    project.push("unheard words", conf=BROKEN)
    project.wait_for_badge("failed")
    assert click("Undo") == 200
    project.push("heard words")
    project.wait_for_mail("Fixed")

    assert project.events == ["First build", "Fixed"]


def test_a_worker_that_is_stopped_in_mid_build_gives_it_back_at_once(project):
    project.push("patient words", conf=SLOW_AT_FIRST)
    project.wait_for_log(2, "^rendering slowly")
    assert len(left_of_builds(project.yaydoc)) > 2

    began = time.monotonic()
    exit_code = project.yaydoc.stop("worker", signal.SIGTERM)
    assert time.monotonic() - began < STOP
    assert (exit_code, left_of_builds(project.yaydoc)) == (0, [])

    project.yaydoc.start("worker")
    project.wait_for_page("patient words")
    assert (project.badge, project.events) == ("success", ["First build"])


def test_i10_a_worker_that_is_killed_in_mid_build_leaves_nothing_and_its_build_ends_all_the_same(project):
    project.push("enduring words", conf=SLOW_AT_FIRST)
    project.wait_for_log(2, "^rendering slowly")
    assert len(left_of_builds(project.yaydoc)) > 2

    project.yaydoc.stop("worker", signal.SIGKILL)
    project.yaydoc.start("worker")

    project.wait_for_page("enduring words")
    assert (project.badge, project.events) == ("success", ["First build"])
    project.yaydoc.wait_for("clean machine", lambda: not left_of_builds(project.yaydoc), seconds=CLEAN)


def test_every_process_ends_in_peace_when_it_is_asked_to(yaydoc):
    names = ("clock", "worker", "web")
    assert {name: yaydoc.stop(name) for name in names} == dict.fromkeys(names, 0)
