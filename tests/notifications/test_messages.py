"""What a mail says: the same facts in text and HTML, and nothing in it that could harm a reader."""

import re
from datetime import timedelta

import pytest

from builds.logs import LogWriter
from builds.models import Build
from notifications.mails import messages
from notifications.models import Mail
from pages.models import Publication, Release

pytestmark = pytest.mark.django_db

ODD = "Fix\r\nBcc: eve@example.org\r\n\r\nhello \u202egpj.exe\x07\x1b[31m <script>alert(1)</script>"


@pytest.fixture
def composed():
    """The newest mail of the outbox, as a message."""

    def compose():
        return messages.compose(Mail.objects.select_related("repository", "build__version").first())

    return compose


@pytest.fixture
def both(composed):
    """The text and the HTML of the newest mail."""

    def bodies():
        message = composed()
        return message.body, message.alternatives[0][0]

    return bodies


def publish(build):
    release = Release.objects.create(
        version=build.version, build_number=build.number, commit=build.commit, files=1, size=1
    )
    Publication.objects.publish(release)


# -- bodies


def test_the_facts_stand_in_text_and_html_alike(end_build, both):
    end_build(
        "failed",
        message="Describe the engine\n\nAt length.",
        author="Olivia Octo",
        reason="conf.py, line 3: NameError",
        hint="Import it first.",
        stage="render",
    )
    text, html = both()
    for fact in [
        *["octo/docs", "aaaaaaa", "Describe the engine", "Olivia Octo", "main", "a person", "12 s", "Render"],
        *["conf.py, line 3: NameError", "Import it first.", "The first build failed"],
        "http://localhost:8000/octo/docs/builds/1/",
        "http://localhost:8000/octo/docs/builds/1/log",
        "http://localhost:8000/octo/docs/settings/",
        "http://localhost:8000/unsubscribe/",
    ]:
        assert fact in text
        assert fact in html
    assert "At length." not in text


def test_a_first_success_leads_to_the_documentation(request_build, end_build, both):
    build = request_build()
    publish(build)
    end_build("success", build=build)
    text, html = both()
    assert "http://docs.localhost:8000/octo/docs/latest/" in text
    assert re.search(r'href="http://docs.localhost:8000/octo/docs/latest/" class="button"', html)
    assert "log\n---" not in text


def test_a_failure_shows_what_changed_since_the_last_good_build(end_build, both):
    for state, commit in [("success", "a"), ("failed", "b"), ("failed", "c")]:
        end_build(state, commit=commit * 40)
    text, html = both()
    page = f"https://github.com/octo/docs/compare/{'a' * 40}...{'c' * 40}"
    assert page in text
    assert page in html
    assert f"https://github.com/octo/docs/commit/{'c' * 40}" in html


def test_a_failure_says_that_old_pages_stay_only_where_there_are_some(end_build, request_build, both):
    end_build("failed")
    assert "stay as they are" not in both()[0]
    build = request_build(commit="b" * 40)
    publish(build)
    end_build("success", build=build)
    end_build("failed", commit="c" * 40)
    assert all("stay as they are" in body for body in both())


def test_a_failure_that_goes_on_counts_and_says_since_when(end_build, both):
    end_build("success")
    first = end_build("failed")
    Build.objects.filter(pk=first.pk).update(finished_at=first.finished_at.replace(2026, 5, 4, 12, 30))
    end_build("failed")
    end_build("cancelled")
    end_build("failed")
    text, html = both()
    sentence = "This is the 3rd failed build in a row, since build #2 of 4 May 2026, 12:30 UTC."
    assert sentence in text.replace("\n", " ")
    assert sentence in html


def test_a_repair_says_after_how_many_builds_and_how_long(end_build, both):
    for number in range(3):
        build = end_build("failed", commit=str(number) * 40)
        Build.objects.filter(pk=build.pk).update(finished_at=build.finished_at - timedelta(hours=2, minutes=10))
    end_build("success")
    assert all("after 3 failed builds and 2 h 10 min." in body for body in both())


