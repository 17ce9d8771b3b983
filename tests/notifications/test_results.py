"""From the end of a build to a mail at a real SMTP server, row by row of the rule."""

from datetime import timedelta

import pytest

from builds.models import State
from notifications.models import Preferences
from repositories.models import Version

pytestmark = pytest.mark.django_db


@pytest.fixture
def ends(end_build, run_mail_tasks, smtp):
    """The subjects that arrive while builds of one version end one after the other."""

    def run(*states, of=None):
        for state in states:
            end_build(state, of=of)
            run_mail_tasks()
        return [subject.partition(":")[0] for subject in smtp.subjects]

    return run


@pytest.mark.parametrize(
    ("states", "subjects"),
    [
        (["success"], ["First build"]),
        (["failed"], ["First build failed"]),
        (["success", "success"], ["First build"]),
        (["success", "failed"], ["First build", "Failed"]),
        (["failed", "failed"], ["First build failed", "Still failing"]),
        (["failed", "success"], ["First build failed", "Fixed"]),
        (["success", "failed", "failed", "success"], ["First build", "Failed", "Still failing", "Fixed"]),
        (["cancelled"], []),
        (["failed", "cancelled", "success"], ["First build failed", "Fixed"]),
        (["success", "error", "failed"], ["First build", "Could not build", "Failed"]),
        (["failed", "error", "failed"], ["First build failed", "Could not build", "Still failing"]),
        (["success", "error", "error"], ["First build", "Could not build"]),
    ],
)
def test_builds_that_end_are_mailed_by_the_rule(ends, states, subjects):
    assert ends(*states) == subjects


def test_another_branchs_first_passing_build_is_silent(ends, repository):
    branch = Version.objects.create(repository=repository, name="next")
    assert ends("success", of=branch) == []


def test_another_branchs_first_failure_is_a_failure_like_any_other(ends, repository):
    branch = Version.objects.create(repository=repository, name="next")
    assert ends("failed", "failed", "success", of=branch) == ["Failed", "Still failing", "Fixed"]


def test_the_first_build_of_the_default_branch_is_first_whatever_was_built_before(ends, repository):
    branch = Version.objects.create(repository=repository, name="next")
    ends("success", of=branch)
    assert ends("success") == ["First build"]


@pytest.mark.parametrize(
    ("newer", "words"),
    [("success", "#2 has passed already"), ("failed", "#2 has failed as well already")],
)
def test_an_older_build_that_fails_after_a_newer_one_is_mailed_and_says_so(
    overtaken, end_build, run_mail_tasks, smtp, newer, words
):
    older_build, newer_build = overtaken
    end_build(newer, build=newer_build)
    end_build("failed", build=older_build)
    run_mail_tasks()

    assert smtp.subjects[1:] == ["Failed: octo/docs (main @ aaaaaaa) \N{EN DASH} Yaydoc #1"]
    assert words in smtp.taken[1].get_body(("plain",)).get_content()


def test_an_older_build_that_passes_after_a_newer_one_is_silent(overtaken, end_build, run_mail_tasks, smtp):
    older_build, newer_build = overtaken
    end_build("failed", build=newer_build)
    end_build("success", build=older_build)
    run_mail_tasks()

    assert smtp.subjects == ["First build failed: octo/docs (main @ bbbbbbb) \N{EN DASH} Yaydoc #2"]


def test_an_attempt_that_will_be_retried_is_not_mailed(request_build, run_mail_tasks, smtp):
    build = request_build()
    build.claim()
    build.requeue(reason="The git host could not be reached.")
    run_mail_tasks()
    assert smtp.subjects == []


def test_a_second_report_of_the_same_end_adds_no_mail(request_build, mails):
    build = request_build()
    build.claim()
    twice = type(build).objects.get(pk=build.pk)
    assert build.finish(State.FAILED, "Because.")
    assert not twice.finish(State.FAILED, "Because.")
    assert len(mails()) == 1


def test_mail_that_is_turned_off_leaves_no_backlog(ends, repository):
    type(repository).objects.update(mail_service=False)
    ends("failed", "error", "failed")
    type(repository).objects.update(mail_service=True)
    assert ends("success") == ["Fixed"]


def test_our_side_is_told_again_after_a_day(ends, mails, pass_time):
    ends("error")
    pass_time(mails()[0], timedelta(hours=24, minutes=1))
    assert ends("error") == ["Could not build", "Could not build"]


def test_a_pull_request_is_never_mailed_about_and_nothing_of_it_counts(ends, repository):
    pull_request = Version.objects.create(
        repository=repository, kind=Version.Kind.PULL_REQUEST, name="12", slug="pr-12"
    )
    assert ends("failed", "failed", "success", "error", of=pull_request) == []
    assert ends("success") == ["First build"]


@pytest.mark.parametrize(
    ("states", "subjects"),
    [
        (["success", "success", "failed", "failed", "success"], ["First build", "Failed", "Fixed"]),
        (["failed", "failed", "failed", "success"], ["First build failed", "Fixed"]),
        (["success", "failed", "error", "failed"], ["First build", "Failed", "Could not build"]),
    ],
)
def test_in_quiet_mode_only_changes_are_mailed(ends, repository, states, subjects):
    Preferences.objects.create(repository=repository, only_changes=True)
    assert ends(*states) == subjects


def test_in_quiet_mode_an_older_build_that_fails_after_a_newer_one_is_silent(
    repository, overtaken, end_build, run_mail_tasks, smtp
):
    Preferences.objects.create(repository=repository, only_changes=True)
    older_build, newer_build = overtaken
    end_build("success", build=newer_build)
    end_build("failed", build=older_build)
    run_mail_tasks()
    assert [subject.partition(":")[0] for subject in smtp.subjects] == ["First build"]
