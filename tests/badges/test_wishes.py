"""What can be asked of a badge: each parameter alone, together, twice, wrong and much too long."""

import pytest

from badges.picture import STYLES, Content
from badges.reading import read
from badges.status import Status
from badges.wishes import Wishes, wishes
from repositories.models import BuildStatus, Repository, Version
from tests.badges.stored import set_status, title

BRANCH, TAG, PULL_REQUEST = Version.Kind.BRANCH, Version.Kind.TAG, Version.Kind.PULL_REQUEST


def add(repository, name, status, kind=BRANCH, **fields):
    return Version.objects.create(repository=repository, name=name, kind=kind, build_status=status, **fields)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", Wishes()),
        ("style=plastic", Wishes(style="plastic")),
        ("style=PLASTIC", Wishes()),
        ("style=badge", Wishes()),  # a template, but no style
        ("label=docs", Wishes(label="docs")),
        ("label=", Wishes(label="")),
        ("label=a+b%20c", Wishes(label="a b c")),
        ("label=na%C3%AFve", Wishes(label="naïve")),
        ("label=" + "naïve".encode().decode("latin-1"), Wishes(label="naïve")),
        ("label=%ff", Wishes(label="\ufffd")),
        ("label=\xff", Wishes(label="\ufffd")),
        ("palette=aa", Wishes(palette="aa")),
        ("palette=", Wishes()),
        ("color=red", Wishes(colour="red")),
        ("version=1.0", Wishes(version="1.0")),
        ("branch=a/b%2Fc", Wishes(branch="a/b/c")),
        ("live=1", Wishes(live=True)),
        ("live=0", Wishes()),
        ("live", Wishes()),
        ("label=a&label=b", Wishes(label="b")),
        ("style=plastic&style=none", Wishes()),
        ("unknown=1&Style=plastic&style[]=plastic", Wishes()),
        ("&&==&=a&%", Wishes()),
        ("x=1&" * 5000 + "label=docs", Wishes(label="docs")),
        ("label=" + "W" * 100_000, Wishes(label="W" * 64 + "…")),
    ],
    ids=lambda value: ascii(value)[:40],
)
def test_wishes_that_make_sense_are_taken_and_others_ignored(query, expected):
    assert wishes(query) == expected


@pytest.mark.parametrize("style", STYLES)
def test_badge_has_the_style_that_is_asked_for(client, repository, style):
    response = client.get(f"/octo/docs.svg?style={style}")

    assert response.content == client.get(f"/octo/docs.svg?style=no&style={style}").content
    assert (response.content == client.get("/octo/docs.svg").content) == (style == "flat")


@pytest.mark.parametrize(
    ("wish", "colour"),
    [
        ("ff00aa", "#ff00aa"),
        ("#ff00aa", "#ff00aa"),
        ("4c1", "#4c1"),
        ("orange", "#fe7d37"),
        ("important", "#fe7d37"),
        ("gray", "#555"),
        ("Orange", "#97CA00"),
        ("url(x)", "#97CA00"),
        ("ff00a", "#97CA00"),
        ("1" * 10_000, "#97CA00"),
    ],
    ids=lambda value: value[:10],
)
def test_colour_can_be_wished_for(client, repository, wish, colour):
    set_status(repository, BuildStatus.SUCCESS)

    response = client.get("/octo/docs.svg", {"color": wish})

    assert f'fill="{colour}"' in response.content.decode()


def test_failure_keeps_its_colour(client, repository):
    set_status(repository, BuildStatus.FAILED)

    plain = client.get("/octo/docs.svg")

    assert client.get("/octo/docs.svg?color=green").content == plain.content


@pytest.mark.parametrize(
    ("status", "default", "contrasting"),
    [
        (Status.SUCCESS, "#97CA00", "#2e7d32"),
        (Status.FAILED, "#E05d44", "#c62828"),
        (Status.NOT_BUILT, "#9f9f9f", "#6b6b6b"),
        (Status.INVALID, "#9f9f9f", "#6b6b6b"),
        (Status.UNREADABLE, "#9f9f9f", "#6b6b6b"),
        (Status.BUILDING, "#007ec6", "#00639c"),
    ],
)
def test_each_status_has_a_colour_in_each_palette(status, default, contrasting):
    assert wishes("").content(status).colour == default
    assert wishes("palette=aa").content(status).colour == contrasting
    assert contrast_with_white(contrasting) >= 4.5


def contrast_with_white(colour):
    """Source: WCAG 2.2, relative luminance and contrast ratio."""
    parts = [part / 255 for part in bytes.fromhex(colour[1:])]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    luminance = sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
    return 1.05 / (luminance + 0.05)


def test_all_wishes_together(client, repository):
    add(repository, "2.0", BuildStatus.SUCCESS, TAG)

    asked = wishes("style=social&label=manual&palette=aa&color=blue&version=2.0&live=1")
    response = client.get("/octo/docs.svg?style=social&label=manual&palette=aa&color=blue&version=2.0&live=1")

    assert asked.content(Status.SUCCESS) == Content("manual", "success", "#007ec6", "social")
    assert title(response) == "manual: success"


