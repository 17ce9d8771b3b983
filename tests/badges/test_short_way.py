"""What the way to a badge leaves out: no session, no user, no language; one query; and headers made once."""

import pytest
from django.contrib.sessions.backends.base import SessionBase
from django.core.handlers.wsgi import WSGIRequest
from django.utils import translation

from badges.answers import Answered, answer
from badges.picture import Content, picture
from badges.status import Status
from repositories.models import BuildStatus
from tests.badges.stored import set_status, title


@pytest.fixture
def forbidden(monkeypatch):
    """Whatever of a request a badge must not look at fails; without cookies there is no session and no user."""

    def look(*args, **kwargs):
        raise AssertionError("something looked at what a badge does not need")

    monkeypatch.setattr(WSGIRequest, "COOKIES", property(look))
    monkeypatch.setattr(SessionBase, "_get_session", look)
    for name in ("activate", "get_language_from_request"):
        monkeypatch.setattr(translation, name, look)


def test_other_pages_do_look(client, repository, forbidden):
    with pytest.raises(AssertionError, match="does not need"):
        client.get("/octo/docs/")


@pytest.mark.parametrize("address", ["/octo/docs.svg", "/octo/docs.svg?style=social&label=x", "/octo/docs.json"])
def test_badge_needs_no_session_user_cookie_or_language(
    client, owner, repository, forbidden, django_assert_num_queries, address
):
    set_status(repository, BuildStatus.SUCCESS)
    client.cookies["yaydoc_session"] = "x"

    with django_assert_num_queries(1):
        response = client.get(address, HTTP_ACCEPT_LANGUAGE="de")

    assert response["X-Yaydoc-Status"] == "success"
    assert not response.cookies


def test_headers_are_made_once_and_each_answer_has_its_own():
    drawn = picture(Content("yaydoc", "success", "#97CA00"))
    answer.cache_clear()
    first, second = (Answered(answer(Status.SUCCESS, drawn), None) for _ in range(2))

    first["X-Added"] = "1"

    assert answer.cache_info().misses == 1
    assert "X-Added" not in second
    assert list(second.items()) == list(second.headers.items())


def test_answer_to_another_version_of_the_picture_is_the_picture(client, repository):
    set_status(repository, BuildStatus.SUCCESS)

    changed = client.get("/octo/docs.svg", HTTP_IF_NONE_MATCH='"x"', HTTP_IF_MATCH='"y"')

    assert (changed.status_code, title(changed)) == (200, "yaydoc: success")
