"""The page on which a badge is chosen: what it offers, to whom, and the lines it makes."""

import html
import re
from xml.etree import ElementTree

import pytest
from django.urls import NoReverseMatch, reverse

from badges.picture import STYLES
from repositories.models import BuildStatus, Repository, Version

PAGE = "/octo/docs/badge/"


@pytest.fixture
def tag(repository):
    return Version.objects.create(
        repository=repository, name="release/2", kind=Version.Kind.TAG, build_status=BuildStatus.FAILED
    )


def shown(response):
    """The key of each line to its text."""
    found = re.findall(r'<code id="badge-(\w+)"[^>]*>(.*?)</code>', response.text, re.DOTALL)
    return {key: html.unescape(text) for key, text in found}


def preview(response):
    return html.unescape(re.search(r'class="badge-preview"><img src="([^"]*)"', response.text)[1])


def title_of(svg):
    return ElementTree.fromstring(svg.content)[0].text


def test_lines_of_the_default_badge_have_no_parameters(client, repository):
    response = client.get(PAGE)

    picture, docs = repository.badge_url, repository.docs_url
    assert shown(response) == {
        "markdown": f"[![Documentation status]({picture})]({docs})",
        "html": f'<a href="{docs}"><img src="{picture}" alt="Documentation status"></a>',
        "rest": f".. image:: {picture}\n   :target: {docs}\n   :alt: Documentation status",
        "asciidoc": f"image:{picture}[Documentation status,link={docs}]",
    }
    assert preview(response) == "/octo/docs.svg"


def test_choice_is_in_the_preview_and_in_every_line(client, repository, tag):
    choice = {"style": "plastic", "version": tag.slug, "palette": "aa", "label": "the docs & more"}

    response = client.get(PAGE, choice)

    query = f"?style=plastic&label=the+docs+%26+more&version={tag.slug}&palette=aa"
    assert preview(response) == f"/octo/docs.svg{query}"
    assert shown(response)["markdown"] == (
        f"[![Documentation status of {tag.slug}]({repository.badge_url}{query})]({tag.docs_url})"
    )
    assert title_of(client.get(preview(response))) == "the docs & more: failed"
    assert 'alt="the docs &amp; more: failed"' in response.text


@pytest.mark.parametrize(
    "choice",
    [
        {"style": "none"},
        {"version": "none"},
        {"palette": "none"},
        {"label": "x" * 65},
        {"style": "", "version": ""},
    ],
)
def test_choice_that_makes_no_sense_is_told_and_changes_nothing(client, repository, choice):
    response = client.get(PAGE, choice)

    assert 'class="errorlist"' in response.text
    assert preview(response) == "/octo/docs.svg"


def test_hostile_label_is_escaped(client, repository):
    response = client.get(PAGE, {"label": '"><script>alert(1)</script>'})

    assert "<script>alert" not in response.text
    assert preview(response) == "/octo/docs.svg?label=%22%3E%3Cscript%3Ealert%281%29%3C%2Fscript%3E"


def test_all_styles_and_listed_versions_are_offered(client, repository, tag):
    Version.objects.create(repository=repository, name="7", kind=Version.Kind.PULL_REQUEST)
    Version.objects.create(repository=repository, name="old", is_active=False)

    response = client.get(PAGE)

    options = re.findall(r'<option value="([^"]+)"', response.text)
    assert options == [*STYLES, "latest", tag.slug, "default", "aa"]
    assert "latest (main)" in response.text


def test_page_takes_the_same_queries_however_many_versions_there_are(
    client, repository, tag, django_assert_num_queries
):
    for number in range(10):
        Version.objects.create(repository=repository, name=f"v{number}")

    with django_assert_num_queries(3):
        client.get(PAGE, {"version": "v7"})


@pytest.mark.parametrize(
    ("hidden", "sentence"),
    [
        ({"is_private": True}, "This repository is private"),
        ({"is_enabled": False}, "Builds of this repository are off"),
    ],
)
@pytest.mark.parametrize("path", [PAGE, "/octo/docs/", "/octo/docs/registered/"])
def test_hidden_repository_has_no_line_to_copy_but_a_reason(as_owner, repository, hidden, sentence, path):
    Repository.objects.update(**hidden)

    response = as_owner.get(path)

    # Who has just registered a private repository is not asked to show its badge.
    is_asked = "is_private" not in hidden or not path.endswith("/registered/")
    assert (sentence in response.text) == is_asked
    assert "Documentation status" not in response.text
    assert 'alt="Unknown"' not in response.text  # but "invalid", as the picture says


def test_page_of_a_private_repository_is_missing_to_strangers(as_stranger, private_repository):
    assert as_stranger.get(PAGE).status_code == as_stranger.get("/octo/none/badge/").status_code == 404


@pytest.mark.parametrize("path", ["/octo/docs/", "/octo/docs/registered/"])
def test_pages_lead_to_the_choice(as_owner, repository, path):
    assert f'<a href="{PAGE}" data-dialog="#badge-maker">' in as_owner.get(path).text


@pytest.mark.parametrize("path", ["/octo/docs/", "/octo/docs/registered/"])
def test_other_pages_do_without_badges(as_owner, repository, settings, path):
    settings.ROOT_URLCONF = "tests.badges.urls_without_badges"
    with pytest.raises(NoReverseMatch):
        reverse("badges:page", args=["octo", "docs"])

    response = as_owner.get(path)

    assert response.status_code == 200
    assert "badge" not in response.text.lower()
