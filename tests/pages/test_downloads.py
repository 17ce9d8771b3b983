"""Downloads: what a build made beside its pages, and the zip of these."""

import io
import os
import threading
import zipfile

import pytest

from pages import downloads, retention
from pages.models import Publication, releases_directory
from pages.releases import OutputRefused, store
from pages.switcher import SUFFIX
from repositories.models import Repository, Version

HTML = "<!doctype html><title>x</title><p>" + "words " * 400
PAGES = {
    "index.html": HTML,
    "a/part.html": "<p>",
    "a/ü.png": b"\x89PNG",
    "twice.html": HTML + SUFFIX.decode(),
    ".hidden": "x",
}
ZIP, EPUB, PDF = (f"/octo/docs/-/downloads/latest/docs-latest.{extension}" for extension in ("zip", "epub", "pdf"))


@pytest.fixture
def publish_with(version, make_output):
    """Publishes a page and folders by format, each with these files."""

    def publish_with(number=1, of=None, **formats):
        folders = {name: make_output(files) for name, files in formats.items()}
        release = store(
            of or version,
            build_number=number,
            commit="a" * 40,
            output=make_output({"index.html": HTML}),
            downloads=folders,
        )
        Publication.objects.publish(release)
        return release

    return publish_with


def entries(body):
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return {entry.filename: archive.read(entry) for entry in archive.infolist()}


def test_zip_has_the_pages_as_the_build_wrote_them(get, publish):
    publish(PAGES)

    answer = get(ZIP)

    assert answer.status == 200
    assert entries(answer.body) == {
        f"docs/{path}": content if isinstance(content, bytes) else content.encode()
        for path, content in PAGES.items()
        if path != ".hidden"
    }
    assert answer.headers["Content-Type"] == "application/zip"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="docs-latest.zip"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in answer.headers


def test_zip_is_made_once_and_the_same_for_the_same_pages(get, publish, monkeypatch):
    first = publish(PAGES)
    once = get(ZIP).body
    monkeypatch.setattr(downloads, "make_zip", None)
    part = get(ZIP, HTTP_RANGE="bytes=0-1")
    again = get(ZIP, HTTP_IF_NONE_MATCH=get(ZIP).headers["ETag"])
    monkeypatch.undo()
    publish(PAGES, number=2)

    assert (part.status, part.body, again.status) == (206, b"PK", 304)
    assert get(ZIP).body == once
    assert [path.name for path in (first.directory / ".downloads").iterdir()] == ["htmlzip"]


def test_a_zip_that_cannot_be_finished_leaves_nothing(get, publish, monkeypatch, caplog):
    release = publish(PAGES)

    def fail(*args):
        raise OSError("disk full")

    monkeypatch.setattr(downloads, "write_zip", fail)

    assert get(ZIP).status == 503
    assert "disk full" in caplog.text
    assert list((release.directory / ".downloads").iterdir()) == []


def test_i8_no_more_zips_are_made_at_once_than_there_are_places(get, publish, monkeypatch):
    publish(PAGES)
    monkeypatch.setattr(downloads, "_places", threading.BoundedSemaphore(1))
    downloads._places.acquire()
    busy = get(ZIP)
    downloads._places.release()

    assert (busy.status, busy.headers["Retry-After"]) == (503, "5")
    assert get(ZIP).status == get(ZIP).status == 200


def test_files_that_the_build_made_are_given_under_the_versions_name(get, publish_with):
    release = publish_with(
        epub={"Small.epub": b"epub"}, pdf={"a.tex": b"tex", "Small.PDF": b"pdf"}, htmlzip={"x.zip": b"PK"}
    )

    assert release.formats == ["epub", "pdf", "htmlzip"]
    assert [get(path).body for path in (EPUB, PDF, ZIP)] == [b"epub", b"pdf", b"PK"]
    assert get(EPUB).headers["Content-Type"] == "application/epub+zip"
    assert get(EPUB).headers["Content-Disposition"] == 'attachment; filename="docs-latest.epub"'
    assert (release.files, release.size) == (1, len(HTML) + 4 + 3 + 2)
    assert get("/octo/docs/latest/.downloads/epub").status == 404
    assert list(entries_of_release(release)) == ["index.html"]


def entries_of_release(release):
    downloads.stored_file(release.directory, "htmlzip").unlink()
    assert downloads.make_zip(release.directory, "x")
    return (
        name.removeprefix("x/")
        for name in entries(downloads.stored_file(release.directory, "htmlzip").read_bytes())
    )


def test_nothing_but_a_regular_file_with_the_right_name_is_taken(
    publish_with, make_output, version, tmp_path, get
):
    secret = tmp_path / "secret"
    secret.write_text("secret")
    linked = make_output({"empty.epub": "", "below/x.epub": "x", ".hidden.epub": "x", "x.txt": "x"})
    (linked / "link.epub").symlink_to(secret)
    os.mkfifo(linked / "fifo.epub")
    (tmp_path / "folder").symlink_to(make_output({"x.pdf": "x"}))

    release = store(
        version,
        build_number=1,
        commit="a" * 40,
        output=make_output({"index.html": HTML}),
        downloads={"epub": linked, "pdf": tmp_path / "folder", "htmlzip": tmp_path / "none"},
    )
    Publication.objects.publish(release)

    assert release.formats == []
    assert [get(path).status for path in (EPUB, PDF)] == [404, 404]


def test_size_of_a_download_counts_like_that_of_pages(publish_with, settings):
    settings.BUILD_OUTPUT_SIZE = 1

    with pytest.raises(OutputRefused, match="more than 1 MiB"):
        publish_with(pdf={"x.pdf": b"x" * 1_100_000})

    assert list(releases_directory().iterdir()) == []


@pytest.mark.parametrize(
    "path",
    [
        "latest/docs-latest.zip/",
        "latest/docs-latest.tar",
        "latest/docs-1.0.zip",
        "latest/other-latest.zip",
        "latest/docs-latest.",
        "latest",
        "",
        "1.0/docs-1.0.zip",
        "latest/../latest/docs-latest.zip",
        "pr-12/docs-pr-12.zip",
        "latest/docs-latest.pdf",
    ],
)
def test_no_other_address_leads_to_a_download(get, publish, repository, path):
    publish({"index.html": HTML})
    Repository.objects.update(builds_pull_requests=True)
    preview = Version.objects.create(repository=repository, kind="pull request", name="12", slug="pr-12")
    publish({"index.html": HTML}, of=preview)

    assert get("/octo/docs/pr-12/").status == 200
    assert get(f"/octo/docs/-/downloads/{path}").status == 404


def test_downloads_of_private_and_missing_repositories_cannot_be_told_apart(get, publish_with):
    publish_with(epub={"x.epub": b"x"})
    get(ZIP)
    Repository.objects.update(is_private=True)

    for path in (ZIP, EPUB):
        private, none = get(path), get(path.replace("docs", "none"))
        assert (private.status, private.headers, private.body) == (404, none.headers, none.body)


def test_downloads_go_with_their_release(get, publish_with, monkeypatch):
    first = publish_with(epub={"x.epub": b"x"})
    get(ZIP)
    publish_with(number=2)

    assert get(EPUB).status == 404
    assert retention.remove(first)
    assert not first.directory.exists()
    with pytest.raises(FileNotFoundError):
        downloads.make_zip(first.directory, "docs")
    assert not first.directory.exists()
