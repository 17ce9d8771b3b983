"""A real Chromium against a live server; every console error or refused script fails the test."""

import os
import shutil

import pytest

from builds.models import Build

# Playwright runs an event loop in the test's thread, and Django would refuse the database there.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def pytest_collection_modifyitems(items):
    if CHROMIUM:
        return
    for item in items:
        if "tests/browser" in str(item.path):
            item.add_marker(pytest.mark.skip(reason="no Chromium is found"))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    # As root Chromium starts without its own sandbox only; it sees nothing but our pages here.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": arguments}


@pytest.fixture
def faults(page):
    """What the browser complained of, such as a breach of the content security policy."""
    found = []
    page.on(
        "console", lambda message: found.append(message.text) if message.type in {"error", "warning"} else None
    )
    page.on("pageerror", lambda error: found.append(str(error)))
    return found


@pytest.fixture
def site(live_server, settings):
    settings.SITE_URL = live_server.url
    settings.CSRF_TRUSTED_ORIGINS = [live_server.url]
    return live_server.url


@pytest.fixture
def signed_in(page, site, as_owner, owner, settings):
    """The page, with olivia signed in."""
    page.context.add_cookies(
        [
            {
                "name": settings.SESSION_COOKIE_NAME,
                "value": as_owner.cookies[settings.SESSION_COOKIE_NAME].value,
                "url": site,
            }
        ]
    )
    return page


@pytest.fixture
def running(request_build):
    build = request_build(commit="a" * 40)
    assert build.claim()
    Build.objects.filter(pk=build.pk).update(message="Explain retries", author="Ada")
    build.refresh_from_db()
    return build
