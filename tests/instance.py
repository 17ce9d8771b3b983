"""A whole Yaydoc: the processes of the Procfile, told everything by environment variables."""

import http.client
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.on_postgres import free_port

ROOT = Path(__file__).resolve().parent.parent
PROCFILE = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
OUTPUT_SHOWN = 4_000  # characters of each process, when a test fails
STOP_TIMEOUT = 20  # seconds


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


class Instance:
    """One Yaydoc with its data in `directory`. Nothing runs until `start`; `close` ends all that does."""

    def __init__(self, directory: Path, database_url: str, **variables: str) -> None:
        self.directory = directory
        self.port = free_port()
        # A build user of its own: another Yaydoc of this machine sweeps what it does not know.
        self.build_user = 61_000 + os.getpid() % 3_000 if os.getuid() == 0 else os.getuid()
        inherited = {name: value for name, value in os.environ.items() if name != "SECRET_KEY"}
        self.environment = inherited | {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PYTHONUNBUFFERED": "1",
            "DJANGO_SETTINGS_MODULE": "yaydoc.settings",
            "DATA_DIR": str(directory),
            "DATABASE_URL": database_url,
            "PORT": str(self.port),
            "BIND": "127.0.0.1",
            "BUILD_USER_ID": str(self.build_user),
            **variables,
        }
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    # -- processes

    def manage(self, *arguments: str) -> str:
        """A command of manage.py, which must succeed: what it printed."""
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, f"manage.py {' '.join(arguments)}: {done.stdout}{done.stderr}"
        return done.stdout

    def start(self, name: str) -> int:
        """Start what the Procfile calls so; its process id."""
        with self._output(name).open("ab") as output:
            process = subprocess.Popen(
                ["/bin/sh", "-c", PROCFILE[name]],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self.processes[name] = process
        return process.pid

    def stop(self, name: str, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal that ends it, and wait; its exit code."""
        process = self.processes.pop(name)
        process.send_signal(number)
        try:
            return process.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            pytest.fail(f"{name} did not end within {STOP_TIMEOUT} s.\n{self.outputs()}")

    def close(self) -> None:
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(STOP_TIMEOUT)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.processes.clear()

    def _output(self, name: str) -> Path:
        return self.directory / f"{name}.out"

    def outputs(self) -> str:
        """What the processes said last, for the message of a failing test."""
        files = [self._output(name) for name in PROCFILE]
        files += sorted(self.directory.glob("logs/*/*.log"))
        return "\n".join(
            f"---- {file.relative_to(self.directory)}\n{file.read_text(errors='replace')[-OUTPUT_SHOWN:]}"
            for file in files
            if file.exists()
        )

    # -- what is seen from outside

    def ask(self, path: str, *, host="localhost", method="GET", body=None, headers=None) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body, {"Host": f"{host}:{self.port}"} | (headers or {}))
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def page(self, path: str) -> Answer:
        """Of the docs host."""
        return self.ask(path, host="docs.localhost")

    def wait_for(self, what: str, look, *, seconds: float):
        """What `look` returns once it is neither false nor an error of the connection."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for name, process in self.processes.items():
                assert process.poll() is None, f"{name} ended by itself.\n{self.outputs()}"
            try:
                if found := look():
                    return found
            except OSError:
                pass  # it does not listen yet
            time.sleep(0.1)
        pytest.fail(f"Within {seconds} s there was no {what}.\n{self.outputs()}")


def field(printed: str, name: str) -> str:
    """A line of what `manage.py register` printed."""
    return re.search(rf"^ +{name} +(\S+)$", printed, re.MULTILINE)[1]
