"""The shortest way to a badge: from a process's own memory, past Django, as long as nothing has changed.

All processes of a machine share a *mark*, eight bytes of a file that each maps into its memory. Whoever changes
what a badge shows takes the mark away before the commit, and sets a new one after it. An answer is kept together
with the mark that stood before its status was read, and is given for as long as that very mark stands. So no
answer from before a change is given after its commit, by whatever process; and while a change is on its way,
everybody asks Django.

While a change is on its way its maker holds a shared lock on the file. The kernel lets go of it when the process
dies: whoever gets the lock for himself alone knows that no change is on its way, and may set a new mark.

Right only where all processes run on one machine. The setting BADGE_SHORTCUT leaves this module out.
"""

import fcntl
import logging
import os
from collections.abc import Iterable
from datetime import datetime
from functools import cache, partial
from mmap import mmap
from pathlib import Path
from time import monotonic
from typing import Any, NamedTuple
from wsgiref.types import StartResponse, WSGIApplication

from django.conf import settings
from django.db import transaction

from badges.answers import OFFERED, Answer, Offer, dated, expires

logger = logging.getLogger(__name__)

KEPT_ANSWERS = 4096  # of about 1 kB each besides the pictures; when there are more, all are forgotten
KEY_LENGTH = 400  # characters of host, path and query; longer ones are not kept
# Seconds. No answer is older, even where somebody wrote to the database past Django, or on another machine.
KEPT_FOR = 5.0


class Ready(NamedTuple):
    status: str
    headers: list[tuple[str, str]]  # without Expires
    body: list[bytes]


class Kept(NamedTuple):
    mark: int
    until: float  # by time.monotonic
    etag: str
    found: Ready
    known: Ready  # for a client that has the picture


class Mark:
    NONE = 0  # a change is on its way, or its maker died

    def __init__(self, path: Path) -> None:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
        try:
            os.ftruncate(file, 8)
            if not os.geteuid():
                # A worker may be root where the web server is not. SQLite does the same with its files.
                os.fchown(file, path.parent.stat().st_uid, path.parent.stat().st_gid)
            self._shared = memoryview(mmap(file, 8)).cast("Q")
        finally:
            os.close(file)
        self._path = path

    def current(self) -> int:
        return self._shared[0]

    def take_away(self) -> "Lock":
        """Before the commit of a change. The lock belongs to `renew`; after a rollback, just drop it.

        Raises OSError where there is no lock to be had: without its file nobody sets a new mark either.
        """
        try:
            lock = Lock(self._path)
            fcntl.flock(lock.file, fcntl.LOCK_SH)
            os.pwrite(lock.file, bytes(8), 0)
        except OSError:
            self._shared[0] = Mark.NONE
            raise
        return lock

    def renew(self, lock: "Lock | None" = None) -> None:
        """Set a new mark, unless somebody else's change is on its way: then they will."""
        try:
            lock = lock or Lock(self._path)
            fcntl.flock(lock.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.pwrite(lock.file, os.urandom(8), 0)
        except OSError:
            pass  # without a mark Django is asked, which is right whatever the file's trouble is
        finally:
            if lock:
                lock.release()


class Lock:
    """On the mark's file; let go at the latest when nobody knows it any more."""

    file = -1

    def __init__(self, path: Path) -> None:
        self.file = os.open(path, os.O_RDWR)

    def release(self) -> None:
        file, self.file = self.file, -1
        if file >= 0:
            os.close(file)

    __del__ = release


@cache
def mark() -> Mark:
    return Mark(settings.DATA_DIR / "badges.mark")


def announce_change(**_: object) -> None:
    """Call it inside the transaction that changes what a badge shows. That never fails for want of the mark."""
    try:
        lock = mark().take_away()
    except OSError:
        logger.exception("Badges may show for %.0f s what was before this change", KEPT_FOR)
        return
    transaction.on_commit(partial(mark().renew, lock), robust=True)


class Shortcut:
    """In front of the whole application; what it does not know goes there."""

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application
        self._kept: dict[tuple[str, ...], Kept] = {}
        self._mark = mark()

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        # The host too: Django has looked at it before anything was kept.
        key = (environ.get("HTTP_HOST", ""), environ["PATH_INFO"], environ.get("QUERY_STRING", ""))
        current = self._mark.current()
        kept = self._kept.get(key)
        if kept and kept.mark == current and kept.until > monotonic() and environ["REQUEST_METHOD"] == "GET":
            known = environ.get("HTTP_IF_NONE_MATCH")
            if known is None or known == kept.etag:
                status, headers, body = kept.known if known else kept.found
                start_response(status, [*headers, expires()])
                return body
        environ[OFFERED] = None
        answered = self._application(environ, start_response)
        if offer := environ[OFFERED]:
            self._keep(key, current, offer)
        return answered

    def _keep(self, key: tuple[str, ...], mark: int, offer: Offer) -> None:
        if mark == Mark.NONE:
            self._mark.renew()
        elif sum(map(len, key)) <= KEY_LENGTH:
            if len(self._kept) >= KEPT_ANSWERS:
                self._kept.clear()
            found, known = (ready(answer, offer.changed_at) for answer in (offer.found, offer.known))
            self._kept[key] = Kept(mark, monotonic() + KEPT_FOR, offer.etag, found, known)


def ready(answer: Answer, changed_at: datetime | None) -> Ready:
    status = f"{answer.status.value} {answer.status.phrase}"
    return Ready(status, list(dated(answer, changed_at).values()), [answer.body] if answer.body else [])
