"""The badge as data: exactly what shields' endpoint badge takes."""

import pytest

from badges.picture import STYLES
from repositories.models import BuildStatus, Repository
from tests.badges.stored import FORBIDDEN_HEADERS, set_status

# Key → the type that shields accepts; any other key is refused. Source: shields, services/endpoint-common.js
SCHEMA = {
    "schemaVersion": int,
    "label": str,
    "message": str,
    "color": str,
    "labelColor": str,
    "isError": bool,
    "namedLogo": str,
    "logoSvg": str,
    "style": str,
    "cacheSeconds": int,
}
REQUIRED = {"schemaVersion", "label", "message"}


def is_accepted_by_shields(data):
    return (
        set(data) >= REQUIRED
        and all(type(value) is SCHEMA.get(key) for key, value in data.items())
        and data["schemaVersion"] == 1
        and bool(data["message"])
        and data.get("cacheSeconds", 0) >= 0
    )


def test_data_is_what_shields_takes(client, repository):
    set_status(repository, BuildStatus.FAILED)

    response = client.get("/octo/docs.json")

    assert response.json() == {
        "schemaVersion": 1,
        "label": "yaydoc",
        "message": "failed",
        "color": "#E05d44",
        "isError": True,
        "cacheSeconds": 300,
    }
    assert response["Content-Type"] == "application/json"
    assert response["Access-Control-Allow-Origin"] == "*"
    assert not FORBIDDEN_HEADERS & set(response.headers)


def test_data_of_an_unknown_repository_is_not_found(client, db):
    response = client.get("/no/such.json")

    assert response.status_code == 404
    assert response.json()["message"] == "invalid"


@pytest.mark.parametrize(
    "query", ["", "label=", "style=plastic", "style=none", "live=1", "branch=none", "color=red&palette=aa"]
)
@pytest.mark.parametrize("status", BuildStatus)
def test_data_has_no_key_that_shields_refuses(client, repository, status, query):
    set_status(repository, status)

    data = client.get(f"/octo/docs.json?{query}").json()

    assert is_accepted_by_shields(data)
    assert data.get("style", "flat") in STYLES


def test_a_style_that_is_asked_for_is_passed_on(client, repository):
    assert client.get("/octo/docs.json?style=plastic").json()["style"] == "plastic"


@pytest.mark.parametrize("hidden", [{"is_private": True}, {"is_enabled": False}])
def test_data_of_a_hidden_repository_is_that_of_an_unknown_one(client, repository, hidden):
    set_status(repository, BuildStatus.SUCCESS)
    Repository.objects.update(**hidden)

    answer, unknown = client.get("/octo/docs.json?live=1"), client.get("/octo/none.json?live=1")

    assert (answer.status_code, answer.content) == (404, unknown.content)
    assert {**answer.headers, "Expires": ""} == {**unknown.headers, "Expires": ""}


def test_head_has_the_headers_of_get_and_no_body(client, repository):
    get, head = client.get("/octo/docs.json"), client.head("/octo/docs.json")

    assert head.content == b""
    assert {**head.headers, "Expires": ""} == {**get.headers, "Expires": ""}
