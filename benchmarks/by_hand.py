"""The way of a CI job: clone, a new environment, the project's own lines; nothing is kept."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

WORDS = re.compile(rb"error|exception|could not|no such|failed|not found|cannot|requires", re.IGNORECASE)
LONGEST = 160  # characters of what it said


@dataclass(frozen=True)
class Done:
    """`said`: of the line that failed, what sounds like the reason in its output; "" when all worked."""

    seconds: float
    render: float  # seconds of the last line
    pages: int
    said: str


def by_hand(url: str, lines: Sequence[str], *, patience: float) -> Done:
    """Run the lines by `/bin/sh -e` in a fresh clone, nothing cached; each finds `$OUT`, where pages belong."""
    with tempfile.TemporaryDirectory(prefix="by-hand-", dir="/var/tmp", ignore_cleanup_errors=True) as name:
        place = Path(name)
        clone, home, out = place / "clone", place / "home", place / "out/html"
        home.mkdir()
        environment = {
            "PATH": f"{place}/environment/bin:/usr/local/bin:/usr/bin:/bin",
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "VIRTUAL_ENV": f"{place}/environment",
            "OUT": str(out),
            "READTHEDOCS": "True",
            "READTHEDOCS_OUTPUT": str(out.parent),
            "READTHEDOCS_VIRTUALENV_PATH": f"{place}/environment",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PIP_NO_CACHE_DIR": "1",
            "UV_NO_CACHE": "1",
            "UV_PYTHON_DOWNLOADS": "never",
            **{
                key: value
                for key, value in os.environ.items()
                if key.startswith(("UV_", "PIP_", "SSL_", "REQUESTS_"))
            },
        }
        began = time.monotonic()
        steps = (f"git clone --quiet {url} {clone}", f"{sys.executable} -m venv {place}/environment")
        render = 0.0
        for number, line in enumerate((*steps, *lines)):
            cwd = clone if number >= len(steps) else place
            line_began = time.monotonic()
            left = patience - (line_began - began)
            output, code = _run(line, cwd, environment, left)
            render = time.monotonic() - line_began
            if code:
                return Done(line_began - began + render, render, 0, f"{line[:60]}: {_reason(output)}")
        pages = sum(1 for _ in out.rglob("*.html")) if out.is_dir() else 0
        return Done(time.monotonic() - began, render, pages, "")


def _run(line: str, cwd: Path, environment: dict[str, str], patience: float) -> tuple[bytes, int]:
    with subprocess.Popen(
        ["/bin/sh", "-ec", line],
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    ) as process:
        try:
            output, _ = process.communicate(timeout=max(1.0, patience))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            return b"took too long", 1
    return output, process.returncode


def _reason(output: bytes) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    telling = [line for line in lines[-60:] if WORDS.search(line)]
    return (telling or lines or [b"it did not say why"])[-1].decode(errors="replace")[:LONGEST]
