"""Each mail in a real browser: it fits, it can be read, it asks for nothing; and the manual's pictures of them."""

import os

import pytest
from playwright.sync_api import expect

from notifications.mails import samples
from notifications.mails.links import unsubscribe_url
from repositories.models import Repository
from tests import mail_pictures
from tests.browser.test_pages import WORST_CONTRAST, check

KINDS = sorted(samples.KINDS)
WIDTHS = (360, 800)
IS_DRAWING = bool(os.environ.get("DRAW_PICTURES"))


@pytest.fixture
def preview(page, live_server, settings, db):
    """Opens the preview of a kind, as HTML alone."""
    settings.DEBUG = True
    settings.SITE_URL = mail_pictures.SITE_URL

    def open_preview(kind, width, scheme):
        page.set_viewport_size({"width": width, "height": 600})
        page.emulate_media(color_scheme=scheme)
        response = page.goto(f"{live_server.url}/mail/{kind}/html/")
        assert response.status == 200
        return page

    return open_preview


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_every_mail_fits_and_can_be_read(preview, faults, width, scheme):
    for kind in KINDS:
        page = preview(kind, width, scheme)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, kind
        contrast, where = page.evaluate(WORST_CONTRAST)
        assert contrast >= 4.5, (kind, where)
        background = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert background == {"light": "rgb(250, 250, 248)", "dark": "rgb(14, 18, 21)"}[scheme]
    assert faults == []


@pytest.mark.parametrize("width", WIDTHS)
def test_a_mail_without_its_style_sheet_is_the_same_in_light(preview, width):
    """As in programs that read the styles in the elements only."""
    for kind in KINDS:
        page = preview(kind, width, "light")
        whole = page.screenshot(full_page=True)
        page.evaluate("document.querySelectorAll('head style').forEach(style => style.remove())")
        assert page.screenshot(full_page=True) == whole, kind


def test_the_longest_names_and_lines_break_on_a_phone(preview, monkeypatch):
    long = "x" * 100
    named = samples.Repository(pk=0, owner=long, name=long, clone_url=f"https://github.com/{long}/{long}.git")
    monkeypatch.setattr(samples, "repository", lambda: named)
    monkeypatch.setattr(samples, "LOG", long * 20)
    monkeypatch.setitem(samples.RESULTS[samples.State.FAILED], "reason", long * 6)
    for kind in ("failure", "digest", "confirm-address"):
        assert preview(kind, 360, "light").evaluate("document.documentElement.scrollWidth") <= 360


def test_the_preview_shows_its_frames_under_the_policy(preview, live_server, faults):
    page = preview("failure", 800, "light")
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{live_server.url}/mail/failure/")
    for frame in page.frames[1:]:
        assert frame.locator("h1").inner_text() == "Build #42 of main failed"
    assert len(page.frames) == 3
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280
    assert faults == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", ["phone", "wide"])
def test_turning_mail_off_and_on_again_by_the_link_of_a_mail(page, site, repository, faults, width, scheme):
    check(page, width, scheme, unsubscribe_url(repository))
    page.get_by_role("button", name="Turn it off").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("No more mail about octo/docs")
    assert not Repository.objects.get().mail_service

    page.get_by_role("button", name="Turn it on again").click()
    expect(page.get_by_role("button", name="Turn it off")).to_be_visible()
    assert Repository.objects.get().mail_service
    assert faults == []


# -- the manual's pictures


PICTURES = [
    *[(kind, kind, 800, "light") for kind in mail_pictures.KINDS],
    ("failure-dark", "failure", 360, "dark"),
]


@pytest.mark.parametrize(("name", "kind", "width", "scheme"), PICTURES, ids=[name for name, *_ in PICTURES])
def test_the_picture_in_the_manual_is_of_the_mail_as_it_is(preview, name, kind, width, scheme):
    """Fonts differ between machines, so not each pixel counts: what was drawn, how wide, and about how high."""
    page = preview(kind, width, scheme)
    html = samples.message(kind).alternatives[0][0]
    height = min(page.evaluate("document.documentElement.scrollHeight"), mail_pictures.HIGHEST)
    drawn = page.screenshot(full_page=True, clip={"x": 0, "y": 0, "width": width, "height": height})
    if IS_DRAWING:
        blank = page.context.new_page()  # the preview's own policy lets no script run
        mail_pictures.keep(blank, name, html, drawn)

    kept = (mail_pictures.DIRECTORY / f"{name}.png").read_bytes()
    assert mail_pictures.made_of()[name] == mail_pictures.digest(html), "stale: run make pictures"
    assert mail_pictures.size_of(kept)[0] == mail_pictures.size_of(drawn)[0] == width
    assert mail_pictures.size_of(kept)[1] == pytest.approx(mail_pictures.size_of(drawn)[1], rel=0.2)
    assert len(kept) < 60_000
