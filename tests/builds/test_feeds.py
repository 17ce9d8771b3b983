"""Atom feeds of builds, of a repository and of a user."""

import xml.etree.ElementTree as ET
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from builds.models import Build, FeedKey, State
from builds.views.feeds import ENTRIES
from repositories.models import Repository, Version
from repositories.names import RepositoryName

pytestmark = pytest.mark.django_db

FEED = "/octo/docs/builds.atom"
ATOM = "{http://www.w3.org/2005/Atom}"
ORDER = ["title", "link", "published", "updated", "author", "id", "summary", "category"]


@pytest.fixture
def ended(repository, version):
    """Makes a build that has ended, `minutes` ago."""

    def make(state="success", *, minutes=0, of=None, **fields):
        version_of = of or version
        moment = timezone.now() - timedelta(minutes=minutes)
        build = Build.objects.create(
            repository=version_of.repository,
            version=version_of,
            number=version_of.repository.next_build_number(),
            state=state,
            finished_at=moment,
            duration=12.5,
            **{"commit": "1a2b3c4" + "0" * 33, "author": "Ada", **fields},
        )
        Build.objects.filter(pk=build.pk).update(requested_at=moment - timedelta(seconds=20))
        return build

    return make


def entries(response):
    return ET.fromstring(response.content).findall(f"{ATOM}entry")


def titles(response):
    return [entry.findtext(f"{ATOM}title") for entry in entries(response)]


def check_atom(content):
    """What RFC 4287 asks of a feed and its entries, as far as these feeds go. The root element."""
    root = ET.fromstring(content)
    assert root.tag == f"{ATOM}feed"
    for element in (root, *root.findall(f"{ATOM}entry")):
        names = [child.tag.removeprefix(ATOM) for child in element]
        assert [names.count(name) for name in ("id", "title", "updated")] == [1, 1, 1]  # 4.1.1, 4.1.2
        assert element.findtext(f"{ATOM}id").startswith("urn:uuid:")
        UUID(element.findtext(f"{ATOM}id").removeprefix("urn:uuid:"))
        assert datetime.fromisoformat(element.findtext(f"{ATOM}updated")).tzinfo
        [alternate] = [link for link in element.findall(f"{ATOM}link") if link.get("rel") == "alternate"]
        assert alternate.get("href").startswith("http://localhost:8000/")
    for entry in root.findall(f"{ATOM}entry"):
        assert [child.tag.removeprefix(ATOM) for child in entry] == ORDER
        assert entry.findtext(f"{ATOM}author/{ATOM}name")
        assert entry.find(f"{ATOM}summary").get("type") == "html"
    [itself] = [link.get("href") for link in root.findall(f"{ATOM}link") if link.get("rel") == "self"]
    assert itself.endswith(".atom")
    ids = [entry.findtext(f"{ATOM}id") for entry in root.findall(f"{ATOM}entry")]
    assert len(ids) == len(set(ids))
    return root


# -- of a repository


def test_a_build_that_ended_is_an_entry(as_nobody, ended):
    build = ended("failed", reason="conf.py raised <NameError>.", message="Use a & b")
    response = as_nobody.get(FEED)

    root = check_atom(response.content)
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert root.findtext(f"{ATOM}title") == "Builds of octo/docs"
    [entry] = entries(response)
    assert entry.findtext(f"{ATOM}title") == "Failed: octo/docs #1 (main @ 1a2b3c4)"
    assert entry.find(f"{ATOM}link").get("href") == build.page_url
    assert entry.findtext(f"{ATOM}author/{ATOM}name") == "Ada"
    assert entry.find(f"{ATOM}category").get("term") == "failed"
    assert entry.findtext(f"{ATOM}summary") == (
        "<p>conf.py raised &lt;NameError&gt;.</p><p>Use a &amp; b</p>"
        '<p>12 s. <a href="http://localhost:8000/octo/docs/builds/1/">Build</a>, '
        '<a href="http://localhost:8000/octo/docs/builds/1/log">log</a></p>\n'
    )


def test_only_ends_that_are_news_are_told_the_newest_first(as_nobody, ended, repository):
    states = [State.CANCELLED, State.ERROR, State.FAILED, State.SUCCESS, State.RUNNING]
    number_of = {state: ended(state, minutes=10, lease_expires_at=timezone.now()).number for state in states}
    pull_request = Version.objects.create(
        repository=repository, name="pr-1", slug="pr-1", kind=Version.Kind.PULL_REQUEST
    )
    ended(of=pull_request)
    assert [title.partition(" (")[0] for title in titles(as_nobody.get(FEED))] == [
        f"Success: octo/docs #{number_of['success']}",
        f"Failed: octo/docs #{number_of['failed']}",
        f"Could not build: octo/docs #{number_of['error']}",
    ]


