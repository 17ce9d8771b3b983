"""A mail server that misbehaves for an hour: no mail is lost, and none doubled but where nobody can tell.

The hour is simulated: the rows' times move, minute by minute, while the clock's sweep and the tasks run.
`pytest -rP` shows the figures.
"""

import socket
from collections import Counter
from datetime import timedelta

import pytest
from django.db.models import F

from notifications import outbox
from notifications.models import Mail, OutgoingState
from repositories.models import Repository
from repositories.names import RepositoryName

pytestmark = pytest.mark.django_db

MAILS = 10
HOUR = 60  # minutes
DAY = 24 * HOUR
TIMES = ("not_before", "expires_at", "woken_at", "created_at")


@pytest.fixture
def written_mails(owner, end_build):
    """One of each of ten repositories, all at once."""
    for number in range(MAILS):
        repository = Repository.objects.register(
            name=RepositoryName.parse(f"octo/docs-{number}"),
            clone_url=f"https://github.com/octo/docs-{number}.git",
            forge="github",
            registrant=owner,
            default_branch="main",
        )
        end_build("failed", build=repository.builds.get())
    assert Mail.objects.queued().count() == MAILS


@pytest.fixture
def work(run_mail_tasks):
    """What clock and worker do while minutes pass."""

    def run(minutes, step=1):
        for _ in range(0, minutes, step):
            outbox.sweep()
            run_mail_tasks()
            Mail.objects.update(**{name: F(name) - timedelta(minutes=step) for name in TIMES})

    return run


def figures(what, smtp):
    """How the mails ended, and how often each arrived."""
    arrived = Counter(message["Message-ID"] for message in smtp.taken)
    states = Counter(Mail.objects.values_list("state", flat=True))
    tries = sum(Mail.objects.values_list("attempt", flat=True))
    print(
        f"{what}: {MAILS} mails, {tries} tries, {dict(states)}, "
        f"{len(arrived)} arrived, {sum(arrived.values()) - len(arrived)} repeated"
    )
    return dict(states), arrived, tries


@pytest.mark.parametrize("fault", ["451 try again later", "421 too many connections", "drop"])
def test_an_hour_of_a_passing_fault_loses_and_doubles_nothing(written_mails, smtp, work, fault):
    smtp.data_reply = fault
    work(HOUR)
    assert (smtp.taken, Mail.objects.queued().count()) == ([], MAILS)

    smtp.data_reply = "250 OK"
    work(DAY - HOUR, step=5)

    states, arrived, tries = figures(fault, smtp)
    assert states == {OutgoingState.SENT: MAILS}
    assert list(arrived.values()) == [1] * MAILS
    assert tries <= 5 * MAILS  # at 0, 1, 6 and 36 minutes, and when it is over


def test_an_hour_without_a_listening_server_loses_and_doubles_nothing(written_mails, smtp, work, settings):
    working = settings.EMAIL_PORT
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        settings.EMAIL_PORT = closed.getsockname()[1]
        work(HOUR)
    assert Mail.objects.queued().count() == MAILS

    settings.EMAIL_PORT = working
    work(DAY - HOUR, step=5)

    states, arrived, tries = figures("refused connections", smtp)
    assert states == {OutgoingState.SENT: MAILS}
    assert list(arrived.values()) == [1] * MAILS
    assert tries <= 5 * MAILS


@pytest.mark.parametrize("moment", ["greeting", "data"])
def test_an_hour_of_a_hanging_server_loses_and_doubles_nothing(written_mails, smtp, work, settings, moment):
    settings.EMAIL_TIMEOUT = 0.1
    working = settings.EMAIL_PORT
    with socket.create_server(("127.0.0.1", 0)) as silent:  # it accepts, and never says a word
        if moment == "greeting":
            settings.EMAIL_PORT = silent.getsockname()[1]
        else:
            smtp.data_reply = "hang"
        work(HOUR)
    assert Mail.objects.queued().count() == MAILS

    settings.EMAIL_PORT, smtp.data_reply = working, "250 OK"
    settings.EMAIL_TIMEOUT = 5
    work(DAY - HOUR, step=5)

    states, arrived, tries = figures(f"hanging after {moment}", smtp)
    assert states == {OutgoingState.SENT: MAILS}
    assert list(arrived.values()) == [1] * MAILS
    assert tries <= 5 * MAILS


@pytest.mark.parametrize("where", ["rcpt_reply", "data_reply"])
def test_an_hour_of_refusals_for_good_is_one_try_for_each_mail(written_mails, smtp, work, where):
    setattr(smtp, where, "550 no such user")
    work(HOUR)
    setattr(smtp, where, "250 OK")
    work(DAY - HOUR, step=5)

    states, arrived, tries = figures(f"550 as {where}", smtp)
    assert states == {OutgoingState.REFUSED: MAILS}
    assert (arrived, tries) == ({}, MAILS)
    assert set(Mail.objects.values_list("reason", flat=True)) == {"The mail server said: 550 no such user"}


def test_what_is_taken_without_a_word_comes_again_under_the_same_message_id(written_mails, smtp, work):
    """The server took the message, and the connection dropped before its 250: nobody can tell whether it did."""
    smtp.data_reply = "take and drop"
    work(HOUR)
    smtp.data_reply = "250 OK"
    work(DAY - HOUR, step=5)

    states, arrived, tries = figures("dropped after DATA", smtp)
    assert states == {OutgoingState.SENT: MAILS}
    assert len(arrived) == MAILS  # as many Message-IDs as mails
    assert sum(arrived.values()) == tries <= 5 * MAILS


def test_a_fault_that_lasts_for_a_day_ends_each_mail_as_expired_and_none_is_sent_late(written_mails, smtp, work):
    smtp.data_reply = "451 try again later"
    work(DAY + HOUR, step=5)
    smtp.data_reply = "250 OK"
    work(DAY, step=30)

    states, arrived, tries = figures("451 for 25 hours", smtp)
    assert states == {OutgoingState.EXPIRED: MAILS}
    assert (arrived, tries <= 7 * MAILS) == ({}, True)
