"""From an address that is typed to a test that arrived, in a browser."""

from django_tasks_db.models import DBTaskResult
from playwright.sync_api import expect

from notifications.models import Hook


def test_a_webhook_is_added_and_tried(signed_in, site, repository, receiving, faults):
    page = signed_in
    page.goto(f"{site}/octo/docs/settings/")
    page.get_by_role("link", name="Integrations").click()
    page.get_by_label("URL").fill("https://10.0.0.1/hook")
    page.get_by_role("button", name="Add a webhook").click()
    expect(page.get_by_text("it is not a public one")).to_be_visible()

    page.get_by_label("URL").fill(receiving.url(protocol="http"))
    page.get_by_label("A build starts").check()
    page.get_by_role("button", name="Add a webhook").click()
    expect(page.locator("#secret")).to_be_visible()
    expect(page.locator("#secret")).to_have_text(Hook.objects.get().secret)
    page.reload()
    expect(page.locator("#secret")).to_have_count(0)

    page.get_by_role("button", name="Send a test").click()
    expect(page.locator("#calls")).to_contain_text("queued")
    for row in DBTaskResult.objects.filter(queue_name="hooks"):
        row.task.call(*row.args_kwargs["args"])
    expect(page.locator("#calls")).to_contain_text("204")  # without a reload
    expect(page.locator("#calls[hx-get]")).to_have_count(0)  # nothing more to wait for
    assert len(receiving.taken) == 1
    assert faults == []
