"""The shortcut: the same answers as Django's, without Django."""

import pytest
from django.db import OperationalError, connection

from repositories.models import BuildStatus
from tests.badges.asking import PATH
from tests.badges.stored import set_status

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    ("status", "query"),
    [
        (BuildStatus.SUCCESS, ""),
        (BuildStatus.FAILED, "style=for-the-badge&label=docs&color=blue"),
        (BuildStatus.UNKNOWN, "palette=aa&utm_source=x"),
    ],
)
def test_answers_are_those_of_django_header_by_header(ask, repository, query, status):
    set_status(repository, status)
    djangos = ask(query=query)
    etag = dict(djangos[1])["ETag"]
    assert ask.asked_django
    djangos_known = ask(query=query, HTTP_IF_NONE_MATCH=f"{etag}, {etag}")
    assert ask.asked_django

    own, own_known = ask(query=query), ask(query=query, HTTP_IF_NONE_MATCH=etag)

    assert not ask.asked_django
    assert (own, own_known) == (djangos, djangos_known)
    assert (own[0], own_known[0], own_known[2]) == ("200 OK", "304 Not Modified", b"")


def test_expiry_is_now(ask, monkeypatch):
    ask(), ask()
    headers = []

    monkeypatch.setattr("badges.answers.time", lambda: 1_800_000_000)
    ask.shortcut(
        {"REQUEST_METHOD": "GET", "PATH_INFO": PATH, "QUERY_STRING": "", "HTTP_HOST": "localhost:8000"},
        lambda status, given: headers.extend(given),
    )

    assert dict(headers)["Expires"] == "Fri, 15 Jan 2027 08:00:00 GMT"


@pytest.mark.parametrize(
    "asked",
    [
        {"query": "live=1"},
        {"query": "branch=main"},
        {"query": "version=latest"},
        {"query": "label=" + "x" * 500},
        {"method": "HEAD"},
        {"method": "POST"},
        {"host": "evil.example"},
        {"path": "/octo/docs.json"},
        {"path": "/octo/none.svg"},
        {"path": "/octo/docs/"},
        {"HTTP_IF_NONE_MATCH": '"of another picture"'},
    ],
    ids=str,
)
def test_all_else_is_left_to_django(ask, asked):
    ask(), ask()
    first = ask(**asked)

    second = ask(**asked)

    assert ask.asked_django
    assert first[0] == second[0]


def test_what_is_unreadable_is_not_kept(ask):
    def down(*args):
        raise OperationalError("the database is not there")

    with connection.execute_wrapper(down):
        assert ask.status() == "unknown"

    assert ask.status() == "success"
