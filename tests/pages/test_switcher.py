"""The line that published HTML gets, and what its script is told (safety.md: mixed origins and caches)."""

import gzip
import json

import pytest
from django.utils import timezone

from pages.compression import compressed_path
from pages.models import Publication
from pages.switcher import SUFFIX, takes_switcher
from repositories.models import Repository, Version

HTML = "<!doctype html><title>x</title><p>" + "words " * 400
LIST = "/octo/docs/-/versions.json"
TAG, BRANCH = Version.Kind.TAG, Version.Kind.BRANCH


@pytest.fixture
def publish_version(repository, publish):
    """Publishes one page, or these files, of another version."""

    def publish_version(name, kind=TAG, files=None, **fields):
        version = Version.objects.create(repository=repository, name=name, kind=kind, **fields)
        publish(files or {"index.html": HTML}, of=version)
        return version

    return publish_version


@pytest.mark.parametrize(
    ("path", "head", "is_taken"),
    [
        ("index.html", b"<!DOCTYPE html>\n<html>", True),
        ("a.HTM", b'\n\n<html lang="en">', True),
        ("a.html", b"\xef\xbb\xbf<!-- of doxygen --><!-- --->\n<!doctype HTML PUBLIC>", True),
        ("a.html", b'<?xml version="1.0"?><!DOCTYPE html PUBLIC>', True),
        ("fragment.html", b"<div>included elsewhere</div>", False),
        ("a.html", b"<htmlx>", False),
        ("a.html", "<!doctype html>".encode("utf-16"), False),
        ("a.html", b"", False),
        ("a.html", b"<!-- " * 800, False),
        ("a.html", b"<!---->" * 580, False),
        ("a.xhtml", b"<!doctype html>", False),
        ("a.svg", b"<html>", False),
        ("a.html.txt", b"<!doctype html>", False),
    ],
)
def test_documents_are_told_from_what_only_looks_like_one(path, head, is_taken):
    assert takes_switcher(path, head) is is_taken


def test_published_documents_are_the_builds_own_but_for_one_line_at_their_end(publish, make_output):
    files = {"index.html": HTML, "part.html": "<p>x", "_static/x.js": "x", "p.svg": "<svg/>"}

    release = publish(files)

    published = {path: (release.directory / path).read_bytes() for path in files}
    assert published == {path: text.encode() for path, text in files.items()} | {
        "index.html": HTML.encode() + SUFFIX
    }
    assert release.size == sum(map(len, files.values()))
    compressed = compressed_path(release.directory, "index.html", "gz").read_bytes()
    assert gzip.decompress(compressed) == published["index.html"]


def test_unchanged_document_is_stored_once_and_anew_when_the_switch_is_turned(publish, version):
    first = publish({"index.html": HTML})
    second = publish({"index.html": HTML}, number=2)
    Repository.objects.update(has_version_switcher=False)
    longer = HTML + "x" * len(SUFFIX)
    off = publish({"index.html": HTML, "a.html": longer}, number=3, of=Version.objects.get(pk=version.pk))
    Repository.objects.update(has_version_switcher=True)
    on = publish({"a.html": HTML}, number=4, of=Version.objects.get(pk=version.pk))

    assert (second.directory / "index.html").samefile(first.directory / "index.html")
    assert (on.directory / "a.html").read_bytes() == HTML.encode() + SUFFIX
    assert (off.directory / "index.html").read_bytes() == HTML.encode()
    assert compressed_path(off.directory, "index.html", "br").is_file()


def test_document_that_differs_in_its_last_byte_or_lacks_one_is_no_other_name_of_it(publish):
    first = publish({"a.html": HTML + "a", "b.html": HTML, "c.html": HTML})
    second = publish({"a.html": HTML + "b", "b.html": HTML[:-1], "c.html": HTML + SUFFIX.decode()}, number=2)

    for path in ("a.html", "b.html", "c.html"):
        assert not (second.directory / path).samefile(first.directory / path)
    assert (second.directory / "c.html").read_bytes() == HTML.encode() + SUFFIX * 2


# -- the script


def test_script_is_the_same_for_everybody_and_kept_by_caches(get, db):
    plain, packed = get("/-/versions.js"), get("/-/versions.js", HTTP_ACCEPT_ENCODING="gzip")
    again = get("/-/versions.js", HTTP_IF_NONE_MATCH=plain.headers["ETag"])

    assert (plain.status, again.status, again.body) == (200, 304, b"")
    assert gzip.decompress(packed.body) == plain.body
    assert plain.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert plain.headers["X-Content-Type-Options"] == "nosniff"
    assert plain.headers["Cache-Control"] == "public, max-age=3600"
    assert (plain.headers["Vary"], packed.headers["Content-Encoding"]) == ("Accept-Encoding", "gzip")
    assert len(packed.body) < 5000


