"""Keeps a running build's claim alive, and hears when it should end."""

import threading
import time
from types import TracebackType
from typing import Self

from django.db import DatabaseError, connection

from builds.errors import BuildCancelled, FencedOut, WorkerStopping
from builds.models import LEASE, Build

LOOK = 0.5  # seconds between two looks at the row
RENEW = LEASE.total_seconds() / 4

#: Set when this worker process was asked to end: its builds go back to the queue.
stopping = threading.Event()


def stop_builds() -> None:
    """Let every build of this process end soon and go back to the queue."""
    stopping.set()


class Heartbeat:
    """A thread that renews the lease of a claimed build until the `with` block ends."""

    def __init__(self, build: Build) -> None:
        self._build = build
        self._over = threading.Event()
        self._error: type[Exception] | None = None
        self._thread = threading.Thread(target=self._beat, name=f"heartbeat of build {build.pk}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def should_stop(self) -> bool:
        return self._error is not None or stopping.is_set()

    def check(self) -> None:
        """Raises BuildCancelled, FencedOut or WorkerStopping when the build should end."""
        if stopping.is_set():
            raise WorkerStopping
        if self._error is not None:
            raise self._error

    def _beat(self) -> None:
        renewed = time.monotonic()
        try:
            while self._error is None and not self._over.wait(LOOK):
                try:
                    if time.monotonic() - renewed > RENEW and self._build.renew_lease():
                        renewed = time.monotonic()
                    self._error = self._what_ends_it()
                except DatabaseError:
                    if time.monotonic() - renewed > LEASE.total_seconds():
                        self._error = FencedOut  # nobody can know any more that this attempt lives
        finally:
            connection.close()

    def _what_ends_it(self) -> type[Exception] | None:
        row = Build.objects.running().filter(pk=self._build.pk, attempt=self._build.attempt)
        cancel_requested = row.values_list("cancel_requested", flat=True).first()
        if cancel_requested is None:
            return FencedOut
        return BuildCancelled if cancel_requested else None
