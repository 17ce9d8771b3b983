"""Start a command in a sandbox, or say why that cannot be."""

import contextlib
import logging
import marshal
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from resource import RLIMIT_CORE, RLIMIT_DATA, RLIMIT_FSIZE, RLIMIT_NOFILE, RLIMIT_NPROC
from signal import SIGKILL
from typing import Any

from builds.errors import BuildError
from builds.liveness import worker_name
from builds.sandbox import bubblewrap, landlock
from builds.sandbox.boot import launcher
from builds.sandbox.commands import Command, Limits
from builds.sandbox.directories import build_directory_of, inside, remove, visible_paths
from builds.sandbox.environment import environment
from builds.sandbox.launcher import descendants
from builds.sandbox.network.addresses import Policy
from builds.sandbox.network.proxy import Proxy
from builds.sandbox.tiers import Tier, bubblewrap_program
from builds.sandbox.user import build_user

logger = logging.getLogger(__name__)

START_TIMEOUT = 20  # seconds for the sandbox itself
END_TIMEOUT = 5  # seconds for all processes to be gone after the end
OPEN_FILES = 4096


@dataclass
class Sandboxed:
    """A started command."""

    process: "subprocess.Popen[bytes]"
    control: socket.socket
    output: int
    said: bytes = b""  # by the launcher

    @property
    def has_told_the_end(self) -> bool:
        return b"exit " in self.said

    def listen(self) -> None:
        """Take what the launcher says; nothing means that it is gone."""
        with contextlib.suppress(OSError):
            self.said += self.control.recv(4096)

    def end(self) -> int | None:
        """End everything that still runs; the exit code that the launcher told, if it could."""
        if not self.has_told_the_end:
            with contextlib.suppress(OSError):  # closed: this is the second time
                self.control.setblocking(False)
            self.listen()
        self.control.close()
        try:
            self.process.wait(END_TIMEOUT)
        except subprocess.TimeoutExpired:
            logger.warning("the launcher %s did not end: killing it and all below", self.process.pid)
            for pid in [*descendants(self.process.pid), self.process.pid]:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, SIGKILL)
            self.process.wait(END_TIMEOUT)
        return int(self.said.rpartition(b"exit ")[2]) if self.has_told_the_end else None


@contextlib.contextmanager
def start(tier: Tier, command: Command, limits: Limits, notes: list[str]) -> Iterator[Sandboxed]:
    """A command that runs, and is ended on the way out. The proxy adds what it refused to `notes`.

    Raises BuildError when the sandbox itself fails.
    """
    root = build_directory_of(tier)
    for path in (command.cwd, *command.readable, *command.writable):
        inside(path, root=root)
    policy = Policy.of(command)
    with ExitStack() as stack:
        ours, theirs = socket.socketpair()
        stack.callback(ours.close)
        stack.callback(theirs.close)
        if tier == Tier.BUBBLEWRAP:
            line, fds, spec = in_bubblewrap(command, limits, theirs.fileno())
        else:
            proxy = stack.enter_context(Proxy.on_loopback(policy, notes)) if can_connect(tier, command) else None
            home = stack.enter_context(scratch(tier))
            line, code = launcher(sys.executable, theirs.fileno(), restrict=True)
            fds = [code]
            spec = in_landlock(tier, command, home, proxy)
        try:
            process, output = launch(line, [*fds, theirs.fileno()])
        finally:
            for fd in fds:
                os.close(fd)
            theirs.close()
        stack.callback(os.close, output)
        started = Sandboxed(process, ours, output)
        stack.callback(started.end)
        send(ours, spec | common(command, limits))
        listener = wait_until_ready(started)
        if listener:
            stack.enter_context(Proxy(listener, policy, notes))
        yield started


def launch(line: list[str], fds: list[int]) -> tuple["subprocess.Popen[bytes]", int]:
    """The launcher's process, and where its output is read; that is the caller's to close, as `fds` are."""
    reading, writing = os.pipe()
    try:
        os.set_blocking(reading, False)
        if user := build_user():
            os.fchown(writing, *user)  # or opening /dev/stdout would be refused
        process = subprocess.Popen(
            line,
            stdin=subprocess.DEVNULL,
            stdout=writing,
            stderr=writing,
            cwd="/",
            env={},
            pass_fds=fds,
            start_new_session=True,
        )
    except BaseException:
        os.close(reading)
        raise
    finally:
        os.close(writing)
    return process, reading


