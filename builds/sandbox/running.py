"""Follow a command to its end: its output, its limits, and the worker's wish to stop."""

import os
import select
import time
from collections.abc import Callable
from contextlib import ExitStack
from signal import SIGKILL, SIGXFSZ

from builds.errors import BuildError
from builds.sandbox.commands import Command, Limit, Limits, Outcome
from builds.sandbox.directories import build_directory_of
from builds.sandbox.starting import Sandboxed, start
from builds.sandbox.tiers import Tier
from builds.sandbox.watcher import INTERVAL, Watcher

CHUNK = 65536  # bytes of output at a time
TAIL = 2048  # bytes of output in which the reason of a failure is looked for
# What failing programs print last: strerror(EFBIG), and what becomes of ENOMEM.
FILE_TOO_LARGE = (b"File too large",)
OUT_OF_MEMORY = (b"MemoryError", b"Cannot allocate memory", b"out of memory")


def run_in(
    tier: Tier,
    command: Command,
    limits: Limits,
    *,
    write: Callable[[bytes], None],
    should_stop: Callable[[], bool],
    max_output: int,
) -> Outcome:
    """Blocks until the end. Raises BuildError when the sandbox itself fails, and what the two functions raise."""
    begin = time.monotonic()
    with ExitStack() as stack:
        notes: list[str] = []
        started = stack.enter_context(start(tier, command, limits, notes))
        run = Run(started, limits, write, should_stop, max_output, notes, begin)
        watcher = Watcher(
            started.process.pid, limits, own_files=tier == Tier.BUBBLEWRAP, disk=build_directory_of(tier)
        )
        exceeded, stopped = run.follow(watcher)
        code = started.end()
        run.drain()
        if exceeded or stopped:
            code = -SIGKILL
        if code is None:
            raise BuildError("The sandbox's first process was killed, perhaps by the machine for want of memory.")
        if exceeded is None and not stopped:
            exceeded = run.exceeded_by_itself(code)
        return Outcome(code, exceeded, time.monotonic() - begin, watcher.peak_memory)


class Run:
    """The worker's side of a command while it runs."""

    def __init__(
        self,
        started: Sandboxed,
        limits: Limits,
        write: Callable[[bytes], None],
        should_stop: Callable[[], bool],
        max_output: int,
        notes: list[str],
        begin: float,
    ) -> None:
        self.started, self.limits, self.write, self.should_stop = started, limits, write, should_stop
        self.left = max_output
        self.notes = notes
        self.deadline = begin + limits.seconds
        self.tail = b""

    def follow(self, watcher: Watcher) -> tuple[Limit | None, bool]:
        """Until the end: the limit that was exceeded, and whether `should_stop` said so."""
        poll = select.poll()
        poll.register(self.started.output, select.POLLIN)
        poll.register(self.started.control, select.POLLIN)
        next_look = 0.0
        while True:
            ready = {fd for fd, _ in poll.poll(INTERVAL * 1000)}
            if self.started.output in ready and not self.take():
                poll.unregister(self.started.output)
            if self.left < 0:
                return Limit.OUTPUT, False
            if self.started.has_told_the_end or self.started.control.fileno() in ready:
                return None, False
            now = time.monotonic()
            if now >= self.deadline:
                return Limit.TIME, False
            if now < next_look:
                continue
            next_look = now + INTERVAL
            self.tell()
            if self.should_stop():
                return None, True
            if exceeded := watcher.exceeded():
                return exceeded, False

    def take(self) -> bool:
        """Pass on what was printed; False at the end of it."""
        try:
            data = os.read(self.started.output, CHUNK)
        except BlockingIOError:
            return False
        if not data:
            return False
        if self.left >= 0:
            self.write(data[: self.left])
        self.left -= len(data)
        self.tail = (self.tail + data)[-TAIL:]
        return True

    def drain(self) -> None:
        """What is left in the pipe: never more than it holds, for nobody writes any more."""
        while self.left >= 0 and self.take():
            pass
        self.tell()

    def tell(self) -> None:
        while self.notes:
            self.write(f"network: {self.notes.pop(0)}\n".encode())

    def exceeded_by_itself(self, code: int) -> Limit | None:
        """A limit that the kernel held and the command ended of.

        The kernel tells some by a signal, others by an error, which programs print in these words; so they are
        taken for it at the end of the output of a command that failed.
        """
        if self.left < 0:
            return Limit.OUTPUT
        if code in {-SIGXFSZ, 128 + SIGXFSZ}:
            return Limit.FILE_SIZE
        if code != 0 and any(words in self.tail for words in FILE_TOO_LARGE):
            return Limit.FILE_SIZE
        if code != 0 and any(words in self.tail for words in OUT_OF_MEMORY):
            return Limit.MEMORY
        return None
