"""A build's page, its buttons and its log."""

from datetime import timedelta

import pytest
from django.utils import timezone

from builds import logs
from builds.models import Build, State
from builds.stages import Stage
from builds.views.log import seen
from builds.views.steps import steps
from pages.models import Publication, Release
from repositories.models import Repository

PAGE = "/octo/docs/builds/1/"


@pytest.fixture
def build(request_build):
    return request_build()


@pytest.fixture
def running(build):
    assert build.claim()
    build.record(stage=Stage.RENDER, stages=[{"name": "checkout", "seconds": 0.31, "note": "1 new commit"}])
    return build


def write(build, text):
    with logs.LogWriter(build) as log:
        log.write(text.encode())


def test_a_queued_build_says_that_it_waits(as_owner, build):
    assert "waits for a worker" in as_owner.get(PAGE).text


def test_a_running_build_shows_where_it_is(running):
    drawn = {step.name: (step.state, step.seconds, step.note) for step in steps(running)}

    assert drawn["Checkout"] == ("success", 0.31, "1 new commit")
    assert drawn["Render"] == ("running", None, "")
    assert drawn["Publish"] == ("", None, "")


def test_a_failed_build_explains_itself_first(as_owner, running):
    running.finish(State.FAILED, "docs/conf.py: No module named 'acme'", hint="Add it to docs/requirements.txt.")
    write(running, "Traceback (most recent call last):\n")

    page = as_owner.get(PAGE).text

    reason, hint, log = (page.index(text) for text in ("No module named", "Add it to docs", "Traceback"))
    assert reason < hint < log


def test_a_finished_build_is_not_followed(as_owner, running):
    assert "hx-get" in as_owner.get(PAGE).text

    running.finish(State.SUCCESS)

    assert "hx-get" not in as_owner.get(PAGE).text


def test_the_log_comes_in_parts_and_says_when_it_is_over(as_owner, running):
    write(running, "$ git fetch\nalpha\n")
    first = as_owner.get(f"{PAGE}log?offset=0&attempt=1&seen=x")
    write(running, "$ git fetch\nalpha\nbeta\n")
    second = as_owner.get(f"{PAGE}log?offset=18&attempt=1&seen=x")
    running.finish(State.SUCCESS)
    last = as_owner.get(f"{PAGE}log?offset=23&attempt=1&seen=x")

    assert (first.status_code, second.status_code, last.status_code) == (200, 200, 286)
    assert '<span class="command">$ git fetch\n</span><span class="line">alpha\n</span>' in first.text
    assert 'name="offset" value="18"' in first.text
    assert '<span class="line">beta\n</span>' in second.text
    assert "alpha" not in second.text


def test_the_state_is_sent_again_only_when_it_changed(as_owner, running):
    asked = f"{PAGE}log?offset=0&attempt=1&seen={seen(running)}"

    same = as_owner.get(asked).text
    running.finish(State.SUCCESS)
    changed = as_owner.get(asked).text

    assert "build-state" not in same
    assert 'id="build-state"' in changed
    assert "Build again" in changed


def test_the_log_of_a_new_attempt_replaces_the_old_one(as_owner, running):
    write(running, "first\n")
    running.requeue(reason="The worker was lost.")
    running.claim()
    write(running, "second\n")

    response = as_owner.get(f"{PAGE}log?offset=6&attempt=1&seen=x")

    assert response["HX-Reswap"] == "innerHTML"
    assert "second" in response.text


@pytest.mark.parametrize("offset", ["x", "-1", "9" * 30, "\u0663", "99999"])
def test_a_senseless_offset_starts_over(as_owner, running, offset):
    write(running, "one\n")

    response = as_owner.get(f"{PAGE}log", {"offset": offset, "attempt": "1"})

    assert response.status_code == 200
    assert "one" in response.text


def test_the_plain_log_is_whole_and_never_sniffed(as_owner, running):
    text = "<script>alert(1)</script>\n" + "line\n" * 100_000
    write(running, text)

    response = as_owner.get(f"{PAGE}log")

    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert b"".join(response.streaming_content).decode() == text


def test_the_page_shows_the_end_of_a_long_log_escaped(as_owner, running):
    write(running, "first line\n" + "<b>line</b>\n" * 40_000 + "last line\n")

    page = as_owner.get(PAGE).text

    assert "the whole log" in page
    assert "first line" not in page
    assert "last line" in page
    assert "<b>line" not in page
    assert len(page) < 1_500_000


