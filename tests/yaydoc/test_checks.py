"""System checks of the settings."""

import pytest

from yaydoc.checks import check_badge_shortcut, check_host_names


@pytest.mark.parametrize(
    ("site", "docs"),
    [
        ("https://example.org", "https://example.org"),
        ("https://example.org", "https://EXAMPLE.org:8443"),
        ("http://localhost:8000", "http://localhost:8001"),
    ],
)
def test_one_host_name_for_application_and_pages_is_an_error(settings, site, docs):
    settings.SITE_URL, settings.DOCS_URL, settings.DEBUG = site, docs, False

    assert [message.id for message in check_host_names(None)] == ["yaydoc.E001"]


def test_two_host_names_are_right(settings):
    settings.SITE_URL, settings.DOCS_URL = "https://yaydoc.example.org", "https://docs.example.org"
    settings.DEBUG = False

    assert check_host_names(None) == []


def test_one_host_name_does_while_developing(settings):
    settings.SITE_URL = settings.DOCS_URL = "http://localhost:8000"
    settings.DEBUG = True

    assert check_host_names(None) == []


def test_shortcut_with_a_queue_of_many_machines_is_warned_of(settings):
    settings.BADGE_SHORTCUT, settings.QUEUE_URL = True, "redis://redis:6379/0"
    assert [message.id for message in check_badge_shortcut(None)] == ["yaydoc.W001"]

    settings.BADGE_SHORTCUT = False
    assert check_badge_shortcut(None) == []


def test_shortcut_on_one_machine_is_fine(settings):
    settings.BADGE_SHORTCUT, settings.QUEUE_URL = True, "database"

    assert check_badge_shortcut(None) == []
