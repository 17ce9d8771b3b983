"""The shortcut never gives an answer from before a change, whoever makes it and however it ends."""

import os
import signal

import pytest
from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.utils import timezone

from badges import shortcut as module
from badges.shortcut import KEPT_FOR, Mark
from builds.models import Build, State
from repositories.models import BuildStatus, Repository
from tests.badges.asking import Asking
from tests.badges.stored import set_status

pytestmark = pytest.mark.django_db(transaction=True)


def save(repository):
    repository.is_private = True
    repository.save()


def save_fields(repository):
    repository.is_enabled = False
    repository.save(update_fields=["is_enabled"])


def finish_a_build(repository):
    build = Build.objects.request(repository.default_version, trigger="person", commit="a" * 40)
    assert build.claim()
    build.finish(State.FAILED, reason="x")


def delete_the_registrant(repository):
    get_user_model().objects.all().delete()


CHANGES = {
    "save": (save, "invalid"),
    "save of fields": (save_fields, "invalid"),
    "update": (lambda repository: Repository.objects.update(is_private=True), "invalid"),
    "update through the registrant": (
        lambda repository: repository.registrant.repositories.update(is_enabled=False),
        "invalid",
    ),
    "bulk update": (
        lambda repository: Repository.objects.bulk_update(
            [Repository(pk=repository.pk, is_private=True)], ["is_private"]
        ),
        "invalid",
    ),
    "another name": (lambda repository: Repository.objects.update(slug="octo/other"), "invalid"),
    "delete": (lambda repository: repository.delete(), "invalid"),
    "delete of many": (lambda repository: Repository.objects.all().delete(), "invalid"),
    "delete of the registrant": (delete_the_registrant, "invalid"),
    "end of a build": (finish_a_build, "failed"),
    "end of a build in the same second": (
        lambda repository: Repository.objects.update(build_status=BuildStatus.FAILED),
        "failed",
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_seen_at_once(ask, repository, name):
    change, expected = CHANGES[name]
    ask()
    assert (ask.status(), ask.asked_django) == ("success", False)

    change(repository)

    assert ask.status() == expected


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_made_and_seen_without_the_file_of_the_mark(ask, repository, settings, name):
    """Somebody tidied up in DATA_DIR, or no more files can be opened."""
    change, expected = CHANGES[name]
    ask(), ask()
    (settings.DATA_DIR / "badges.mark").unlink()

    change(repository)

    assert [ask.status() for _ in range(3)] == [expected] * 3


def test_what_no_badge_shows_does_not_disturb(ask, repository):
    ask()

    repository.next_build_number()
    repository.save(update_fields=["mail_service"])

    assert (ask.status(), ask.asked_django) == ("success", False)


def test_while_a_change_is_on_its_way_django_is_asked(ask, repository):
    ask()

    with transaction.atomic():
        set_status(repository, BuildStatus.FAILED)
        for _ in range(3):
            ask()
            assert ask.asked_django

    ask()
    assert (ask.status(), ask.asked_django) == ("failed", False)


@pytest.mark.parametrize("savepoint", [False, True])
def test_a_change_that_is_taken_back_leaves_nothing_behind(ask, repository, savepoint):
    ask()

    with transaction.atomic():
        try:
            with transaction.atomic(savepoint=savepoint):
                set_status(repository, BuildStatus.FAILED)
                raise LookupError
        except LookupError:
            transaction.set_rollback(not savepoint)

    ask(), ask()  # the first sets the mark, the second is kept
    assert (ask.status(), ask.asked_django) == ("success", False)


def test_the_first_of_two_changes_does_not_end_the_second(ask):
    mark = module.mark()
    first, second = mark.take_away(), mark.take_away()

    mark.renew(first)
    mark.renew()
    assert mark.current() == Mark.NONE

    mark.renew(second)
    assert mark.current() != Mark.NONE


@pytest.mark.parametrize("is_alive", [True, False])
def test_the_mark_comes_back_only_when_the_maker_of_a_change_has_died(ask, is_alive):
    ask()
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        lock = module.mark().take_away()
        os.write(writing, b"x")
        signal.pause()
        lock.release()
    os.read(reading, 1)

    if not is_alive:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    ask(), ask(), ask()

    assert ask.asked_django == is_alive
    if is_alive:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def test_an_answer_read_before_a_change_is_not_kept_after_it(ask, repository):
    """The slowest of readers: a change comes and goes between its reading of the status and its answer."""
    asking = Asking()
    django = asking.shortcut._application

    def slow(environ, start_response):
        answered = django(environ, start_response)
        set_status(repository, BuildStatus.FAILED)
        return answered

    asking.shortcut._application = slow
    asking()
    asking.shortcut._application = django

    assert asking.status() == "failed"


def test_nothing_is_kept_for_long(ask, repository, monkeypatch):
    """For writers that tell nobody: a shell of the database, a machine of its own."""
    ask()
    now = module.monotonic()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE repositories_repository SET build_status = 'failed'")
    assert ask.status() == "success"

    monkeypatch.setattr(module, "monotonic", lambda: now + KEPT_FOR)

    assert ask.status() == "failed"


def test_what_is_kept_is_bounded(ask, monkeypatch):
    monkeypatch.setattr(module, "KEPT_ANSWERS", 3)

    for number in range(10):
        ask(query=f"label={number}")

    assert len(ask.shortcut._kept) <= 3


def test_a_mark_is_never_the_same_again(ask):
    marks = set()
    for _ in range(100):
        Repository.objects.update(status_changed_at=timezone.now())
        marks.add(module.mark().current())

    assert len(marks) == 100
    assert Mark.NONE not in marks


def test_the_file_belongs_to_whom_its_directory_belongs(tmp_path):
    """A worker that is root must not keep a web server that is not from starting."""
    if not os.geteuid():
        os.chown(tmp_path, 61_000, 61_000)

    Mark(tmp_path / "badges.mark")

    assert (tmp_path / "badges.mark").stat().st_uid == tmp_path.stat().st_uid


def test_no_other_file_is_written_to_by_way_of_a_link(tmp_path):
    """Whose directory it is may be less than who starts the worker."""
    other = tmp_path / "other"
    other.write_text("a file of root's")
    (tmp_path / "badges.mark").symlink_to(other)

    with pytest.raises(OSError, match=r"badges\.mark"):
        Mark(tmp_path / "badges.mark")

    assert other.read_text() == "a file of root's"
