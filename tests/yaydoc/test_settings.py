"""Settings as a process reads them at its start."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def start(**environment):
    """`manage.py migrate --plan` with nothing but `environment`: it needs settings and database."""
    return subprocess.run(
        [sys.executable, "manage.py", "migrate", "--plan"],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_first_start_makes_the_data_directory_also_when_the_secret_key_is_given(tmp_path):
    done = start(DATA_DIR=str(tmp_path / "a" / "b"), SECRET_KEY="x" * 50)

    assert done.returncode == 0, done.stderr


def test_nobody_else_may_look_into_the_data_directory_that_a_first_start_makes(tmp_path):
    start(DATA_DIR=str(tmp_path / "data"))

    assert (tmp_path / "data").stat().st_mode & 0o077 == 0


def test_a_bad_value_stops_the_start_with_its_variables_name(tmp_path):
    done = start(DATA_DIR=str(tmp_path), BUILD_TIMEOUT="15 min")

    assert done.returncode != 0
    assert "BUILD_TIMEOUT has a value that cannot be used: '15 min' is not a whole number above 0" in done.stderr


def test_a_variable_may_come_from_a_file(tmp_path):
    (tmp_path / "timeout").write_text("never\n")

    done = start(DATA_DIR=str(tmp_path), BUILD_TIMEOUT_FILE=str(tmp_path / "timeout"))

    assert "BUILD_TIMEOUT has a value that cannot be used: 'never'" in done.stderr


def test_the_address_that_a_proxy_tells_counts_only_where_one_is_in_front(tmp_path):
    told = []
    for url in ("http://localhost:8000", "https://yaydoc.example.org"):
        done = subprocess.run(
            [sys.executable, "-c", "from yaydoc import settings; print(settings.ALLAUTH_TRUSTED_PROXY_COUNT)"],
            cwd=ROOT,
            env={"PATH": "/usr/bin:/bin", "DATA_DIR": str(tmp_path), "SITE_URL": url},
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        told.append(done.stdout.strip())

    assert told == ["0", "1"]
