"""Hostile addresses of the docs host: never a strange file, a listing, another host or an error of ours."""

import os
from urllib.parse import unquote_to_bytes

import pytest

from repositories.models import Repository
from repositories.names import RepositoryName

# Percent-encoded, as they stand in a request line.
NOT_FOUND = {
    "up into another repository": "/octo/docs/latest/%2e%2e/%2e%2e/other/index.html",
    "up, plainly": "/octo/docs/latest/../../other/index.html",
    "up with backslashes": "/octo/docs/latest/..%5c..%5cother",
    "up, encoded twice": "/octo/docs/latest/%252e%252e%252fetc/passwd",
    "up in overlong UTF-8": "/octo/docs/latest/%c0%ae%c0%ae/etc/passwd",
    "up instead of a version": "/octo/docs/%2e%2e/index.html",
    "up instead of a name": "/octo/../docs/latest/",
    "absolute after two slashes": "/octo/docs/latest//etc/passwd",
    "two slashes before the version": "/octo/docs//latest/",
    "another host": "//evil.example/%2e%2e",
    "another host as an owner": "//evil.example/x",
    "another host behind a backslash": "/%5cevil.example/x",
    "another host in the version": "/octo/docs//evil.example",
    "another host in a directory": "/octo/docs/latest//evil.example/..",
    "left-overs of the build": "/octo/docs/latest/.doctrees/environment.pickle",
    "compressed forms": "/octo/docs/latest/.compressed/index.html.br",
    "a hidden file": "/octo/docs/latest/.git/config",
    "NUL": "/octo/docs/latest/index.html%00.png",
    "new line": "/octo/docs/latest/a%0d%0aSet-Cookie:x=1",
    "new line in the name": "/octo/docs%0d%0aX:1/latest",
    "not UTF-8": "/octo/docs/latest/%ff%fe.html",
    "endless": "/octo/docs/latest/" + "a" * 10_000,
    "one endless segment": "/octo/docs/latest/" + "a" * 300,
    "endlessly deep": "/octo/docs/latest/" + "a/" * 600,
    "endless version": "/octo/docs/" + "a" * 1000,
    "directory without index": "/octo/docs/latest/no-index/",
    "directory without index or slash": "/octo/docs/latest/no-index",
    "below a file": "/octo/docs/latest/index.html/",
    "private": "/octo/private/latest/index.html",
    "reserved owner": "/admin/docs/latest/",
    "one segment": "/octo",
    "the application's addresses": "/accounts/login/",
}


@pytest.fixture
def pages(publish, repository, owner):
    private = Repository.objects.register(
        name=RepositoryName.parse("octo/private"),
        clone_url="https://x",
        forge="git",
        registrant=owner,
        is_private=True,
    )
    publish({"index.html": "private"}, of=private.default_version)
    return publish({"index.html": "x" * 5000, "page.html": "page", "no-index/page.html": "x"})


@pytest.mark.parametrize("name", NOT_FOUND)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_nothing_is_found(get, pages, name, method):
    answer = get(unquote_to_bytes(NOT_FOUND[name]), method=method)

    assert answer.status == 404
    assert "Location" not in answer.headers
    assert "Set-Cookie" not in answer.headers


def test_link_in_a_release_leads_nowhere(get, pages, tmp_path):
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "key.html").write_text("secret")
    (pages.directory / "link.html").symlink_to(tmp_path / "secret" / "key.html")
    (pages.directory / "linked").symlink_to(tmp_path / "secret")

    assert [get(f"/octo/docs/latest/{path}").status for path in ("link.html", "linked/key.html")] == [404, 404]


def test_special_file_in_a_release_is_not_opened(get, pages):
    os.mkfifo(pages.directory / "fifo")

    assert get("/octo/docs/latest/fifo").status == 404


def test_query_is_not_used(get, pages):
    answer = get("/octo/docs/latest/page.html", query="next=//evil")

    assert (answer.status, answer.body) == (200, b"page")


def test_a_strangers_script_gets_no_wider_scope(get, pages):
    assert "Service-Worker-Allowed" not in get("/octo/docs/latest/page.html").headers


@pytest.mark.parametrize("host", ["docs.localhost.evil.example", "evil.example", "", "docs.localhost@evil"])
def test_strange_host_gets_neither_pages_nor_application(get, pages, host):
    assert get("/octo/docs/latest/page.html", host=host).status in (400, 404)


def test_pages_are_not_on_the_applications_host(get, pages):
    answer = get("/octo/docs/latest/page.html", host="localhost:8000")

    assert answer.status == 404
    assert answer.body != b"page"


@pytest.mark.parametrize("host", ["docs.localhost:8000", "DOCS.localhost:8000", "docs.localhost"])
def test_docs_host_is_known_in_each_spelling(get, pages, host):
    assert get("/octo/docs/latest/page.html", host=host).body == b"page"


def test_application_is_not_on_the_docs_host(get, db):
    assert b"There is no such page" in get("/admin/", host="docs.localhost:8000").body
    assert get("/admin/", host="localhost:8000").status == 302
