"""The versions in a repository's settings, by keyboard, on a phone, without JavaScript."""

import pytest
from playwright.sync_api import expect

from repositories.models import Version

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_version_is_hidden_and_switched_off_by_keyboard_without_javascript(
    browser, site, as_owner, settings, repository
):
    tag = Version.objects.create(repository=repository, kind=Version.Kind.TAG, name="v1.0")
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": as_owner.cookies[settings.SESSION_COOKIE_NAME].value}
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 740})
    context.add_cookies([{**cookie, "url": site}])
    page = context.new_page()
    page.goto(f"{site}/octo/docs/settings/versions/")

    page.get_by_label("More for v1.0").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("v1.0 is hidden from lists.")).to_be_visible()

    page.get_by_role("button", name="Switch v1.0 off").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("v1.0 is built no more. Its pages stay.")).to_be_visible()

    tag.refresh_from_db()
    assert (tag.is_hidden, tag.is_active) == (True, False)
    context.close()
