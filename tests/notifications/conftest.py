"""Real servers that are told, and builds that end."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django_tasks_db.models import DBTaskResult

from builds.logs import LogWriter
from builds.models import State
from notifications.models import Hook, Mail
from tests.mail_server import mail_server

POSTMARK_ID = "b7bc2f4a-e38e-4336-af7d-e6c392c2f817"  # what its API calls a mail that it took


@pytest.fixture
def smtp(settings):
    """Django's own SMTP backend, talking to a server of this process."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    with mail_server() as sink:
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", sink.port, 5
        yield sink


@pytest.fixture
def end_build(request_build, django_capture_on_commit_callbacks):
    """Builds a commit to its end, with all that happens on commit; the pipeline itself is left out."""

    def end(state, *, of=None, build=None, commit="a" * 40, reason="", hint="", stage="render", **fields):
        build = build or request_build(commit=commit, of=of)
        assert build.claim()
        build.record(stage=stage, **fields)
        with django_capture_on_commit_callbacks(execute=True):
            assert build.finish(State(state), reason, hint=hint, duration=12.34)
        return build

    return end


@pytest.fixture
def overtaken(request_build):
    """Two builds: the older one's worker was lost, so that the newer one may run before it."""
    older = request_build(commit="a" * 40)
    older.claim()
    newer = request_build(commit="b" * 40)
    older.requeue(reason="The worker was lost.")
    return older, newer


@pytest.fixture
def run_mail_tasks():
    """Does what a worker does with the tasks that wait in the queue of mails."""

    def run():
        for row in DBTaskResult.objects.filter(queue_name="mails"):
            row.delete()
            row.task.call(*row.args_kwargs["args"], **row.args_kwargs["kwargs"])

    return run


@pytest.fixture
def mails():
    return lambda: list(Mail.objects.order_by("pk"))


@pytest.fixture
def written_mail(end_build):
    """The mail of a failed first build, still in the outbox."""
    end_build("failed", reason="conf.py raised NameError.")
    return Mail.objects.get()


@pytest.fixture
def pass_time():
    """Moves the times of a row of the outbox back, as if `time` had passed."""

    def move(outgoing, time):
        this = type(outgoing).objects.filter(pk=outgoing.pk)
        row = this.get()
        for name in ("not_before", "expires_at", "lease_expires_at", "woken_at", "created_at"):
            if value := getattr(row, name):
                this.update(**{name: value - time})

    return move


@pytest.fixture
def long_log():
    """Writes a log of this text, forty times, for the attempt that `end_build` will claim."""

    def write(build, text):
        build.attempt = 1
        with LogWriter(build) as log:
            log.write(f"{text}\n".encode() * 40)
        build.attempt = 0

    return write


@pytest.fixture
def hook(repository, receiving):
    return Hook.objects.create(repository=repository, url=receiving.url(protocol="http"))


@pytest.fixture
def run_hook_tasks():
    """Does what a worker does with the tasks that wait in the queue of webhooks."""

    def run():
        for row in DBTaskResult.objects.filter(queue_name="hooks"):
            row.delete()
            row.task.call(*row.args_kwargs["args"], **row.args_kwargs["kwargs"])

    return run


@pytest.fixture
def provider(settings):
    """Answers as Postmark's API does: it takes the mail, unless a test sets (status, ErrorCode, text)."""
    answer = {"status": 200, "code": 0, "text": "OK"}

    class Api(BaseHTTPRequestHandler):
        def do_POST(self):
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            said = {
                "ErrorCode": answer["code"],
                "Message": answer["text"],
                "To": asked["To"],
                "MessageID": POSTMARK_ID,
            }
            body = json.dumps(said).encode()
            self.send_response(answer["status"])
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments):
            pass

    server = HTTPServer(("127.0.0.1", 0), Api)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    settings.EMAIL_BACKEND = "anymail.backends.postmark.EmailBackend"
    settings.ANYMAIL = {
        "POSTMARK_SERVER_TOKEN": "x",
        "POSTMARK_API_URL": f"http://127.0.0.1:{server.server_port}/",
    }
    yield lambda status, code, text: answer.update(status=status, code=code, text=text)
    server.shutdown()
    thread.join()
    server.server_close()
