"""Kills Yaydoc's processes while pushes arrive, and tells what is left: `python -m tests.crash.arena --help`.

The parent forks `web`, `worker` and `clock`, each of which runs the product's own code over short builds, ends
them with SIGKILL at random moments and lets them end themselves at named points, and starts each again at once.
Afterwards it lets the three work in peace until nothing is left to do, and prints what it finds as JSON.
"""

import argparse
import hashlib
import hmac
import json
import logging
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth import get_user_model  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connections, transaction  # noqa: E402
from django.test import Client  # noqa: E402

from builds import sweeper  # noqa: E402
from builds.models import Build  # noqa: E402
from notifications import outbox  # noqa: E402
from repositories.models import Repository  # noqa: E402
from repositories.names import RepositoryName  # noqa: E402
from repositories.signals import build_result_recorded  # noqa: E402
from tests.crash import findings, points, short_builds, twins  # noqa: E402
from yaydoc.management.commands import clock, worker  # noqa: E402

LONGEST_FIGHT = 600  # seconds: on a busy machine it takes minutes
RANDOM_STRIKES = 0.5  # of the parent's looks; the other kills happen at named points
PEACE = 30  # seconds to finish in, once nobody is killed any more
FATAL_CHANCE = 0.3  # that a call of the armed point is the last one


class Arena:
    def __init__(
        self,
        *,
        pushes: int,
        kills: int,
        repositories: int,
        pause: bool,
        seed: int,
        worker_points: list[points.Point],
    ) -> None:
        self.random = random.Random(seed)
        self.kills_wanted, self.kills = kills, 0
        self.pause = pause
        self.points = {**points.POINTS, "worker": worker_points or points.POINTS["worker"]}
        self.directory = Path(settings.DATA_DIR)
        self.pids: dict[str, int] = {}
        self.roles: dict[str, Callable[[], None]] = {
            "web": self.web,
            "worker": self.worker,
            "second worker": self.worker,
            "clock": self.clock,
        }
        self.repositories = [register(number) for number in range(repositories)]
        self.pushes = [
            (number % repositories, hashlib.sha1(f"{seed} {number}".encode()).hexdigest())
            for number in range(pushes)
        ]

    # -- the three processes, as in the Procfile

    def web(self) -> None:
        """Deliver the pushes in order, as a forge does: again, until one is answered with 2xx."""
        client = Client(SERVER_NAME="localhost")
        secrets = [repository.webhook_secret for repository in self.repositories]
        for number in range(self.accepted(), len(self.pushes)):
            index, commit = self.pushes[number]
            body = json.dumps(push_body(index, commit)).encode()
            signature = hmac.new(secrets[index].encode(), body, hashlib.sha256).hexdigest()
            answer = client.post(
                f"/webhooks/{self.repositories[index].webhook_id}/",
                body,
                content_type="application/json",
                headers={
                    "X-GitHub-Event": "push",
                    "X-GitHub-Delivery": f"delivery-{number}",
                    "X-Hub-Signature-256": f"sha256={signature}",
                },
            )
            assert answer.status_code == 202, answer.content
            self.note("accepted", f"{number}")
            time.sleep(0.02)
        time.sleep(3600)

    def worker(self) -> None:
        build_result_recorded.connect(self.note_result)
        worker.INTERVAL = 0.02
        call_command("worker")

    def note_result(self, build: Build, **arguments: object) -> None:
        transaction.on_commit(lambda: self.note("results", f"{build.pk}"))

    def clock(self) -> None:
        settings.CLOCK = dict.fromkeys(settings.CLOCK, 0.1)
        clock.Command().handle()

    # -- the parent

    def fight(self) -> None:
        until = time.monotonic() + LONGEST_FIGHT
        while self.kills < self.kills_wanted or self.accepted() < len(self.pushes):
            if time.monotonic() > until:
                sys.exit(f"{self.accepted()} pushes and {self.kills} kills only; see {self.directory}/*.out")
            for role in self.roles:
                self.revive(role, armed=self.kills < self.kills_wanted)
            time.sleep(self.random.uniform(0.02, 0.25))
            if self.kills < self.kills_wanted and self.random.random() < RANDOM_STRIKES:
                self.strike(self.random.choice([*self.roles]))

    def strike(self, role: str) -> None:
        pid = self.pids[role]
        if self.pause and "worker" in role:
            os.kill(pid, signal.SIGSTOP)
            time.sleep(twins.SHORT_LEASE * 1.5)
            os.kill(pid, signal.SIGCONT)
            return
        os.kill(pid, signal.SIGKILL)
        self.note("kills", f"random {role}")

    def revive(self, role: str, *, armed: bool) -> None:
        if role in self.pids:
            if os.waitpid(self.pids[role], os.WNOHANG) == (0, 0):
                return
            self.kills += 1
        point = self.random.choice(self.points[role.split()[-1]]) if armed and self.random.random() < 0.9 else None
        self.pids[role] = self.fork(role, point)

    def fork(self, role: str, point: points.Point | None) -> int:
        connections.close_all()
        seed = self.random.random()
        pid = os.fork()
        if pid:
            return pid
        random.seed(seed)
        output = os.open(self.directory / f"{role}.out", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(output, 1)
        os.dup2(output, 2)
        if point:
            points.arm(point, FATAL_CHANCE, lambda what: self.note("kills", what))
        try:
            self.roles[role]()
        except BaseException:
            logging.exception("%s ended", role)
        finally:
            os._exit(0)

    def rest(self) -> float:
        """Let them finish; the seconds that took."""
        began = time.monotonic()
        while time.monotonic() - began < PEACE and findings.is_work_left():
            for role in self.roles:
                self.revive(role, armed=False)
            time.sleep(0.1)
        return time.monotonic() - began

    def end(self) -> None:
        for pid in self.pids.values():
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)

    def note(self, file: str, line: str) -> None:
        with (self.directory / file).open("a") as notes:
            notes.write(f"{line}\n")

    def accepted(self) -> int:
        path = self.directory / "accepted"
        return len(path.read_text().splitlines()) if path.exists() else 0


