"""Submodules of real repositories, at a real git host."""

import pytest

from builds import logs, places
from builds.checkouts.submodules import check_out_submodules
from builds.configuration.config import Submodules
from builds.errors import BuildFailed
from tests.builds.checkouts.git_server import GitRepository

ALL = Submodules(include="all")


@pytest.fixture
def library(tmp_path, host):
    """A repository with one file, at the host."""
    library = GitRepository(tmp_path / "library")
    library.commit("A library", readme_dot_md="# Library\n")
    return library


def link(repository, path, url, commit):
    """As `git submodule add` does it, and a commit of that."""
    with (repository.path / ".gitmodules").open("a") as file:
        file.write(f'[submodule "{path}"]\n\tpath = {path}\n\turl = {url}\n')
    repository.git("update-index", "--add", "--cacheinfo", f"160000,{commit},{path}")
    repository.git("add", ".gitmodules")
    repository.git("commit", "--quiet", "-m", "Link")


def head(repository):
    return repository.git("rev-parse", "HEAD")


@pytest.fixture
def linked(origin, library, host):
    """`origin` with the library at docs/lib, by its address, and at other, relative to its own."""
    link(origin, "docs/lib", f"https://{host.host}/library/.git", head(library))
    link(origin, "other", "../../library/.git", head(library))
    return origin


@pytest.fixture
def fetched(check, execution):
    """The checkout, with these submodules."""

    def fetch(wanted):
        checkout = check()
        check_out_submodules(execution, checkout, wanted)
        return checkout.source

    return fetch


def places_of(source):
    return sorted(path.parent.relative_to(source).as_posix() for path in source.rglob("readme.md"))


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Submodules(), []),
        (ALL, ["docs/lib", "other"]),
        (Submodules(include=("docs/lib/",)), ["docs/lib"]),
        (Submodules(exclude=("docs/lib",)), ["other"]),
        (Submodules(exclude="all"), []),
    ],
)
def test_those_that_are_wanted_are_there(linked, fetched, wanted, found):
    assert places_of(fetched(wanted)) == found


def test_a_newer_commit_of_it_replaces_the_files_of_the_older(linked, library, fetched):
    fetched(ALL)
    library.commit("Another", readme_dot_md=None, guide_dot_md="# Guide\n")
    linked.git("update-index", "--cacheinfo", f"160000,{head(library)},other")
    linked.git("commit", "--quiet", "-m", "Newer")

    source = fetched(ALL)

    assert sorted(path.name for path in (source / "other").iterdir()) == ["guide.md"]


def test_what_is_here_is_not_fetched_again(linked, fetched, host):
    fetched(ALL)
    before = [request for request in host.requests if request.startswith("/library/")]

    fetched(ALL)

    assert [request for request in host.requests if request.startswith("/library/")] == before


@pytest.mark.parametrize(("is_recursive", "found"), [(True, ["other/inner"]), (False, [])])
def test_their_own_are_fetched_where_that_is_asked_for(
    origin, library, tmp_path, host, fetched, is_recursive, found
):
    outer = GitRepository(tmp_path / "outer")
    link(outer, "inner", "../../library/.git", head(library))
    link(origin, "other", "../../outer/.git", head(outer))

    source = fetched(Submodules(include="all", is_recursive=is_recursive))

    assert places_of(source) == found


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("git@github.com:octo/docs.git", "only https"),
        ("ssh://git@github.com/octo/docs.git", "only https"),
        ("file:///etc", "only https"),
        ("/etc", "only https"),
        ("ext::sh -c id", "only https"),
        ("--upload-pack=touch /tmp/pwn", "only https"),
        ("https://192.168.0.1/octo/docs.git", "This host is not allowed"),
        ("https://user:password@github.com/octo/docs.git", "credentials do not belong"),
    ],
)
def test_one_that_may_not_be_fetched_is_named(origin, library, fetched, host, settings, url, sentence):
    settings.CLONE_PROTOCOLS = ["https", "file"]
    link(origin, "other", url, head(library))
    before = len(host.requests)

    with pytest.raises(BuildFailed) as failed:
        fetched(ALL)

    assert failed.value.reason.startswith("The submodule other cannot be fetched from ")
    assert sentence in failed.value.reason
    assert [request for request in host.requests[before:] if not request.startswith("/origin/")] == []


@pytest.mark.parametrize("path", ["../beside", "/etc/lib", "a/.git/hooks"])
def test_one_whose_path_leads_elsewhere_is_refused(origin, library, host, fetched, path):
    with (origin.path / ".gitmodules").open("a") as file:
        file.write(f'[submodule "x"]\n\tpath = {path}\n\turl = ../../library/.git\n')
    origin.commit("Link")

    with pytest.raises(BuildFailed, match="has a path that cannot be"):
        fetched(ALL)


def test_a_link_in_the_tree_does_not_lead_it_elsewhere(origin, library, fetched, execution, host):
    outside = places.versions() / "victim"
    outside.mkdir(parents=True)
    (outside / "lib").mkdir(mode=0o777)
    (outside / "lib" / "kept").touch()
    (origin.path / "way").symlink_to(outside)
    origin.commit("A link")
    with (origin.path / ".gitmodules").open("a") as file:
        file.write('[submodule "x"]\n\tpath = way/lib\n\turl = ../../library/.git\n')
    origin.commit("Link")

    fetched(ALL)  # git knows nothing of it: a link is no folder

    assert (outside / "lib" / "kept").exists()


def test_one_that_is_not_there_any_more_is_named(origin, library, host, fetched, build):
    link(origin, "other", f"https://{host.host}/none.git", head(library))

    with pytest.raises(BuildFailed) as failed:
        fetched(ALL)

    assert failed.value.reason.startswith("The submodule other could not be fetched: The host does not let Yaydoc")
    assert f"Submodule other: {head(library)[:12]}" in logs.tail(build)