def test_a_feed_has_a_bounded_number_of_entries(as_nobody, ended):
    for _ in range(ENTRIES + 3):
        ended()
    response = as_nobody.get(FEED)
    assert len(entries(response)) == ENTRIES
    assert f"#{ENTRIES + 3} " in titles(response)[0]


def test_a_feed_costs_two_queries_however_long_it_is(as_nobody, ended):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            as_nobody.get(FEED)
        return len(queries)

    ended()
    assert cost() == 2
    for state in ("success", "failed", "error"):
        ended(state)
    assert cost() == 2


def test_the_feed_of_a_private_repository_is_for_its_owner(private_repository, as_owner, as_stranger, as_nobody):
    answers = [client.get(FEED).status_code for client in (as_owner, as_stranger, as_nobody)]
    assert answers == [200, 404, 404]


def test_a_feed_without_entries_is_a_feed_that_does_not_change(as_nobody, repository):
    first, second = as_nobody.get(FEED), as_nobody.get(FEED)
    root = check_atom(first.content)
    assert datetime.fromisoformat(root.findtext(f"{ATOM}updated")) == repository.registered_at
    assert first["ETag"] == second["ETag"]


HOSTILE = [
    "bell \x07, escape \x1b[31m, backspace \x08, vertical tab \x0b",
    "]]> <![CDATA[ <!-- & &#0; &bogus; <script>alert(1)</script>",
    "noncharacters \ufffe \uffff and a pile \U0001f4a9",
    "turned \u202edocs \u2066around\u2069",
    "lines\r\nand\u2028other\u0085lines",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_strangers_write_leaves_the_feed_well_formed(as_nobody, ended, version, text):
    Version.objects.filter(pk=version.pk).update(name=text[:200])
    ended("failed", message=text, author=text, reason=text, hint=text)
    response = as_nobody.get(FEED)

    check_atom(response.content)
    [entry] = entries(response)
    title, author = entry.findtext(f"{ATOM}title"), entry.findtext(f"{ATOM}author/{ATOM}name")
    assert all(line.isprintable() for line in (title, author))
    assert "<script" not in entry.findtext(f"{ATOM}summary")
    assert "\x07" not in response.text


def test_an_author_who_is_not_known_is_called_so(as_nobody, ended):
    ended(author="")
    check_atom(as_nobody.get(FEED).content)
    assert entries(as_nobody.get(FEED))[0].findtext(f"{ATOM}author/{ATOM}name") == "unknown"


def test_an_entry_keeps_its_id_when_the_repository_and_the_site_move(as_nobody, ended, settings):
    ended()
    before = ET.fromstring(as_nobody.get(FEED).content)
    Repository.objects.update(name="manual", slug="octo/manual")
    settings.SITE_URL = "https://elsewhere.example.org"
    after = ET.fromstring(as_nobody.get("/octo/manual/builds.atom").content)
    ids = [[element.text for element in root.iter(f"{ATOM}id")] for root in (before, after)]
    assert ids[0] == ids[1]
    assert (
        after.find(f"{ATOM}entry/{ATOM}link").get("href") == "https://elsewhere.example.org/octo/manual/builds/1/"
    )


def test_links_do_not_follow_the_host_of_the_request(as_nobody, ended, settings):
    settings.ALLOWED_HOSTS = ["*"]
    ended()
    assert "evil.example" not in as_nobody.get(FEED, headers={"host": "evil.example"}).text


# -- asked again


def test_a_reader_who_has_it_is_told_so_until_something_happens(as_nobody, ended):
    ended(minutes=5)
    first = as_nobody.get(FEED)
    for known in ({"If-None-Match": first["ETag"]}, {"If-Modified-Since": first["Last-Modified"]}):
        again = as_nobody.get(FEED, headers=known)
        assert (again.status_code, again.content) == (304, b"")

    ended("failed")
    for known in ({"If-None-Match": first["ETag"]}, {"If-Modified-Since": first["Last-Modified"]}):
        assert as_nobody.get(FEED, headers=known).status_code == 200


def test_a_reader_who_takes_it_compressed_is_told_so_too(as_nobody, ended):
    for _ in range(5):
        ended()
    first = as_nobody.get(FEED, headers={"Accept-Encoding": "gzip"})
    again = as_nobody.get(FEED, headers={"Accept-Encoding": "gzip", "If-None-Match": first["ETag"]})
    assert (first["Content-Encoding"], again.status_code) == ("gzip", 304)


def test_caches_ask_again_and_readers_only_read(as_nobody, repository):
    assert as_nobody.get(FEED)["Cache-Control"] == "no-cache"
    assert as_nobody.head(FEED).status_code == 200
    assert as_nobody.post(FEED).status_code == 405


def test_pages_name_the_feed(as_nobody, ended):
    build = ended()
    link = f'<link rel="alternate" type="application/atom+xml" title="Builds of octo/docs" href="{FEED}">'
    assert link in as_nobody.get("/octo/docs/").text
    assert link in as_nobody.get(build.get_absolute_url()).text


# -- of a user


@pytest.fixture
def my_feed(owner):
    def address():
        return FeedKey.objects.of(owner).url.removeprefix("http://localhost:8000")

    return address


@pytest.fixture
def another(owner):
    return Repository.objects.register(
        name=RepositoryName.parse("octo/secret"),
        clone_url="https://github.com/octo/secret",
        forge="github",
        registrant=owner,
        is_private=True,
    )


def test_a_user_reads_of_all_own_repositories_without_signing_in(as_nobody, ended, another, stranger, my_feed):
    foreign = Repository.objects.register(
        name=RepositoryName.parse("sam/own"),
        clone_url="https://github.com/sam/own",
        forge="github",
        registrant=stranger,
    )
    ended(minutes=3)
    ended("failed", of=another.default_version, minutes=2)
    ended(of=foreign.default_version, minutes=1)

    response = as_nobody.get(my_feed())

    check_atom(response.content)
    assert [title.partition(" (")[0] for title in titles(response)] == [
        "Failed: octo/secret #2",
        "Success: octo/docs #1",
    ]
    assert "private" in response["Cache-Control"]


@pytest.mark.parametrize("change", ["", "x", "1.0", "1.0:", "1.0:bogus", "\u00e4", "a" * 500])
def test_an_address_that_is_guessed_shows_nothing(as_nobody, repository, change):
    assert as_nobody.get(f"/settings/feed/{change}.atom").status_code == 404


def test_the_address_of_another_user_cannot_be_made_from_ones_own(as_nobody, repository, stranger, owner):
    own = FeedKey.objects.of(stranger).token
    forged = own.replace(f"{stranger.pk}.", f"{owner.pk}.", 1)
    assert forged != own
    assert as_nobody.get(f"/settings/feed/{forged}.atom").status_code == 404


def test_a_renewed_address_works_and_the_old_one_shows_nothing(as_owner, as_nobody, repository, my_feed):
    seen = [my_feed()]
    for _ in range(2):
        page = as_owner.post("/settings/feed/renew/", follow=True)
        seen.append(my_feed())
        assert seen[-1] in page.text
    assert [as_nobody.get(address).status_code for address in seen] == [404, 404, 200]


def test_a_user_who_may_not_sign_in_has_no_feed(as_nobody, owner, my_feed):
    type(owner).objects.filter(pk=owner.pk).update(is_active=False)
    assert as_nobody.get(my_feed()).status_code == 404


def test_a_users_feed_costs_three_queries_however_much_is_in_it(as_nobody, ended, another, my_feed):
    def cost():
        cache.clear()
        with CaptureQueriesContext(connection) as queries:
            as_nobody.get(address)
        return len(queries)

    address = my_feed()
    ended()
    assert cost() == 3
    for _ in range(3):
        ended(of=another.default_version)
    assert cost() == 3


def test_a_users_feed_is_asked_again_like_any(as_nobody, ended, my_feed):
    ended()
    first = as_nobody.get(my_feed())
    again = as_nobody.get(my_feed(), headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304


def test_the_address_stands_on_the_settings_pages_for_its_user_only(as_owner, as_nobody, repository, my_feed):
    assert '/settings/feed/"' in as_owner.get("/settings/").text
    page = as_owner.get("/settings/feed/")
    assert page.text.count(my_feed()) == 2  # to copy, and for the browser
    assert "no-store" in page["Cache-Control"]
    assert [as_nobody.get("/settings/feed/").status_code, as_nobody.post("/settings/feed/renew/").status_code] == [
        302,
        302,
    ]


def test_the_admin_renews_an_address_and_does_not_show_it(admin_client, as_nobody, repository, owner, my_feed):
    FeedKey.objects.of(owner).renew()
    address = my_feed()
    path = "/admin/builds/feedkey/"
    key = FeedKey.objects.get()
    assert (
        FeedKey.objects.of(owner).token
        not in admin_client.get(path).text + admin_client.get(f"{path}{key.pk}/").text
    )

    admin_client.post(path, {"action": "renew", "_selected_action": [key.pk]})

    assert [as_nobody.get(one).status_code for one in (address, my_feed())] == [404, 200]
