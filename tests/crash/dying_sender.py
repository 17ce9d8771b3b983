"""Kills the process that sends, always at the same point: `python -m tests.crash.dying_sender --help`.

The parent writes mails, or calls of webhooks, then forks workers that end themselves with SIGKILL when they reach
the point, and after those one that lives. Prints as JSON how the rows ended.
"""

import argparse
import json
import logging
import os
import signal
import time
from collections import Counter
from datetime import timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connections  # noqa: E402

from builds.models import Build, State  # noqa: E402
from notifications import outbox  # noqa: E402
from notifications.models import UNSETTLED, Hook, HookCall, Mail  # noqa: E402
from repositories.models import Repository  # noqa: E402
from tests.crash import points  # noqa: E402
from tests.crash.arena import register  # noqa: E402
from yaydoc.management.commands import clock, worker  # noqa: E402

KINDS = {"mail": Mail, "call": HookCall}
# The last moment before the other side gets it, and the first after it has said so.
CONVERSATIONS = {
    "mail": (points.Point("before", "smtplib.SMTP", "data"), points.Point("after", "smtplib.SMTP", "data")),
    "call": (
        points.Point("after", "notifications.http_client.Connection", "connect"),
        points.Point("after", "http.client.HTTPConnection", "getresponse"),
    ),
}
LONGEST = 60  # seconds


def points_of(kind: str) -> dict[str, points.Point]:
    row = f"notifications.models.{KINDS[kind].__name__}"
    before, after = CONVERSATIONS[kind]
    return {
        "before it is claimed": points.Point("before", row, "claim"),
        "after it is claimed": points.Point("after", row, "claim"),
        "within the conversation": before,
        "after the server has it": after,
        "after it is stored as sent": points.Point("after", row, "mark_sent"),
    }


def write(number: int, url: str) -> None:
    """The ends of builds; with `url`, those are told to a webhook and not by mail."""
    for index in range(number):
        repository = register(index)
        if url:
            Repository.objects.filter(pk=repository.pk).update(mail_service=False)
            Hook.objects.create(repository=repository, url=url)
        build = Build.objects.request(repository.default_version, trigger="person", commit="a" * 40)
        assert build.claim()
        assert build.finish(State.FAILED, "Because.")


def fork(role, point=None) -> int:
    connections.close_all()
    pid = os.fork()
    if pid:
        return pid
    if point:
        points.arm(point, 1, lambda what: None)
    try:
        role()
    except BaseException:
        logging.exception("a child ended")
    finally:
        os._exit(1)


def send() -> None:
    worker.INTERVAL = 0.02
    call_command("worker")


def watch() -> None:
    settings.CLOCK = {"notifications.outbox.sweep": 0.1}
    clock.Command().handle()


def end(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kind", choices=list(KINDS), required=True)
    parser.add_argument("--point", choices=list(points_of("mail")), required=True)
    parser.add_argument("--port", type=int, required=True, help="of the server that takes them")
    parser.add_argument("--number", type=int, default=6)
    parser.add_argument("--kills", type=int, default=3)
    options = parser.parse_args()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", options.port
    settings.CLONE_PROTOCOLS, settings.CLONE_HOSTS = ["http"], [f"127.0.0.1:{options.port}"]
    settings.SENDERS = dict.fromkeys(settings.SENDERS, 1)  # else another thread may be in the window by chance
    outbox.REMIND_AFTER = timedelta(seconds=1)  # of a wake-up that died with its worker
    call_command("migrate", verbosity=0)
    write(options.number, f"http://127.0.0.1:{options.port}/" if options.kind == "call" else "")

    until, kills, rows = time.monotonic() + LONGEST, 0, KINDS[options.kind].objects
    the_clock = fork(watch)
    for _ in range(options.kills):
        _, status = os.waitpid(fork(send, points_of(options.kind)[options.point]), 0)
        kills += os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    survivor = fork(send)
    while rows.filter(state__in=UNSETTLED).exists() and time.monotonic() < until:
        time.sleep(0.1)
    end(survivor)
    end(the_clock)
    states = Counter(rows.values_list("state", flat=True))
    print(json.dumps({"kills": kills, "states": states}))


if __name__ == "__main__":
    main()
