"""What readers get from the docs host."""

import gzip
from urllib.parse import unquote

import brotli
import pytest
from django.core.signals import request_finished, request_started
from django.db import OperationalError, connection

from pages.models import Publication
from pages.switcher import SUFFIX
from repositories.models import Repository, Version

PAGE = "<!doctype html><title>ü</title>" + "<p>words</p>" * 500
SERVED = PAGE.encode() + SUFFIX


@pytest.fixture
def pages(publish):
    return publish(
        {
            "index.html": PAGE,
            "guide/index.html": "guide",
            "plain/readme.txt": "text",
            "_static/app.js": "x = 1",
            "_static/data.json": "{}",
            "_static/logo.svg": "<svg/>",
            "_static/photo.png": b"\x89PNG" + b"\0" * 5000,
            "objects.inv": b"# Sphinx",
            "with space/ü.html": "odd",
        }
    )


def test_page_is_the_file_of_the_published_release(get, pages):
    answer = get("/octo/docs/latest/index.html")

    assert (answer.status, answer.body) == (200, SERVED)
    assert answer.headers == {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Length": str(len(SERVED)),
        "Cache-Control": "no-cache",
        "ETag": f'W/"{pages.directory_name}"',
        "Last-Modified": answer.headers["Last-Modified"],
        "Vary": "Accept-Encoding",
        "X-Content-Type-Options": "nosniff",
        "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Referrer-Policy": "strict-origin-when-cross-origin",
    }
    assert len(answer.header_names) == len(answer.headers)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("index.html", "text/html; charset=utf-8"),
        ("_static/app.js", "text/javascript; charset=utf-8"),
        ("_static/data.json", "application/json; charset=utf-8"),
        ("_static/logo.svg", "image/svg+xml; charset=utf-8"),
        ("_static/photo.png", "image/png"),
        ("plain/readme.txt", "text/plain; charset=utf-8"),
        ("objects.inv", "application/octet-stream"),
    ],
)
def test_content_type_is_that_of_the_name(get, pages, path, kind):
    assert get(f"/octo/docs/latest/{path}").headers["Content-Type"] == kind


@pytest.mark.parametrize(
    ("path", "query", "location"),
    [
        ("/octo/docs", "", "/octo/docs/latest/"),
        ("/octo/docs/", "", "/octo/docs/latest/"),
        ("/Octo/DOCS", "", "/Octo/DOCS/latest/"),
        ("/octo/docs/latest", "", "/octo/docs/latest/"),
        ("/octo/docs/latest/guide", "q=a%20b&x=//evil", "/octo/docs/latest/guide/?q=a%20b&x=//evil"),
        ("/", "", "http://localhost:8000/"),
    ],
)
def test_redirects_stay_on_the_host(get, pages, path, query, location):
    answer = get(path, query=query)

    assert (answer.status, answer.headers["Location"], answer.body) == (302, location, b"")


def test_directory_is_its_index(get, pages):
    assert get("/octo/docs/latest/").body == SERVED
    assert get("/octo/docs/latest/guide/").body == b"guide"


def test_name_with_spaces_and_umlauts_is_found(get, pages):
    assert get(unquote("/octo/docs/latest/with%20space/%C3%BC.html")).body == b"odd"


def test_publish_and_roll_back_are_seen_at_once(get, publish, version):
    first = publish({"index.html": "one"}, number=1)
    seen = [get("/octo/docs/latest/").body]
    publish({"index.html": "two"}, number=2)
    seen.append(get("/octo/docs/latest/").body)
    Publication.objects.get(version=version).roll_back_to(first)
    seen.append(get("/octo/docs/latest/").body)

    assert seen == [b"one", b"two", b"one"]


def test_page_that_is_known_already_is_not_sent_again(get, pages):
    first = get("/octo/docs/latest/")

    by_tag = get("/octo/docs/latest/", HTTP_IF_NONE_MATCH=f'"x", {first.headers["ETag"]}')
    by_date = get("/octo/docs/latest/", HTTP_IF_MODIFIED_SINCE=first.headers["Last-Modified"])
    other = get("/octo/docs/latest/", HTTP_IF_NONE_MATCH='"x"')

    assert [(a.status, a.body) for a in (by_tag, by_date)] == [(304, b""), (304, b"")]
    assert by_tag.headers["ETag"] == first.headers["ETag"]
    assert other.status == 200


