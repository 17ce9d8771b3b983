"""What `manage.py worker` works through at the same time."""

import os
import signal

import pytest
from django.core.management import call_command

from yaydoc.management.commands import worker


@pytest.fixture
def handlers():
    """Of signals, which the worker takes for itself."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_builds_mails_and_webhooks_have_threads_of_their_own(settings, monkeypatch, handlers):
    settings.WORKER_START = settings.WORKER_STOP = []
    settings.BUILD_CONCURRENCY = 3
    running = []

    class Idle:
        def __init__(self, queue):
            self.queue = queue

        def run(self):
            running.append(self.queue)
            if len(running) == 3 + sum(settings.SENDERS.values()):
                os.kill(os.getpid(), signal.SIGTERM)

        def stop(self):
            pass

    monkeypatch.setattr(worker, "DatabaseWorker", Idle)
    call_command("worker")

    assert {queue: running.count(queue) for queue in running} == {"builds": 3, **settings.SENDERS}
    assert {"mails", "hooks"} <= set(running) == set(settings.TASKS["default"]["QUEUES"])
