"""Pages pushed to gh-pages of a real repository, at a real git host that wants a password for that."""

import pytest

from builds import pipeline, sandbox
from builds.checkouts import pages_branch
from builds.models import Build, State, Trigger
from builds.notices import of_pages_not_pushed
from repositories import forge_tokens
from repositories.models import Version
from tests.builds.small_projects import environment_of_the_tests, log_of, start

TOKEN = "ghp_not-a-real-token-of-36-characters"


@pytest.fixture
def host(host):
    host.password = TOKEN
    return host


@pytest.fixture
def build_pages(repository, version, host, monkeypatch):
    """Builds and publishes the newest commit; `of` another version than the default one. The build's log, too."""
    monkeypatch.setattr(pipeline, "prepare_environment", lambda *_, **__: environment_of_the_tests())

    def build(of=None):
        build = Build.objects.request(of or version, trigger=Trigger.PERSON)
        execution = start(build)
        try:
            release = pipeline.produce(execution)
            build.finish(State.SUCCESS, release=release)
        finally:
            sandbox.remove(execution.scratch)
            execution.log.close()
        return build, log_of(execution)

    return build


def pushed(origin):
    """The files of the branch and its history, oldest first."""
    files = origin.git("ls-tree", "-r", "--name-only", "gh-pages").splitlines()
    return files, origin.git("log", "--reverse", "--format=%s", "gh-pages").splitlines()


def ask_for_it(origin, below="{url: docs.example.org}"):
    return origin.commit(_dot_yaydoc_dot_yml=f"publish:\n  ghpages: {below}\n")


def test_pages_are_pushed_on_top_of_the_branch_only_when_they_changed(
    origin, repository, version, host, build_pages
):
    forge_tokens.store(repository, TOKEN)
    first_commit = ask_for_it(origin)

    first, log = build_pages()
    files, history = pushed(origin)
    again, _ = build_pages()
    origin.git("checkout", "--quiet", "gh-pages")
    origin.commit("By hand", old_dot_html="old")
    origin.git("checkout", "--quiet", "main")
    second_commit = origin.commit(docs__other_dot_md="# Another\n")
    build_pages()

    assert {"index.html", "other.html", ".nojekyll", "CNAME"} <= set(files)
    assert not [file for file in files if file.startswith((".compressed", ".downloads", ".yaydoc"))]
    assert origin.git("show", "gh-pages:CNAME") == "docs.example.org"
    assert "Another" in origin.git("show", "gh-pages:other.html")
    after, titles = pushed(origin)
    assert set(after) == set(files)  # what was added by hand is gone, and in the history
    assert history == [f"Pages of {first_commit}"]
    assert titles == [f"Pages of {first_commit}", "By hand", f"Pages of {second_commit}"]
    assert note_of(first).endswith(", pushed to gh-pages")
    assert note_of(again).endswith(", gh-pages has these pages already")
    assert TOKEN not in log
    kept = [path for path in sandbox.build_directory().rglob("*") if path.is_file() and not path.is_symlink()]
    assert not [path for path in kept if TOKEN.encode() in path.read_bytes()]
    assert not of_pages_not_pushed(repository)


def test_pages_of_a_private_repository_are_pushed_too(origin, repository, host, build_pages):
    host.is_private = True
    forge_tokens.store(repository, TOKEN)
    commit = ask_for_it(origin)

    _, log = build_pages()
    _, again = build_pages()

    assert pushed(origin)[1] == [f"Pages of {commit}"]
    assert "not pushed" not in log + again


def note_of(build):
    build.refresh_from_db()
    return next(stage["note"] for stage in build.stages if stage["name"] == "publish")


def test_a_domain_that_was_set_at_the_forge_stays(origin, repository, host, build_pages):
    forge_tokens.store(repository, TOKEN)
    origin.git("checkout", "--quiet", "--orphan", "gh-pages")
    origin.commit("By the forge", CNAME="set.example.org\n")
    origin.git("checkout", "--quiet", "main")
    ask_for_it(origin, "true")

    build_pages()

    assert origin.git("show", "gh-pages:CNAME") == "set.example.org"


