"""What other apps hear when a build starts and when it ends."""

from contextlib import contextmanager

import pytest

from builds.models import Build, State
from builds.signals import build_ended, build_started


@contextmanager
def listening(signal):
    """Notes (number, state, commit) of each build that is announced."""
    heard = []

    def hear(sender, *, build, **arguments):
        heard.append((build.number, build.state, build.commit))

    signal.connect(hear)
    try:
        yield heard
    finally:
        signal.disconnect(hear)


def test_a_build_of_a_known_commit_is_announced_when_it_is_claimed_and_not_by_its_checkout(request_build):
    with listening(build_started) as heard:
        build = request_build("a" * 40)
        assert heard == []
        build.claim()
        build.learn_commit("a" * 40, "Say hello", "Olivia")

    assert heard == [(1, State.RUNNING, "a" * 40)]


def test_a_build_of_the_newest_commit_is_announced_once_its_checkout_knows_it(request_build):
    with listening(build_started) as heard:
        build = request_build("")
        build.claim()
        assert heard == []
        build.learn_commit("b" * 40, "Say hello", "Olivia")

    assert heard == [(1, State.RUNNING, "b" * 40)]


def test_each_attempt_is_announced(request_build):
    with listening(build_started) as heard:
        build = request_build("a" * 40)
        build.claim()
        build.requeue(reason="The worker was lost.")
        build.claim()

    assert heard == [(1, State.RUNNING, "a" * 40)] * 2


def test_nobody_hears_of_a_claim_or_a_commit_that_came_too_late(request_build):
    build, other_worker = request_build(""), request_build("")
    assert build.claim()
    zombie = Build.objects.get(pk=build.pk)
    build.requeue(reason="The worker was lost.")
    assert build.claim()

    with listening(build_started) as heard:
        assert not other_worker.claim()
        assert not zombie.learn_commit("b" * 40, "Say hello", "Olivia")

    assert heard == []


@pytest.mark.parametrize("state", [State.SUCCESS, State.FAILED, State.ERROR, State.CANCELLED])
def test_every_end_is_announced_once(request_build, state):
    build = request_build("a" * 40)
    build.claim()
    zombie = Build.objects.get(pk=build.pk)
    with listening(build_ended) as heard:
        assert build.finish(state, "Because.")
        assert not zombie.finish(State.ERROR, "Lost.")

    assert heard == [(1, state, "a" * 40)]
