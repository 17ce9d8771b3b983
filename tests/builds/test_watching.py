"""What no webhook told of is found by looking at remotes: seldom enough, by one at a time, and told of."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from builds import pipeline, watching
from builds.checkouts.references import References
from builds.errors import BuildError
from builds.models import Automation, Build, Delivery, State, Trigger, Watch
from builds.notices import of_pushes
from repositories.models import Repository
from tests.builds.checkouts.git_server import GitRepository

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
MINUTES, HOURS, DAYS = (timedelta(**{unit: 1}) for unit in ("minutes", "hours", "days"))


@pytest.fixture
def origin(tmp_path, repository, settings):
    """Somebody's repository without a webhook; its first commit was built."""
    settings.CLONE_PROTOCOLS = ["https", "file"]
    tmp_path.chmod(0o755)
    origin = GitRepository(tmp_path / "origin")
    repository.clone_url = origin.url
    repository.save()
    built(repository, origin.commit("Start", index_dot_md="# Home\n"))
    return origin


def built(repository, commit, trigger=Trigger.PUSH):
    build = Build.objects.request(repository.default_version, trigger=trigger, commit=commit)
    Build.objects.filter(pk=build.pk).update(state=State.SUCCESS, requested_at=timezone.now() - DAYS)


def make_due(**fields):
    Watch.objects.update(next_look_at=timezone.now() - MINUTES, **fields)


@pytest.fixture
def look(repository):
    """A worker's shift; the watch of the repository after it."""

    def look():
        make_due()
        watching.look_at_due()
        return Watch.objects.get(repository=repository)

    return look


def minutes_until_next(watch):
    return (watch.next_look_at - timezone.now()) / MINUTES


def delivered(repository):
    Delivery.objects.create(repository=repository, delivery_id=str(timezone.now()), event="push", outcome="ok")


# -- what a look leads to


def test_a_push_that_nobody_told_of_is_built_and_said_on_the_page(look, origin, repository, as_owner):
    pushed = origin.commit("More")

    watch = look()

    build = Build.objects.unfinished().get()
    assert (build.commit, build.trigger) == (pushed, Trigger.WATCH)
    assert (watch.missed_build, watch.failures, watch.problem) == (build, 0, "")
    sentence = (
        "GitHub has not told of any push since the repository was registered. Yaydoc looks for pushes itself"
    )
    assert sentence in as_owner.get("/octo/docs/").text
    settings_page = as_owner.get("/octo/docs/settings/builds/").text
    assert f'<a href="/octo/docs/builds/{build.number}/">build #{build.number}</a>' in settings_page


def test_a_look_that_finds_nothing_new_asks_for_nothing(look, origin, repository):
    watch = look()

    assert not Build.objects.unfinished().exists()
    assert (watch.missed_at, watch.looked_at is None, of_pushes(repository)) == (None, False, [])


def test_the_notice_stays_until_a_delivery_arrives_and_comes_again_with_the_next_miss(look, origin, repository):
    delivered(repository)
    origin.commit("More")
    look()
    assert "Something was pushed that GitHub has not told of." in of_pushes(repository)[0].text
    Build.objects.unfinished().update(state=State.SUCCESS, requested_at=timezone.now() - DAYS)
    look()
    assert of_pushes(repository)

    delivered(repository)
    assert of_pushes(repository) == []

    origin.commit("Even more")
    look()
    assert of_pushes(repository)


def test_where_there_never_was_a_webhook_a_plain_git_server_gets_a_hint(look, origin, repository, as_owner):
    Repository.objects.update(forge="git")
    origin.commit("More")
    look()

    repository.refresh_from_db()
    notice = of_pushes(repository)[0]
    assert notice.is_hint
    assert notice.text.endswith("A webhook is quicker.")
    assert '<li class="notice"><svg' in as_owner.get("/octo/docs/").text


def test_whoever_joins_a_build_that_a_look_asked_for_gets_one_of_their_own(look, origin):
    origin.commit("Fix a typo [skip ci]")
    look()
    found = Build.objects.unfinished().get()

    joined = Build.objects.request(found.version, trigger=Trigger.PERSON)

    found.refresh_from_db()
    assert joined == found
    assert joined.trigger == found.trigger == Trigger.PERSON  # the commit's wish not to be built does not count


@pytest.mark.django_db(transaction=True)  # a thread of the build looks at its row
def test_a_commit_that_asks_not_to_be_built_is_not_and_nobody_is_blamed(look, origin, repository):
    origin.commit("Fix a typo [skip ci]")
    delivered(repository)
    look()
    build = Build.objects.unfinished().get()

    assert build.claim()
    pipeline.run(build)

    build.refresh_from_db()
    assert (build.state, build.reason) == (State.CANCELLED, "The commit's message asks not to build it.")
    assert of_pushes(repository) == []
    look()
    assert not Build.objects.unfinished().exists()


# -- when


@pytest.mark.parametrize(
    ("quiet_for", "wait"),
    [
        (0 * HOURS, 15 * MINUTES),
        (4 * HOURS, 15 * MINUTES),
        (1 * DAYS, 90 * MINUTES),
        (7 * DAYS, 10.5 * HOURS),
        (16 * DAYS, 1 * DAYS),
        (400 * DAYS, 1 * DAYS),
    ],
)
def test_the_less_is_pushed_the_less_often_is_looked(quiet_for, wait):
    assert watching.wait_after(Watch(changed_at=NOW - quiet_for), None, NOW) == wait


