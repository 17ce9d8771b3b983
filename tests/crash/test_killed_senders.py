"""The process that sends mail is killed at five named points: none is lost, and none doubled but in one window."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings

from tests.databases import own_database
from tests.mail_server import AnyPortController, Sink

ROOT = Path(__file__).resolve().parents[2]
MAILS, KILLS = 6, 3


@pytest.fixture
def server():
    sink = Sink()
    controller = AnyPortController(sink, hostname="127.0.0.1", port=0)
    controller.start()
    sink.port = controller.port
    yield sink
    controller.stop()


@pytest.mark.parametrize(
    ("point", "repeated"),
    [
        ("before it is claimed", 0),
        ("after it is claimed", 0),
        ("within the conversation", 0),
        # The server has the message, we had not stored that: nobody can tell, so it comes again, as the same one.
        ("after the server's 250", KILLS),
        ("after it is stored as sent", 0),
    ],
)
def test_i5_a_sender_that_is_killed_loses_no_mail(tmp_path, server, point, repeated):
    command = [sys.executable, "-m", "tests.crash.dying_sender", "--point", point, "--port", str(server.port)]
    with own_database(tmp_path) as url:
        environment = {
            **os.environ,
            "DATA_DIR": str(tmp_path),
            "DATABASE_URL": url,
            "SECRET_KEY": settings.SECRET_KEY,
            "LOG_LEVEL": "WARNING",
        }
        done = subprocess.run(
            [*command, "--mails", str(MAILS), "--kills", str(KILLS)],
            env=environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=120,
        )
    assert done.returncode == 0, done.stderr[-3000:]
    arrived = Counter(message["Message-ID"] for message in server.taken)
    print(f"{point}: {done.stdout.strip()}, {len(arrived)} arrived, {len(server.taken) - len(arrived)} repeated")

    assert json.loads(done.stdout) == {"kills": KILLS, "states": {"sent": MAILS}}
    assert len(arrived) == MAILS
    assert len(server.taken) - len(arrived) == repeated
