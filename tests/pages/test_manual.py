"""The way to the manual: never a dead link."""

import pytest
from django.conf import settings

from pages.models import Publication, Release
from repositories.models import Repository
from repositories.names import RepositoryName

OWN = f"file://{settings.BASE_DIR}"


def register(owner, name, clone_url):
    repository = Repository.objects.register(
        name=RepositoryName.parse(name), clone_url=clone_url, forge="plain", registrant=owner
    )
    release = Release.objects.create(
        version=repository.default_version, build_number=1, commit="a" * 40, files=1, size=1
    )
    Publication.objects.publish(release)


def test_it_leads_to_the_published_pages_of_this_checkout(client, owner):
    register(owner, "yaydoc/yaydoc", "https://example.org/somebody/yaydoc.git")
    register(owner, "our/manual", OWN)

    start, page = client.get("/manual/"), client.get("/manual/quick-start/")

    assert start["Location"] == "http://docs.localhost:8000/our/manual/latest/"
    assert page["Location"] == "http://docs.localhost:8000/our/manual/latest/quick-start.html"


def test_while_nothing_of_it_is_published_its_text_is_shown(client, db):
    start, page = client.get("/manual/"), client.get("/manual/quick-start/")

    assert "documentation CI that you host yourself" in start.text
    assert "make run" in page.text
    assert 'href="/manual/migrating-from-read-the-docs/"' in page.text


@pytest.mark.parametrize("page", ["nothing", "Index", "outgoing-webhooks-schema"])
def test_there_are_no_pages_but_the_manuals(client, db, page):
    assert client.get(f"/manual/{page}/").status_code == 404


def test_every_page_and_the_landing_page_lead_to_it(client, as_owner, repository):
    assert 'href="/manual/"' in client.get("/").text
    assert 'href="/manual/quick-start/"' in client.get("/").text
    for path in ("/octo/docs/", "/octo/docs/registered/", "/accounts/login/"):
        assert 'href="/manual/"' in as_owner.get(path, follow=True).text
