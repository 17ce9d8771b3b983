"""The plot of a repository's last builds, and the bill of a single one."""

import re

import pytest

from builds.models import Build, State
from builds.templatetags.builds import reused
from builds.views.history import BOTTOM, TOP, history_of
from pages.models import Release
from repositories.models import Version


@pytest.fixture
def ended(request_build):
    """A build that ended so, after so many seconds."""

    def end(state, seconds, of=None):
        build = request_build(of=of)
        build.claim()
        build.finish(state, duration=seconds)
        return build

    return end


def test_there_is_no_plot_of_a_single_build(as_owner, repository, ended):
    ended(State.SUCCESS, 3.0)

    assert history_of(repository) is None
    assert "As a table" not in as_owner.get("/octo/docs/").text


def test_each_build_is_a_bar_from_the_oldest_to_the_newest(repository, ended):
    for state, seconds in ((State.SUCCESS, 80.0), (State.FAILED, 2.0), (State.CANCELLED, None)):
        ended(state, seconds)

    history = history_of(repository)

    assert [(bar.build.number, bar.build.state) for bar in history.bars] == [
        (1, "success"),
        (2, "failed"),
        (3, "cancelled"),
    ]
    assert history.bars[0].x < history.bars[1].x < history.bars[2].x < 300
    assert TOP == history.bars[0].y < history.bars[1].y < history.bars[2].y < BOTTOM
    assert [line.label for line in history.lines] == ["1 s", "10 s", "1 min"]
    assert history.summary == (
        "3 builds: 1 success, 1 failed, 1 cancelled. Half of the successful ones took up to 1 min 20 s, "
        "the longest 1 min 20 s."
    )


def test_the_last_fifty_are_shown_without_those_that_run_and_those_of_pull_requests(
    repository, ended, request_build
):
    pull = Version.objects.create(repository=repository, name="7", slug="pr-7", kind=Version.Kind.PULL_REQUEST)
    for _ in range(52):
        ended(State.SUCCESS, 1.0)
    ended(State.SUCCESS, 1.0, of=pull)
    request_build()

    bars = history_of(repository).bars

    assert [bar.build.number for bar in bars] == [*range(3, 53)]
    assert all(40 <= bar.x <= 296.5 for bar in bars)


def test_results_are_told_by_form_and_in_words_and_as_a_table(as_owner, ended):
    for state in (State.SUCCESS, State.FAILED, State.ERROR):
        ended(state, 2.0)

    page = as_owner.get("/octo/docs/").text

    assert (
        '<svg class="history" viewBox="0 0 300 122" role="img" aria-labelledby="history-title history-desc">'
        in page
    )
    assert "<title>#2 failed, 2.0 s</title>" in page
    assert len(re.findall(r'<rect x="[\d.]+" y[^>]+fill="url\(#history-hatch\)"', page)) == 1
    assert [f'<a href="/octo/docs/builds/{number}/">#{number}</a>' in page for number in (1, 2, 3)] == [True] * 3
    assert "style=" not in page.partition('<svg class="history"')[2].partition("</svg>")[0]


def test_the_plot_costs_one_query(repository, ended, django_assert_num_queries):
    for _ in range(20):
        ended(State.SUCCESS, 1.0)

    with django_assert_num_queries(1):
        [bar.build.get_absolute_url() + bar.build.version.slug for bar in history_of(repository).bars]


# -- the bill


def test_a_build_says_what_it_cost(as_owner, request_build, version):
    build = request_build()
    build.claim()
    stages = [
        {"name": "checkout", "seconds": 0.3, "note": "", "reused": True},
        {"name": "environment", "seconds": 9.0, "note": "made", "reused": False},
        {"name": "publish", "seconds": 0.1, "note": ""},
    ]
    build.record(stages=stages, peak_memory=212 * 2**20, pages=14)
    release = Release.objects.create(version=version, build_number=1, commit="a" * 40, files=60, size=1_258_291)
    build.finish(State.SUCCESS, release=release, duration=9.6)

    page = as_owner.get("/octo/docs/builds/1/").text

    bill = page.partition('<dl class="bill">')[2].partition("</dl>")[0]
    told = dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", bill))
    assert told == {
        "Memory at most": "222.3 MB",
        "Pages": "14",
        "Size": "1.3 MB in 60 files",
        "Reused": "checkout",
        "Downloads": '<a href="http://docs.localhost:8000/octo/docs/-/downloads/latest/docs-latest.zip">HTML</a>',
    }


def test_a_build_that_cost_nothing_known_says_nothing_of_it(as_owner, ended):
    ended(State.CANCELLED, None)

    assert "<dt>" not in as_owner.get("/octo/docs/builds/1/").text


def test_a_stage_that_came_twice_says_what_it_did_last():
    stages = [{"name": "render", "reused": True}, {"name": "render", "reused": False}, {"name": "publish"}]

    assert reused(stages) == "nothing"


def test_another_attempt_begins_with_an_empty_bill(request_build):
    build = request_build()
    build.claim()
    build.record(peak_memory=1, pages=1)
    build.requeue(reason="The worker was stopped.", is_setback=False)

    build.claim()

    assert Build.objects.values_list("peak_memory", "pages").get() == (None, None)