@pytest.mark.parametrize(
    ("token", "sentence"),
    [
        (None, "Yaydoc has no token of the repository. Store one under Integrations"),
        ("another-token", "the token is not valid"),
        ("read-only", "the token may not write to the repository"),
    ],
)
def test_a_push_that_is_not_taken_is_told_and_costs_the_build_nothing(
    origin, repository, version, host, build_pages, token, sentence
):
    host.refused = "read-only"
    forge_tokens.store(repository, token)
    ask_for_it(origin)

    build, log = build_pages()

    assert build.state == State.SUCCESS
    assert version.publication.release.build == build
    assert f"The pages were not pushed to gh-pages: {sentence}" in log
    assert sentence in of_pages_not_pushed(repository)[0].text
    assert note_of(build).endswith("not pushed to gh-pages")
    assert "gh-pages" not in origin.git("branch")


def test_a_copy_that_cannot_be_made_costs_the_build_nothing_either(
    origin, repository, host, build_pages, monkeypatch
):
    def refuse(*_, **__):
        raise OSError("no room")

    forge_tokens.store(repository, TOKEN)
    ask_for_it(origin)
    monkeypatch.setattr(pages_branch, "_copied", refuse)

    build, log = build_pages()

    assert build.state == State.SUCCESS
    assert "not pushed to gh-pages: Yaydoc could not copy the pages for git: OSError." in log


def test_a_branch_that_its_host_protects_is_named_as_such(origin, repository, host, build_pages):
    forge_tokens.store(repository, TOKEN)
    hook = origin.path / ".git" / "hooks" / "update"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho protected >&2\nexit 1\n")
    hook.chmod(0o755)
    ask_for_it(origin)

    _, log = build_pages()

    assert "its host refuses it (hook declined)" in log


def test_who_pushes_at_the_same_time_loses_nothing(origin, repository, host, build_pages, monkeypatch):
    forge_tokens.store(repository, TOKEN)
    ask_for_it(origin)
    build_pages()
    newest = pages_branch._newest

    def overtaken(git):
        commit = newest(git)
        if len(pushed(origin)[1]) == 1:
            origin.git("checkout", "--quiet", "gh-pages")
            origin.commit("Meanwhile", note_dot_txt="kept in the history")
            origin.git("checkout", "--quiet", "main")
        return commit

    monkeypatch.setattr(pages_branch, "_newest", overtaken)
    commit = origin.commit(docs__other_dot_md="# Another\n")
    _, log = build_pages()

    assert pushed(origin)[1][1:] == ["Meanwhile", f"Pages of {commit}"]
    assert "Pushed to gh-pages" in log


def test_only_the_default_version_is_pushed_and_never_over_its_own_source(
    origin, repository, version, host, build_pages
):
    forge_tokens.store(repository, TOKEN)
    ask_for_it(origin)
    origin.git("branch", "next")
    build_pages(Version.objects.create(repository=repository, name="next"))
    assert "gh-pages" not in origin.git("branch")

    origin.git("branch", "gh-pages")
    Version.objects.filter(pk=version.pk).update(name="gh-pages")
    version.refresh_from_db()
    _, log = build_pages(version)

    assert "gh-pages is what the pages are built from" in log
    assert origin.git("rev-parse", "gh-pages") == origin.git("rev-parse", "main")


def test_a_first_build_that_learns_its_branch_never_pushes_over_it(origin, repository, version, host, build_pages):
    forge_tokens.store(repository, TOKEN)
    source = ask_for_it(origin)
    origin.git("checkout", "--quiet", "-b", "gh-pages")
    Version.objects.filter(pk=version.pk).update(name="")
    type(repository).objects.filter(pk=repository.pk).update(default_branch="")
    version = Version.objects.get(pk=version.pk)

    _, log = build_pages(version)

    assert "gh-pages is what the pages are built from" in log
    assert origin.git("rev-parse", "gh-pages") == source
