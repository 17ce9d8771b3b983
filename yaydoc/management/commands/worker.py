"""`manage.py worker`: runs builds and sends mails, as the queue wakes it."""

import logging
import signal
import socket
import threading
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import DatabaseError, connection
from django.utils.crypto import get_random_string
from django.utils.module_loading import import_string
from django_tasks_db.management.commands.db_worker import Worker

from yaydoc.queues import DATABASE_QUEUE

logger = logging.getLogger(__name__)

INTERVAL = 0.5  # seconds between two looks at an empty queue
PAUSE = 2  # seconds after a database fault
ON_REDIS = "yaydoc.redis_queue.RedisWorker"  # by name: its packages need not be installed


class Command(BaseCommand):
    help = "Runs builds (BUILD_CONCURRENCY at a time) and sends mails. Start as many as there are machines."

    def handle(self, *args: Any, **options: Any) -> None:
        for name in settings.WORKER_START:
            import_string(name)()
        # A thread for each build at a time, and others for what is sent, which must not wait behind builds.
        threads_of = {"builds": settings.BUILD_CONCURRENCY, **settings.SENDERS}
        queues = [queue for queue, number in threads_of.items() for _ in range(number)]
        kind = DatabaseWorker if settings.QUEUE_URL == DATABASE_QUEUE else import_string(ON_REDIS)
        workers = [kind(queue) for queue in queues]
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        threads = [threading.Thread(target=worker.run, name=worker.queue) for worker in workers]
        for thread in threads:
            thread.start()
        logger.info("The worker runs %d builds at a time.", settings.BUILD_CONCURRENCY)
        stop.wait()
        for worker in workers:
            worker.stop()
        for name in settings.WORKER_STOP:
            import_string(name)()
        for thread in threads:
            thread.join()


class DatabaseWorker:
    """Runs the jobs of one queue, one at a time."""

    def __init__(self, queue: str) -> None:
        self.queue = queue
        self._worker = Worker(
            queue_names=[queue],
            interval=INTERVAL,
            batch=False,
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id=f"{socket.gethostname()[:40]}-{queue}-{get_random_string(8)}",
            excluded_queue_names=[],
        )

    def run(self) -> None:
        """Work until told to stop; a database that is away for a while is waited for."""
        while self._worker.running:
            try:
                self._worker.run()
            except DatabaseError:
                logger.exception("The queue cannot be read; the next look is in %d s", PAUSE)
                connection.close()
                time.sleep(PAUSE)
        connection.close()

    def stop(self) -> None:
        self._worker.running = False
