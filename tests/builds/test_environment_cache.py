"""Environments and caches have a limit together: the least recently used go first, and none that is in use."""

import json
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from builds import environment_cache, locks, sandbox
from builds.environment_cache import forget_least_used, kept, marker_of

KEY = "0123456789abcdef" * 2
NAMES = [f"repository-1-{KEY}", "cache-repository-1", f"builder-{KEY}", f"version-7-{KEY}", "cache-version-7"]
MIB = 2**20
HOLD = """
import fcntl, os, sys
descriptor = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)
fcntl.flock(descriptor, fcntl.LOCK_SH)
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def folders(tmp_path):
    """One MiB each, used one after the other in this order, a minute apart."""
    made = []
    for minute, name in enumerate(NAMES):
        folder = tmp_path / name
        (folder / "lib" / "deeper").mkdir(parents=True)
        (folder / "lib" / "deeper" / "data").write_bytes(os.urandom(MIB))
        environment_cache.note(folder, commit="c" * 40)
        os.utime(marker_of(folder), (60 * minute, 60 * minute))
        made.append(folder)
    return made


def left(directory):
    return [name for name in NAMES if (directory / name).exists()]


def test_size_and_last_use_are_known_without_looking_into_folders(folders, tmp_path, monkeypatch):
    monkeypatch.setattr(environment_cache, "size_on_disk", None)

    found = kept(tmp_path)

    assert [one.folder for one in found] == folders
    assert [one.used_at for one in found] == [0, 60, 120, 180, 240]
    assert all(MIB <= one.size < MIB + 65_536 for one in found)


def test_the_least_recently_used_go_until_there_is_room(folders, tmp_path):
    assert forget_least_used(tmp_path, most=int(3.5 * MIB)) == 2

    assert left(tmp_path) == NAMES[2:]
    assert not marker_of(folders[0]).exists()
    assert forget_least_used(tmp_path, most=int(3.5 * MIB)) == 0


def test_a_use_makes_it_the_last_to_go(folders, tmp_path):
    marker_of(folders[0]).touch()

    forget_least_used(tmp_path, most=int(1.5 * MIB))

    assert left(tmp_path) == [NAMES[0]]


@pytest.mark.parametrize("lock", [".use", ".lock"])
def test_one_that_another_process_uses_or_makes_stays(folders, tmp_path, lock):
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, f"{folders[0]}{lock}"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with holder:
        assert holder.stdout.readline() == b"held\n"

        forget_least_used(tmp_path, most=0)
        stayed = left(tmp_path)
        holder.communicate()

    assert stayed == [NAMES[0]]
    assert json.loads(marker_of(folders[0]).read_text())["commit"] == "c" * 40
    assert forget_least_used(tmp_path, most=0) == 1


def test_several_builds_use_one_at_a_time_and_wait_for_nobody_but_who_removes_it(folders):
    use = folders[0].with_name(f"{folders[0].name}.use")

    with environment_cache.in_use(folders[0]), environment_cache.in_use(folders[0]), locks.held(use) as is_free:
        assert not is_free
    with locks.held(use) as is_free:
        assert is_free
        with pytest.raises(TimeoutError), environment_cache.in_use(folders[0], meanwhile=give_up):
            pytest.fail("it was removed meanwhile")


def give_up():
    raise TimeoutError


def test_what_an_earlier_yaydoc_left_is_measured_once_and_keeps_its_time(folders, tmp_path):
    marker_of(folders[0]).write_text(json.dumps({"commit": "c" * 40}))
    marker_of(folders[1]).unlink()
    for path in (marker_of(folders[0]), folders[1]):
        os.utime(path, (7, 7))

    found = {one.folder: one for one in kept(tmp_path)}

    assert [found[folder].used_at for folder in folders[:2]] == [7, 7]
    assert all(found[folder].size >= MIB for folder in folders[:2])
    assert json.loads(marker_of(folders[0]).read_text())["commit"] == "c" * 40


def test_one_that_is_not_complete_counts_for_nothing_and_is_left_to_its_maker(folders, tmp_path):
    marker_of(folders[0]).unlink()

    forget_least_used(tmp_path, most=0)

    assert left(tmp_path) == [NAMES[0]]


def test_links_and_depth_are_no_way_to_lie_about_a_size(tmp_path):
    folder = tmp_path / "cache-version-9"
    deepest = folder
    deepest.mkdir()
    for _ in range(1_200):
        deepest = deepest / "d"
        deepest.mkdir()
    (deepest / "data").write_bytes(os.urandom(MIB))
    (folder / "out").symlink_to("/usr")
    (folder / "round").symlink_to(folder)

    size = environment_cache.size_on_disk(folder)

    sandbox.remove(folder)
    assert MIB <= size < 12 * MIB


def test_builds_in_threads_of_one_worker_note_the_same_cache_at_a_time(folders, monkeypatch):
    cache, measure = folders[1], environment_cache.size_on_disk
    together = threading.Barrier(2, timeout=10)

    def measured(folder):
        size = measure(folder)
        together.wait()
        return size

    monkeypatch.setattr(environment_cache, "size_on_disk", measured)
    replace = Path.replace
    monkeypatch.setattr(Path, "replace", lambda path, target: (together.wait(), replace(path, target)))

    with ThreadPoolExecutor(2) as threads:
        noted = [threads.submit(environment_cache.note, cache) for _ in range(2)]

    assert [one.exception() for one in noted] == [None, None]
    assert not list(cache.parent.glob("*.part"))
