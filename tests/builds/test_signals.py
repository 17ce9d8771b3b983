"""What other apps hear when a build ends."""

import pytest

from builds.models import State
from builds.signals import build_gave_up


@pytest.mark.parametrize(
    ("state", "times"),
    [(State.ERROR, 1), (State.CANCELLED, 0), (State.FAILED, 0), (State.SUCCESS, 0)],
)
def test_only_a_build_that_ended_by_our_fault_is_announced_as_given_up(request_build, state, times):
    heard = []

    def hear(sender, *, build, **arguments):
        heard.append((build.number, build.state))

    build_gave_up.connect(hear)
    try:
        build = request_build()
        build.claim()
        build.finish(state, "Because.")
    finally:
        build_gave_up.disconnect(hear)

    assert heard == [(1, state)] * times
