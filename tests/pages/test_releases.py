"""Storing releases: only what may be published, all of it or nothing, and never changed again (I6, I7, I8)."""

import os
import socket
import stat
from itertools import count

import pytest

from builds import sandbox
from pages import releases
from pages.compression import compressed_path
from pages.models import Publication, Release, releases_directory
from pages.releases import OutputRefused, store
from repositories.models import Version


def tree(directory):
    """Path → content of all that a release publishes."""
    return {
        str(path.relative_to(directory)): path.read_bytes()
        for path in directory.rglob("*")
        if path.is_file() and ".compressed" not in path.parts
    }


@pytest.fixture
def keep(version):
    def keep(output, number=1):
        return store(version, build_number=number, commit="b" * 40, output=output)

    return keep


def test_release_holds_the_files_of_the_output(keep, make_output, version):
    output = make_output({"index.html": "<p>ä", "a/b/c.png": b"\x89PNG", "empty.txt": ""})

    release = keep(output)

    assert tree(release.directory) == tree(output)
    assert (release.version, release.build_number, release.commit) == (version, 1, "b" * 40)
    assert (release.files, release.size) == (3, 9)
    assert list(releases_directory().iterdir()) == [release.directory]


def test_nothing_but_regular_files_is_taken_over(keep, make_output, tmp_path):
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "key").write_text("secret")
    output = make_output({"index.html": "x", "tool.sh": "#!/bin/sh"})
    (output / "link.html").symlink_to(secret / "key")
    (output / "linked").symlink_to(secret)
    (output / "dangling").symlink_to("/nowhere")
    os.mkfifo(output / "fifo")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(output / "socket"))
    (output / "tool.sh").chmod(0o6777)

    release = keep(output)

    assert sorted(tree(release.directory)) == ["index.html", "tool.sh"]
    assert not [path for path in release.directory.rglob("*") if path.is_symlink()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in release.directory.rglob("*.*")} == {0o644}


def test_output_that_is_itself_a_link_is_refused(keep, make_output, tmp_path):
    (tmp_path / "link").symlink_to(make_output({"index.html": "x"}))

    with pytest.raises(OutputRefused, match="no files at all"):
        keep(tmp_path / "link")


def test_modes_do_not_depend_on_the_process(keep, make_output):
    before = os.umask(0o077)
    try:
        release = keep(make_output({"a/b/index.html": "x" * 5000}))
    finally:
        os.umask(before)

    modes = {stat.S_IMODE(path.stat().st_mode) for path in [release.directory, *release.directory.rglob("*")]}
    assert modes == {0o755, 0o644}


def test_hidden_and_unspeakable_names_are_left_out(keep, make_output):
    output = make_output(
        {"index.html": "x", ".nojekyll": "", ".doctrees/environment.pickle": "p", "a\\b.html": "x", "a\nb": "x"}
    )
    (output / os.fsdecode(b"latin-\xe4.html")).write_text("x")

    assert list(tree(keep(output).directory)) == ["index.html"]


def test_output_without_files_is_refused(keep, make_output):
    with pytest.raises(OutputRefused, match="no files at all"):
        keep(make_output({".buildinfo": "x"}))


@pytest.mark.parametrize(
    ("limit", "value", "reason"),
    [("BUILD_OUTPUT_FILES", 2, "more than 2 files"), ("BUILD_OUTPUT_SIZE", 1, "more than 1 MiB")],
)
def test_output_beyond_a_limit_is_refused_and_leaves_nothing(keep, make_output, settings, limit, value, reason):
    setattr(settings, limit, value)
    output = make_output({f"{number}.txt": b"x" * 400_000 for number in range(3)})

    with pytest.raises(OutputRefused, match=reason):
        keep(output)

    assert list(releases_directory().iterdir()) == []
    assert not Release.objects.exists()


def test_path_that_is_too_long_is_refused(keep, make_output):
    with pytest.raises(OutputRefused, match="a path longer than 1,024 bytes"):
        keep(make_output({"/".join(["d" * 200] * 6) + "/x.html": "x"}))


def test_directories_that_lead_too_deep_are_refused_also_where_no_file_is(keep, make_output):
    output = make_output({"index.html": "x"})
    here = os.open(output, os.O_RDONLY)
    for _ in range(1500):
        os.mkdir("d", dir_fd=here)
        above, here = here, os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(above)
    os.close(here)

    with pytest.raises(OutputRefused, match="more than 100 directories in each other"):
        keep(output)

    sandbox.remove(output)


@pytest.mark.django_db(transaction=True)
def test_crash_at_any_point_leaves_no_half_release_visible(publish, keep, make_output, monkeypatch, get):
    """I6 and I7: whatever fails, the old pages stay byte for byte and no row points at half a directory."""
    old = publish({f"{n}.html": f"old {n}" * 1000 for n in range(4)})
    before = tree(old.directory)
    output = make_output({f"{n}.html": f"new {n}" * 1000 for n in range(4)})

    class Crash(BaseException):
        pass

    def crash_after(steps, function):
        calls = count()

        def crashing(*args, **kwargs):
            if next(calls) == steps:
                raise Crash
            return function(*args, **kwargs)

        return crashing

    def crash_points():
        for step in range(4):
            yield releases.Intake, "_copy", step
            yield releases.Compression, "add", step
        yield releases, "_write_to_disk", 0
        yield releases, "_write_to_disk", 1
        yield Release.objects, "create", 0

    for owner, name, step in crash_points():
        with monkeypatch.context() as patch:
            patch.setattr(owner, name, crash_after(step, getattr(owner, name)))
            # What a killed process can't do any more:
            patch.setattr(releases.shutil, "rmtree", lambda *args, **kwargs: None)
            with pytest.raises(Crash):
                keep(output, number=2)

        assert list(Release.objects.all()) == [old]
        assert tree(old.directory) == before
        assert get("/octo/docs/latest/1.html").body == before["1.html"]


def test_release_never_changes_when_its_output_does(keep, make_output):
    """I6: the build writes on in the directory that its next release is made from."""
    output = make_output({"index.html": "one" * 1000})
    first = keep(output)
    before = tree(first.directory)

    (output / "index.html").write_text("two")
    second = keep(output, number=2)

    assert tree(first.directory) == before
    assert tree(second.directory) == {"index.html": b"two"}


def test_unchanged_file_of_the_published_release_is_stored_once(publish):
    first = publish({"same.html": "same" * 1000, "changed.html": "one"})
    second = publish({"same.html": "same" * 1000, "changed.html": "two"}, number=2)

    assert (second.directory / "same.html").samefile(first.directory / "same.html")
    assert compressed_path(second.directory, "same.html", "br").is_file()
    assert tree(first.directory)["changed.html"] == b"one"
    assert tree(second.directory)["changed.html"] == b"two"


def test_pointer_moves_at_once_and_never_back_by_itself(publish, version):
    """I6: a late result of an older build is stored, but not served."""
    third = publish({"index.html": "3"}, number=3)
    publish({"index.html": "2"}, number=2)

    assert Publication.objects.get(version=version).release == third


def test_releases_of_versions_do_not_touch_each_other(publish, repository, get):
    other = Version.objects.create(repository=repository, name="stable")
    publish({"index.html": "latest"})
    publish({"index.html": "stable"}, of=other)

    assert get("/octo/docs/latest/").body == b"latest"
    assert get("/octo/docs/stable/").body == b"stable"
