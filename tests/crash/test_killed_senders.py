"""The process that sends is killed at five named points: none is lost, and none doubled but in one window."""

from collections import Counter

import pytest

from tests.crash.processes import report_of
from tests.http_server import receiver
from tests.mail_server import mail_server

ROWS, KILLS = 6, 3


@pytest.fixture
def server():
    with mail_server() as sink:
        yield sink


POINTS = [
    ("before it is claimed", 0),
    ("after it is claimed", 0),
    ("within the conversation", 0),
    # The other side has it, we had not stored that: nobody can tell, so it comes again, as the same one.
    ("after the server has it", KILLS),
    ("after it is stored as sent", 0),
]


def kill_senders(directory, kind, point, port):
    """What `dying_sender` says of the rows that it wrote."""
    numbers = ("--port", str(port), "--number", str(ROWS), "--kills", str(KILLS))
    of = ("--kind", kind, "--point", point)
    return report_of("tests.crash.dying_sender", *of, *numbers, directory=directory, timeout=120)


@pytest.mark.parametrize(("point", "repeated"), POINTS)
def test_i5_a_sender_that_is_killed_loses_no_mail(tmp_path, server, point, repeated):
    said = kill_senders(tmp_path, "mail", point, server.port)

    arrived = Counter(message["Message-ID"] for message in server.taken)
    print(f"{point}: {said}, {len(arrived)} mails arrived, {len(server.taken) - len(arrived)} repeated")
    assert said == {"kills": KILLS, "states": {"sent": ROWS}}
    assert len(arrived) == ROWS
    assert len(server.taken) - len(arrived) == repeated


@pytest.mark.parametrize(("point", "repeated"), POINTS)
def test_i5_a_sender_that_is_killed_loses_no_call_of_a_webhook(tmp_path, point, repeated):
    with receiver() as receiving:
        said = kill_senders(tmp_path, "call", point, receiving.port)

    arrived = Counter(request.headers["webhook-id"] for request in receiving.taken)
    print(f"{point}: {said}, {len(arrived)} calls arrived, {len(receiving.taken) - len(arrived)} repeated")
    assert said == {"kills": KILLS, "states": {"sent": ROWS}}
    assert len(arrived) == ROWS
    assert len(receiving.taken) - len(arrived) == repeated
