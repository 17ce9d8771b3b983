"""How a build moves from one state to the next, and what can't move it."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Now

from builds import sweeper
from builds.liveness import is_alive, worker_name
from builds.models import LEASE, MAX_SETBACKS, Build, State, Trigger
from repositories.models import BuildStatus, Version
from repositories.signals import build_result_recorded

DEAD_WORKER = worker_name().rpartition(":")[0] + ":1"  # this process' id, with the start time of another
FAR_WORKER = "another-machine:4711:99"


def row(build):
    return Build.objects.get(pk=build.pk)


@pytest.fixture
def running(request_build):
    build = request_build()
    assert build.claim()
    return build


@pytest.fixture
def heard():
    """The arguments of each `build_result_recorded` that was sent."""
    signals = []

    def listen(**arguments):
        signals.append(arguments)

    build_result_recorded.connect(listen)
    yield signals
    build_result_recorded.disconnect(listen)


def end(version, request, state, commit):
    build = request(commit)
    assert build.claim()
    assert build.finish(state)
    return row(build)


def test_a_claim_is_had_once(request_build):
    build = request_build()
    assert [row(build).claim(), row(build).claim()] == [True, False]
    assert row(build).state == State.RUNNING


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_that_claim_at_once_one_wins(request_build):
    build = request_build()
    won = []

    def claim():
        try:
            won.append(row(build).claim())
        finally:
            connection.close()

    threads = [threading.Thread(target=claim) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won) == [False] * 7 + [True]
    assert row(build).attempt == 1


@pytest.mark.django_db(transaction=True)
def test_a_build_that_ends_while_its_version_is_pushed_waits_for_that_and_nothing_for_it(
    running, request_build, version
):
    """Only PostgreSQL locks rows: it ends one of two transactions that wait for each other."""
    ended = []

    def end():
        try:
            ended.append(row(running).finish(State.SUCCESS))
        finally:
            connection.close()

    thread = threading.Thread(target=end)
    with transaction.atomic():
        Version.objects.select_for_update(no_key=True).get(pk=version.pk)
        thread.start()
        time.sleep(0.5)  # by now it waits
        request_build("b" * 40, trigger=Trigger.PUSH)
    thread.join()

    assert ended == [True]
    assert row(running).state == State.SUCCESS


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("remove", [lambda version: version.remove(), lambda version: version.repository.delete()])
def test_a_version_that_is_removed_while_its_build_ends_waits_for_that(
    repository, request_build, monkeypatch, remove
):
    version = Version.objects.create(repository=repository, name="next")
    running, mine = request_build(of=version), Build._mine
    assert running.claim()
    ended = []

    def end():
        try:
            ended.append(row(running).finish(State.SUCCESS))
        finally:
            connection.close()

    thread = threading.Thread(target=end)
    monkeypatch.setattr(Build, "_mine", lambda build: (time.sleep(0.8), mine(build))[1])
    thread.start()
    time.sleep(0.3)  # by now it has the version
    removed = remove(version)
    thread.join()

    assert removed
    assert ended == [True]
    assert not Version.objects.filter(pk=version.pk).exists()


def test_i4_a_second_build_of_the_version_is_not_claimed_while_one_runs(running, request_build):
    second = request_build("b" * 40)
    assert second.pk != running.pk
    assert not second.claim()
    assert row(second).state == State.QUEUED


def test_i4_holds_in_the_database(running, request_build):
    second = request_build("b" * 40)
    with pytest.raises(IntegrityError), transaction.atomic():
        Build.objects.filter(pk=second.pk).update(state=State.RUNNING, lease_expires_at=Now())


def test_i3_an_attempt_that_was_given_up_on_changes_nothing(running):
    zombie = row(running)
    assert running.requeue(reason="lost")
    assert running.claim()

    assert not zombie.renew_lease()
    assert not zombie.record(stage="render")
    assert not zombie.requeue(reason="again")
    assert not zombie.finish(State.SUCCESS)
    assert (row(running).state, row(running).attempt, row(running).stage) == (State.RUNNING, 2, "")


def test_i3_a_zombie_cannot_end_a_build_that_waits_for_its_next_attempt(running):
    zombie = row(running)
    running.requeue(reason="lost")
    assert not zombie.finish(State.ERROR)
    assert row(running).state == State.QUEUED


def test_i2_a_running_build_has_a_lease_by_the_databases_clock(running):
    in_a_lease = Build.objects.filter(
        pk=running.pk,
        lease_expires_at__gt=Now() + LEASE - timedelta(seconds=5),
        lease_expires_at__lte=Now() + LEASE,
    )
    assert in_a_lease.exists()


def test_i2_a_build_whose_lease_ran_out_is_taken_back(running):
    Build.objects.filter(pk=running.pk).update(worker=FAR_WORKER, lease_expires_at=Now() - timedelta(seconds=1))
    sweeper.take_back_lost_builds()
    assert (row(running).state, row(running).setbacks) == (State.QUEUED, 1)


def test_a_build_of_a_live_worker_is_left_alone(running):
    Build.objects.filter(pk=running.pk).update(worker=FAR_WORKER)
    sweeper.take_back_lost_builds()
    assert row(running).state == State.RUNNING


def test_a_build_whose_worker_is_known_to_be_dead_is_taken_back_at_once(running):
    Build.objects.filter(pk=running.pk).update(worker=DEAD_WORKER)
    sweeper.take_back_lost_builds()
    assert row(running).state == State.QUEUED


def test_who_lives_is_known_of_this_machine_only():
    assert [is_alive(worker_name()), is_alive(DEAD_WORKER), is_alive(FAR_WORKER)] == [True, False, None]


def test_a_build_that_loses_its_worker_again_and_again_ends_as_our_error(request_build):
    build = request_build()
    for _ in range(MAX_SETBACKS):
        assert build.claim()
        Build.objects.filter(pk=build.pk).update(worker=DEAD_WORKER)
        sweeper.take_back_lost_builds()
        build = row(build)
    assert (build.state, build.reason) == (State.ERROR, "The worker that built it was lost.")


def test_a_requeued_build_waits_before_its_next_attempt(running):
    running.requeue(reason="git host away", wait=timedelta(seconds=60))
    assert not row(running).claim()


def test_a_lost_wake_up_is_repeated(request_build, monkeypatch):
    woken = []
    monkeypatch.setattr(Build, "wake_worker", lambda build: woken.append(build.pk))
    build = request_build()
    woken.clear()
    sweeper.wake_forgotten_builds()
    assert woken == [build.pk]


def test_ten_pushes_while_one_builds_make_one_queued_build_of_the_newest(running, request_build):
    requested = {request_build(f"{n}" * 40, Trigger.PUSH).pk for n in range(10)}
    assert len(requested) == 1
    assert row(Build(pk=requested.pop())).commit == "9" * 40


def test_a_newer_push_cancels_the_running_build_but_never_three_times_in_a_row_more(request_build):
    cancelled = []
    for n in range(5):
        build = request_build(f"{n}" * 40, Trigger.PUSH)
        assert build.claim()
        request_build(f"{n}f" * 20, Trigger.PUSH)
        cancelled.append(row(build).cancel_requested)
        build.finish(State.CANCELLED if cancelled[-1] else State.SUCCESS)
        waiting = Build.objects.queued().get()
        waiting.cancel() if n == 4 else Build.objects.filter(pk=waiting.pk).delete()
    assert cancelled == [True, True, True, False, True]


def test_the_same_push_twice_is_one_build(request_build):
    first = request_build("a" * 40, Trigger.PUSH)
    assert request_build("a" * 40, Trigger.PUSH).pk == first.pk
    first.claim()
    first.finish(State.SUCCESS)
    assert request_build("a" * 40, Trigger.PUSH).pk == first.pk


def test_a_person_may_build_the_same_commit_again(version, request_build):
    first = end(version, request_build, State.SUCCESS, "a" * 40)
    assert request_build("a" * 40).number == first.number + 1


def test_a_queued_build_is_cancelled_at_once_and_a_running_one_is_asked_to_end(request_build, running):
    waiting = request_build("b" * 40)
    waiting.cancel()
    running.cancel()
    assert row(waiting).state == State.CANCELLED
    assert (row(running).state, row(running).cancel_requested) == (State.RUNNING, True)


@pytest.mark.parametrize("state", [State.SUCCESS, State.FAILED])
def test_a_counted_build_sets_the_status_of_version_and_repository(version, request_build, state):
    build = end(version, request_build, state, "a" * 40)
    version = Version.objects.get(pk=version.pk)
    assert version.build_status == version.repository.build_status == BuildStatus(state)
    assert version.status_build_number == build.number
    assert version.repository.status_changed_at == build.finished_at


@pytest.mark.parametrize("state", [State.CANCELLED, State.ERROR])
def test_what_does_not_count_moves_no_status_and_is_not_announced(version, request_build, heard, state):
    end(version, request_build, State.SUCCESS, "a" * 40)
    heard.clear()
    end(version, request_build, state, "b" * 40)
    assert Version.objects.get(pk=version.pk).build_status == BuildStatus.SUCCESS
    assert heard == []


def test_a_late_result_of_an_older_build_is_announced_but_moves_nothing(version, request_build, heard):
    older = request_build("a" * 40)
    Build.objects.filter(pk=older.pk).update(state=State.ERROR)  # as if it hung elsewhere
    newer = end(version, request_build, State.SUCCESS, "b" * 40)
    Build.objects.filter(pk=older.pk).update(state=State.QUEUED)
    older = row(older)
    assert older.claim()
    assert older.finish(State.FAILED)
    version = Version.objects.get(pk=version.pk)
    assert (version.build_status, version.status_build_number) == (BuildStatus.SUCCESS, newer.number)
    assert version.repository.build_status == BuildStatus.SUCCESS
    assert [(s["build"].number, s["is_stale"], s["is_first"]) for s in heard] == [
        (2, False, True),
        (1, True, False),
    ]


def test_the_signal_says_what_was_and_what_is(version, request_build, heard):
    end(version, request_build, State.FAILED, "a" * 40)
    end(version, request_build, State.SUCCESS, "b" * 40)
    told = [(s["old_status"], s["new_status"], s["is_first"]) for s in heard]
    assert told == [
        (BuildStatus.UNKNOWN, BuildStatus.FAILED, True),
        (BuildStatus.FAILED, BuildStatus.SUCCESS, False),
    ]


def test_a_receiver_that_fails_loses_neither_the_result_nor_the_other_receivers(version, request_build, heard):
    def broken(**arguments):
        with transaction.atomic():
            Version.objects.create(repository=version.repository, name="of the broken receiver")
            raise ValueError("a fault in a receiver")

    build_result_recorded.connect(broken)
    try:
        build = end(version, request_build, State.SUCCESS, "a" * 40)
    finally:
        build_result_recorded.disconnect(broken)
    assert build.state == State.SUCCESS
    assert len(heard) == 1
    assert not Version.objects.filter(name="of the broken receiver").exists()


def test_another_branch_does_not_move_the_repositorys_status(version, request_build):
    branch = Version.objects.create(repository=version.repository, name="dev")
    build = request_build("a" * 40, of=branch)
    build.claim()
    build.finish(State.FAILED)
    assert Version.objects.get(pk=branch.pk).build_status == BuildStatus.FAILED
    assert version.repository.__class__.objects.get().build_status == BuildStatus.UNKNOWN


def test_build_numbers_count_within_a_repository(request_build):
    numbers = []
    for n in range(3):
        build = request_build(f"{n}" * 40)
        build.claim()
        build.finish(State.SUCCESS)
        numbers.append(build.number)
    assert numbers == [1, 2, 3]


def test_a_nul_in_a_reason_is_marked_and_not_refused(running):
    assert running.finish(State.FAILED, "before\0after", hint="\0")
    assert (row(running).reason, row(running).hint) == ("before\ufffdafter", "\ufffd")