def register(number: int) -> Repository:
    user, _ = get_user_model().objects.get_or_create(username="olivia", email="olivia@example.org")
    repository: Repository = Repository.objects.register(
        name=RepositoryName.parse(f"octo/docs-{number}"),
        clone_url=f"https://github.com/octo/docs-{number}.git",
        forge="github",
        registrant=user,
        default_branch="main",
    )
    Build.objects.filter(repository=repository).delete()
    return repository


def push_body(index: int, commit: str) -> dict[str, object]:
    return {
        "ref": "refs/heads/main",
        "after": commit,
        "repository": {"id": index + 1, "full_name": f"octo/docs-{index}", "default_branch": "main"},
        "head_commit": {"id": commit, "message": f"Change {commit[:7]}", "author": {"name": "A. Uthor"}},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pushes", type=int, default=400)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--repositories", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pause", action="store_true", help="stop workers for longer than their lease, too")
    parser.add_argument("--twin", choices=list(twins.TWINS), help="break one rule, to see the arena notice")
    options = parser.parse_args()

    call_command("migrate", verbosity=0)
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    short_builds.shorten()
    sweeper.REMIND_AFTER = outbox.REMIND_AFTER = timedelta(seconds=1)
    twin = twins.TWINS.get(options.twin)
    pause = options.pause or bool(twin and twin.pause)
    if pause:
        twins.shorten_leases()
    if twin:
        twin.breaks()
    arena = Arena(
        pushes=options.pushes,
        kills=options.kills,
        repositories=options.repositories,
        pause=pause,
        worker_points=twin.points if twin else [],
        seed=options.seed,
    )
    began = time.monotonic()
    try:
        arena.fight()
        fought = time.monotonic() - began
        rested = arena.rest()
    finally:
        arena.end()
    at = Counter((arena.directory / "kills").read_text().splitlines())
    report = {
        "pushes": arena.accepted(),
        "kills": sum(at.values()),
        "points": dict(at.most_common()),
        "seconds": [round(fought, 1), round(rested, 1)],
        **findings.look(arena),
    }
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