def can_connect(tier: Tier, command: Command) -> bool:
    return command.has_network and (tier == Tier.NONE or landlock.has_network())


def in_bubblewrap(command: Command, limits: Limits, control: int) -> tuple[list[str], list[int], dict[str, Any]]:
    line, fds = bubblewrap.arguments(
        bubblewrap_program(), command, limits, control=control, visible=visible_paths(Tier.BUBBLEWRAP)
    )
    port = bubblewrap.PROXY_PORT if command.has_network else 0
    proxy = f"http://127.0.0.1:{port}" if port else ""
    variables = environment(command, home=bubblewrap.HOME, temporary=bubblewrap.TEMPORARY, proxy=proxy)
    spec = {
        "listen": port,
        "become_first": True,
        "subreaper": False,
        "landlock": None,
        "seccomp": b"",
        "directories": [str(bubblewrap.HOME)],
        "environment": variables,
    }
    return line, fds, spec


def in_landlock(tier: Tier, command: Command, home: Path, proxy: Proxy | None) -> dict[str, Any]:
    """Also for no sandbox at all, which differs by what is empty."""
    confined = tier == Tier.LANDLOCK
    port = proxy.port if proxy else 0
    rules = None
    if confined:
        rules = landlock.rules(command, visible=visible_paths(tier), port=port)
        rules["paths"].append((str(home), rules["handled"][0] & ~landlock.IOCTL_DEV))
    variables = environment(command, home=home, temporary=home / "tmp", proxy=proxy.url if proxy else "")
    return {
        "listen": 0,
        "become_first": False,
        "subreaper": True,
        "landlock": rules,
        "seccomp": landlock.call_filter(network=bool(port)) if confined else b"",
        "directories": [str(home / "tmp")],
        "environment": variables,
    }


def common(command: Command, limits: Limits) -> dict[str, Any]:
    """The limits that the kernel holds. The number of processes, and memory in one process, are held exactly by
    the watcher; twice that by the kernel, against what is quicker than a look."""
    rlimits = [
        (RLIMIT_FSIZE, limits.file_size),
        (RLIMIT_CORE, 0),
        (RLIMIT_NOFILE, OPEN_FILES),
        (RLIMIT_DATA, 2 * limits.memory),
        (RLIMIT_NPROC, 2 * limits.processes + others_of_user()),
    ]
    return {
        "argv": list(command.argv),
        "cwd": str(command.cwd),
        "user": build_user(),
        "rlimits": [(resource, value, value) for resource, value in rlimits],
    }


def others_of_user() -> int:
    """Threads that already count for the user the command runs as: the kernel's limit is on all of a user's."""
    user = (build_user() or (os.getuid(), 0))[0]
    count = 0
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                if entry.stat().st_uid == user:
                    count += len(os.listdir(f"/proc/{entry.name}/task"))  # noqa: PTH208
    return count


def send(control: socket.socket, spec: dict[str, Any]) -> None:
    data = marshal.dumps(spec)
    with contextlib.suppress(OSError):  # it ended already: what it said stands in its output
        control.sendall(len(data).to_bytes(4, "big") + data)


def wait_until_ready(started: Sandboxed) -> socket.socket | None:
    """The listening socket of the sandbox's own network, if any. Raises BuildError."""
    started.control.settimeout(START_TIMEOUT)
    try:
        answer, fds, _, _ = socket.recv_fds(started.control, 4096, 1)
    except OSError as error:
        answer, fds = str(error).encode(), []
    if answer.startswith(b"ready"):
        started.said = answer
        return socket.socket(fileno=fds[0]) if fds else None
    with contextlib.suppress(OSError):
        answer += os.read(started.output, 4096)
    raise BuildError(f"The sandbox could not start: {answer.decode(errors='replace').strip()}")


def home_prefix(worker: str) -> str:
    """`worker` is as `builds.liveness.worker_name` tells it; no colon, which would end a path in PATH."""
    return f"home-{worker.replace(':', '+')}-"


@contextlib.contextmanager
def scratch(tier: Tier) -> Iterator[Path]:
    """A home for one command, removed after it. Its name tells whose it is: see `builds.sandbox.sweep`."""
    parent = build_directory_of(tier) / "scratch"
    parent.mkdir(mode=0o711, exist_ok=True)
    home = Path(tempfile.mkdtemp(prefix=home_prefix(worker_name()), dir=parent))
    try:
        if user := build_user():
            os.chown(home, *user)
        yield home
    finally:
        remove(home)
