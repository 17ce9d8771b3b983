"""kill -9 at any moment loses, doubles and halves nothing; and the arena would notice if it did."""

import pytest

from tests.crash.processes import report_of


@pytest.fixture
def fight(tmp_path):
    """Runs the arena from nothing, and returns its report."""

    def run(*arguments: str) -> dict:
        directory = tmp_path / str(len(list(tmp_path.iterdir())))
        directory.mkdir()
        return report_of("tests.crash.arena", *arguments, directory=directory, timeout=900)

    return run


def found(report):
    return {what: where for what, where in report["findings"].items() if where}


def test_kill_9_of_any_process_at_any_moment_loses_nothing(fight):
    report = fight("--pushes", "400", "--repositories", "300", "--kills", "100")
    assert found(report) == {}
    assert report["kills"] >= 100
    assert report["pushes"] == 400
    assert sum(report["builds"].values()) >= 300
    assert sum(1 for point in report["points"] if not point.startswith("random")) >= 10


def test_i3_workers_that_are_stopped_for_longer_than_their_lease_change_nothing_afterwards(fight):
    assert found(fight("--pushes", "60", "--kills", "15", "--repositories", "10", "--pause")) == {}


@pytest.mark.parametrize(
    ("twin", "finding"),
    [
        ("mail-after-commit", "counted builds without their mail, or mails without reason"),
        ("no-fencing", "ends stored twice"),
        ("copy-in-place", "releases that are not whole"),
    ],
)
def test_the_arena_notices_a_broken_rule(fight, twin, finding):
    arguments = ["--pushes", "80", "--kills", "30", "--repositories", "20", "--twin", twin]
    assert any(finding in found(fight(*arguments, "--seed", str(seed))) for seed in range(4))
