"""Checking out pull requests: the reference that forges keep, and what it leaves in the mirror."""

import pytest

from builds.errors import BuildFailed
from repositories.models import Version
from tests.builds.checkouts.test_checkout import as_build


@pytest.fixture
def proposed(origin):
    """The commit of pull request 12, which no branch or tag of the repository leads to."""
    origin.git("checkout", "--quiet", "--detach")
    commit = origin.commit("Propose", docs__index_dot_md="# Proposed\n")
    origin.git("update-ref", "refs/pull/12/head", commit)
    origin.git("checkout", "--quiet", "main")
    return commit


@pytest.fixture
def version_12(repository):
    return Version.objects.create(repository=repository, kind=Version.Kind.PULL_REQUEST, name="12", slug="pr-12")


@pytest.fixture(params=["file", "https"])
def any_host(request, build):
    """The repository on this machine, and at a host that gives away what references lead to, and nothing else."""
    if request.param == "https":
        request.getfixturevalue("host").only_references = True


def test_a_pull_request_is_checked_out_at_its_commit(any_host, check, proposed, version_12):
    checkout = check(proposed, of=version_12)

    assert checkout.commit == proposed
    assert (checkout.source / "docs/index.md").read_text() == "# Proposed\n"
    assert checkout.branch == "pr-12"


def test_its_tree_is_not_the_branchs(check, proposed, version_12):
    of_main = check()
    of_proposal = check(proposed, of=version_12)

    assert of_main.source != of_proposal.source
    assert (of_main.source / "docs/index.md").read_text() == "# Home\n"


def test_it_leaves_no_reference_in_the_mirror_that_a_branchs_build_could_find(check, proposed, version_12):
    of_main = check()

    check(proposed, of=version_12)

    script = f"git for-each-ref --format='%(refname)'; git branch --all --contains {proposed}"
    _, told = as_build(of_main, script)

    assert told.split() == ["refs/heads/main"]


def test_an_older_commit_that_the_reference_has_left_is_asked_for_by_its_id(check, origin, proposed, version_12):
    origin.git("checkout", "--quiet", "--detach")
    newer = origin.commit("Propose more", docs__index_dot_md="# More\n")
    origin.git("update-ref", "refs/pull/12/head", newer)

    assert check(proposed, of=version_12).commit == proposed


def test_a_pull_request_whose_reference_is_gone_says_so(check, origin, version_12):
    with pytest.raises(BuildFailed, match="is not in the repository"):
        check("7" * 40, of=version_12)


def test_a_branch_named_like_its_number_is_never_built_for_it(check, origin, version_12):
    origin.git("branch", "12")

    with pytest.raises(BuildFailed, match="No commit of the pull request was approved"):
        check("", of=version_12)
