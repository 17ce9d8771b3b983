"""What a stage of the pipeline works with: sandboxed commands, the log, and what is left of the limits."""

import shlex
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from builds import sandbox
from builds.environment_cache import in_use
from builds.errors import BuildFailed, DiskFull, FencedOut
from builds.heartbeat import Heartbeat
from builds.limits import explain
from builds.logs import LogWriter
from builds.models import Build, BuildLimits
from builds.sandbox import Command, Limit, Limits, Outcome
from builds.stages import Stage
from repositories.models import EnvironmentVariable

LONGEST_ECHO = 500  # characters of a command line in the log


@dataclass
class StageNote:
    """What a stage says of itself beside its time, and whether what was kept served it (None: nothing could).

    `fault`: what is wrong although it succeeded, for those who may put it right.
    """

    note: str = ""
    reused: bool | None = None
    fault: str = ""


class Execution:
    """One attempt at a build. Its methods raise BuildCancelled, FencedOut or WorkerStopping when it should end."""

    def __init__(self, build: Build, log: LogWriter, heartbeat: Heartbeat, scratch: Path) -> None:
        self.build = build
        self.log = log
        self.scratch = scratch
        self.noted = StageNote()  # of the stage that runs
        given = EnvironmentVariable.objects.given_to(build.version)
        self.variables = {variable.name: variable.value for variable in given}  # the repository's own
        log.mask(variable.value for variable in given if variable.is_secret)
        self._allowed = BuildLimits.objects.of(build.repository)
        self._used, self._users = set[Path](), ExitStack()
        self._peak_memory = 0  # bytes, of the largest command yet
        self._heartbeat = heartbeat
        self._started = time.monotonic()

    @property
    def seconds(self) -> float:
        """Since the attempt began."""
        return time.monotonic() - self._started

    def use(self, folder: Path) -> None:
        """Of the kept environments and caches: nobody forgets this one until `let_go`."""
        if folder not in self._used:
            self._users.enter_context(in_use(folder, meanwhile=self.check))
            self._used.add(folder)

    def let_go(self) -> None:
        """Of all that it used."""
        self._users.close()
        self._used.clear()

    def check(self) -> None:
        """For loops that wait: raises as every method does when the attempt should end, or its time is over."""
        self._heartbeat.check()
        if self.seconds > self._allowed.seconds_in_force:
            raise BuildFailed(*explain(Limit.TIME, self._allowed))

    def say(self, text: str) -> None:
        self.log.say(text)

    def record(self, **fields: object) -> None:
        """Store what this attempt found out in the build's row. Raises FencedOut."""
        if not self.build.record(**fields):
            raise FencedOut

    def learn_commit(self, commit: str, message: str, author: str) -> None:
        """Store what was checked out in the build's row. Raises FencedOut."""
        if not self.build.learn_commit(commit, message, author):
            raise FencedOut

    @contextmanager
    def stage(self, stage: Stage) -> Iterator[StageNote]:
        """A station of the pipeline, with its seconds and a note in the build's row and in the log."""
        self._heartbeat.check()
        self.record(stage=stage)
        self.say(f"── {stage.label}")
        began = time.monotonic()
        noted = self.noted = StageNote()
        try:
            yield noted
        finally:
            seconds = round(time.monotonic() - began, 2)
            entry = {"name": stage.value, "seconds": seconds, "note": noted.note, "reused": noted.reused}
            if noted.fault:
                entry["fault"] = noted.fault
            self.build.record(stages=[*self.build.stages, entry], peak_memory=self._peak_memory or None)
        self.say(f"── {stage.label}: {seconds:.2f} s{', ' * bool(noted.note)}{noted.note}")

    def run(self, command: Command) -> None:
        """Run it to its end, with its output in the log. Raises BuildFailed when it fails or meets a limit."""
        self._must_succeed(command, self.try_run(command))

    def try_run(self, command: Command, *, shown: str = "") -> Outcome:
        """The same, but the caller looks at the exit code. Limits raise BuildFailed all the same.

        The log has the command's arguments, or what is `shown` instead.
        """
        self.say(f"$ {(shown or shlex.join(command.argv))[:LONGEST_ECHO]}")
        outcome = sandbox.run(
            command, self._limits(), write=self.log.write, should_stop=self._heartbeat.should_stop
        )
        if outcome.exit_code:
            self.say(f"exit code {outcome.exit_code}")
        self._check(outcome)
        return outcome

    def capture(self, command: Command) -> str:
        """Run it quietly, and return what it printed. Raises BuildFailed when it fails or meets a limit."""
        outcome, output = self.try_capture(command)
        if outcome.exit_code:
            self.log.write(output)
        self._must_succeed(command, outcome)
        return output.decode(errors="replace")

    def try_capture(self, command: Command) -> tuple[Outcome, bytes]:
        outcome, output = sandbox.capture(command, self._limits(), should_stop=self._heartbeat.should_stop)
        self._check(outcome)
        return outcome, output

    def _limits(self) -> Limits:
        self._heartbeat.check()
        return Limits(
            seconds=max(0.1, self._allowed.seconds_in_force - self.seconds),
            memory=self._allowed.memory_in_force * 2**20,
            processes=settings.BUILD_PROCESSES,
            file_size=settings.BUILD_FILE_SIZE * 2**20,
            free_disk=settings.BUILD_FREE_DISK * 2**20,
        )

    def _check(self, outcome: Outcome) -> None:
        self._peak_memory = max(self._peak_memory, outcome.peak_memory)
        self._heartbeat.check()
        if outcome.exceeded == Limit.DISK:
            raise DiskFull(f"Less than {settings.BUILD_FREE_DISK} MiB were left on the disk that builds write to.")
        if outcome.exceeded:
            raise BuildFailed(*explain(outcome.exceeded, self._allowed))

    def _must_succeed(self, command: Command, outcome: Outcome) -> None:
        if outcome.exit_code:
            name = Path(command.argv[0]).name
            raise BuildFailed(f"{name} ended with exit code {outcome.exit_code}.", "The log says why.")
