"""What the clock removes of builds: the files of rows that are gone, and environments that nobody uses."""

import os
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from builds import environment_cache, locks, logs, places, retention, sandbox
from builds.models import Build, BuildWarning, State
from pages.models import Release
from repositories.models import Version

UNUSED = retention.UNUSED + timedelta(minutes=1)
KEY = "0123456789abcdef" * 2


@pytest.fixture(autouse=True)
def data_directory(settings, tmp_path):
    """Of each test its own: others leave things on disk whose rows are gone."""
    settings.DATA_DIR = tmp_path
    return tmp_path


@pytest.fixture
def kept(data_directory, request_build, version):
    """All that a build leaves on disk; returns the paths."""
    build = request_build()
    root = sandbox.build_directory()
    paths = [
        logs.log_path(build).parent,
        root / "mirrors" / f"{build.repository_id}.git",
        root / "mirrors" / f"{build.repository_id}.local.git",
        root / "versions" / str(version.pk),
        places.environments() / f"cache-repository-{build.repository_id}",
        places.environments() / f"cache-version-{version.pk}",
        root / "mirrors" / f"{build.repository_id}.submodules",
    ]
    for path in paths:
        (path / "deeper").mkdir(parents=True)
        (path / "deeper" / "file").write_text("x")
    for path in (paths[1], paths[3]):
        path.with_suffix(".lock").touch()
    yield paths
    for path in paths:
        sandbox.remove(path)


@pytest.fixture
def environment(db):
    """A complete environment that was last used long ago; returns its folder."""
    folder = places.environments() / KEY
    marker = folder.with_name(f"{KEY}.complete")
    (folder / "bin").mkdir(parents=True)
    marker.write_text("{}")
    then = time.time() - UNUSED.total_seconds()
    for path in (folder, marker):
        os.utime(path, (then, then))
    yield folder
    sandbox.remove(folder)
    marker.unlink(missing_ok=True)


def test_nothing_is_kept_on_disk_of_a_repository_that_was_deleted(kept, repository, version):
    locks = {path.parent / f"{row.pk}.lock" for path in kept for row in (repository, version)}
    repository.delete()

    retention.sweep()

    assert [path for path in (*kept, *locks) if path.exists()] == []


def test_what_belongs_to_a_repository_stays(kept):
    retention.sweep()

    assert [path for path in kept if not path.exists()] == []


def test_what_is_not_ours_by_its_name_is_left_alone(repository):
    foreign = sandbox.build_directory() / "versions" / "notes"
    foreign.mkdir(parents=True)

    retention.sweep()

    assert foreign.exists()
    foreign.rmdir()


def test_a_mirror_that_somebody_still_fetches_into_is_left_for_the_next_sweep(kept, repository):
    mirror = kept[1]
    repository.delete()

    with locks.held(mirror.with_suffix(".lock")):
        retention.sweep()
        assert mirror.exists()
    retention.sweep()

    assert not mirror.exists()


def test_an_environment_that_nobody_used_for_long_is_removed_with_its_marker_first(environment):
    retention.sweep()

    assert not environment.exists()
    assert not environment.with_name(f"{KEY}.complete").exists()


def test_a_submodules_mirror_that_nobody_used_for_long_is_removed_unless_somebody_is_about_to(kept, repository):
    unused, used = kept[6] / "unused.git", kept[6] / "used.git"
    for mirror in (unused, used):
        mirror.mkdir()
    then = time.time() - UNUSED.total_seconds()
    os.utime(unused, (then, then))

    with locks.held(places.mirrors() / f"{repository.pk}.lock"):
        retention.sweep()
        assert unused.exists()
    retention.sweep()

    assert (unused.exists(), used.exists()) == (False, True)


def test_an_environment_in_use_stays(environment):
    environment.with_name(f"{KEY}.complete").touch()

    retention.sweep()

    assert environment.exists()


def test_what_an_interrupted_making_left_is_removed_but_not_while_it_is_made(environment):
    environment.with_name(f"{KEY}.complete").unlink()
    lock = environment.with_name(f"{KEY}.lock")

    with locks.held(lock) as is_mine:
        assert is_mine
        retention.sweep()
        assert environment.exists()
    retention.sweep()

    assert not environment.exists()


def test_one_that_cannot_be_removed_keeps_no_other_from_it(kept, repository, monkeypatch):
    stubborn, remove = kept[0], sandbox.remove

    def refuse_one(path):
        if path == stubborn:
            raise OSError("it is stubborn")
        remove(path)

    repository.delete()
    with monkeypatch.context() as patched:
        patched.setattr(sandbox, "remove", refuse_one)
        retention.sweep()

    assert [path for path in kept if path.exists()] == [stubborn]


def test_a_full_disk_is_relieved_of_all_that_the_build_may_have_filled(kept, request_build, version):
    build = request_build()
    making = places.environments() / ("ab" * 16)
    making.mkdir(parents=True)
    used = places.environments() / KEY
    used.mkdir()
    used.with_name(f"{KEY}.complete").touch()

    retention.make_room(build)

    gone = [path for path in kept if not path.exists()]
    # mirror, tree and doctrees, cache, submodules; not the log
    assert gone == [kept[1], kept[3], kept[4], kept[6]]
    assert not making.exists()
    assert used.exists()
    sandbox.remove(used)
    used.with_name(f"{KEY}.complete").unlink()


