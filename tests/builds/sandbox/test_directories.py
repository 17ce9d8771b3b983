"""Whose directories are whose, and what is left of them in the end."""

import os
import stat
import time
from pathlib import Path

import pytest

from builds import sandbox
from builds.errors import BuildError
from builds.liveness import worker_name
from builds.models import Build, Trigger
from builds.sandbox import Command, Limits, Tier, directories, probe, running, user
from builds.sandbox.starting import home_prefix
from builds.sandbox.sweep import MARGIN

LIMITS = Limits(seconds=10, memory=200 * 1024**2, processes=32, file_size=1024**2)
as_root = pytest.mark.skipif(os.getuid() != 0, reason="only root gives files away")


@pytest.fixture
def root(settings, tmp_path):
    """A build directory of the test's own."""
    settings.BUILD_DIR = tmp_path / "builds"
    return directories.build_directory_of(Tier.BUBBLEWRAP)


def run(command):
    printed = bytearray()
    outcome = running.run_in(
        Tier.BUBBLEWRAP, command, LIMITS, write=printed.extend, should_stop=lambda: False, max_output=10**6
    )
    return outcome.exit_code, printed.decode()


def test_the_build_directory_can_be_gone_through_but_not_listed_by_others(root):
    assert stat.S_IMODE(root.stat().st_mode) == 0o711


@as_root
def test_where_builds_cannot_reach_the_data_directory_they_get_another(settings, tmp_path, monkeypatch):
    monkeypatch.setattr(directories, "SYSTEM_DIRECTORY", tmp_path / "system")
    settings.DATA_DIR = tmp_path / "private/data"
    settings.DATA_DIR.parent.mkdir(mode=0o700)

    shown = directories.build_directory_of(Tier.BUBBLEWRAP)
    reached = directories.build_directory_of(Tier.LANDLOCK)

    assert shown == settings.DATA_DIR / "builds"
    assert reached.parent == tmp_path / "system"


@as_root
def test_a_build_directory_of_somebody_else_is_refused(root):
    os.chown(root, 1234, 1234)

    with pytest.raises(BuildError, match="belongs to somebody else"):
        directories.build_directory_of(Tier.BUBBLEWRAP)


@as_root
def test_a_tree_deeper_than_python_can_go_is_given_too(root):
    tree = root / "tree"
    tree.mkdir()
    here = os.open(tree, os.O_RDONLY)
    for _ in range(1500):
        os.mkdir("d", dir_fd=here)
        above, here = here, os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(above)

    sandbox.give(tree)

    assert os.fstat(here).st_uid == user.build_user()[0]
    os.close(here)
    sandbox.remove(tree)


@as_root
def test_a_tree_that_is_given_belongs_to_the_build_user_but_nothing_that_its_links_lead_to(root, tmp_path):
    tree, outside = root / "tree", tmp_path / "outside"
    (tree / "deep").mkdir(parents=True)
    outside.mkdir()
    (tree / "deep/file").touch()
    (tree / "link").symlink_to(outside)

    sandbox.give(tree)

    owners = {path.name: path.lstat().st_uid for path in [tree, *tree.rglob("*"), outside]}
    given = user.build_user()[0]
    assert owners == {"tree": given, "deep": given, "file": given, "link": given, "outside": os.getuid()}


def test_a_tree_is_removed_whatever_a_build_left_in_it(root):
    tree = root / "tree"
    deepest = tree
    tree.mkdir()
    (tree / "-rf").touch()
    (tree / "closed/inner").mkdir(parents=True)
    (tree / "closed").chmod(0)
    (tree / "link").symlink_to("/etc")
    fd = os.open(tree, os.O_RDONLY)
    for _ in range(1500):
        os.mkdir("d" * 50, dir_fd=fd)
        inner = os.open("d" * 50, os.O_RDONLY, dir_fd=fd)
        os.close(fd)
        fd = inner
    os.close(fd)

    sandbox.remove(tree)
    sandbox.remove(tree)  # nothing there: no error

    assert not os.path.lexists(deepest)
    assert Path("/etc/passwd").exists()


