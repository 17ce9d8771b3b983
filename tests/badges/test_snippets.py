"""Each line shows the picture, with its alternative text, as a link to the documentation."""

import re
import xml.etree.ElementTree as ET

import pytest
from docutils.core import publish_parts
from markdown_it import MarkdownIt

from badges.snippets import snippets

TARGET = "https://docs.example.org/octo/docs/2.0/"
PICTURES = [
    "https://yaydoc.example.org/octo/docs.svg",
    "https://yaydoc.example.org/octo/docs.svg?style=social&label=a+%28b%29+%22%3C%3E%5D&version=2.0",
    "https://yaydoc.example.org/o__c--t/a..b__c__.svg?copy=1&label=__x__++~1~",
]
ALTERNATIVE = "Documentation status of release-2_0.1"


def lines(picture, target=TARGET):
    made = snippets(picture=picture, target=target, alternative=ALTERNATIVE)
    return {snippet.key: snippet.text for snippet in made}


def link_in(html):
    """Target, picture and alternative text of the only link and picture."""
    tree = ET.fromstring(re.sub(r"<(img[^>]*[^/])>", r"<\1/>", html))
    (link,) = tree.iter("a")
    (picture,) = link.iter("img")
    return link.get("href"), picture.get("src"), picture.get("alt")


@pytest.mark.parametrize("picture", PICTURES)
def test_html_shows_the_badge_as_a_link(picture):
    assert link_in(lines(picture)["html"]) == (TARGET, picture, ALTERNATIVE)


@pytest.mark.parametrize("picture", PICTURES)
def test_markdown_shows_the_badge_as_a_link(picture):
    html = MarkdownIt("commonmark", {"xhtmlOut": True}).render(lines(picture)["markdown"])

    assert link_in(html) == (TARGET, picture, ALTERNATIVE)


@pytest.mark.parametrize("picture", PICTURES)
def test_restructured_text_shows_the_badge_as_a_link(picture):
    html = publish_parts(lines(picture)["rest"], writer="html5", settings_overrides={"halt_level": 2})["body"]

    assert link_in(html) == (TARGET, picture, ALTERNATIVE)


def test_asciidoc_shows_the_badge_as_a_link():
    assert lines(PICTURES[0])["asciidoc"] == f"image:{PICTURES[0]}[{ALTERNATIVE},link={TARGET}]"


def test_no_address_in_asciidoc_has_what_it_would_read_as_more_than_text():
    line = lines(PICTURES[2], "https://docs.example.org/o__c--t/a..b__c__/")["asciidoc"]

    assert line == (
        "image:https://yaydoc.example.org/o%5F%5Fc-%2Dt/a.%2Eb%5F%5Fc%5F%5F.svg?copy=1&label=%5F%5Fx%5F%5F%20%20%7E1%7E"
        f"[{ALTERNATIVE},link=https://docs.example.org/o%5F%5Fc-%2Dt/a.%2Eb%5F%5Fc%5F%5F/]"
    )
