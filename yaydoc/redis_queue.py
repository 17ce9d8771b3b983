"""The queue on Redis, as `manage.py worker` works through it: in threads, like the database's."""

import logging
import threading

from django.db import close_old_connections
from django_rq import get_worker
from redis.exceptions import RedisError
from rq.timeouts import TimerDeathPenalty
from rq.worker import SimpleWorker

logger = logging.getLogger(__name__)

IDLE = 3  # seconds of waiting for a job, between two looks at whether to stop
PAUSE = 2  # seconds after a fault of Redis


class ThreadWorker(SimpleWorker):
    """Runs jobs in its own thread, where no signal can be handled: neither to stop, nor to limit a job's time."""

    death_penalty_class = TimerDeathPenalty

    def _install_signal_handlers(self) -> None:
        """Signals are the main thread's."""


class RedisWorker:
    """Runs the jobs of one queue, one at a time."""

    def __init__(self, queue: str) -> None:
        self.queue = queue
        self._stop = threading.Event()

    def run(self) -> None:
        """Work until told to stop; a Redis that is away for a while is waited for."""
        while not self._stop.is_set():
            close_old_connections()
            try:
                # The annotation forgets the workers that do not fork.
                worker = get_worker(self.queue, worker_class=ThreadWorker)  # type: ignore[arg-type]
                worker.work(max_jobs=1, max_idle_time=IDLE, logging_level="WARNING")
            except RedisError as error:
                logger.warning("The queue cannot be read (%s); the next look is in %d s", error, PAUSE)
                self._stop.wait(PAUSE)
        close_old_connections()

    def stop(self) -> None:
        self._stop.set()