def test_a_link_is_removed_and_what_it_leads_to_keeps_its_modes(root, tmp_path):
    private = tmp_path / "private"
    private.mkdir()
    (private / "key").touch(mode=0o400)
    (root / "link").symlink_to(private)

    sandbox.remove(root / "link")

    assert not os.path.lexists(root / "link")
    assert stat.S_IMODE((private / "key").stat().st_mode) == 0o400


def test_no_link_in_a_tree_of_builds_leads_the_sandbox_elsewhere(root, tmp_path):
    (tmp_path / "private").mkdir()
    (root / "output").symlink_to(tmp_path / "private")

    with pytest.raises(BuildError, match="is a link"):
        run(Command(argv=["true"], cwd=root, writable=[root / "output"]))


def test_a_path_that_does_not_exist_is_our_fault_and_named(root):
    with pytest.raises(BuildError, match="missing cannot be shown to a build"):
        run(Command(argv=["true"], cwd=root, readable=[root, root / "missing"]))


def test_a_program_that_does_not_exist_is_the_builds_fault_and_named(root):
    code, printed = run(Command(argv=["no-such-program"], cwd=root, readable=[root]))

    assert (code, printed) == (127, "no-such-program: No such file or directory\n")


def test_a_deeper_path_may_be_writable_in_a_readable_one(root):
    (root / "tree/inner").mkdir(parents=True)
    sandbox.give(root / "tree/inner")
    script = "touch inner/mine; touch theirs"

    code, _ = run(
        Command(
            argv=["sh", "-c", script],
            cwd=root / "tree",
            readable=[root / "tree"],
            writable=[root / "tree/inner"],
        )
    )

    assert code != 0
    assert [path.name for path in (root / "tree").rglob("*")] == ["inner", "mine"]


def test_a_tool_of_ours_can_be_run_inside(root, tmp_path):
    tool = tmp_path / "private/say"
    tool.parent.mkdir(mode=0o700)
    tool.write_text("#!/bin/sh\necho said $1\n")

    path = sandbox.tool(tool)

    assert run(Command(argv=[str(path), "this"], cwd=root, readable=[root])) == (0, "said this\n")
    assert sandbox.tool(tool) == path


def test_every_interpreter_that_is_offered_works_inside(root):
    probe.tier.cache_clear()
    found = sandbox.interpreters()

    assert found
    for python in found:
        assert run(Command(argv=[str(python), "-c", "print(1)"], cwd=root, readable=[root])) == (0, "1\n")


def test_what_a_function_of_the_caller_raises_ends_the_command(root):
    def stop():
        raise ValueError("enough")

    with pytest.raises(ValueError, match="enough"):
        running.run_in(
            Tier.BUBBLEWRAP,
            Command(argv=["sleep", "60"], cwd=root, readable=[root]),
            LIMITS,
            write=lambda _: None,
            should_stop=stop,
            max_output=100,
        )


def test_the_sweep_removes_scratch_of_builds_that_ended_and_keeps_the_others(root, repository):
    version = repository.versions.get()
    build = Build.objects.request(version, trigger=Trigger.PERSON)
    build.claim()
    host, pid, _ = worker_name().rsplit(":", 2)
    mine = f"{home_prefix(worker_name())}x_y"
    reused = f"{home_prefix(f'{host}:{pid}:1')}x"  # the number of a process that ended, which now is another's
    ended = f"{home_prefix(f'{host}:4194305:1')}x"
    for name in (f"{build.pk}-{build.attempt}", f"{build.pk}-0", "99999-1", mine, reused, ended, "home-x"):
        (root / "scratch" / name).mkdir(parents=True)

    sandbox.sweep()

    assert {path.name for path in (root / "scratch").iterdir()} == {f"{build.pk}-{build.attempt}", mine}


@pytest.mark.django_db
def test_the_sweep_leaves_the_home_of_a_command_in_another_container_until_its_time_is_over(root, settings):
    prefix = home_prefix("web-2.another-machine:17:4711")
    living, left = (root / "scratch" / f"{prefix}{name}" for name in ("a", "b"))
    for home in (living, left):
        home.mkdir(parents=True)
    then = time.time() - settings.BUILD_TIMEOUT - MARGIN - 1
    os.utime(left, (then, then))

    sandbox.sweep()

    assert living.exists()
    assert not left.exists()
