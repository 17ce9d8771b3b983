"""Notices: asked of the apps above, shown to those who can do something about it."""

import pytest

from repositories import notices
from repositories.notices import Notice

pytestmark = pytest.mark.django_db


@pytest.fixture
def notice_of_the_repository(no_notices):
    def source(repository):
        yield Notice(f"{repository.full_name} <wants> something", "/do/it/", "Do it", is_post=True)

    notices.register(source)
    notices.register(source)


@pytest.mark.parametrize("path", ["", "settings/"])
def test_the_owner_sees_a_notice_once_with_its_button(as_owner, repository, notice_of_the_repository, path):
    page = as_owner.get(f"/octo/docs/{path}").text

    assert page.count("octo/docs &lt;wants&gt; something") == 1
    assert '<form method="post" action="/do/it/"><input type="hidden" name="csrfmiddlewaretoken"' in page


@pytest.mark.parametrize("who", ["as_stranger", "as_nobody"])
def test_others_do_not(request, repository, notice_of_the_repository, who):
    assert "something" not in request.getfixturevalue(who).get("/octo/docs/").text


def test_a_personal_notice_is_on_the_dashboard_of_that_user(as_owner, as_stranger, owner, no_notices):
    notices.register_personal(lambda user: [Notice("Read this", "/it/", "Read")] if user == owner else [])

    assert '<a class="button small" href="/it/">Read</a>' in as_owner.get("/").text
    assert "Read this" not in as_stranger.get("/").text
