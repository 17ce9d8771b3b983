"""The headers of a mail, as a real SMTP server gets them, byte for byte."""

import email.policy
import re
from email.utils import parseaddr

import pytest
from django.utils import timezone

from notifications.mails.headers import list_id
from notifications.models import Mail, Preferences
from repositories.models import Repository, Version

pytestmark = pytest.mark.django_db

DOT_ATOM = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)+")  # RFC 2919, 2


@pytest.fixture
def sent(run_mail_tasks, smtp):
    """The mails that wait, sent: the messages as they were taken."""

    def send():
        run_mail_tasks()
        return smtp.taken

    return send


def headers(message):
    return {name: value for name, value in message.items() if name not in {"Date", "Content-Type"}}


def test_a_failures_headers(end_build, sent, repository, settings):
    settings.DEFAULT_FROM_EMAIL = "Yaydoc <docs@example.org>"
    settings.SITE_URL = "https://ci.example.org"
    end_build("success")
    end_build("failed", commit="b" * 40)
    end_build("failed", commit="c" * 40)
    made = headers(sent()[-1])

    root = Mail.objects.order_by("pk")[1]
    assert root.event == "failure"
    thread = sent()[1]["Message-ID"]
    assert re.fullmatch(rf"<yaydoc\.{repository.pk}\.2\.failed\.[0-9a-f]{{8}}@ci\.example\.org>", thread)
    assert made.pop("List-Unsubscribe").startswith("<https://ci.example.org/unsubscribe/")
    assert made == {
        "MIME-Version": "1.0",
        "Subject": "Still failing: octo/docs (main @ ccccccc) \N{EN DASH} Yaydoc #3",
        "From": "Yaydoc <docs@example.org>",
        "To": "olivia@example.org",
        "Message-ID": thread.replace(".2.failed", ".3.failed"),
        "In-Reply-To": thread,
        "References": thread,
        "Auto-Submitted": "auto-generated",
        "List-Id": '"octo/docs" <docs.octo.ci.example.org>',
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "X-Yaydoc-Repository": "octo/docs",
        "X-Yaydoc-Branch": "main",
        "X-Yaydoc-Build": "3",
        "X-Yaydoc-Status": "failed",
        "X-Yaydoc-Event": "still-failing",
    }


def test_a_mail_has_one_date_and_no_header_twice(end_build, sent):
    end_build("failed")
    [message] = sent()
    assert message["Date"].datetime is not None
    assert len(message.keys()) == len({name.lower() for name in message})


# -- threads


def test_the_first_failure_is_the_root_of_its_incident_and_the_next_incident_has_another(end_build, sent):
    for state in ["success", "failed", "failed", "success", "failed", "failed"]:
        end_build(state)
    live, first, still, fixed, second, after = sent()

    assert [mail["References"] for mail in (live, first, second)] == [None, None, None]
    assert [mail["References"] for mail in (still, fixed)] == [first["Message-ID"]] * 2
    assert after["References"] == second["Message-ID"]
    assert [mail["In-Reply-To"] for mail in sent()] == [mail["References"] for mail in sent()]
    assert len({mail["Message-ID"] for mail in sent()}) == 6


def test_the_first_mail_is_the_root_where_mail_was_off_at_the_first_failure(end_build, sent):
    end_build("success")
    Repository.objects.update(mail_service=False)
    end_build("failed")
    Repository.objects.update(mail_service=True)
    for state in ["failed", "failed", "success", "failed"]:
        end_build(state)
    _, root, still, fixed, next_root = sent()

    assert [root["References"], next_root["References"]] == [None, None]
    assert still["References"] == fixed["References"] == root["Message-ID"]


def test_an_incident_is_one_thread_also_when_a_result_comes_late(overtaken, end_build, sent):
    older, newer = overtaken
    end_build("failed", build=newer)
    end_build("failed", build=older)
    for state in ["failed", "success"]:
        end_build(state, commit="c" * 40)
    root, *others = sent()

    assert [message["X-Yaydoc-Event"] for message in others] == ["late-failure", "still-failing", "fixed"]
    assert [message["References"] for message in others] == [root["Message-ID"]] * 3


def test_a_late_failure_before_a_success_is_no_part_of_what_comes_after(overtaken, end_build, sent):
    older, newer = overtaken
    end_build("success", build=newer)
    end_build("failed", build=older)
    end_build("failed", commit="c" * 40)

    assert [message["References"] for message in sent()] == [None, None, None]


def test_a_repair_of_what_was_never_told_answers_to_nothing(end_build, sent):
    Repository.objects.update(mail_service=False)
    end_build("failed")
    Repository.objects.update(mail_service=True)
    end_build("success")
    [fixed] = sent()

    assert (fixed["X-Yaydoc-Event"], fixed["References"]) == ("fixed", None)


def test_a_thread_goes_on_though_its_root_was_never_sent(end_build, sent):
    end_build("failed")
    Mail.objects.get().cancel()
    end_build("failed")
    end_build("success")
    still, fixed = sent()

    assert still["References"] == fixed["References"] != still["Message-ID"]


def test_incidents_of_two_branches_are_two_threads(end_build, repository, sent):
    branch = Version.objects.create(repository=repository, name="next")
    for of in (None, branch, None, branch):
        end_build("failed", of=of)
    default, other, still, other_still = sent()

    assert still["References"] == default["Message-ID"]
    assert other_still["References"] == other["Message-ID"]