def test_a_full_disk_takes_no_cache_from_a_build_that_installs_from_it(kept, request_build):
    build, cache = request_build(), kept[4]

    with environment_cache.in_use(cache):
        retention.make_room(build)
        assert cache.exists()
    retention.make_room(build)

    assert not cache.exists()


# -- pull requests


@pytest.fixture
def of_pull_requests(repository, version):
    """What pull requests 12 and 13 and the default branch leave beside each other: paths by version."""

    def leave(version):
        root = sandbox.build_directory()
        key = f"version-{version.pk}-{KEY}"
        folders = [
            root / "mirrors" / f"{repository.pk}.git" / "worktrees" / str(version.pk),
            root / "mirrors" / f"{repository.pk}.submodules" / "ab.git" / "worktrees" / f"{version.pk}-0",
            root / "versions" / str(version.pk),
            places.environments() / f"cache-version-{version.pk}",
            places.environments() / key,
        ]
        files = [places.environments() / f"{key}.complete", places.environments() / f"{key}.lock"]
        for folder in folders:
            (folder / "deeper").mkdir(parents=True)
        for file in files:
            file.touch()
        return [*folders, *files]

    def propose(number):
        return repository.versions.create(kind=Version.Kind.PULL_REQUEST, name=str(number), slug=f"pr-{number}")

    left = {one: leave(one) for one in (version, propose(12), propose(13))}
    yield left
    for paths in left.values():
        for path in paths:
            sandbox.remove(path)


def close(number):
    closed = Version.objects.filter(name=str(number), kind=Version.Kind.PULL_REQUEST)
    closed.update(is_active=False)
    return closed.get()


def test_nothing_that_a_closed_pull_request_wrote_is_kept_and_all_else_is(of_pull_requests):
    closed = close(12)

    retention.sweep()

    kept = {one.name: [path.exists() for path in paths] for one, paths in of_pull_requests.items()}
    assert kept == {"main": [True] * 7, "12": [False] * 7, "13": [True] * 7}
    assert not (places.versions() / f"{closed.pk}.lock").exists()


def test_what_a_cancelled_build_still_uses_is_left_for_the_next_sweep(of_pull_requests):
    closed = close(12)

    with locks.held(places.versions() / f"{closed.pk}.lock"):
        retention.sweep()
        assert all(path.exists() for path in of_pull_requests[closed])
    retention.sweep()

    assert not any(path.exists() for path in of_pull_requests[closed])


def test_a_branch_that_is_not_built_any_more_keeps_what_it_has(of_pull_requests, version):
    Version.objects.filter(pk=version.pk).update(is_active=False)
    retention.sweep()
    assert all(path.exists() for path in of_pull_requests[version])


@pytest.fixture
def ended(version):
    """Builds of long ago and of yesterday, each with a log and a warning, by number."""
    made = {}
    for number, days in enumerate((200, 190, 180, 170, 1), 1):
        then = timezone.now() - timedelta(days=days)
        build = Build.objects.create(
            repository=version.repository, version=version, number=number, state=State.FAILED, finished_at=then
        )
        BuildWarning.objects.create(build=build, level="warning", text="x", file="a.rst", line=1)
        path = logs.log_path(build)
        path.parent.mkdir(parents=True)
        path.write_text("words\n")
        os.utime(path.parent, (then.timestamp(), then.timestamp()))
        made[number] = build
    release = Release.objects.create(version=version, build_number=2, commit="c" * 40, files=1, size=1)
    Build.objects.filter(number=2).update(release=release)
    type(version).objects.filter(pk=version.pk).update(status_build_number=4)
    return made


def test_what_old_builds_printed_goes_but_of_kept_pages_and_of_the_last_result(ended, as_owner):
    retention.sweep()

    with_log = [number for number, build in ended.items() if logs.log_path(build).exists()]
    with_warnings = sorted(BuildWarning.objects.values_list("build__number", flat=True))
    assert with_log == with_warnings == [2, 4, 5]
    assert "The log was removed 90 days after the build." in as_owner.get(ended[1].get_absolute_url()).text


def test_the_admin_shows_what_is_kept_and_how_much_there_is(ended, environment, as_staff, as_owner):
    page = as_staff.get("/admin/repositories/repository/retention/")

    assert "5 logs, 5 warnings" in page.text
    assert "all pinned ones and the newest 5" in page.text
    assert "/admin/repositories/repository/retention/" in as_staff.get("/admin/").text
    assert as_owner.get("/admin/repositories/repository/retention/").status_code == 302


def test_one_sweep_removes_so_many_and_the_next_one_the_rest(ended, monkeypatch):
    monkeypatch.setattr(retention, "MOST", 1)

    def left():
        logs_left = [number for number, build in ended.items() if logs.log_path(build).exists()]
        return len(logs_left), BuildWarning.objects.count()

    assert [(retention.sweep(), left())[1] for _ in range(3)] == [(4, 4), (3, 3), (3, 3)]
