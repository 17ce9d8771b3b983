"""The log of a repository's mails: what the owner sees of each, and may do about it."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse

from notifications import outbox
from notifications.mails import pauses, writing
from notifications.mails.delivery import deliver
from notifications.models import Mail, OutgoingState
from repositories.models import Repository
from repositories.names import RepositoryName

pytestmark = pytest.mark.django_db

SETTINGS = "/octo/docs/settings/notifications/"
LOG = f"{SETTINGS}mails/"


def text_of(response):
    assert response.status_code == 200
    return response.content.decode()


def told(response):
    return [str(message) for message in response.context["messages"]]


def in_state(mail, state, reason=""):
    """A row as its way through the outbox would leave it."""
    Mail.objects.filter(pk=mail.pk).update(state=state, reason=reason)


# -- who sees it


@pytest.mark.parametrize("path", [LOG, f"{LOG}test/", f"{LOG}1/again/", f"{LOG}1/cancel/"])
def test_only_those_who_may_change_a_repository_see_its_mails(as_stranger, as_nobody, repository, path):
    ask = "get" if path == LOG else "post"
    assert getattr(as_stranger, ask)(path).status_code == 404
    assert getattr(as_nobody, ask)(path).url.startswith("/accounts/login/")


@pytest.mark.parametrize("action", ["test", "1/again", "1/cancel"])
def test_a_get_changes_nothing(as_owner, repository, action):
    assert as_owner.get(f"{LOG}{action}/").status_code == 405


@pytest.mark.parametrize("action", ["again", "cancel"])
def test_a_mail_of_another_repository_is_not_found(as_stranger, stranger, written_mail, action):
    """Not even by one who has a repository, through its address."""
    Repository.objects.register(
        name=RepositoryName.parse("sam/docs"),
        clone_url="https://github.com/sam/docs.git",
        forge="github",
        registrant=stranger,
    )
    path = f"/sam/docs/settings/notifications/mails/{written_mail.pk}/{action}/"
    assert as_stranger.post(path).status_code == 404


# -- what it says


def test_the_log_shows_recipient_subject_build_and_state(as_owner, written_mail):
    page = text_of(as_owner.get(LOG))
    assert "To olivia@example.org, " in page
    assert f'<a href="/octo/docs/builds/1/">{written_mail.subject}</a>' in page
    assert "<span>queued</span>" in page


@pytest.mark.parametrize("state", OutgoingState)
def test_every_state_has_its_word_and_its_reason(as_owner, written_mail, state):
    Mail.objects.filter(pk=written_mail.pk).update(build=None, state=OutgoingState.QUEUED)
    pause = pauses.Pause.objects.create(repository=written_mail.repository)
    Mail.objects.update(pause=pause, lease_expires_at=written_mail.created_at)
    in_state(written_mail, state, "Because of the test.")
    page = text_of(as_owner.get(LOG))
    assert f"<span>{state.label.lower()}</span>" in page
    assert "Because of the test." in page


def test_a_mail_that_is_tried_again_says_how_often_and_when(as_owner, written_mail, smtp, pass_time):
    smtp.script = ["451 not now", "451 not now"]
    deliver(written_mail.pk)
    pass_time(written_mail, timedelta(minutes=2))
    deliver(written_mail.pk)
    written_mail.refresh_from_db()
    page = text_of(as_owner.get(LOG))
    assert "2 tries, next try at" in page
    assert "<span>waiting</span>" in page
    assert f"{written_mail.not_before:%H:%M} UTC" in page
    assert "The mail server said: 451 not now" in page


def test_a_mail_to_nobody_says_so(as_owner, end_build, owner):
    owner.email = ""
    owner.save()
    end_build("failed")
    page = text_of(as_owner.get(LOG))
    assert "To nobody, " in page
    assert "no address" in page
    assert "/again/" not in page


def test_what_a_subject_says_is_text(as_owner, written_mail):
    Mail.objects.update(subject="<script>alert(1)</script>", reason="<b>no</b>")
    page = text_of(as_owner.get(LOG))
    assert "<script>alert" not in page
    assert "<b>no</b>" not in page


def test_an_empty_log_says_when_the_first_mail_comes(as_owner, repository):
    assert "No mail yet" in text_of(as_owner.get(LOG))


def test_the_log_costs_the_same_for_one_mail_and_for_many(
    as_owner, written_mail, end_build, django_assert_max_num_queries
):
    as_owner.get(LOG)
    with django_assert_max_num_queries(15) as of_one:
        as_owner.get(LOG)
    for _ in range(4):
        end_build("failed")
    with django_assert_max_num_queries(len(of_one)):
        assert text_of(as_owner.get(LOG)).count('class="mail"') == 5
    with django_assert_max_num_queries(5):  # each two seconds
        as_owner.get(LOG, headers={"HX-Request": "true"})


def test_the_log_is_shown_page_by_page(as_owner, written_mail):
    for number in range(26):
        Mail.objects.create(
            repository=written_mail.repository, event="test", subject=f"Mail {number}", recipient="o@example.org"
        )
    first, second = text_of(as_owner.get(LOG)), text_of(as_owner.get(LOG, {"page": 2}))
    assert (first.count('class="mail"'), second.count('class="mail"')) == (25, 2)
    assert "Page 1 of 2" in first
    assert written_mail.subject in second


def test_the_tab_shows_the_last_five_and_leads_to_all(as_owner, written_mail, end_build):
    for _ in range(5):
        end_build("failed")
    page = text_of(as_owner.get(SETTINGS))
    assert page.count('class="mail"') == 5
    assert f'href="{LOG}"' in page
    assert "hx-get" not in page


# -- following it


def test_the_list_asks_for_itself_again_while_something_is_under_way(as_owner, written_mail, smtp):
    assert f'hx-get="{LOG}?page=1"' in text_of(as_owner.get(LOG))
    fragment = text_of(as_owner.get(LOG, headers={"HX-Request": "true"}))
    assert fragment.strip().startswith('<div id="mail-list" hx-get=')
    assert "<html" not in fragment

    deliver(written_mail.pk)
    fragment = text_of(as_owner.get(LOG, headers={"HX-Request": "true"}))
    assert "hx-get" not in fragment
    assert "<span>sent</span>" in fragment


def test_a_mail_that_waits_for_hours_is_not_asked_for_every_two_seconds(as_owner, written_mail, smtp):
    smtp.script = ["451 not now"]
    deliver(written_mail.pk)
    assert "hx-get" not in text_of(as_owner.get(LOG))


# -- send again, cancel


def test_a_refused_mail_is_sent_again(
    as_owner, written_mail, smtp, run_mail_tasks, django_capture_on_commit_callbacks
):
    smtp.data_reply = "554 looks like spam"
    deliver(written_mail.pk)
    smtp.data_reply = "250 OK"
    with django_capture_on_commit_callbacks(execute=True):
        response = as_owner.post(f"{LOG}{written_mail.pk}/again/", follow=True)
    run_mail_tasks()

    assert told(response) == ["The mail is queued again."]
    assert len(smtp.taken) == 1


def test_a_queued_mail_is_cancelled(as_owner, written_mail, smtp):
    response = as_owner.post(f"{LOG}{written_mail.pk}/cancel/", follow=True)
    outbox.sweep()
    deliver(written_mail.pk)
    assert told(response) == ["The mail is cancelled."]
    assert smtp.data_seen == 0


@pytest.mark.parametrize(
    ("action", "state", "words"),
    [
        ("again", OutgoingState.QUEUED, "The mail is under way already, or has no recipient."),
        ("cancel", OutgoingState.SENT, "The mail is not queued any more."),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(as_owner, written_mail, action, state, words):
    in_state(written_mail, state)
    response = as_owner.post(f"{LOG}{written_mail.pk}/{action}/", follow=True)
    written_mail.refresh_from_db()
    assert (told(response), written_mail.state) == ([words], state)


@pytest.mark.parametrize(
    ("state", "buttons"),
    [
        (OutgoingState.QUEUED, ["cancel"]),
        (OutgoingState.SENT, ["again"]),
        (OutgoingState.REFUSED, ["again"]),
        (OutgoingState.SUPPRESSED, ["again"]),
    ],
)
def test_each_mail_has_the_button_that_fits_it(as_owner, written_mail, state, buttons):
    in_state(written_mail, state)
    page = text_of(as_owner.get(LOG))
    assert [name for name in ("again", "cancel") if f"/{written_mail.pk}/{name}/" in page] == buttons


# -- the test mail


def test_a_test_mail_arrives_and_stands_in_the_log(
    as_owner, repository, smtp, run_mail_tasks, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        response = as_owner.post(f"{LOG}test/", follow=True)
    assert told(response) == ["A test mail to olivia@example.org is under way."]
    assert response.request["PATH_INFO"] == LOG
    assert "<span>queued</span>" in text_of(response)

    run_mail_tasks()
    assert smtp.subjects == ["Test: octo/docs \N{EN DASH} Yaydoc"]
    assert smtp.taken[0]["X-Yaydoc-Event"] == "test"
    assert smtp.taken[0]["X-Yaydoc-Build"] is None
    assert "<span>sent</span>" in text_of(as_owner.get(LOG))


def test_test_mails_come_at_most_one_a_minute(as_owner, repository, pass_time):
    as_owner.post(f"{LOG}test/")
    refused = as_owner.post(f"{LOG}test/", follow=True)
    assert told(refused)[-1] == "A test mail was asked for within the last minute. Wait a little."
    assert Mail.objects.count() == 1

    pass_time(Mail.objects.get(), timedelta(seconds=61))
    as_owner.post(f"{LOG}test/")
    assert Mail.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_of_test_mails_that_are_asked_for_at_once_one_is_written(repository):
    together, refused = threading.Barrier(5), []

    def ask():
        together.wait()
        try:
            writing.record_test(repository.pk)
        except writing.TooSoon as answer:
            refused.append(answer)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (Mail.objects.count(), len(refused)) == (1, 4)


def test_each_test_mail_has_a_message_id_of_its_own(as_owner, repository, smtp, run_mail_tasks, pass_time):
    for _ in range(2):
        as_owner.post(f"{LOG}test/")
        pass_time(Mail.objects.first(), timedelta(seconds=61))
    outbox.sweep()
    run_mail_tasks()
    assert len({message["Message-ID"] for message in smtp.taken}) == 2


def test_a_test_mail_to_nobody_says_why(as_owner, repository, owner):
    owner.email = ""
    owner.save()
    response = as_owner.post(f"{LOG}test/", follow=True)
    assert told(response) == ["The test mail cannot be sent: no address."]
    assert Mail.objects.get().state == OutgoingState.SUPPRESSED


def test_with_mail_turned_off_there_is_no_test_mail(as_owner, repository):
    Repository.objects.update(mail_service=False)
    assert "disabled" in text_of(as_owner.get(LOG))
    response = as_owner.post(f"{LOG}test/", follow=True)
    assert told(response) == ["Mail of this repository is turned off: turn it on first."]
    assert response.request["PATH_INFO"] == reverse("notifications:settings", args=["octo", "docs"])
    assert Mail.objects.count() == 0
