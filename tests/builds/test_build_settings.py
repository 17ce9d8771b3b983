"""The tab Builds of a repository's settings: what each card stores, and for whom."""

import pytest

from builds.errors import BuildFailed
from builds.limits import explain
from builds.models import BuildLimits
from builds.rendering.pythons import choose_interpreter
from builds.sandbox import Command, Limit, remove
from tests.builds.small_projects import start

PAGE = "/octo/docs/settings/builds/"
STORE = f"{PAGE}limits/"


@pytest.fixture(autouse=True)
def operator(settings):
    settings.BUILD_TIMEOUT, settings.BUILD_TIMEOUT_MOST = 900, 3600
    settings.BUILD_MEMORY, settings.BUILD_MEMORY_MOST = 3072, 3072


def in_force(repository):
    limits = BuildLimits.objects.of(repository)
    return limits.seconds_in_force, limits.memory_in_force


def test_the_tab_is_shown_with_what_the_operator_allows(as_owner, repository):
    page = as_owner.get(PAGE)

    assert f'<a href="{PAGE}" aria-current="page">Builds</a>' in page.text
    assert "at most 3,600. Empty: 900." in page.text


def test_limits_are_lowered_raised_and_left_to_the_operator(as_owner, repository):
    assert in_force(repository) == (900, 3072)

    as_owner.post(STORE, {"timeout": "1800", "memory": "1024"})
    assert in_force(repository) == (1800, 1024)

    as_owner.post(STORE, {"timeout": "60", "memory": ""})
    assert in_force(repository) == (60, 3072)


@pytest.mark.parametrize("typed", [{"timeout": "3601"}, {"timeout": "0"}, {"memory": "4096"}, {"memory": "-1"}])
def test_more_than_the_operator_allows_and_nonsense_are_refused(as_owner, repository, typed):
    page = as_owner.post(STORE, typed)

    assert "Ensure this value is" in page.text
    assert not BuildLimits.objects.exists()


def test_what_the_operator_takes_back_counts_at_once(as_owner, repository, settings):
    as_owner.post(STORE, {"timeout": "1800"})

    settings.BUILD_TIMEOUT_MOST = 900

    assert in_force(repository) == (900, 3072)


@pytest.mark.parametrize("who", ["as_stranger", "as_nobody"])
def test_others_change_nothing(request, repository, who):
    client = request.getfixturevalue(who)

    client.post(STORE, {"timeout": "60"})

    assert client.get(PAGE).status_code in {302, 404}
    assert not BuildLimits.objects.exists()


def test_the_admin_adds_and_changes_limits_within_the_same_bounds(as_staff, repository):
    address = "/admin/builds/buildlimits/"

    as_staff.post(f"{address}add/", {"repository": repository.pk, "timeout": "1800"})
    limits = BuildLimits.objects.get()
    refused = as_staff.post(f"{address}{limits.pk}/change/", {"timeout": "9999"})
    as_staff.post(f"{address}{limits.pk}/change/", {"timeout": "1200", "memory": "512"})

    assert "Ensure this value is" in refused.text
    assert in_force(repository) == (1200, 512)


@pytest.mark.parametrize(
    ("stored", "most", "sentence", "hint"),
    [
        (600, 3600, "longer than 600 s", "in the repository's settings, under Builds: up to 3600 s."),
        (3600, 3600, "longer than 3600 s", "ask the operator to raise BUILD_TIMEOUT_MOST."),
        (None, 900, "longer than 900 s", "ask the operator to raise BUILD_TIMEOUT."),
    ],
)
def test_the_sentence_names_the_limit_that_held_and_who_can_raise_it(settings, stored, most, sentence, hint):
    settings.BUILD_TIMEOUT_MOST = most

    said, advice = explain(Limit.TIME, BuildLimits(timeout=stored))

    assert sentence in said
    assert advice.endswith(hint)


def test_a_build_is_held_to_its_repositorys_own_limits(repository, request_build):
    BuildLimits.objects.create(repository=repository, memory=300)
    execution = start(request_build())
    eat = [str(choose_interpreter()), "-c", "data = bytearray()\nwhile True: data += bytes(10**7)"]

    with execution.log, pytest.raises(BuildFailed) as failed:
        execution.run(Command(argv=eat, cwd=execution.scratch, readable=[execution.scratch]))

    remove(execution.scratch)
    assert "more than 300 MiB of memory" in failed.value.reason