def test_date_of_a_page_is_that_of_its_publication(get, publish, version):
    """Else a roll back to older files would be answered with "not modified"."""
    first = publish({"index.html": "one"}, number=1)
    publish({"index.html": "two"}, number=2)
    Publication.objects.update(published_at="2026-01-01T00:00:00Z")
    date = get("/octo/docs/latest/").headers["Last-Modified"]

    Publication.objects.get(version=version).roll_back_to(first)

    assert date == "Thu, 01 Jan 2026 00:00:00 GMT"
    assert get("/octo/docs/latest/", HTTP_IF_MODIFIED_SINCE=date).body == b"one"


@pytest.mark.parametrize(
    ("wish", "coding", "decode"),
    [
        ("gzip, deflate, br, zstd", "br", brotli.decompress),
        ("gzip", "gzip", gzip.decompress),
        ("br;q=0, gzip;q=0.5", "gzip", gzip.decompress),
        ("gzip; q=0.0", None, bytes),
        ("identity", None, bytes),
        ("", None, bytes),
    ],
)
def test_compressed_form_is_chosen_by_the_client(get, pages, wish, coding, decode):
    answer = get("/octo/docs/latest/", HTTP_ACCEPT_ENCODING=wish)

    assert answer.headers.get("Content-Encoding") == coding
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert answer.headers["Content-Length"] == str(len(answer.body))
    assert decode(answer.body) == SERVED


@pytest.mark.parametrize("path", ["_static/photo.png", "_static/app.js"])
def test_what_is_small_or_compressed_already_is_left_alone(get, pages, path):
    answer = get(f"/octo/docs/latest/{path}", HTTP_ACCEPT_ENCODING="br, gzip")

    assert "Content-Encoding" not in answer.headers
    assert "Vary" not in answer.headers


def test_compressed_file_of_an_author_is_served_as_it_is(get, publish):
    publish({"data.json": '"' + "x" * 5000 + '"', "data.json.gz": b"mine", "data.json.br": b"mine too"})

    assert get("/octo/docs/latest/data.json.gz").body == b"mine"
    assert gzip.decompress(get("/octo/docs/latest/data.json", HTTP_ACCEPT_ENCODING="gzip").body)[:2] == b'"x'


@pytest.mark.parametrize(
    ("wish", "status", "body"),
    [
        ("bytes=0-0", 206, b"g"),
        ("bytes=1-2", 206, b"ui"),
        ("bytes=3-", 206, b"de"),
        ("bytes=-2", 206, b"de"),
        ("bytes=9-", 416, b""),
        ("lines=1", 200, b"guide"),
        ("bytes=0-1,3-4", 200, b"guide"),
    ],
)
def test_part_of_a_file_can_be_asked_for(get, pages, wish, status, body):
    answer = get("/octo/docs/latest/guide/", HTTP_RANGE=wish)

    assert (answer.status, answer.body) == (status, body)


def test_part_of_another_file_is_not_given(get, pages):
    answer = get("/octo/docs/latest/guide/", HTTP_RANGE="bytes=0-0", HTTP_IF_RANGE='"x"')

    assert (answer.status, answer.body) == (200, b"guide")


def test_head_has_the_headers_of_get_and_no_body(get, pages):
    for path in ("/octo/docs/latest/", "/octo/docs/latest/none"):
        head, whole = get(path, method="HEAD"), get(path)

        assert head.body == b""
        assert (head.status, head.headers) == (whole.status, whole.headers)


def test_other_methods_are_not_allowed(get, pages):
    answer = get("/octo/docs/latest/", method="POST")

    assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD")


def test_missing_page_is_the_releases_own_where_it_has_one(get, publish):
    publish({"index.html": "x", "404.html": "theirs" * 500, "empty/x.txt": "x"})

    for path in ("none.html", "empty/", "empty", "index.html/x"):
        answer = get(f"/octo/docs/latest/{path}", HTTP_ACCEPT_ENCODING="br")
        assert (answer.status, brotli.decompress(answer.body)) == (404, b"theirs" * 500)
        assert "ETag" not in answer.headers


def test_missing_page_of_ours_needs_nothing_else(get, pages):
    answer, elsewhere = get("/octo/docs/latest/none.html"), get("/octo/none/latest/none.html")

    assert answer.status == 404
    assert b"There is no such page" in answer.body
    assert b"<script" not in answer.body
    assert b'href="/octo/docs/latest/"' in answer.body
    assert b'href="http://localhost:8000/"' in elsewhere.body
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; style-src 'unsafe-inline'"