def test_branch_shows_the_status_of_that_branch(client, repository):
    add(repository, "feature/x", BuildStatus.FAILED)
    add(repository, "7", BuildStatus.FAILED, PULL_REQUEST)
    add(repository, "2.0", BuildStatus.FAILED, TAG)
    set_status(repository, BuildStatus.SUCCESS)

    titles = [
        title(client.get("/octo/docs.svg", {"branch": name})) for name in ("feature/x", "none", "7", "2.0", "")
    ]

    assert titles == ["yaydoc: failed", "yaydoc: invalid", "yaydoc: invalid", "yaydoc: invalid", "yaydoc: success"]


def test_version_is_found_by_its_slug_or_its_tag(client, repository):
    set_status(repository, BuildStatus.SUCCESS)
    repository.versions.update(build_status=BuildStatus.SUCCESS)
    branch = add(repository, "feature/x", BuildStatus.FAILED)
    add(repository, "release/2", BuildStatus.FAILED, TAG)
    add(repository, "7", BuildStatus.FAILED, PULL_REQUEST)
    add(repository, "old", BuildStatus.FAILED, is_active=False)
    shown = {
        branch.slug: "failed",
        "release/2": "failed",
        "latest": "success",
        "": "success",
        "feature/x": "invalid",  # a branch is asked for by ?branch=
        "none": "invalid",
        "7": "invalid",
        "old": "invalid",
        "x" * 10_000: "invalid",
        "\0": "invalid",
    }

    titles = {name: title(client.get("/octo/docs.svg", {"version": name})) for name in shown}

    assert titles == {name: f"yaydoc: {message}" for name, message in shown.items()}


@pytest.mark.parametrize("first", ["tag", "branch"])
def test_slug_goes_before_the_name_of_a_tag(client, repository, first):
    versions = {"tag": ("stable", BuildStatus.FAILED, TAG), "branch": ("main-2", BuildStatus.SUCCESS, BRANCH)}
    slugs = {"tag": "stable-tag", "branch": "stable"}
    for key in sorted(versions, key=lambda key: key != first):
        add(repository, *versions[key], slug=slugs[key])

    assert title(client.get("/octo/docs.svg?version=stable")) == "yaydoc: success"
    assert title(client.get("/octo/docs.svg?version=stable&branch=main")) == "yaydoc: success"


def test_stable_is_the_release_that_it_leads_to_unless_a_version_is_called_so(client, repository):
    release = add(repository, "v2.0", BuildStatus.FAILED, TAG, is_active=False)
    Repository.objects.update(stable_version=release)
    assert title(client.get("/octo/docs.svg?version=stable")) == "yaydoc: failed"
    assert title(client.get("/octo/docs.svg?version=v2.0")) == "yaydoc: invalid"

    add(repository, "stable", BuildStatus.SUCCESS)
    assert title(client.get("/octo/docs.svg?version=stable")) == "yaydoc: success"


def test_version_takes_one_query_too(repository, django_assert_num_queries):
    add(repository, "2.0", BuildStatus.FAILED, TAG)

    with django_assert_num_queries(2):
        assert read("octo/docs", version="2.0").status == Status.FAILED
        assert read("octo/docs", branch="main").status == Status.NOT_BUILT


@pytest.mark.parametrize("query", ["version=2.0", "branch=stable"])
def test_live_badge_of_a_version_looks_at_its_own_builds_only(client, repository, request_build, query):
    request_build()
    add(repository, "2.0", BuildStatus.SUCCESS, TAG)
    add(repository, "stable", BuildStatus.SUCCESS)
    before = title(client.get(f"/octo/docs.svg?live=1&{query}"))

    for version in repository.versions.filter(is_default=False):
        request_build(of=version)

    assert (before, title(client.get(f"/octo/docs.svg?live=1&{query}"))) == ("yaydoc: success", "yaydoc: building")


@pytest.mark.parametrize("hidden", [{"is_private": True}, {"is_enabled": False}])
@pytest.mark.parametrize(
    "query", ["version=2.0", "version=latest", "branch=main", "version=2.0&live=1&style=social"]
)
def test_no_version_of_a_hidden_repository_is_told_apart_from_none(
    client, repository, request_build, django_assert_num_queries, hidden, query
):
    request_build(of=add(repository, "2.0", BuildStatus.SUCCESS, TAG))
    Repository.objects.update(**hidden)

    with django_assert_num_queries(1):
        answer = client.get(f"/octo/docs.svg?{query}")
    with django_assert_num_queries(1):
        unknown = client.get(f"/octo/none.svg?{query}")

    assert answer.content == unknown.content
    assert {**answer.headers, "Expires": ""} == {**unknown.headers, "Expires": ""}
