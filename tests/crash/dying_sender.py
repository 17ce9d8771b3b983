"""Kills the process that sends mail, always at the same point: `python -m tests.crash.dying_sender --help`.

The parent writes mails, then forks workers that end themselves with SIGKILL when they come to the point, and after
those one that lives. Prints as JSON how the mails ended.
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
from notifications.models import UNSETTLED, Mail  # noqa: E402
from tests.crash import points  # noqa: E402
from tests.crash.arena import register  # noqa: E402
from yaydoc.management.commands import clock, worker  # noqa: E402

ROW, CONVERSATION = "notifications.models.Mail", "smtplib.SMTP"
POINTS = {
    "before it is claimed": points.Point("before", ROW, "claim"),
    "after it is claimed": points.Point("after", ROW, "claim"),
    "within the conversation": points.Point("before", CONVERSATION, "data"),
    "after the server's 250": points.Point("after", CONVERSATION, "data"),
    "after it is stored as sent": points.Point("after", ROW, "mark_sent"),
}
LONGEST = 60  # seconds


def write_mails(number: int) -> None:
    for index in range(number):
        build = Build.objects.request(register(index).default_version, trigger="person", commit="a" * 40)
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


def send_mails() -> None:
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
    parser.add_argument("--point", choices=list(POINTS), required=True)
    parser.add_argument("--port", type=int, required=True, help="of the SMTP server")
    parser.add_argument("--mails", type=int, default=6)
    parser.add_argument("--kills", type=int, default=3)
    options = parser.parse_args()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", options.port
    outbox.REMIND_AFTER = timedelta(seconds=1)  # of a wake-up that died with its worker
    call_command("migrate", verbosity=0)
    write_mails(options.mails)

    until, kills = time.monotonic() + LONGEST, 0
    the_clock = fork(watch)
    for _ in range(options.kills):
        _, status = os.waitpid(fork(send_mails, POINTS[options.point]), 0)
        kills += os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    survivor = fork(send_mails)
    while Mail.objects.filter(state__in=UNSETTLED).exists() and time.monotonic() < until:
        time.sleep(0.1)
    end(survivor)
    end(the_clock)
    states = Counter(Mail.objects.values_list("state", flat=True))
    print(json.dumps({"kills": kills, "states": states}))


if __name__ == "__main__":
    main()