@pytest.mark.parametrize("path", ["", "/", "/latest", "/latest/", "/latest/index.html"])
def test_private_missing_and_unpublished_cannot_be_told_apart(get, pages, repository, owner, path):
    Version.objects.create(repository=repository, name="dev")
    Repository.objects.update(is_private=True)

    private, none = get(f"/octo/docs{path}"), get(f"/octo/none{path}")
    unpublished = get("/octo/docs/dev/")

    assert private.status == 404
    assert (private.status, private.headers, private.body) == (none.status, none.headers, none.body)
    assert unpublished.body == none.body


def test_pages_of_a_version_that_is_built_no_more_stay(get, pages, version):
    Version.objects.update(is_active=False)

    assert get("/octo/docs/latest/").status == 200


def test_page_takes_one_query(get, pages, django_assert_num_queries):
    with django_assert_num_queries(1):
        get("/octo/docs/latest/")


def test_no_cookie_is_set_or_read(get, pages, client, owner):
    client.force_login(owner)
    cookie = f"yaydoc_session={client.cookies['yaydoc_session'].value}"
    Repository.objects.update(is_private=True)

    answer = get("/octo/docs/latest/", HTTP_COOKIE=cookie)

    assert answer.status == 404
    assert "Set-Cookie" not in answer.headers
    assert "Cookie" not in answer.headers.get("Vary", "")


def test_release_that_was_removed_in_between_is_missing(get, pages):
    get("/octo/docs/latest/guide/")
    (pages.directory / "guide" / "index.html").unlink()

    assert get("/octo/docs/latest/guide/").status == 404


def test_database_that_is_down_is_said_so(get, pages, caplog):
    def down(*args):
        raise OperationalError("the database is not there")

    with connection.execute_wrapper(down):
        answer = get("/octo/docs/latest/")

    assert (answer.status, answer.headers["Retry-After"]) == (503, "10")
    assert "No database" in caplog.text


def test_old_database_connections_are_renewed_as_for_django_itself(get, pages):
    sent = []

    def note(signal, **arguments):
        sent.append(signal)

    for signal in (request_started, request_finished):
        signal.connect(note)
    try:
        get("/octo/docs/latest/")
    finally:
        for signal in (request_started, request_finished):
            signal.disconnect(note)

    assert sent == [request_started, request_finished]


# -- previews of pull requests


@pytest.fixture
def preview(repository, publish):
    """The published pages of pull request 12, with the toggle on."""
    repository.builds_pull_requests = True
    repository.save(update_fields=["builds_pull_requests"])
    version = Version.objects.create(
        repository=repository, kind=Version.Kind.PULL_REQUEST, name="12", slug="pr-12"
    )
    publish({"index.html": PAGE, "guide/index.html": "guide", "404.html": "nothing"}, of=version)
    return version


@pytest.mark.parametrize(
    ("path", "status"), [("", 200), ("index.html", 200), ("guide", 302), ("guide/", 200), ("nothing", 404)]
)
def test_a_pull_requests_pages_are_not_for_search_engines(get, preview, path, status):
    answer = get(f"/octo/docs/pr-12/{path}")
    assert (answer.status, answer.headers["X-Robots-Tag"]) == (status, "noindex")


def test_a_pages_header_does_not_grow_with_each_request(get, preview):
    for _ in range(3):
        answer = get("/octo/docs/pr-12/")
    assert answer.header_names.count("X-Robots-Tag") == 1


def test_a_branchs_pages_are_for_search_engines_also_those_that_a_preview_shares(get, preview, pages):
    get("/octo/docs/pr-12/")
    assert "X-Robots-Tag" not in get("/octo/docs/latest/").headers


def test_a_closed_pull_requests_pages_are_gone(get, preview):
    Version.objects.filter(pk=preview.pk).update(is_active=False)
    assert get("/octo/docs/pr-12/").status == 404


def test_previews_are_gone_while_pull_requests_are_switched_off(get, preview, pages):
    Repository.objects.update(builds_pull_requests=False)
    assert get("/octo/docs/pr-12/").status == 404
    assert get("/octo/docs/latest/").status == 200