def test_where_deliveries_arrive_a_look_is_rare_and_where_they_stopped_it_is_not():
    works, stopped = (
        Watch(changed_at=NOW),
        Watch(changed_at=NOW, missed_at=NOW, missed_build=Build(state="success")),
    )

    assert watching.wait_after(works, NOW - 3 * DAYS, NOW) == 6 * HOURS
    assert watching.wait_after(stopped, NOW - 3 * DAYS, NOW) == 15 * MINUTES


def looks_in(span, pushes_every):
    """How many looks a repository without a webhook costs in `span`."""
    at, changed, looks = NOW, NOW, 0
    while at < NOW + span:
        at += watching.wait_after(Watch(changed_at=changed), None, at)
        changed = max(changed, NOW + (at - NOW) // pushes_every * pushes_every)
        looks += 1
    return looks


def test_ten_thousand_repositories_without_a_webhook_are_looked_at_less_than_twice_a_second():
    """The arithmetic that the manual shows."""
    weekly, monthly = looks_in(28 * DAYS, 7 * DAYS), looks_in(300 * DAYS, 30 * DAYS)

    assert 10_000 * weekly / (28 * 86400) < 1.4
    assert 10_000 * monthly / (300 * 86400) < 0.5


def test_faults_of_the_host_double_the_wait_up_to_a_day_and_an_answer_ends_that(look, origin, repository):
    Repository.objects.update(clone_url=f"{origin.url}-moved")
    waits = [minutes_until_next(look()) for _ in range(9)]

    for place, wait in enumerate(waits):
        least = min(15 * 2**place, 24 * 60)
        assert least - 1 < wait <= 1.2 * least
    watch = Watch.objects.get()
    assert (watch.failures, "There is no git repository" in watch.problem) == (9, True)

    Repository.objects.update(clone_url=origin.url)
    watch = look()
    assert (watch.failures, watch.problem) == (0, "")
    assert minutes_until_next(watch) < 20


def test_the_first_look_comes_a_while_after_registering(repository):
    assert 14 < minutes_until_next(Watch.objects.get(repository=repository)) <= 18


@pytest.mark.parametrize("off", ["disabled", "paused"])
def test_what_is_switched_off_is_not_looked_at(repository, off, monkeypatch):
    make_due()
    if off == "disabled":
        Repository.objects.update(is_enabled=False)
    else:
        Automation.objects.create(repository=repository, paused_at=timezone.now())

    watching.sweep()

    assert not Watch.objects.due().exists()
    assert not DBTaskResult.objects.filter(queue_name="looks").exists()


def test_the_operator_can_switch_looking_off(repository, settings, as_owner):
    settings.WATCH = False
    make_due()

    watching.sweep()

    assert not DBTaskResult.objects.filter(queue_name="looks").exists()
    assert "Looking for pushes" not in as_owner.get("/octo/docs/settings/builds/").text


def test_where_no_sandbox_works_it_is_said_and_left_to_others(repository, monkeypatch, caplog):
    def refuse():
        raise BuildError("no sandbox works here")

    monkeypatch.setattr(watching.sandbox, "tier", refuse)
    make_due()

    watching.look_at_due()

    assert "no repository is looked at here: no sandbox works here" in caplog.text
    assert Watch.objects.due().exists()


# -- many, and several at once


@pytest.fixture
def thousand(owner):
    repositories = Repository.objects.bulk_create(
        Repository(owner="many", name=str(n), slug=f"many/{n}", clone_url="-", forge="git", registrant=owner)
        for n in range(1000)
    )
    Watch.objects.bulk_create(Watch(repository=one, next_look_at=timezone.now() - DAYS) for one in repositories)


def test_a_thousand_that_are_due_at_once_wake_one_thread_at_a_sweep(thousand, django_assert_num_queries):
    with django_assert_num_queries(2):  # is anything due; the task's row
        watching.sweep()

    assert DBTaskResult.objects.filter(queue_name="looks").count() == 1


def test_a_shift_ends_and_each_repository_is_claimed_by_two_queries(
    thousand, monkeypatch, django_assert_num_queries
):
    monkeypatch.setattr(watching, "look", lambda watch: None)
    monkeypatch.setattr(watching, "SHIFT", 0.3)
    with django_assert_num_queries(2):
        assert Watch.objects.claim_next().repository.owner == "many"

    watching.look_at_due()

    assert 1 < Watch.objects.filter(attempt=1).count() < 1000
    assert not Watch.objects.filter(attempt__gt=1).exists()


@pytest.mark.django_db(transaction=True)
def test_of_several_workers_each_looks_at_other_repositories(thousand, monkeypatch):
    seen, lock = [], threading.Lock()

    def note(watch):
        with lock:
            seen.append(watch.pk)

    monkeypatch.setattr(watching, "look", note)
    monkeypatch.setattr(watching, "SHIFT", 1.5)

    def shift():
        watching.look_at_due()
        connection.close()

    threads = [threading.Thread(target=shift) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(seen) == len(set(seen)) > 4


def test_a_look_that_was_given_up_on_stores_nothing(repository):
    make_due()
    slow = Watch.objects.claim_next()
    make_due()
    quick = Watch.objects.claim_next()

    assert not slow.settle(wait=DAYS, problem="too late")
    assert quick.settle(wait=HOURS, problem="")
    assert Watch.objects.get().problem == ""


def test_a_fault_of_ours_in_one_look_is_no_endless_loop(repository, monkeypatch, caplog):
    def fail(*_, **__):
        raise LookupError

    monkeypatch.setattr(watching, "look_at", lambda *_, **__: References({"main": "a" * 40}))
    monkeypatch.setattr(watching, "follow", fail)
    make_due()

    watching.look_at_due()

    assert Watch.objects.get().problem == "Yaydoc itself failed: LookupError."
    assert not Watch.objects.due().exists()
