"""What a badge's address answers: the status, its headers, and as little work as possible."""

import pytest
from django.db import OperationalError, connection
from django.http import HttpResponse
from django.utils.cache import add_never_cache_headers
from django.utils.http import parse_http_date

from badges.picture import Content, kept, picture
from builds.models import State
from repositories.models import BuildStatus, Repository, Version
from tests.badges.stored import FORBIDDEN_HEADERS, set_status, title


@pytest.mark.parametrize(
    ("status", "shown", "colour"),
    [
        (BuildStatus.SUCCESS, "yaydoc: success", b"#97CA00"),
        (BuildStatus.FAILED, "yaydoc: failed", b"#E05d44"),
        (BuildStatus.UNKNOWN, "yaydoc: not built", b"#9f9f9f"),
    ],
)
def test_badge_shows_the_stored_status(client, repository, status, shown, colour):
    set_status(repository, status)

    response = client.get("/octo/docs.svg")

    assert response.status_code == 200
    assert title(response) == shown
    assert colour in response.content
    assert response["X-Yaydoc-Status"] == status


def test_badge_has_exactly_the_headers_it_needs(client, repository, owner):
    set_status(repository, BuildStatus.SUCCESS)
    client.force_login(owner)

    response = client.get("/octo/docs.svg", HTTP_ACCEPT_ENCODING="br, gzip", HTTP_ACCEPT_LANGUAGE="de")

    assert {name: value for name, value in response.headers.items() if name != "Expires"} == {
        "Content-Type": "image/svg+xml; charset=utf-8",
        "Content-Length": str(len(response.content)),
        "Cache-Control": "max-age=0, no-cache, no-store, must-revalidate, private",
        "ETag": picture(Content("yaydoc", "success", "#97CA00")).etag,
        "Last-Modified": "Sun, 01 Nov 2026 12:30:00 GMT",
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Expose-Headers": "X-Yaydoc-Status",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
        "X-Yaydoc-Status": "success",
    }
    assert response["Expires"]
    assert not response.cookies


def test_badge_is_cached_as_little_as_a_page_that_is_never_cached(client, repository):
    never = HttpResponse()
    add_never_cache_headers(never)

    response = client.get("/octo/docs.svg")

    assert response["Cache-Control"] == never["Cache-Control"]
    assert abs(parse_http_date(response["Expires"]) - parse_http_date(never["Expires"])) <= 1


def test_badge_of_an_unknown_repository_is_still_a_picture(client, db):
    response = client.get("/no/such.svg")

    assert response.status_code == 200
    assert title(response) == "yaydoc: invalid"
    assert response["X-Yaydoc-Status"] == "invalid"


@pytest.mark.parametrize("hidden", [{"is_private": True}, {"is_enabled": False}])
@pytest.mark.parametrize("query", ["", "?live=1", "?branch=main", "?palette=aa&label=docs"])
def test_private_disabled_and_unknown_cannot_be_told_apart(
    client, repository, request_build, django_assert_num_queries, hidden, query
):
    set_status(repository, BuildStatus.SUCCESS)
    request_build()
    Repository.objects.update(**hidden)

    with django_assert_num_queries(1):
        answer = client.get(f"/octo/docs.svg{query}")
    with django_assert_num_queries(1):
        unknown = client.get(f"/octo/none.svg{query}")

    assert answer.content == unknown.content
    assert {**answer.headers, "Expires": ""} == {**unknown.headers, "Expires": ""}


def test_head_has_the_headers_of_get_and_no_body(client, repository):
    get, head = client.get("/octo/docs.svg"), client.head("/octo/docs.svg")

    assert head.content == b""
    assert {**head.headers, "Expires": ""} == {**get.headers, "Expires": ""}


@pytest.mark.parametrize("extension", ["svg", "json"])
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
def test_other_methods_are_not_allowed(client, repository, method, extension):
    response = getattr(client, method)(f"/octo/docs.{extension}")

    assert response.status_code == 405
    assert response["Allow"] == "GET, HEAD"
    assert not FORBIDDEN_HEADERS & set(response.headers)


def test_a_badge_that_is_known_already_is_not_sent_again(client, repository):
    etag = client.get("/octo/docs.svg")["ETag"]

    again = client.get("/octo/docs.svg", HTTP_IF_NONE_MATCH=f'"x", W/{etag}')

    assert (again.status_code, again.content, again["ETag"]) == (304, b"", etag)
    assert again["X-Yaydoc-Status"] == "unknown"
    assert "no-cache" in again["Cache-Control"]
    assert again["Expires"]
    assert not FORBIDDEN_HEADERS & set(again.headers)


def test_a_change_within_the_same_second_is_seen(client, repository):
    set_status(repository, BuildStatus.SUCCESS)
    first = client.get("/octo/docs.svg")
    set_status(repository, BuildStatus.FAILED)

    second = client.get(
        "/octo/docs.svg", HTTP_IF_NONE_MATCH=first["ETag"], HTTP_IF_MODIFIED_SINCE=first["Last-Modified"]
    )
    by_date = client.get("/octo/docs.svg", HTTP_IF_MODIFIED_SINCE=first["Last-Modified"])

    assert (title(second), title(by_date)) == ("yaydoc: failed", "yaydoc: failed")


def test_badge_takes_one_query_and_one_rendering(client, repository, django_assert_num_queries):
    kept.cache_clear()
    set_status(repository, BuildStatus.SUCCESS)

    with django_assert_num_queries(10):
        for _ in range(10):
            client.get("/octo/docs.svg")

    assert kept.cache_info().misses == 1


def test_database_that_is_down_gives_a_grey_picture(client, repository, caplog):
    def down(*args):
        raise OperationalError("the database is not there")

    with connection.execute_wrapper(down):
        answer = client.get("/octo/docs.svg")
        data = client.get("/octo/docs.json")

    assert (answer.status_code, title(answer)) == (200, "yaydoc: unknown")
    assert answer["X-Yaydoc-Status"] == "unknown"
    assert (data.status_code, data.json()["message"]) == (200, "unknown")
    assert "No database" in caplog.text


@pytest.mark.parametrize("state", [State.QUEUED, State.RUNNING])
def test_live_badge_shows_a_build_that_is_on_its_way(client, repository, request_build, state):
    set_status(repository, BuildStatus.SUCCESS)
    build = request_build()
    if state == State.RUNNING:
        assert build.claim()

    live, stored = client.get("/octo/docs.svg?live=1"), client.get("/octo/docs.svg")

    assert title(live) == "yaydoc: building"
    assert b"#007ec6" in live.content
    assert "Last-Modified" not in live
    assert title(stored) == "yaydoc: success"


def test_live_badge_without_a_build_shows_the_stored_status(client, repository, request_build):
    set_status(repository, BuildStatus.SUCCESS)
    pull = Version.objects.create(repository=repository, name="7", kind=Version.Kind.PULL_REQUEST)
    request_build(of=pull)

    assert title(client.get("/octo/docs.svg?live=1")) == "yaydoc: success"