def test_a_fault_of_ours_says_whose_it_is(end_build, both):
    end_build("error", reason="The git host could not be reached.")
    for body in both():
        assert "fault is on this server" in body.replace("\n", " ")
        assert "The git host could not be reached." in body


@pytest.mark.parametrize("state", ["success", "error", "failed"])
def test_nothing_is_loaded_from_elsewhere(end_build, both, state):
    end_build(state)
    html = both()[1]
    assert re.findall(r"<(?:img|link|script|iframe|object|video)|url\(|@import|\ssrc=", html) == []


def test_the_html_has_a_dark_side(end_build, both):
    end_build("failed")
    html = both()[1]
    assert '<meta name="color-scheme" content="light dark">' in html
    assert "@media (prefers-color-scheme: dark)" in html


# -- foreign text


def test_an_odd_commit_message_harms_neither_headers_nor_bodies(end_build, run_mail_tasks, smtp):
    end_build("failed", message=ODD, author=ODD, reason=ODD, hint=ODD)
    run_mail_tasks()
    [message] = smtp.taken
    text = message.get_body(("plain",)).get_content()
    html = message.get_body(("html",)).get_content()
    assert message.get_all("Bcc") is None
    for body in (text, html):
        assert not re.search(r"[\x00-\x08\x0b-\x1f\u202e]", body.replace("\r\n", "\n"))
    assert "<script" not in html
    assert "&lt;script&gt;" in html


def test_the_log_in_a_mail_is_its_end_masked_and_escaped(request_build, end_build, both):
    build = request_build()
    build.attempt = 1  # the one that end_build claims
    with LogWriter(build, secrets=["hunter2-token"]) as log:
        log.write(b"".join(b"line %d\n" % number for number in range(100)))
        log.write(b"\x1b[31mpushing with hunter2-token\x1b[0m <img src=x onerror=alert(1)>\n")
    build.attempt = 0
    end_build("failed", build=build)

    text, html = both()
    assert "line 71\nline 72" in text
    assert "line 70\n" not in text
    assert "pushing with [secret] <img src=x" in text
    assert "pushing with [secret] &lt;img src=x onerror=alert(1)&gt;" in html
    assert "<img" not in html


def test_no_secret_of_the_repository_reaches_a_mail(request_build, end_build, both, repository):
    repository.forge_token = "a-token-without-a-known-beginning"
    repository.save()
    build = request_build()
    build.attempt = 1
    with LogWriter(build, secrets=repository.secrets) as log:
        log.write(f"{repository.webhook_secret} {repository.forge_token} DB_PASSWORD=hunter2\n".encode())
        log.write(b"git clone https://olivia:hunter2@git.example.org/x\n")
    build.attempt = 0
    end_build("failed", build=build)
    for body in both():
        assert "[secret] [secret] DB_PASSWORD=[secret]\n" in body
        assert "https://[secret]@git.example.org/x" in body
        assert "hunter2" not in body


def test_a_long_log_stays_within_eight_kilobytes_and_begins_with_a_whole_line(
    request_build, end_build, both, long_log
):
    build = request_build()
    long_log(build, f"begin {'ü' * 500} end")
    end_build("failed", build=build)
    text, _ = both()
    shown = text.partition("-------\n")[2].partition("\n-------")[0]
    assert shown.splitlines() == [f"begin {'ü' * 500} end"] * 8


def test_html_of_a_reason_is_text(end_build, both):
    end_build("failed", reason="Unknown key <theme> & more")
    text, html = both()
    assert "Unknown key <theme> & more" in text
    assert "Unknown key &lt;theme&gt; &amp; more" in html


def test_the_mail_of_the_failure_that_pauses_says_so_and_the_one_before_does_not(end_build, both):
    sentence = "pushes build nothing any more, until somebody presses"
    for _ in range(24):
        end_build("failed")
    assert sentence not in " ".join(both()[0].split())

    end_build("failed")

    assert all(sentence in " ".join(body.split()) for body in both())
