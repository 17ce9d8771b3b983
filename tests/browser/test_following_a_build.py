"""The log of a running build grows on the page, without a reload and under the strict policy."""

from playwright.sync_api import expect

from builds.logs import LogWriter
from builds.models import State
from builds.stages import Stage
from pages.models import Publication, Release


def test_the_log_grows_and_the_end_shows_itself(signed_in, site, running, faults):
    page = signed_in
    with LogWriter(running) as log:
        log.write(b"$ git fetch\nfetched\n")
        page.goto(f"{site}{running.get_absolute_url()}")
        expect(page.locator("#log")).to_contain_text("fetched")
        page.evaluate("window.wasNotReloaded = true")

        log.write(b"<b>rendering</b>\n" * 3)
        running.record(stage=Stage.RENDER)
        expect(page.locator("#log")).to_contain_text("<b>rendering</b>")
        page.wait_for_timeout(2_500)  # polls that bring nothing
        expect(page.locator("[aria-current=step]")).to_contain_text("render", ignore_case=True)
        log.write(b"build failed\n")
    running.finish(State.FAILED, "docs/conf.py could not be read.", hint="Look at line 3.")

    expect(page.locator("#build-state")).to_contain_text("docs/conf.py could not be read.")
    expect(page.get_by_role("button", name="Build again")).to_be_visible()
    shown = page.locator("#log").evaluate("log => log.textContent")
    assert shown == "$ git fetch\nfetched\n" + "<b>rendering</b>\n" * 3 + "build failed\n"
    assert page.evaluate("window.wasNotReloaded")
    assert faults == []


def test_following_stops_with_the_build(signed_in, site, running):
    page = signed_in
    page.goto(f"{site}{running.get_absolute_url()}")
    running.finish(State.SUCCESS)
    expect(page.get_by_role("button", name="Build again")).to_be_visible()

    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(2_500)

    assert asked == []


def test_who_has_scrolled_up_is_left_there(signed_in, site, running):
    page = signed_in
    with LogWriter(running) as log:
        log.write(b"a line\n" * 500)
        page.goto(f"{site}{running.get_absolute_url()}")
        page.locator("#log-box").evaluate("box => box.scrollTop = 100")
        page.wait_for_timeout(200)
        log.write(b"the newest line\n")
    expect(page.locator("#log")).to_contain_text("the newest line")

    assert page.locator("#log-box").evaluate("box => box.scrollTop") == 100


def test_the_repositorys_page_shows_what_a_build_has_published(signed_in, site, running, version, faults):
    page = signed_in
    page.goto(f"{site}/octo/docs/")
    expect(page.get_by_role("link", name="Read the docs")).to_be_hidden()
    badge = page.locator("#badge + .badge-line img")
    before = badge.evaluate("image => image.naturalWidth")
    page.evaluate("window.wasNotReloaded = true")

    release = Release.objects.create(version=version, build_number=1, commit="a" * 40, files=1, size=1)
    Publication.objects.publish(release)
    running.finish(State.SUCCESS, release=release)

    expect(page.get_by_role("link", name="Read the docs")).to_be_visible()
    expect(page.get_by_label("Downloads of latest")).to_be_visible()
    expect(badge).to_have_attribute("alt", "Success")
    page.wait_for_function(
        "before => document.querySelector('#badge + .badge-line img').naturalWidth !== before", arg=before
    )
    assert page.evaluate("window.wasNotReloaded")
    assert faults == []
