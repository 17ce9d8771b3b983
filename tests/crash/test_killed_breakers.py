"""Whoever begins or ends a pause is killed at each point of that: it is told once, and its digest comes once."""

import json
import os
import subprocess
import sys
from pathlib import Path

from django.conf import settings

from tests.databases import own_database

ROOT = Path(__file__).resolve().parents[2]


def test_i5_a_pause_is_told_once_and_its_digest_once_whoever_is_killed(tmp_path):
    with own_database(tmp_path) as url:
        environment = {
            **os.environ,
            "DATA_DIR": str(tmp_path),
            "DATABASE_URL": url,
            "SECRET_KEY": settings.SECRET_KEY,
            "LOG_LEVEL": "WARNING",
        }
        done = subprocess.run(
            [sys.executable, "-m", "tests.crash.dying_breaker"],
            env=environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=180,
        )
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout)
    for repository in found["repositories"]:
        assert repository == {
            "points": repository["points"],
            "deaths": 2,
            "about builds": {"queued": 3, "suppressed": 2},
            "others": {"paused": 1, "digest": 1},
            "in the digest": 2,
        }
    assert len(found["repositories"]) == 10
    assert found["arrived"] == 10 * 5