def test_script_is_found_without_the_database(get, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert get("/-/versions.js").status == 200


# -- the list


def test_list_has_latest_then_releases_the_highest_first_then_branches(get, publish, publish_version):
    publish({"index.html": HTML})
    for name in ("v1.9", "v1.10", "v2.0rc1", "v1.10.1"):
        publish_version(name)
    for name in ("develop", "1.9.x", "1.10.x", "1.x", "2"):
        publish_version(name, BRANCH)

    told = json.loads(get(LIST).body)

    assert told["newest"] == "stable"
    assert told["versions"][0] == {
        "slug": "latest",
        "name": "main",
        "kind": "latest",
        "is_old": False,
        "formats": [],
    }
    assert [(one["slug"], one["is_old"]) for one in told["versions"][1:]] == [
        ("stable", False),
        *(("v2.0rc1", False), ("v1.10.1", False), ("v1.10", True), ("v1.9", True)),
        *(("1.10.x", False), ("1.9.x", True), ("1.x", False), ("2", False), ("develop", False)),
    ]


def test_list_is_public_data_only(get, publish, publish_version):
    """Neither unpublished, hidden nor retired versions, nor pull requests."""
    publish({"index.html": HTML})
    publish_version("old", is_active=False, retired_at=timezone.now())
    publish_version("secret", is_hidden=True)
    publish_version("12", Version.Kind.PULL_REQUEST, slug="pr-12")
    Publication.objects.withdraw(publish_version("withdrawn"))

    answer = get(LIST, HTTP_COOKIE="yaydoc_session=x")

    assert [version["slug"] for version in json.loads(answer.body)["versions"]] == ["latest"]
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "private, max-age=60"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert not {"Set-Cookie", "Last-Modified"} & set(answer.headers)
    assert len(answer.header_names) == len(answer.headers)


@pytest.mark.parametrize("path", ["versions.json", "switch/latest/", "none", "", "versions.json/"])
def test_private_and_missing_repositories_cannot_be_told_apart(get, publish, path):
    publish({"index.html": HTML})
    Repository.objects.update(is_private=True)

    private, none = get(f"/octo/docs/-/{path}"), get(f"/octo/none/-/{path}")

    assert private.status == 404
    assert (private.status, private.headers, private.body) == (none.status, none.headers, none.body)


def test_list_says_nothing_where_the_switcher_is_off(get, publish):
    publish({"index.html": HTML})
    Repository.objects.update(has_version_switcher=False)

    answer = get(LIST)

    assert (answer.status, answer.body) == (204, b"")


def test_list_escapes_names_and_takes_two_queries(get, publish, publish_version, django_assert_num_queries):
    publish({"index.html": HTML})
    publish_version('"><script>alert(1)</script>\u2028ä', BRANCH)

    with django_assert_num_queries(2):
        answer = get(LIST)

    assert answer.body.isascii()
    assert json.loads(answer.body)["versions"][1]["name"] == '"><script>alert(1)</script>\u2028ä'


def test_list_takes_get_and_head_only(get, publish):
    publish({"index.html": HTML})

    assert get(LIST, method="POST").status == 405
    assert get(LIST, method="HEAD").body == b""


def test_a_branch_called_stable_is_no_alias(get, publish_version):
    publish_version("1.0")
    publish_version("stable", BRANCH)

    told = json.loads(get(LIST).body)

    assert told["newest"] == "1.0"
    assert [(one["slug"], one["kind"]) for one in told["versions"]] == [("1.0", "release"), ("stable", "branch")]


# -- changing the version


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("guide/a b.html", "/octo/docs/1.0/guide/a%20b.html"),
        ("guide/", "/octo/docs/1.0/guide/"),
        ("guide", "/octo/docs/1.0/guide/"),
        ("guide.html", "/octo/docs/1.0/guide/"),
        ("flat/", "/octo/docs/1.0/flat.html"),
        ("gone.html", "/octo/docs/1.0/"),
        ("", "/octo/docs/1.0/"),
        ("file.txt", "/octo/docs/1.0/file.txt"),
    ],
)
def test_switch_keeps_the_page_where_the_other_version_has_it(get, publish_version, path, location):
    files = {"index.html": HTML, "guide/index.html": HTML, "guide/a b.html": HTML, "flat.html": "", "file.txt": ""}
    publish_version("1.0", files=files)

    answer = get(f"/octo/docs/-/switch/1.0/{path}", query="q=1")

    assert (answer.status, answer.headers["Location"]) == (302, f"{location}?q=1")


@pytest.mark.parametrize(
    "path", ["nowhere/", "", "1.0", "1.0/../../x", "1.0/.compressed/index.html.br", "1.0//evil.example/", "//evil"]
)
def test_switch_leads_to_published_versions_of_the_same_repository_only(get, publish_version, path):
    publish_version("1.0")

    answer = get(f"/octo/docs/-/switch/{path}")

    assert answer.status == 404 or answer.headers["Location"] == "/octo/docs/1.0/"


def test_page_in_a_folder_of_that_name_is_a_page(get, publish):
    publish({"index.html": HTML, "-/versions.json": "theirs"})

    assert get("/octo/docs/latest/-/versions.json").body == b"theirs"
