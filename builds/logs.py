"""The log of a build: written line by line while it runs, bounded, and safe to show."""

import codecs
import re
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from django.conf import settings

from builds.masking import has_lookalikes, replacements, without_lookalikes
from builds.models import Build

CHUNK = 262_144  # bytes, of one reading
KEPT_TAIL = 65_536  # bytes of the end that are kept of a log that grew too long
LONGEST_LINE = 8_192  # characters

# ECMA-48 control sequences, operating system commands, other escapes; then what is left of C0 and C1.
ESCAPES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"
    r"|\x1b[\]PX^_].*?(?:\x07|\x1b\\|$)"
    r"|\x1b[ -/]*[0-~]?"
    r"|[\x00-\x08\x0b-\x1f\x7f-\x9f]"
)


def directory() -> Path:
    return Path(settings.DATA_DIR) / "logs"


def log_path(build: Build) -> Path:
    """Each attempt writes a file of its own, so that one that was given up on disturbs nobody."""
    return directory() / str(build.pk) / f"{build.attempt}.log"


def without_escapes(line: str) -> str:
    """One line as a reader should see it: what a carriage return overwrote is gone, and so are escape codes."""
    return ESCAPES.sub("", line.rstrip("\r").rpartition("\r")[2])


class LogWriter:
    """Takes the output of a build's processes, as bytes cut anywhere, and appends whole lines to its log.

    After `limit` bytes it keeps the end only, which is written, behind a sentence that says so, when it closes.
    Paths below `folders` are shown relative to them: a reader knows `docs/conf.py`, and not where we keep it.
    """

    def __init__(
        self, build: Build, *, limit: int | None = None, secrets: Iterable[str] = (), folders: Iterable[Path] = ()
    ) -> None:
        self._left = limit if limit is not None else settings.BUILD_LOG_SIZE * 2**20
        self._limit = self._left
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._pending = ""
        self._end = b""  # of what came after the limit, as it came: most of it is never shown
        self._end_is_cut = False
        self.secrets: set[str] = set()  # as they were when the build began
        self._replaced = [(f"{folder}/", "") for folder in folders]
        self.mask(secrets)
        path = log_path(build)
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("wb", buffering=0)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def mask(self, secrets: Iterable[str]) -> None:
        """These too, from now on."""
        self.secrets |= set(secrets)
        replaced = dict(self._replaced) | replacements(self.secrets)
        self._replaced = sorted(replaced.items(), key=lambda item: len(item[0]), reverse=True)

    def write(self, output: bytes) -> None:
        """After `close` nothing is written any more."""
        if self._file.closed:
            return
        if self._left <= 0:
            self._keep_for_the_end(output)
            return
        *lines, self._pending = (self._pending + self._decoder.decode(output)).split("\n")
        while len(self._pending) > LONGEST_LINE:
            lines.append(self._pending[:LONGEST_LINE])
            self._pending = self._pending[LONGEST_LINE:]
        self._append(lines)

    def say(self, line: str) -> None:
        """A line of our own; it starts a new one when a process left its last one open."""
        is_open = self._pending or (self._end and not self._end.endswith(b"\n"))
        self.write((("\n" if is_open else "") + line + "\n").encode(errors="backslashreplace"))

    def close(self) -> None:
        if self._file.closed:
            return
        if self._pending:
            self._append([self._pending])
            self._pending = ""
        if self._end:
            text = f"… log cut: {self._limit / 2**20:g} MB limit; its end follows …\n{self._shown_end()}\n"
            self._file.write(text.encode())
        self._file.close()

    def _append(self, lines: list[str]) -> None:
        """Whole lines, up to the one that passes the limit."""
        if not lines:
            return
        output = "\n".join([*self._fit_to_show(lines), ""]).encode()
        fits = len(output) <= self._left
        end = len(output) if fits else output.index(b"\n", self._left - 1) + 1
        self._file.write(output[:end])
        self._left -= end
        if self._left <= 0:
            self._keep_for_the_end(output[end:] + self._pending.encode() + self._decoder.getstate()[0])
            self._pending = ""

    def _keep_for_the_end(self, output: bytes) -> None:
        self._end += output
        self._end_is_cut |= len(self._end) > KEPT_TAIL
        self._end = self._end[-KEPT_TAIL:]

    def _shown_end(self) -> str:
        """Without what is left of a line, which may begin within a secret."""
        end = self._end
        if self._end_is_cut:
            _, newline, rest = end.partition(b"\n")
            end = rest if newline else end[LONGEST_LINE:]
        lines = end.decode(errors="replace").removesuffix("\n").split("\n")
        return "\n".join(self._fit_to_show(lines))

    def _fit_to_show(self, lines: list[str]) -> list[str]:
        """Looks at all lines at once first: there is mostly nothing in them, and a look at each takes long."""
        text = "\n".join(lines)
        if ESCAPES.search(text):
            lines = [without_escapes(line) for line in lines]
            text = "\n".join(lines)
        if has_lookalikes(text) or any(shown in text for shown, _ in self._replaced):
            lines = [self._masked(line) for line in lines]
        return lines

    def _masked(self, line: str) -> str:
        for text, instead in self._replaced:
            line = line.replace(text, instead)
        return without_lookalikes(line)


def read(build: Build, offset: int = 0) -> tuple[str, int]:
    """Whole lines of the log from `offset` (bytes) on, at most CHUNK, and the offset to go on from."""
    chunk = read_bytes(build, offset)
    return chunk.decode(errors="replace"), offset + len(chunk)


def size(build: Build) -> int:
    """In bytes; 0 before there is a log."""
    try:
        return log_path(build).stat().st_size
    except OSError:
        return 0


def read_bytes(build: Build, offset: int) -> bytes:
    """The same, as it stands in the file."""
    try:
        with log_path(build).open("rb") as file:
            file.seek(offset)
            chunk = file.read(CHUNK)
    except OSError:
        return b""
    return chunk[: chunk.rfind(b"\n") + 1]


def read_all(build: Build) -> Iterable[str]:
    """The whole log, in pieces."""
    text, offset = read(build)
    while text:
        yield text
        text, offset = read(build, offset)


def tail(build: Build, *, lines: int = 30, max_bytes: int = 8_192) -> str:
    """The last whole lines of the log, at most `max_bytes` of them; of a last line longer than that, its end."""
    try:
        with log_path(build).open("rb") as file:
            file.seek(max(0, file.seek(0, 2) - max_bytes - 1))
            end = file.read()
    except OSError:
        return ""
    if len(end) > max_bytes:  # its first byte tells whether a line begins behind it
        first_line_ends = end.find(b"\n", 0, len(end) - 1)
        end = end[first_line_ends + 1 :] if first_line_ends >= 0 else end[1:]
    return "\n".join(end.decode(errors="ignore").splitlines()[-lines:])
