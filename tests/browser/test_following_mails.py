"""The log of mails follows what is under way, in a real browser."""

import pytest
from playwright.sync_api import expect

from notifications.mails.delivery import deliver
from notifications.models import Mail

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_test_mail_is_seen_to_arrive(signed_in, site, repository, faults):
    signed_in.goto(f"{site}/octo/docs/settings/notifications/")
    signed_in.get_by_role("button", name="Send a test mail").click()
    log = signed_in.locator("#mail-list")
    expect(log).to_contain_text("queued")

    deliver(Mail.objects.get().pk)

    expect(log).to_contain_text("sent", timeout=8000)
    assert log.get_attribute("hx-get") is None
    assert faults == []


def test_the_log_is_whole_without_javascript(browser, site, as_owner, settings, repository):
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": as_owner.cookies[settings.SESSION_COOKIE_NAME].value}
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies([{**cookie, "url": site}])
    page = context.new_page()
    page.goto(f"{site}/octo/docs/settings/notifications/mails/")
    page.get_by_role("button", name="Send a test mail").click()
    expect(page.locator("#mail-list")).to_contain_text("queued")

    deliver(Mail.objects.get().pk)
    page.reload()

    expect(page.locator("#mail-list")).to_contain_text("sent")
    context.close()
