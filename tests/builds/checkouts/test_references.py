"""A look at a remote tells its branches and tags, within bounds, and reads a private one with its token."""

import base64
import os
import subprocess

import pytest

from builds import locks, places
from builds.checkouts import references
from builds.checkouts.git import PRIVATE_OR_MISSING
from builds.checkouts.references import Busy, References, look_at
from builds.errors import BuildError, BuildFailed
from repositories import forge_tokens
from tests.builds.checkouts.git_server import GitRequest

TOKEN = "ghp_" + "x" * 36


@pytest.fixture
def see(repository, build):
    def see():
        repository.refresh_from_db()
        return look_at(repository, should_stop=lambda: False)

    return see


def test_branches_and_tags_are_told_with_the_commits_that_they_lead_to(see, origin):
    first = origin.git("rev-parse", "HEAD")
    origin.git("tag", "v1")
    origin.git("tag", "-a", "-m", "Two", "v2")
    origin.git("branch", "feature/a")
    second = origin.commit("More")

    assert see() == References(heads={"main": second, "feature/a": first}, tags={"v1": first, "v2": first})


def test_by_https_nothing_is_fetched(see, origin, host):
    assert see().heads == {"main": origin.git("rev-parse", "HEAD")}
    assert not any(path.endswith("objects/") for path in host.requests)
    assert host.bytes_sent < 2_000


def test_where_the_default_branch_is_gone_the_remotes_own_is_told(see, origin, host):
    assert see().moved_to == ""
    asked = len(host.requests)
    see()
    assert len(host.requests) == 2 * asked  # nothing more is asked as long as the branch is there

    origin.git("branch", "-m", "main", "trunk")
    assert see().moved_to == "trunk"
    origin.git("checkout", "--quiet", "--detach")
    assert see().moved_to == ""


def test_an_empty_repository_has_none(see, origin, repository, tmp_path):
    subprocess.run(["git", "init", "--quiet", "--bare", tmp_path / "empty.git"], check=True)
    repository.clone_url = f"file://{tmp_path}/empty.git"
    repository.save()

    assert see() == References()


def test_what_is_no_name_and_no_commit_is_left_out():
    commit = "a" * 40
    printed = (
        f"warning: a word\n{commit}\trefs/heads/main\n{commit}\trefs/heads/a..b\n{commit[:39]}\trefs/heads/x\n"
    )
    printed += f"{commit}\trefs/pull/1/head\n{commit}\tHEAD\n"

    assert References.parse(printed) == References(heads={"main": commit})


def test_a_build_that_copies_a_repository_of_this_machine_is_not_disturbed(see, repository):
    mirror = places.git_mirror(repository.pk)
    with locks.held(mirror.with_suffix(".lock")), pytest.raises(Busy):
        see()


@pytest.mark.parametrize(
    ("path", "fault", "words"),
    [
        ("/nothing.git", BuildFailed, PRIVATE_OR_MISSING),
        ("/redirected/origin/.git", BuildFailed, "The clone failed: redirects are not followed."),
    ],
)
def test_faults_are_told_as_those_of_a_build(see, host, repository, path, fault, words):
    repository.clone_url = f"https://{host.host}{path}"
    repository.save()

    with pytest.raises(fault, match=words):
        see()


def test_a_host_that_says_nothing_is_left_after_a_while(see, host, repository, monkeypatch):
    monkeypatch.setattr(
        references, "LIMITS", references.sandbox.Limits(seconds=2, memory=2**28, processes=32, file_size=2**20)
    )
    repository.clone_url = f"https://{host.host}/slow/origin.git"
    repository.save()

    with pytest.raises(BuildError, match="did not answer within 2 s"):
        see()


def test_a_host_that_tells_without_end_is_left(see, origin, monkeypatch):
    monkeypatch.setattr(references, "MOST_PRINTED", 100)
    for number in range(5):
        origin.git("branch", f"branch-{number}")

    with pytest.raises(BuildFailed, match="more branches and tags"):
        see()


def test_a_host_that_is_not_allowed_is_not_spoken_to(see, host, settings):
    settings.CLONE_HOSTS = ["public"]

    with pytest.raises((BuildFailed, BuildError)):
        see()
    assert host.requests == []


# -- private repositories


@pytest.fixture
def asks_for_the_token(monkeypatch):
    """The git host answers 401 to whoever does not give the token, as GitHub does; what was given is kept."""
    given = []
    answer = GitRequest._backend

    def guarded(request):
        word = request.headers.get("Authorization", "")
        given.append(base64.b64decode(word.removeprefix("Basic ")).decode())
        if given[-1].partition(":")[2] == TOKEN:
            answer(request)
            return
        request.send_response(401)
        request.send_header("WWW-Authenticate", 'Basic realm="git"')
        request.send_header("Content-Length", "0")
        request.end_headers()

    monkeypatch.setattr(GitRequest, "_backend", guarded)
    return given


def test_a_private_repository_is_read_with_its_token(see, check, origin, host, repository, asks_for_the_token):
    with pytest.raises(BuildFailed, match=PRIVATE_OR_MISSING):
        see()

    forge_tokens.store(repository, TOKEN)

    newest = origin.git("rev-parse", "HEAD")
    assert see().heads == {"main": newest}
    assert check().commit == newest
    assert set(asks_for_the_token) == {"", f"x-access-token:{TOKEN}"}


def test_the_token_stands_in_no_file_that_git_keeps(see, check, host, repository, asks_for_the_token):
    forge_tokens.store(repository, TOKEN)
    see()
    check()

    found = subprocess.run(
        ["grep", "-rl", TOKEN, str(places.mirrors().parent)], capture_output=True, check=False, env=os.environ
    )
    assert found.stdout == b""


def test_a_token_is_not_sent_unencrypted_or_to_another_host():
    assert references.credentials("http://git.example.org/a", TOKEN) == {}
    told = references.credentials("https://git.example.org/a", TOKEN)
    assert told["GIT_CONFIG_KEY_0"] == "credential.https://git.example.org.helper"
    assert TOKEN not in "".join(value for name, value in told.items() if name != "YAYDOC_FORGE_TOKEN")
