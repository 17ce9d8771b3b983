"""A Yaydoc of its own in a scratch directory, with a worker and a clock that run: what users of a server have."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 900  # seconds for one build


class Installation:
    """Everything that it writes lies below one directory, which is gone at the end of the `with` block."""

    def __init__(self, *, keep: bool = False) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="yaydoc-benchmark-", dir="/var/tmp"))
        self.directory.chmod(0o755)
        self.keep = keep
        self.environment = {
            **os.environ,
            "DATA_DIR": str(self.directory),
            "CLONE_PROTOCOLS": "https,file",
            "LOG_LEVEL": "ERROR",
            "DJANGO_SUPERUSER_PASSWORD": "of a benchmark",
        }

    def __enter__(self) -> Self:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # so that its processes end, too
        self.manage("migrate", "--verbosity=0")
        self.manage("createsuperuser", "--noinput", "--username=admin", "--email=admin@example.org")
        self._worker = self._start("manage.py", "worker")
        self._clock = self._start("manage.py", "clock")
        self._desk = self._start("-c", "import desk; desk.serve()")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in (self._desk, self._clock, self._worker):
            process.terminate()
            process.wait()
        if not self.keep:
            shutil.rmtree(self.directory, ignore_errors=True)

    def register(self, name: str, url: str, *, patience: float = PATIENCE) -> dict[str, Any]:
        """What `desk.facts_of` says of its first build, and `wall`: seconds from the wish to the end."""
        return self._ask({"register": url, "name": name, "patience": patience})

    def build(
        self, name: str, *, commit: str = "", clean: bool = False, patience: float = PATIENCE
    ) -> dict[str, Any]:
        return self._ask({"build": name, "commit": commit, "clean": clean, "patience": patience})

    def manage(self, *arguments: str) -> float:
        """Seconds of a `manage.py` command, start of Python and Django included."""
        began = time.monotonic()
        command = [sys.executable, ROOT / "manage.py", *arguments]
        done = subprocess.run(
            command, env=self.environment, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
        )
        if done.returncode:
            sys.exit(f"{command} failed:\n{done.stdout.decode()[-3000:]}")
        return time.monotonic() - began

    def _start(self, *arguments: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, *arguments],
            env={**self.environment, "PYTHONPATH": f"{ROOT}:{Path(__file__).parent}"},
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def _ask(self, wish: dict[str, Any]) -> dict[str, Any]:
        assert self._desk.stdin
        assert self._desk.stdout
        print(json.dumps(wish), file=self._desk.stdin, flush=True)
        answer = self._desk.stdout.readline()
        if not answer:
            sys.exit("The desk of the benchmark ended.")
        return json.loads(answer)
