"""The outbox in the admin."""

import pytest
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from notifications import outbox
from notifications.mails import pauses, writing
from notifications.mails.delivery import deliver
from notifications.models import DisabledAddress, Mail, OutgoingState, Pause, Preferences

pytestmark = pytest.mark.django_db

LIST = "admin:notifications_mail_changelist"


def act(client, action, *mails):
    with_all = {"action": action, "_selected_action": [mail.pk for mail in mails]}
    response = client.post(reverse(LIST), with_all, follow=True)
    return [str(message) for message in response.context["messages"]]


def test_the_outbox_lists_mails_with_their_state_in_a_fixed_number_of_queries(
    admin_client, end_build, django_assert_num_queries
):
    end_build("failed")
    admin_client.get(reverse(LIST))
    with django_assert_num_queries(6):
        admin_client.get(reverse(LIST))
    end_build("failed")
    end_build("failed")
    with django_assert_num_queries(6):
        page = admin_client.get(reverse(LIST)).content.decode()
    assert page.count('class="field-subject') == 3


def test_one_mail_can_be_looked_at_and_not_edited(admin_client, written_mail):
    path = reverse("admin:notifications_mail_change", args=[written_mail.pk])
    assert "olivia@example.org" in admin_client.get(path).content.decode()
    admin_client.post(path, {"recipient": "eve@example.org", "state": "sent"})
    written_mail.refresh_from_db()
    assert (written_mail.recipient, written_mail.state) == ("olivia@example.org", OutgoingState.QUEUED)


def test_no_mail_can_be_made_by_hand(admin_client):
    assert admin_client.get(reverse("admin:notifications_mail_add")).status_code == 403


def test_a_refused_mail_can_be_sent_again(
    admin_client, written_mail, smtp, run_mail_tasks, django_capture_on_commit_callbacks
):
    smtp.rcpt_reply = "550 no such user"
    deliver(written_mail.pk)
    DBTaskResult.objects.all().delete()
    smtp.rcpt_reply = "250 OK"

    with django_capture_on_commit_callbacks(execute=True):
        told = act(admin_client, "send_again", written_mail)
    run_mail_tasks()

    written_mail.refresh_from_db()
    assert told == ["1 of 1 queued again."]
    assert (written_mail.state, len(smtp.taken)) == (OutgoingState.SENT, 1)


def test_a_mail_that_is_under_way_or_has_no_recipient_is_not_sent_again(admin_client, written_mail):
    nobody = Mail.objects.create(
        repository=written_mail.repository,
        build=written_mail.build,
        event=written_mail.event,
        state=OutgoingState.SUPPRESSED,
    )
    told = act(admin_client, "send_again", written_mail, nobody)
    assert told == ["0 of 2 queued again.", "2 left alone: under way already, or nobody to send it to."]


def test_a_queued_mail_can_be_cancelled(admin_client, written_mail, smtp):
    assert act(admin_client, "cancel", written_mail) == ["1 of 1 cancelled."]
    outbox.sweep()
    deliver(written_mail.pk)
    assert smtp.data_seen == 0
    assert act(admin_client, "cancel", written_mail) == [
        "0 of 1 cancelled.",
        "1 left alone: not queued any more.",
    ]


@pytest.mark.parametrize("search", ["octo/docs", "olivia@", "First build failed"])
def test_a_mail_is_found_by_repository_recipient_and_subject(admin_client, written_mail, search):
    page = admin_client.get(reverse(LIST), {"q": search, "state": "queued"}).content.decode()
    assert "1 mail" in page


# -- addresses


@pytest.fixture
def disabled():
    for number in range(3):
        DisabledAddress.objects.disable(
            f"a{number}@example.org", DisabledAddress.Kind.BOUNCED, "550 5.1.1 unknown"
        )
    return DisabledAddress.objects.order_by("pk")


def test_disabled_addresses_are_listed_in_a_fixed_number_of_queries(
    admin_client, disabled, django_assert_num_queries
):
    path = reverse("admin:notifications_disabledaddress_changelist")
    with django_assert_num_queries(4):
        page = admin_client.get(path).content.decode()
    assert page.count("550 5.1.1 unknown") == 3


def test_an_address_is_enabled_again_and_none_is_made_by_hand(admin_client, disabled):
    path = reverse("admin:notifications_disabledaddress_changelist")
    chosen = {"action": "enable", "_selected_action": [disabled[0].pk, disabled[1].pk]}
    response = admin_client.post(path, chosen, follow=True)

    assert [str(message) for message in response.context["messages"]] == ["2 of 2 enabled again."]
    assert [one.address for one in DisabledAddress.objects.disabled()] == ["a2@example.org"]
    assert admin_client.get(reverse("admin:notifications_disabledaddress_add")).status_code == 403


def test_an_administrator_switches_quiet_mode_and_cannot_confirm_an_address(admin_client, repository):
    preferences = Preferences.objects.create(repository=repository, mail_to="ops@example.org")
    path = reverse("admin:notifications_preferences_change", args=[preferences.pk])

    admin_client.post(
        path, {"only_changes": "on", "mail_to": "eve@example.org", "mail_to_confirmed_at_0": "2026-01-01"}
    )

    preferences.refresh_from_db()
    assert (preferences.only_changes, preferences.mail_to, preferences.mail_to_confirmed_at) == (
        True,
        "ops@example.org",
        None,
    )


def test_preferences_are_listed_in_a_fixed_number_of_queries(admin_client, repository, django_assert_num_queries):
    Preferences.objects.create(repository=repository, mail_to="ops@example.org")
    with django_assert_num_queries(4):
        page = admin_client.get(reverse("admin:notifications_preferences_changelist"), {"q": "octo"}).text
    assert "ops@example.org" in page


def test_pauses_are_listed_with_what_they_held_in_a_fixed_number_of_queries(
    admin_client, end_build, monkeypatch, django_assert_num_queries
):
    monkeypatch.setattr(pauses, "AT_MOST", 1)
    for _ in range(4):
        end_build("failed")
    path = reverse("admin:notifications_pause_changelist")
    admin_client.get(path)
    with django_assert_num_queries(4):
        page = admin_client.get(path).content.decode()
    assert '<td class="field-held_back">3</td>' in page

    pauses.end(Pause.objects.get())
    for _ in range(2):
        end_build("failed")
    with django_assert_num_queries(4):
        page = admin_client.get(path, {"q": "octo/docs"}).content.decode()
    assert page.count('class="field-held_back"') == 2


def test_a_test_mail_can_be_looked_at(admin_client, repository):
    mail = writing.record_test(repository.pk)
    page = admin_client.get(reverse("admin:notifications_mail_change", args=[mail.pk])).content.decode()
    assert "Test: octo/docs" in page