def test_cancel_ends_a_queued_build(as_owner, build):
    response = as_owner.post(f"{PAGE}cancel/")

    build.refresh_from_db()
    assert (response["Location"], build.state) == (PAGE, State.CANCELLED)


def test_cancel_asks_the_worker_of_a_running_one(as_owner, running):
    as_owner.post(f"{PAGE}cancel/")

    running.refresh_from_db()
    assert (running.state, running.cancel_requested) == (State.RUNNING, True)
    assert "Cancelling" in as_owner.get(PAGE).text


def test_build_again_requests_the_newest_commit(as_owner, running):
    running.finish(State.FAILED, "x")

    response = as_owner.post(f"{PAGE}again/")

    assert response["Location"] == "/octo/docs/builds/2/"
    assert Build.objects.get(number=2).commit == ""


@pytest.mark.parametrize("button", ["cancel", "again"])
def test_buttons_are_posts_of_who_may_change_it(as_owner, as_stranger, as_nobody, build, button):
    assert as_owner.get(f"{PAGE}{button}/").status_code == 405
    assert as_stranger.post(f"{PAGE}{button}/").status_code == 404
    assert as_nobody.post(f"{PAGE}{button}/").status_code == 302
    assert Build.objects.get().state == State.QUEUED


@pytest.mark.parametrize("number", ["2", "99999999999999999999"])
def test_a_build_that_does_not_exist_is_a_404(as_owner, build, number):
    assert as_owner.get(f"/octo/docs/builds/{number}/").status_code == 404


def test_a_running_build_counts_its_seconds(as_owner, running):
    Build.objects.update(started_at=timezone.now() - timedelta(minutes=2))

    assert "data-since" in as_owner.get(PAGE).text


def test_a_log_of_countless_lines_is_told_in_parts_that_are_small_as_html(client, running, monkeypatch):
    monkeypatch.setattr("builds.views.log.LINES_AT_ONCE", 3)
    write(running, "".join(f"line {number}\n" for number in range(10)))
    running.finish(State.SUCCESS)
    offset, told, statuses = 0, [], []

    while not statuses or statuses[-1] == 200:
        answer = client.get(f"{PAGE}log?attempt=1&offset={offset}")
        told.append(answer.text.count('<span class="line">'))
        statuses.append(answer.status_code)
        offset = int(answer.text.partition('name="offset" value="')[2].partition('"')[0])

    assert (told, statuses) == ([3, 3, 3, 1], [200, 200, 200, 286])


def test_the_page_of_a_log_of_countless_lines_shows_its_last_ones(client, running, monkeypatch):
    monkeypatch.setattr("builds.views.log.LINES_AT_ONCE", 3)
    write(running, "".join(f"line {number}\n" for number in range(10)))

    page = client.get(PAGE).text

    assert [number for number in range(10) if f"line {number}\n" in page] == [7, 8, 9]
    assert "The beginning is left out here" in page


def test_a_log_that_breaks_off_in_a_line_is_not_asked_for_for_ever(client, running):
    write(running, "whole\n")
    with logs.log_path(running).open("ab") as file:
        file.write(b"cut o")
    running.finish(State.SUCCESS)

    assert client.get(f"{PAGE}log?attempt=1&offset=0").status_code == 286


def test_downloads_are_listed_while_the_builds_release_is_served(as_owner, as_nobody, running, repository):
    def store(number, **fields):
        facts = {"commit": "a" * 40, "files": 1, "size": 1, **fields}
        return Release.objects.create(version=running.version, build_number=number, **facts)

    running.finish(State.SUCCESS, release=store(1, formats=["epub"]))
    page = as_nobody.get(PAGE).text
    Publication.objects.publish(store(2))
    replaced = as_nobody.get(PAGE).text
    Repository.objects.update(is_private=True)

    address = "http://docs.localhost:8000/octo/docs/-/downloads/latest/docs-latest"
    assert f'<a href="{address}.zip">HTML</a> · <a href="{address}.epub">ePub</a>' in page
    assert ".pdf" not in page
    assert "/-/downloads/" not in replaced
    assert "/-/downloads/" not in as_owner.get(PAGE).text
