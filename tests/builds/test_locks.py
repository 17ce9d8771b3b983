"""Locks on files, between holders in one process as between two."""

import pytest

from builds import locks
from builds.errors import BuildCancelled, BuildError


@pytest.fixture
def path(tmp_path):
    return tmp_path / "deeper" / "a.lock"


def test_a_lock_has_one_holder_at_a_time(path):
    with locks.held(path) as first, locks.held(path) as second:
        assert (first, second) == (True, False)

    with locks.held(path) as after:
        assert after


def test_who_waits_too_long_for_a_lock_is_refused_with_the_given_sentence(path):
    with locks.held(path), pytest.raises(BuildError, match="It takes too long"):
        locks.waited_for(path, patience=0, refusal="It takes too long.").__enter__()


def test_who_waits_for_a_lock_hears_what_ends_a_build(path):
    def cancel():
        raise BuildCancelled

    with locks.held(path), pytest.raises(BuildCancelled):
        locks.waited_for(path, meanwhile=cancel).__enter__()
