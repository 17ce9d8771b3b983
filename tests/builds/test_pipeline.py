"""What becomes of a build when a station fails, or there is nowhere to run it."""

import pytest

from builds import pipeline, places, sandbox
from builds.errors import BuildCancelled, BuildError, BuildFailed, FencedOut, WorkerStopping
from builds.models import MAX_SETBACKS, Build, State
from pages.models import Publication


@pytest.fixture
def claimed(request_build):
    build = request_build()
    assert build.claim()
    return build


@pytest.fixture
def produce(monkeypatch):
    """Lets the pipeline's stations end with an error, and counts how often they were entered."""
    entered = []

    def replace(error):
        def station(execution):
            entered.append(execution.build.pk)
            raise error

        monkeypatch.setattr(pipeline, "produce", station)
        return entered

    return replace


def row(build):
    return Build.objects.get(pk=build.pk)


def test_a_fault_of_the_docs_ends_the_build_with_its_reason_and_hint(claimed, produce):
    produce(BuildFailed("conf.py failed.", "Correct it."))
    pipeline.run(claimed)
    assert (row(claimed).state, row(claimed).reason, row(claimed).hint) == (
        State.FAILED,
        "conf.py failed.",
        "Correct it.",
    )
    assert row(claimed).duration >= 0
    assert not Publication.objects.exists()


@pytest.mark.parametrize("error", [BuildError("The git host is away."), RuntimeError("a fault in our code")])
def test_a_fault_of_ours_is_tried_again_after_a_wait(claimed, produce, error):
    produce(error)
    pipeline.run(claimed)
    build = row(claimed)
    assert (build.state, build.setbacks) == (State.QUEUED, 1)
    assert build.not_before is not None


def test_enough_faults_of_ours_are_an_error_and_not_a_failure_of_the_docs(claimed, produce):
    Build.objects.filter(pk=claimed.pk).update(setbacks=MAX_SETBACKS - 1)
    claimed.refresh_from_db()
    produce(BuildError("The git host is away."))
    pipeline.run(claimed)
    assert (row(claimed).state, row(claimed).reason) == (State.ERROR, "The git host is away.")


def test_a_cancelled_build_ends_as_cancelled(claimed, produce):
    produce(BuildCancelled())
    pipeline.run(claimed)
    assert (row(claimed).state, row(claimed).reason) == (State.CANCELLED, "Cancelled.")


def test_a_build_whose_worker_stops_waits_for_another_and_loses_nothing_by_it(claimed, produce):
    produce(WorkerStopping())
    pipeline.run(claimed)
    assert (row(claimed).state, row(claimed).setbacks) == (State.QUEUED, 0)
    assert row(claimed).claim()


def test_i3_an_attempt_that_was_given_up_on_leaves_the_row_alone(claimed, produce):
    before = row(claimed)
    produce(FencedOut())
    pipeline.run(claimed)
    assert (row(claimed).state, row(claimed).attempt) == (before.state, before.attempt)


def test_without_a_sandbox_a_build_is_refused_with_a_sentence(claimed, produce, monkeypatch):
    def refuse():
        raise BuildError("No sandbox works here: install bubblewrap.")

    entered = produce(BuildFailed("never reached"))
    monkeypatch.setattr(sandbox, "build_directory", refuse)
    pipeline.run(claimed)
    assert (row(claimed).state, row(claimed).reason) == (State.ERROR, "No sandbox works here: install bubblewrap.")
    assert entered == []


def test_i10_nothing_of_a_build_is_left_in_scratch(claimed, produce):
    produce(BuildFailed("failed"))
    pipeline.run(claimed)
    assert not (sandbox.build_directory() / "scratch" / f"{claimed.pk}-{claimed.attempt}").exists()


@pytest.mark.parametrize("kind", [BuildFailed, BuildError])
def test_a_reason_shows_no_secret(claimed, produce, kind):
    secret = claimed.repository.webhook_secret
    produce(kind(f"Cannot read https://bot:hunter2@git.example.org with {secret}."))
    pipeline.run(claimed)
    assert row(claimed).reason == "Cannot read https://[secret]@git.example.org with [secret]."


def test_a_reason_cannot_speak_as_the_server_does(claimed, produce, caplog):
    produce(BuildFailed("x\n2026-01-01 ERROR django.security: admin logged in"))
    with caplog.at_level("DEBUG"):
        pipeline.run(claimed)
    assert row(claimed).state == State.FAILED
    assert "failed after" in caplog.text
    assert "admin logged in" not in caplog.text


def test_a_reason_with_half_a_character_and_a_nul_is_stored(claimed, produce):
    produce(BuildFailed("There is no \udcff\0.", "Rename \udcff."))
    pipeline.run(claimed)
    assert (row(claimed).reason, row(claimed).hint) == ("There is no ?\ufffd.", "Rename ?.")


def test_a_build_that_leaves_too_little_disk_is_ended_as_our_fault_and_what_it_wrote_is_removed(
    claimed, settings, monkeypatch
):
    settings.BUILD_FREE_DISK = 10**9  # MiB: more than there is
    tree = places.version_directory(claimed.version)

    def station(execution):
        (tree / "render").mkdir(parents=True)
        execution.run(sandbox.Command(argv=["sleep", "20"], cwd=tree, readable=[tree]))

    monkeypatch.setattr(pipeline, "produce", station)
    pipeline.run(claimed)

    assert (row(claimed).state, row(claimed).setbacks) == (State.QUEUED, 1)
    assert row(claimed).reason == "Less than 1000000000 MiB were left on the disk that builds write to."
    assert not tree.exists()
