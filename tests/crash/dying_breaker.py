"""Kills whoever begins or ends a pause, at each point of that: `python -m tests.crash.dying_breaker`.

For each pair of points a repository has five failed builds, of which three may be mailed. One process is killed
while the fourth ends, which begins the pause, and one while the pause ends; each time others do the work again.
Prints as JSON what is in the outbox then, for each repository, and how many mails arrived.
"""

import json
import os
import re
import signal
from collections import Counter
from datetime import timedelta
from itertools import zip_longest
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db.models import F  # noqa: E402

from builds.models import Build, State, Trigger  # noqa: E402
from notifications import outbox  # noqa: E402
from notifications.mails import delivery, pauses  # noqa: E402
from notifications.models import Mail, Pause  # noqa: E402
from repositories.models import Repository  # noqa: E402
from tests.crash.arena import register  # noqa: E402
from tests.crash.dying_sender import fork  # noqa: E402
from tests.crash.points import Point, around  # noqa: E402

MAILED, BUILDS = 3, 5
BEGINNING = [
    *around("notifications.mails.pauses", "pause_for"),
    *around("notifications.mails.rows", "add"),
    *around("notifications.mails.writing", "record"),
    *around("builds.models.Build", "finish"),
    *around("notifications.models.Mail", "wake_worker"),
]
ENDING = [
    *around("notifications.models.Pause", "end"),
    *around("notifications.models.outgoing.OutgoingQuerySet", "suppress_held"),
    *around("notifications.mails.rows", "add"),
    *around("notifications.mails.pauses", "end"),
    *around("notifications.models.Mail", "wake_worker"),
]


def killed(pid: int) -> bool:
    _, status = os.waitpid(pid, 0)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def end_build(build: Build) -> None:
    build = Build.objects.get(pk=build.pk)
    if build.claim():
        build.finish(State.FAILED, "Because.")


def fail(repository: Repository, point: Point | None) -> int:
    """Take one build to its end, in a process that dies at the point, and if need be in another: how many died."""
    build = Build.objects.request(repository.default_version, trigger=Trigger.PERSON, commit="a" * 40)
    deaths = killed(fork(lambda: end_build(build), point))
    build.refresh_from_db()
    if build.state == State.RUNNING:
        build.requeue(reason="The worker was lost.")
    killed(fork(lambda: end_build(build)))
    return deaths


def end_pause(repository: Repository, point: Point) -> int:
    """One process dies at it, and two do it at once after that."""
    Pause.objects.filter(repository=repository).update(began_at=F("began_at") - timedelta(hours=1))
    deaths = killed(fork(pauses.sweep, point))
    for pid in [fork(pauses.sweep), fork(pauses.sweep)]:
        killed(pid)
    return deaths


def deliver_all() -> int:
    """How many different messages arrived."""
    for mail in Mail.objects.queued():
        delivery.deliver(mail.pk)
    text = "".join(path.read_text() for path in Path(settings.EMAIL_FILE_PATH).glob("*"))
    return len(set(re.findall(r"^Message-ID: (\S+)$", text, flags=re.MULTILINE)))


def main() -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    outbox.REMIND_AFTER = timedelta(0)
    pauses.AT_MOST = MAILED
    call_command("migrate", verbosity=0)
    found = []
    for number, (beginning, ending) in enumerate(zip_longest(BEGINNING, ENDING, fillvalue=ENDING[0])):
        repository = register(number)
        deaths = sum(fail(repository, beginning if index == MAILED else None) for index in range(BUILDS))
        deaths += end_pause(repository, ending)
        mails = Mail.objects.filter(repository=repository)
        found.append(
            {
                "points": f"{beginning}, {ending}",
                "deaths": deaths,
                "about builds": Counter(mails.filter(build__isnull=False).values_list("state", flat=True)),
                "others": Counter(mails.filter(build=None).values_list("event", flat=True)),
                "in the digest": sum(mail.facts["held"] for mail in mails.filter(event="digest")),
            }
        )
    print(json.dumps({"repositories": found, "arrived": deliver_all()}))


if __name__ == "__main__":
    main()
