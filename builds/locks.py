"""Locks on files: one holder at a time on this machine, and free again when its process ends, however it does."""

import fcntl
import math
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from builds.errors import BuildError

POLL = 0.1  # seconds


@contextmanager
def held(path: Path) -> Iterator[bool]:
    """Whether the lock was free; it is held until the end of the `with` block then."""
    with _opened(path) as descriptor:
        yield _try(descriptor)


@contextmanager
def waited_for(
    path: Path, *, patience: float = math.inf, refusal: str = "", meanwhile: Callable[[], None] = lambda: None
) -> Iterator[None]:
    """Held until the end of the `with` block. Raises BuildError with `refusal` after `patience` seconds.

    `meanwhile` is called ten times a second, and may raise to end the waiting.
    """
    with _opened(path) as descriptor:
        until = time.monotonic() + patience
        while not _try(descriptor):
            if time.monotonic() > until:
                raise BuildError(refusal)
            meanwhile()
            time.sleep(POLL)
        yield


@contextmanager
def shared(path: Path, *, meanwhile: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Held together with others that share it, until the end of the `with` block; waits for who holds it alone."""
    with _opened(path) as descriptor:
        while not _try(descriptor, fcntl.LOCK_SH):
            meanwhile()
            time.sleep(POLL)
        yield


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _try(descriptor: int, kind: int = fcntl.LOCK_EX) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
