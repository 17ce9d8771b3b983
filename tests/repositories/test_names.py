"""Names of repositories and versions."""

import pytest

from repositories.names import InvalidName, RepositoryName, pull_request_slug, version_slug
from tests.repositories.bad_names import BAD_NAMES


@pytest.mark.parametrize(("text", "part"), [case[1:] for case in BAD_NAMES], ids=[case[0] for case in BAD_NAMES])
def test_what_is_no_name_is_refused_with_a_sentence(text, part):
    with pytest.raises(InvalidName) as caught:
        RepositoryName.parse(text)

    assert part in str(caught.value)


@pytest.mark.parametrize(
    "text", ["a/b", "CON/nul", "my_org.io/.github", "o/" + "r" * 100, "0/--".replace("--", "_-")]
)
def test_a_name_is_text_and_kept_as_it_is(text):
    assert str(RepositoryName.parse(text)) == text


def test_names_are_looked_up_in_lower_case():
    assert RepositoryName.parse("FOSSASIA/Yaydoc").slug == "fossasia/yaydoc"


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://github.com/pallets/click", "pallets/click"),
        ("https://github.com/pallets/click.git", "pallets/click"),
        ("https://gitlab.com/group/sub/project/", "sub/project"),
        ("https://git.sr.ht/~user/project", "user/project"),
        ("https://example.org/project.git", "local/project"),
        ("https://example.org/admin/project.git", "local/project"),
        ("file:///srv/my%20repos/some%20docs/.git", "my-repos/some-docs"),
        ("file:///srv/-x/-y", "x/y"),
    ],
)
def test_a_git_url_proposes_its_last_two_segments(url, name):
    assert str(RepositoryName.propose(url)) == name


@pytest.mark.parametrize("url", ["https://example.org", "https://example.org/", "https://[x"])
def test_a_url_without_a_path_proposes_nothing(url):
    with pytest.raises(InvalidName):
        RepositoryName.propose(url)


def test_a_branch_keeps_its_name_in_the_address_where_it_can():
    assert version_slug("main") == "main"
    assert version_slug("v1.0") == "v1.0"


def test_branches_that_would_share_an_address_are_told_apart():
    slugs = {
        version_slug(name) for name in ["a/b", "a-b", "a b", "latest", "LATEST", "..", ".", "é", "-a-b", "\ud800"]
    }

    assert len(slugs) == 10
    assert not any("/" in slug or slug.startswith((".", "-")) or slug == "latest" for slug in slugs)


@pytest.mark.parametrize("name", ["pr-12", "pr-0", "pr-12345678901"])
def test_no_branch_or_tag_gets_the_address_of_a_pull_request(name):
    assert version_slug(name) == f"{name}-{version_slug(name).rpartition('-')[2]}"
    assert len(version_slug(name)) > len(name)
    assert version_slug(f"x{name}") == f"x{name}"
    assert pull_request_slug(12) == "pr-12"
