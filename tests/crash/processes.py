"""A module of the tests as a process, on a database and in a directory of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

from django.conf import settings

from tests.databases import own_database

ROOT = Path(__file__).resolve().parents[2]


def report_of(module: str, *arguments: str, directory: Path, timeout: int) -> dict:
    """Runs it to its end: what it prints, which is JSON."""
    with own_database(directory) as url:
        environment = {
            **os.environ,
            "DATA_DIR": str(directory),
            "DATABASE_URL": url,
            "SECRET_KEY": settings.SECRET_KEY,
            "LOG_LEVEL": "WARNING",
        }
        command = [sys.executable, "-m", module, *arguments]
        done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=timeout)
    assert done.returncode == 0, done.stderr[-3000:]
    print(done.stdout)
    return json.loads(done.stdout)
