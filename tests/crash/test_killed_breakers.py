"""Whoever begins or ends a pause is killed at each point of that: it is told once, and its digest comes once."""

from tests.crash.processes import report_of


def test_i5_a_pause_is_told_once_and_its_digest_once_whoever_is_killed(tmp_path):
    found = report_of("tests.crash.dying_breaker", directory=tmp_path, timeout=180)

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
