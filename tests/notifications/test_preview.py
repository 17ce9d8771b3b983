"""The preview of mails: every kind, with DEBUG only, and under a policy that lets nothing of a mail run."""

import re

import pytest
from django.core.mail import EmailMultiAlternatives
from django.test import Client

from builds.models import Build
from notifications.mails import samples
from notifications.mails.digest import LONGEST_BRANCH
from notifications.mails.rules import Event
from notifications.models import Mail
from repositories.models import Repository

KINDS = sorted(samples.KINDS)


@pytest.fixture
def developer(db, settings):
    settings.DEBUG = True
    return Client()


def test_every_kind_of_mail_has_a_sample():
    assert set(Event.values) <= set(samples.KINDS)


def test_the_list_names_every_kind_with_its_subject(developer):
    page = developer.get("/mail/").content.decode()
    for kind in KINDS:
        assert f'href="/mail/{kind}/"' in page
    assert "Still failing: octo/handbook (main @ 8c2f1d7)" in page


@pytest.mark.parametrize("kind", KINDS)
def test_a_preview_shows_head_text_and_html_in_a_sandbox(developer, kind, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = developer.get(f"/mail/{kind}/")
    page = response.content.decode()

    assert response.status_code == 200
    assert f'sandbox src="/mail/{kind}/html/"' in page
    assert "To: olivia@example.org" in page
    assert "multipart/alternative" in page
    assert "frame-src 'self'" in response["Content-Security-Policy"]
    assert "style-src 'self'" in response["Content-Security-Policy"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_html_is_a_page_of_its_own_that_may_do_nothing(developer, kind):
    response = developer.get(f"/mail/{kind}/html/")
    policy = dict(part.strip().partition(" ")[::2] for part in response["Content-Security-Policy"].split(";"))

    assert response.status_code == 200
    assert policy == {
        "default-src": "'none'",
        "style-src": "'unsafe-inline'",
        "frame-ancestors": "'self'",
        "sandbox": "",
    }
    assert response["X-Frame-Options"] == "SAMEORIGIN"
    assert response.content.decode() == samples.message(kind).alternatives[0][0]


@pytest.mark.parametrize("path", ["/mail/", "/mail/failure/", "/mail/failure/html/"])
def test_without_debug_there_is_no_preview(db, path):
    assert Client().get(path).status_code == 404


def test_a_kind_that_does_not_exist_has_no_preview(developer):
    assert developer.get("/mail/no-such-kind/").status_code == 404
    assert developer.get("/mail/no-such-kind/html/").status_code == 404


@pytest.mark.django_db
def test_samples_leave_nothing_behind():
    for kind in KINDS:
        samples.message(kind)
    assert [model.objects.count() for model in (Mail, Build, Repository)] == [0, 0, 0]


# -- what holds for every kind


def text_of(html):
    """What a reader sees, without what is hidden."""
    shown = re.sub(r"<head>.*?</head>|<div style=\"display:none.*?</div>|<[^>]+>", " ", html, flags=re.DOTALL)
    for entity, character in {"&nbsp;": " ", "&#x27;": "'", "&amp;": "&", "&gt;": ">", "&lt;": "<"}.items():
        shown = shown.replace(entity, character)
    return re.sub(r"\s+", " ", shown)


@pytest.mark.parametrize("kind", KINDS)
def test_text_and_html_have_the_same_links(kind):
    message = samples.message(kind)
    html = message.alternatives[0][0]
    in_html = {link.replace("&amp;", "&") for link in re.findall(r'href="([^"]+)"', html)}
    in_text = set(re.findall(r"https?://\S+", message.body))
    pattern = re.compile(r"/builds/\d+/$")  # a digest's text says once how a build's page is called

    assert {link for link in in_html - in_text if not pattern.search(link)} <= {
        "http://localhost:8000/",
        "http://localhost:8000/octo/handbook/",
    }
    assert {link for link in in_text - in_html if "<its" not in link} == set()


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_text_says_stands_in_the_html_too(kind):
    message = samples.message(kind)
    shown = text_of(message.alternatives[0][0])
    body = re.sub(r"https?://\S+|^-+ ?$|A build's page is.*", "", message.body, flags=re.MULTILINE)
    words = [word.strip(":,.()").lower() for word in body.split()]

    missing = {word for word in words if word not in shown.lower()}
    assert missing == set()


@pytest.mark.parametrize("kind", KINDS)
def test_the_text_is_as_wide_as_a_page_of_text(kind):
    body = samples.message(kind).body
    for line in body.split("The last lines of the log")[0].splitlines():
        assert len(line) <= 76 or "://" in line or line.startswith("#"), line  # a long branch's name is not cut
    assert not re.search(r"\n{4}|[^-] \n", body)


@pytest.mark.parametrize("kind", KINDS)
def test_the_html_is_as_mail_programs_need_it(kind):
    message = samples.message(kind)
    html = message.alternatives[0][0]

    assert isinstance(message, EmailMultiAlternatives)
    assert re.match(r'<!doctype html>\s<html lang="en" dir="ltr">', html)
    assert re.search(r"<title>\S[^<]+</title>", html)
    assert html.count("<h1 ") == 1
    assert '<meta name="color-scheme" content="light dark">' in html
    assert "@media (prefers-color-scheme: dark)" in html
    layout = [table for table in re.findall(r"<table[^>]*>", html) if 'role="presentation"' not in table]
    assert len(re.findall(r"<th scope=", html)) >= len(layout)  # the others hold data, with headings
    assert re.findall(r"<(?:img|link|script|iframe|object|video|form)|url\(|@import|\ssrc=|position:", html) == []
    assert message.message().as_bytes().isascii()
    assert len(message.message().as_bytes()) < 100_000


@pytest.mark.parametrize("kind", Event)
def test_every_mail_about_a_repository_can_be_filtered_and_turned_off(kind):
    head = samples.message(kind).message()
    assert head["List-Id"] == '"octo/handbook" <handbook.octo.localhost>'
    assert str(head["List-Unsubscribe"]).startswith("<http://localhost:8000/unsubscribe/")
    assert head["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert (head["X-Yaydoc-Repository"], head["X-Yaydoc-Event"]) == ("octo/handbook", kind)


@pytest.mark.parametrize("kind", KINDS)
def test_no_mail_asks_for_an_answer_from_a_machine(kind):
    assert samples.message(kind).message()["Auto-Submitted"] == "auto-generated"


def test_the_longest_digest_of_the_longest_names_is_not_cut(monkeypatch):
    """Gmail cuts at 102 KB; what there is no room for stands in short."""
    monkeypatch.setattr(samples, "repository", lambda: Repository(pk=0, owner="o" * 100, name="n" * 100))
    entries = [samples.entry(number)._replace(branch="b" * LONGEST_BRANCH) for number in range(1, 1_001)]
    about = samples.Surroundings(entries=tuple(entries))
    message = samples.compose(samples.mail(Event.DIGEST), about)

    assert len(message.message().as_bytes()) < 100_000
    for body in (re.sub(r"\s+", " ", message.body), text_of(message.alternatives[0][0])):
        assert "#901" in body
        assert "#1000" in body
        assert "still failing: #" in body
        assert all(f"#{number}" in body for number in (4, 9, 895))
