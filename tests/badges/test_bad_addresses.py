"""Hostile badge addresses: each gets a picture or a 404, changes nothing and is never an error of ours."""

from urllib.parse import quote
from xml.etree import ElementTree

import pytest

from repositories.models import BuildStatus, Repository

PATH = "/octo/docs.svg"
# What was asked for in the query string → the title that the picture has.
QUERIES = {
    "script as label": ("label=<script>alert(1)</script>", "<script>alert(1)</script>: success"),
    "label that ends an attribute": (
        'label="/><image href="//evil"/>',
        '"/><image href="//evil"/>: success',
    ),
    "label that declares an entity": (
        'label=]]><!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        ']]><!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>: success',
    ),
    "style that is a path": ("style=../../../etc/passwd", "yaydoc: success"),
    "label that is endless": ("label=" + "x" * 100_000, "x" * 64 + "…: success"),
    "branch that is NUL": ("branch=%00", "yaydoc: invalid"),
    "colour that ends an attribute": ('color="/><script/>', "yaydoc: success"),
    "palette that is unknown": ("palette=../../x", "yaydoc: success"),
    "label that is not UTF-8": ("label=%ff%fe", "��: success"),
}


@pytest.fixture
def successful(repository):
    Repository.objects.update(build_status=BuildStatus.SUCCESS)
    return repository


@pytest.mark.parametrize("name", QUERIES)
def test_query_is_escaped_or_ignored(client, successful, name):
    query, expected = QUERIES[name]

    response = client.get(f"{PATH}?{quote(query, safe='=&%')}")

    assert response.status_code == 200
    assert response["Content-Type"] == "image/svg+xml; charset=utf-8"
    assert response["X-Content-Type-Options"] == "nosniff"
    root = ElementTree.fromstring(response.content)
    assert root[0].text == expected
    assert {element.tag.partition("}")[2] for element in root.iter()} <= set(
        "svg title linearGradient stop clipPath rect g text".split()
    )
    assert int(root.get("width")) < 64 * 11 + 100


def test_repository_that_was_never_registered_is_a_picture(client, db):
    assert client.get("/no/such.svg")["X-Yaydoc-Status"] == "invalid"


@pytest.mark.parametrize(
    "path",
    [
        "/octo/docs.svg%2f..%2f..%2fadmin",
        "/octo/docs.svg/",
        "/octo/../docs.svg",
        "/octo/%00.svg",
        "/octo/docs%0a.svg",
        "/octo/docs.svg%0a",
        "/octo/-x.svg",
        "//octo/docs.svg",
        f"/{'a' * 1000}/docs.svg",
        "/settings/docs.svg",
    ],
)
def test_what_names_no_repository_has_no_badge(client, successful, path):
    assert client.get(path, follow=True).status_code == (400 if "%00" in path else 404)


def test_case_of_the_name_does_not_matter(client, successful):
    assert client.get("/OCTO/Docs.svg").content == client.get(PATH).content


def test_strange_host_is_refused(client, successful):
    assert client.get(PATH, HTTP_HOST="octo.evil.example").status_code == 400
