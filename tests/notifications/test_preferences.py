"""The tab Notifications of a repository's settings: the switch, the address, quiet mode."""

import pytest
from django.test import Client

from notifications.models import Preferences
from repositories.models import Repository

pytestmark = pytest.mark.django_db
SETTINGS = "/octo/docs/settings/notifications/"


def preferences():
    return Preferences.objects.of(Repository.objects.get())


def test_the_owner_switches_mail_off_and_on(as_owner, repository):
    as_owner.post(SETTINGS, {"only_changes": ""})
    was_off = not Repository.objects.get().mail_service
    as_owner.post(SETTINGS, {"mail_service": "on"})

    assert (was_off, Repository.objects.get().mail_service) == (True, True)


def test_nothing_is_stored_while_the_defaults_are_kept(as_owner, repository):
    as_owner.post(SETTINGS, {"mail_service": "on", "mail_to": ""})

    assert (Preferences.objects.count(), preferences().only_changes) == (0, False)


def test_quiet_mode_is_stored_and_shown(as_owner, repository):
    response = as_owner.post(SETTINGS, {"mail_service": "on", "only_changes": "on"}, follow=True)

    assert preferences().only_changes
    assert 'name="only_changes"' in response.text
    assert 'name="only_changes" aria-describedby="id_only_changes_helptext" id="id_only_changes" checked' in (
        response.text
    )


@pytest.mark.parametrize(
    "address", ["no address", "a@localhost", "a@b.example\nBcc: c@d.example", "ä@example.org"]
)
def test_an_address_that_no_account_may_have_is_refused(as_owner, repository, address):
    response = as_owner.post(SETTINGS, {"mail_service": "on", "mail_to": address})

    assert 'class="errorlist"' in response.text
    assert preferences().mail_to == ""


def test_another_tab_does_not_touch_the_switch(as_owner, repository):
    fields = {"is_enabled": "on", "clone_url": repository.clone_url, "forge": "github", "default_branch": "main"}
    response = as_owner.post("/octo/docs/settings/", fields)

    assert response.status_code == 302
    assert Repository.objects.get().mail_service


@pytest.mark.parametrize(("who", "status"), [("as_stranger", 404), ("as_nobody", 302)])
def test_others_neither_see_nor_change_it(request, repository, who, status):
    client = request.getfixturevalue(who)

    assert client.get(SETTINGS).status_code == status
    assert client.post(SETTINGS, {"mail_to": "eve@example.org"}).status_code == status
    assert Repository.objects.get().mail_service
    assert preferences().mail_to == ""


def test_a_post_without_a_csrf_token_is_refused(owner, repository):
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner)

    assert client.post(SETTINGS, {}).status_code == 403
    assert Repository.objects.get().mail_service


@pytest.mark.parametrize(("path", "label"), [("/octo/docs/settings/", "General"), (SETTINGS, "Notifications")])
def test_the_tabs_say_where_one_is(as_owner, repository, path, label):
    page = as_owner.get(path).text

    assert page.count('aria-current="page">') == 1
    assert f'<a href="{path}" aria-current="page">{label}</a>' in page