def test_two_recipients_get_two_message_ids(written_mail, sent):
    written_mail.wake_worker()
    own = {"mail_to": "other@example.org", "mail_to_confirmed_at": timezone.now()}
    Preferences.objects.create(repository=written_mail.repository, **own)
    Mail.objects.filter(pk=written_mail.pk).update(recipient="other@example.org")
    first = Mail.objects.get()
    first.pk, first.recipient = None, "olivia@example.org"
    first.save()
    first.wake_worker()

    assert len({message["Message-ID"] for message in sent()}) == 2


# -- lists


@pytest.mark.parametrize(
    ("name", "identifier"),
    [
        ("octo/docs", "docs.octo.localhost"),
        ("octo/Read_Me.js", "read_me.js.octo.localhost"),
        ("octo/.github", "+github.octo.localhost"),
        ("octo/a..b", "a++b.octo.localhost"),
        ("octo/a.", "a+.octo.localhost"),
        ("b.octo/a", "a.b+octo.localhost"),
        ("octo/a.b", "a.b.octo.localhost"),
    ],
)
def test_a_list_id_is_of_the_form_that_its_rfc_asks_for(name, identifier):
    owner, _, name = name.partition("/")
    assert list_id(Repository(owner=owner, name=name)) == f'"{owner}/{name}" <{identifier}>'
    assert DOT_ATOM.fullmatch(identifier)


def test_a_list_id_is_never_too_long(settings):
    settings.SITE_URL = f"https://{'a' * 60}.{'b' * 60}.example.org"
    made = list_id(Repository(pk=7, owner="o" * 100, name="n" * 100))
    assert made.endswith(f"<7.repositories.{'a' * 60}.{'b' * 60}.example.org>")


# -- foreign text, and the lines themselves


@pytest.mark.parametrize(
    "branch",
    ["next", "gh-pages/übersetzung", "x" * 255, "文档" * 120, "🚀👩\u200d💻" * 60, "evil\r\nBcc: a@b.c\u202e"],
)
@pytest.mark.parametrize("full_name", ["octo/docs", f"{'o' * 100}/{'n' * 100}"])
def test_whatever_a_branch_is_called_every_header_is_one_and_folds(
    end_build, repository, branch, full_name, sent, smtp
):
    owner, _, name = full_name.partition("/")
    Repository.objects.update(owner=owner, name=name)
    odd = Version.objects.create(repository=Repository.objects.get(), name=branch, slug="odd")
    end_build("failed", of=odd)
    [message] = sent()

    cleaned = branch.replace("\r\n", " ").replace("\u202e", "")
    assert message["X-Yaydoc-Branch"] == cleaned
    assert message["Subject"].startswith(f"Failed: {full_name} ({cleaned[:10].rstrip()}")
    assert message["Subject"].endswith(" @ aaaaaaa) \N{EN DASH} Yaydoc #1")
    assert len(message["Subject"]) <= 255
    assert message.get_all("Bcc") is None
    assert parseaddr(message["To"])[1] == "olivia@example.org"


def lines_of_the_head(raw):
    head = raw.partition(b"\r\n\r\n")[0]
    return head.split(b"\r\n")


def test_every_line_is_ascii_and_within_the_limits(end_build, repository, sent, smtp):
    odd = Version.objects.create(repository=repository, name="文档" * 120, slug="odd")
    end_build("failed", of=odd, message="ü" * 3_000, reason="文" * 5_000)
    sent()
    [raw] = smtp.raw

    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    body = raw.partition(b"\r\n\r\n")[2]
    assert max(map(len, body.split(b"\r\n"))) <= 78
    assert b"\n" not in raw.replace(b"\r\n", b"")


@pytest.mark.parametrize("full_name", ["octo/docs", f"{'o' * 100}/{'n' * 100}"])
def test_no_line_holds_the_name_of_a_header_alone(end_build, repository, full_name, sent, smtp):
    """A long address cannot be folded; what is folded in front of it reads as empty in some programs."""
    owner, _, name = full_name.partition("/")
    Repository.objects.update(owner=owner, name=name)
    end_build("failed")
    sent()
    lines = lines_of_the_head(smtp.raw[0])

    assert [line for line in lines if re.fullmatch(rb"[\w-]+:\s*", line)] == []
    assert re.match(rb"Subject: =\?utf-8\?\w\?\w", next(line for line in lines if line.startswith(b"Subject")))


def test_the_text_comes_first_and_both_parts_are_utf8_in_quoted_printable(end_build, sent, smtp):
    end_build("failed", message="Grüße aus 文档")
    sent()
    message = email.message_from_bytes(smtp.raw[0], policy=email.policy.default)
    parts = [part for part in message.walk() if not part.is_multipart()]

    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in parts] == ["text/plain", "text/html"]
    assert {part["Content-Transfer-Encoding"] for part in parts} == {"quoted-printable"}
    assert {part.get_content_charset() for part in parts} == {"utf-8"}
    assert all("Grüße aus 文档" in part.get_content() for part in parts)


def test_the_largest_mail_stays_below_what_gmail_cuts(request_build, end_build, sent, smtp, long_log):
    """102 KB (Gmail, "Message clipped"), in the encoding in which it is largest."""
    build = request_build(commit="b" * 40)
    long_log(build, "文<" * 4_000)
    end_build("failed", build=build, message="文" * 5_000, reason="<" * 600, hint="文" * 600)
    sent()

    assert 40_000 < len(smtp.raw[0]) < 100_000
