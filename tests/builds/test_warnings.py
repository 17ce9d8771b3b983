"""Warnings with their builds: stored, compared with those of the build before, listed on the page."""

import pytest

from builds.models import BuildWarning, Complaint, State
from repositories.models import Version

PAGE = "/octo/docs/builds/{}/"


def complaint(text="undefined label: 'x'", *, file="docs/one.rst", line=4, level="warning", kind="ref.ref"):
    return Complaint(level=level, kind=kind, file=file, line=line, text=text)


@pytest.fixture
def build_with(request_build):
    """A build that succeeded with these warnings."""

    def build(*complaints, of=None, total=None, state=State.SUCCESS):
        build = request_build(of=of)
        assert build.claim()
        assert BuildWarning.objects.record(build, complaints, total or len(complaints))
        build.finish(state)
        return build

    return build


def new_ones(build):
    return [warning.text for warning in build.warnings.all() if warning.is_new]


def test_of_a_first_build_none_is_called_new(build_with):
    build = build_with(complaint())

    assert (build.warning_count, build.new_warning_count, new_ones(build)) == (1, None, [])


def test_a_warning_that_moved_is_not_new_and_one_more_of_its_kind_is(build_with):
    build_with(complaint(line=4))

    moved = build_with(complaint(line=9))
    added = build_with(complaint(line=9), complaint(line=12), complaint("title underline too short"))

    assert (moved.new_warning_count, new_ones(moved)) == (0, [])
    assert [(one.text, one.line) for one in added.warnings.filter(is_new=True)] == [
        ("undefined label: 'x'", 12),
        ("title underline too short", 4),
    ]
    assert added.new_warning_count == 2


def test_they_are_compared_with_the_last_success_of_the_same_version(build_with, repository):
    other = Version.objects.create(repository=repository, name="v1", slug="v1", kind=Version.Kind.BRANCH)
    build_with(complaint("old"))
    build_with(complaint("failing"), state=State.FAILED)
    build_with(complaint("elsewhere"), of=other)

    build = build_with(complaint("old"), complaint("failing"), complaint("elsewhere"))

    assert new_ones(build) == ["failing", "elsewhere"]


def test_a_pull_requests_first_ones_are_compared_with_the_default_version(build_with, repository):
    pull = Version.objects.create(repository=repository, name="7", slug="pr-7", kind=Version.Kind.PULL_REQUEST)
    build_with(complaint("old"))

    build = build_with(complaint("old"), complaint("of the pull request"), of=pull)

    assert new_ones(build) == ["of the pull request"]


def test_nothing_is_called_new_where_the_old_ones_are_not_all_known(build_with):
    build_with(complaint("old"), total=700)

    build = build_with(complaint("old"), complaint("another"))

    assert (build.new_warning_count, new_ones(build)) == (None, [])


def test_a_second_render_of_a_build_takes_the_place_of_the_first(request_build):
    build = request_build()
    build.claim()
    BuildWarning.objects.record(build, [complaint("first")], 1)

    BuildWarning.objects.record(build, [complaint("second")], 1)

    assert [warning.text for warning in build.warnings.all()] == ["second"]


def test_i3_an_attempt_that_was_given_up_on_stores_no_warnings(request_build):
    build = request_build()
    build.claim()
    type(build).objects.update(attempt=2)

    assert not BuildWarning.objects.record(build, [complaint()], 1)

    assert not BuildWarning.objects.exists()


def test_another_attempt_knows_nothing_of_warnings_until_it_has_rendered(request_build):
    build = request_build()
    build.claim()
    BuildWarning.objects.record(build, [complaint()], 1)
    build.requeue(reason="The worker was stopped.", is_setback=False)

    build.claim()

    assert build.warning_count is None


# -- the page


def test_the_page_lists_new_ones_first_and_each_leads_to_its_line(as_owner, build_with):
    build_with(complaint("old", file="docs/a.rst"))
    build = build_with(complaint("old", file="docs/a.rst"), complaint("fresh", file="docs/ü b.rst", line=7))

    page = as_owner.get(PAGE.format(build.number)).text

    assert "2 warnings" in page
    assert "1 not in the last build that succeeded" in page
    assert page.index("fresh") < page.index("docs/a.rst")
    assert f"https://github.com/octo/docs/blob/{'a' * 40}/docs/%C3%BC%20b.rst?plain=1#L7" in page


def test_many_are_folded_up_and_those_not_stored_are_counted(as_owner, build_with):
    build = build_with(*(complaint(f"number {number}") for number in range(9)), total=700)

    page = as_owner.get(PAGE.format(build.number)).text

    folded = page.index("<summary>4 more</summary>")
    assert page.index("number 4") < folded < page.index("number 5")
    assert "Another 691 are in the log only." in page


def test_what_a_warning_says_is_text(as_owner, build_with):
    build = build_with(complaint("<script>alert(1)</script>", file="<b>.rst", kind="<i>"))

    page = as_owner.get(PAGE.format(build.number)).text

    assert "&lt;script&gt;alert(1)" in page
    assert not any(text in page for text in ("<script>alert", "<b>.rst", "<i>"))


def test_a_module_that_autodoc_could_not_import_is_explained(as_owner, build_with):
    text = "autodoc: failed to import module 'small'; the following exception was raised: No module named 'numpy'"
    build = build_with(complaint(text, kind="autodoc.import_object"))

    assert "add numpy to the requirements" in as_owner.get(PAGE.format(build.number)).text


def test_a_page_of_many_warnings_asks_the_database_no_more(as_owner, build_with, django_assert_max_num_queries):
    build = build_with(*(complaint(f"number {number}") for number in range(200)))

    with django_assert_max_num_queries(12):
        as_owner.get(PAGE.format(build.number))


def test_a_build_without_warnings_does_not_speak_of_them(as_owner, build_with):
    build = build_with()

    assert (build.warning_count, "warnings-title" in as_owner.get(PAGE.format(build.number)).text) == (0, False)
