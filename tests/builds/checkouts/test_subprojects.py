"""Subprojects at a real git host, built into the pages of a real repository."""

from pathlib import PurePosixPath

import pytest

from builds import pipeline, places, sandbox
from builds.checkouts import further
from builds.checkouts.subprojects import check_out_subprojects
from builds.configuration.config import Subproject
from builds.models import Build, Trigger
from repositories.models import Version
from tests.builds.checkouts.git_server import GitRepository
from tests.builds.small_projects import CONF, INDEX, environment_of_the_tests, log_of, start


@pytest.fixture
def library(tmp_path, host):
    library = GitRepository(tmp_path / "library")
    library.commit(
        docs__index_dot_rst="Library\n=======\n\n.. toctree::\n\n   use\n",
        docs__use_dot_rst="Use\n===\n\n.. image:: plan.png\n",
        docs__plan_dot_png="",
        docs__conf_dot_py="1 / 0\n",
        readme_dot_md="# Not of the documentation\n",
    )
    return library


@pytest.fixture
def build_again(version, host, monkeypatch):
    """Builds the newest commit: the execution, and the pages by their paths."""
    monkeypatch.setattr(pipeline, "prepare_environment", lambda *_, **__: environment_of_the_tests())
    executions = []

    def build(*, clean=False):
        Build.objects.filter(version=version).update(state="cancelled")
        build = Build.objects.request(version, trigger=Trigger.PERSON)
        Build.objects.filter(pk=build.pk).update(is_clean=clean)
        execution = start(build)
        executions.append(execution)
        try:
            release = pipeline.produce(execution)
        finally:
            sandbox.remove(execution.scratch)
        files = (path for path in release.directory.rglob("*") if path.is_file())
        pages = {path.relative_to(release.directory).as_posix(): path.read_bytes() for path in files}
        return execution, {name: page for name, page in pages.items() if not name.startswith(".")}

    yield build
    for execution in executions:
        execution.log.close()


def test_subprojects_are_a_part_of_the_pages_and_a_new_commit_of_one_shows_at_the_next_build(
    origin, library, host, build_again
):
    address = f"https://{host.host}/library/.git"
    yaml = f"build:\n  subproject:\n    - url: {address}\n    - url: https://{host.host}/none.git\n"
    yaml += "    - url: file:///etc\n    - {url: " + address + ", source: manual}\n"
    origin.commit(
        _dot_yaydoc_dot_yml=yaml,
        docs__conf_dot_py=CONF,
        docs__index_dot_rst=INDEX,
        docs__other_dot_rst="Other\n=====\n",
        docs__index_dot_md=None,
        docs__other_dot_md=None,
    )

    first, pages = build_again()
    again, same = build_again()
    library.commit(docs__use_dot_rst="Use\n===\n\nIn another way.\n")
    _, after = build_again()
    _, clean = build_again(clean=True)

    # Its own conf.py does not count, and it is named after its repository, below the first page.
    assert b'<a class="reference internal" href="library/index.html">library</a>' in pages["index.html"]
    assert b"<h1>Library" in pages["library/index.html"]
    log = log_of(first)
    assert "none.git: left out: The host does not let Yaydoc read the repository" in log
    assert "file:///etc: left out: only https://host/owner/name is allowed." in log
    assert "left out: it has no folder manual" in log
    notes = [stage["note"] for stage in first.build.stages if stage["name"] == "configuration"]
    assert notes == ["3 of 4 subprojects left out"]
    assert same == pages
    assert "0 added, 0 changed, 0 removed" in log_of(again)
    assert b"In another way." in after["library/use.html"]
    assert after == clean


@pytest.fixture
def include(check, execution):
    """Checks out, and puts these subprojects below docs: the folder, and what became of them."""

    def include(*wanted):
        checkout = check()
        return checkout.source / "docs", check_out_subprojects(execution, checkout, wanted, "docs")

    return include


def test_what_was_fetched_before_is_used_while_the_host_is_away(library, host, include, check, execution):
    wanted = Subproject(f"https://{host.host}/library/.git")
    include(wanted)
    checkout = check()
    host.shutdown()
    host.server_close()

    included = check_out_subprojects(execution, checkout, [wanted], "docs")

    assert [one.folder for one in included] == ["library"]
    assert (checkout.source / "docs" / "library" / "use.rst").is_file()
    assert "What an earlier build fetched is used." in log_of(execution)


def test_what_only_a_pull_request_names_takes_no_room_of_the_repositorys_and_little_of_its_own(
    tmp_path, library, host, include, check, execution, repository, monkeypatch
):
    for name in ("one", "two"):
        GitRepository(tmp_path / name).commit(docs__index_dot_md=f"# {name}\n")
    known, one, two = (Subproject(f"https://{host.host}/{name}/.git") for name in ("library", "one", "two"))
    include(known)
    mirrors = set(places.mirrors().glob("*.submodules/*"))
    pull_request = Version.objects.create(repository=repository, kind=Version.Kind.PULL_REQUEST, name="12")
    execution.build.version = pull_request
    monkeypatch.setattr(further, "MOST_KEPT", 1)

    checkout = check(check().commit, of=pull_request)
    included = check_out_subprojects(execution, checkout, [known, one, two], "docs")

    assert [one.folder for one in included] == ["library", "one", "two"]
    assert set(places.mirrors().glob("*.submodules/*")) == mirrors
    own = list((places.version_directory(pull_request) / "submodules").iterdir())
    assert own == [further.mirror_of(execution, two.url).mirror]


def test_nothing_is_overwritten_and_no_link_is_followed(origin, library, host, include, execution):
    origin.commit(docs__library__kept_dot_md="# Ours\n")
    (library.path / "way").symlink_to("/usr/share")
    library.commit("A link")
    address = f"https://{host.host}/library/.git"

    docs, included = include(Subproject(address), Subproject(address, PurePosixPath("way")))

    assert [one.folder for one in included] == ["library-docs"]
    assert [path.name for path in (docs / "library").iterdir()] == ["kept.md"]
    assert not (docs / "library-docs" / "conf.py").exists()
    assert "has no folder way" in log_of(execution)
