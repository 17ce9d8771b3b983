"""Addresses at the forge, made only where they are known to work, and never with a password."""

import pytest

from repositories.forge_pages import (
    commit_page,
    compare_page,
    forge_page,
    line_page,
    pull_request_page,
    tree_pages,
)
from repositories.models import Repository

A, B = "a" * 40, "b" * 40


def at(forge, clone_url):
    return Repository(owner="octo", name="docs", forge=forge, clone_url=clone_url)


@pytest.mark.parametrize(
    ("forge", "clone_url", "address"),
    [
        ("github", "https://github.com/octo/docs.git", "https://github.com/octo/docs"),
        ("github", "https://github.com/octo/docs/", "https://github.com/octo/docs"),
        ("gitea", "https://git.example.org:3000/octo/docs", "https://git.example.org:3000/octo/docs"),
        ("gitea", "https://bot:token@git.example.org/octo/docs.git", "https://git.example.org/octo/docs"),
    ],
)
def test_a_forge_has_pages_of_commits_and_changes(forge, clone_url, address):
    assert commit_page(at(forge, clone_url), A) == f"{address}/commit/{A}"
    assert compare_page(at(forge, clone_url), A, B) == f"{address}/compare/{A}...{B}"


@pytest.mark.parametrize(
    ("forge", "clone_url"),
    [
        ("git", "https://git.example.org/octo/docs.git"),
        ("github", "git@github.com:octo/docs.git"),
        ("gitea", "file:///srv/git/docs.git"),
    ],
)
def test_elsewhere_no_page_is_known(forge, clone_url):
    assert (commit_page(at(forge, clone_url), A), compare_page(at(forge, clone_url), A, B)) == ("", "")


@pytest.mark.parametrize(("base", "commit"), [("", A), (A, ""), (A, A), ("main", A), (A, "../../evil")])
def test_changes_are_shown_between_two_commits_only(base, commit):
    assert compare_page(at("github", "https://github.com/octo/docs"), base, commit) == ""


@pytest.mark.parametrize(
    ("forge", "clone_url", "address"),
    [
        ("github", "https://github.com/octo/docs.git", "https://github.com/octo/docs/pull/12"),
        ("gitea", "https://bot:token@git.example.org/octo/docs.git", "https://git.example.org/octo/docs/pulls/12"),
        ("git", "https://git.example.org/octo/docs.git", ""),
    ],
)
def test_each_forge_has_its_own_address_of_a_pull_request(forge, clone_url, address):
    assert pull_request_page(at(forge, clone_url), "12") == address


def test_a_line_of_a_file_is_shown_as_it_is_written():
    github = at("github", "https://github.com/octo/docs.git")
    gitea = at("gitea", "https://git.example.org/octo/docs")

    assert line_page(github, A, "docs/a b.md", 7) == f"{forge_page(github)}/blob/{A}/docs/a%20b.md?plain=1#L7"
    assert (
        line_page(gitea, A, "docs/a.rst", None) == f"{forge_page(gitea)}/src/commit/{A}/docs/a.rst?display=source"
    )


@pytest.mark.parametrize(("kind", "commit", "file"), [("git", A, "x"), ("github", "", "x"), ("github", A, "")])
def test_no_page_of_a_line_is_made_up(kind, commit, file):
    assert line_page(at(kind, "https://git.example.org/octo/docs"), commit, file, 1) == ""


@pytest.mark.parametrize(
    ("kind", "ref", "of_github", "of_gitea"),
    [
        ("branch", "fix/a#b", ("blob/fix/a%23b/", "tree/fix/a%23b/"), "src/branch/fix/a%23b/"),
        ("tag", "v1.0", ("blob/v1.0/", "tree/v1.0/"), "src/tag/v1.0/"),
        ("commit", A, (f"blob/{A}/", f"tree/{A}/"), f"src/commit/{A}/"),
    ],
)
def test_files_and_folders_of_a_branch_tag_or_commit_have_pages(kind, ref, of_github, of_gitea):
    github, gitea = at("github", "https://github.com/octo/docs"), at("gitea", "https://git.example.org/octo/docs")

    assert tree_pages(github, kind, ref) == tuple(f"{forge_page(github)}/{path}" for path in of_github)
    assert tree_pages(gitea, kind, ref) == (f"{forge_page(gitea)}/{of_gitea}",) * 2
    assert tree_pages(github, kind, "") is None
    assert tree_pages(at("git", "https://git.example.org/octo/docs"), kind, ref) is None
