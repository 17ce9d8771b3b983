"""Checking out real repositories, in the real sandbox."""

import os
import subprocess
import time

import pytest

from builds import logs, sandbox
from builds.checkouts import git
from builds.errors import BuildError, BuildFailed
from repositories.models import Version
from tests.builds.checkouts.git_server import GitHost, GitRepository


def files(checkout):
    found = (path for path in checkout.source.rglob("*") if path.is_file() and path.name != ".git")
    return sorted(path.relative_to(checkout.source).as_posix() for path in found)


def times(checkout):
    return {name: (checkout.source / name).stat().st_mtime_ns for name in files(checkout)}


def as_build(checkout, script):
    """Do something in the tree, as a build would."""
    command = sandbox.Command(
        argv=("sh", "-c", script),
        cwd=checkout.source,
        writable=(checkout.source,),
        readable=(checkout.git_directory,),
    )
    limits = sandbox.Limits(seconds=20, memory=2**30, processes=50, file_size=2**20)
    outcome, output = sandbox.capture(command, limits)
    return outcome.exit_code, output.decode()


def test_the_newest_commit_is_checked_out_and_told_of(check, origin):
    newest = origin.commit("Say more\n\nBecause it was short.", docs__index_dot_md="# Home\n\nMore.\n")

    checkout = check()

    assert files(checkout) == ["docs/index.md", "docs/other.md"]
    assert (checkout.commit, checkout.branch) == (newest, "main")
    assert (checkout.author, checkout.message) == ("Ada", "Say more\n\nBecause it was short.")


def test_a_push_rewrites_only_the_files_that_it_changed(check, origin):
    before = times(check())
    origin.commit(docs__index_dot_md="# Changed\n", docs__new_dot_md="# New\n")

    after = times(check())

    assert set(after) == {"docs/index.md", "docs/new.md", "docs/other.md"}
    assert after["docs/other.md"] == before["docs/other.md"]
    assert after["docs/index.md"] != before["docs/index.md"]


def test_a_tree_that_was_given_away_again_keeps_the_times_of_its_files(check, build):
    checkout = check()
    before = times(checkout)
    time.sleep(1.1)  # git compares times of change in whole seconds
    for path in checkout.source.rglob("*"):
        path.chmod(path.stat().st_mode)  # a new time of change, as chown sets it
    sandbox.give(checkout.source)

    assert times(check()) == before


def test_a_deleted_file_vanishes(check, origin):
    check()
    origin.commit(docs__other_dot_md=None)

    assert files(check()) == ["docs/index.md"]


def test_an_older_commit_can_be_built(check, origin):
    old = origin.git("rev-parse", "HEAD")
    origin.commit(docs__other_dot_md=None)

    checkout = check(old)

    assert checkout.commit == old
    assert files(checkout) == ["docs/index.md", "docs/other.md"]


def test_what_a_build_left_or_changed_in_the_tree_is_gone(check, origin):
    origin.commit(_dot_gitignore="ignored\n")
    checkout = check()
    as_build(
        checkout,
        "echo x > ignored; mkdir -p left/behind; echo x > left/behind/file; echo x > docs/index.md;"
        "rm docs/other.md; git init -q nested; echo x > nested/file;"
        "mkdir closed; echo x > closed/file; chmod 0 closed",
    )

    checkout = check()

    assert files(checkout) == [".gitignore", "docs/index.md", "docs/other.md"]
    assert (checkout.source / "docs/index.md").read_text() == "# Home\n"


def test_a_tree_that_a_build_closed_is_opened_again(check):
    checkout = check()
    as_build(checkout, "chmod 0 docs .")

    checkout = check()

    assert files(checkout) == ["docs/index.md", "docs/other.md"]


def test_a_git_directory_that_a_build_planted_is_never_asked(check, build, tmp_path):
    checkout = check()
    as_build(
        checkout,
        "rm -f .git; git init -q . && git config core.fsmonitor 'touch stolen; false' &&"
        "git config core.hooksPath hooks && mkdir -p hooks && echo 'touch stolen' > hooks/post-checkout &&"
        "chmod +x hooks/post-checkout; git config filter.evil.smudge 'touch stolen; cat';"
        "echo '* filter=evil' > .gitattributes; rm docs/index.md",
    )

    checkout = check()

    assert files(checkout) == ["docs/index.md", "docs/other.md"]
    assert (checkout.source / ".git").read_text().startswith("gitdir: ")


def test_a_tree_that_a_build_replaced_by_a_link_is_made_anew(check, tmp_path):
    checkout = check()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "kept").write_text("mine")
    sandbox.remove(checkout.source)
    checkout.source.symlink_to(elsewhere)

    checkout = check()

    assert files(checkout) == ["docs/index.md", "docs/other.md"]
    assert [path.name for path in elsewhere.iterdir()] == ["kept"]


def test_a_build_can_name_its_version_by_tags_and_cannot_write_the_history(check, origin):
    origin.git("tag", "v1.2", "-m", "one two")
    origin.commit(docs__index_dot_md="# Next\n")
    checkout = check()

    described = as_build(checkout, "git describe --tags")
    written = as_build(checkout, f"echo x > {checkout.git_directory}/config")

    assert described[0] == 0
    assert described[1].startswith("v1.2-1-g")
    assert written[0] != 0


@pytest.mark.parametrize("name", ["feature/one", "ünïcode", "a;b|c$(d)"])
def test_a_branch_of_any_name_is_checked_out(check, repository, origin, name):
    origin.git("update-ref", f"refs/heads/{name}", "HEAD")
    branch = Version.objects.create(repository=repository, name=name)
    commit = origin.git("rev-parse", "HEAD")

    checkout = check(of=branch)

    assert (checkout.commit, checkout.branch) == (commit, name)


@pytest.mark.parametrize(
    "name",
    [
        "..",
        "--upload-pack=touch${IFS}stolen",
        "a..b",
        "a b",
        "a\nb",
        "a:b",
        "/a",
        "a/",
        "@{x}",
        "a\0",
        "+x:refs/heads/main*",
    ],
)
def test_what_no_branch_can_be_called_fails_the_build(check, repository, name):
    branch = Version(repository=repository, name="x" if "\0" in name else name, slug="odd")
    branch.save()
    branch.refresh_from_db = lambda: None
    branch.name = name

    with pytest.raises(BuildFailed, match="is no name of a branch or tag"):
        check(of=branch)


def test_a_tag_is_checked_out_through_its_own_object_even_if_a_branch_has_its_name(check, repository, origin):
    tagged = origin.git("rev-parse", "HEAD")
    origin.git("tag", "v1", "-m", "one")
    origin.commit(docs__other_dot_md=None)
    origin.git("branch", "v1")
    tag = Version.objects.create(repository=repository, name="v1", kind=Version.Kind.TAG)

    checkout = check(of=tag)

    assert checkout.commit == tagged


def test_a_force_push_is_followed(check, origin):
    check()
    origin.git("commit", "--quiet", "--amend", "-m", "Rewritten")

    assert check().message == "Rewritten"


def test_a_branch_that_became_a_directory_of_branches_is_followed(check, repository, origin):
    origin.git("branch", "topic")
    check()
    origin.git("branch", "-m", "topic", "topic/one")
    branch = Version.objects.create(repository=repository, name="topic/one")

    assert check(of=branch).branch == "topic/one"


def test_a_branch_that_is_gone_fails_the_build(check, repository, origin):
    branch = Version.objects.create(repository=repository, name="topic")
    origin.git("branch", "topic")
    check(of=branch)
    origin.git("branch", "-m", "topic", "topic/one")

    with pytest.raises(BuildFailed, match="There is no branch topic at the remote"):
        check(of=branch)


def test_a_commit_that_nobody_knows_fails_the_build_with_its_id(check):
    with pytest.raises(BuildFailed, match=f"The commit {'e' * 40} is not in the repository"):
        check("e" * 40)


@pytest.mark.parametrize("commit", ["HEAD", "--all", "main", "e" * 39, "E" * 40])
def test_what_is_no_id_of_a_commit_fails_the_build(check, commit):
    with pytest.raises(BuildFailed, match="is no id of a commit"):
        check(commit)


def test_the_default_branch_is_learned_from_the_remote(check, repository, version, origin):
    origin.git("branch", "-m", "main", "trunk")
    repository.default_branch = version.name = ""
    repository.save()
    version.save()

    checkout = check()

    repository.refresh_from_db()
    version.refresh_from_db()
    assert checkout.branch == repository.default_branch == version.name == "trunk"


def test_a_remote_whose_head_is_on_no_branch_is_built_and_teaches_nothing(check, repository, version, origin):
    origin.git("checkout", "--quiet", "--detach")
    detached = origin.commit("Detached")
    repository.default_branch = version.name = ""
    repository.save()
    version.save()

    checkout = check()

    repository.refresh_from_db()
    assert (checkout.commit, checkout.branch, repository.default_branch) == (detached, "", "")


def test_an_empty_repository_fails_the_build(check, repository, version, tmp_path):
    empty = GitRepository(tmp_path / "empty")
    repository.clone_url, repository.default_branch, version.name = empty.url, "", ""
    repository.save()
    version.save()

    with pytest.raises(BuildFailed, match="The repository is empty"):
        check()


def test_a_repository_that_lacks_an_object_fails_the_build(check, origin):
    blob = origin.git("rev-parse", "HEAD:docs/index.md")
    (origin.path / ".git/objects" / blob[:2] / blob[2:]).unlink()

    with pytest.raises(BuildFailed, match="The repository is damaged"):
        check()


def test_a_worktree_or_shallow_clone_of_this_machine_can_be_built(check, repository, origin, tmp_path):
    origin.commit("Second")
    shallow = tmp_path / "shallow"
    origin.git("clone", "--quiet", "--depth=1", origin.url, str(shallow))
    subprocess.run(["git", "worktree", "add", "-q", "-b", "side", "../side"], cwd=shallow, check=True)
    repository.clone_url = f"file://{tmp_path / 'side'}"
    repository.save()

    assert check().message == "Second"


def test_a_repository_where_the_build_user_may_not_go_can_be_built(check, origin):
    origin.path.parent.chmod(0o700)
    origin.path.chmod(0o700)

    assert files(check()) == ["docs/index.md", "docs/other.md"]


def test_a_directory_without_a_repository_fails_the_build(check, repository, tmp_path):
    (tmp_path / "nothing").mkdir()
    repository.clone_url = f"file://{tmp_path / 'nothing'}"
    repository.save()

    with pytest.raises(BuildFailed, match="There is no git repository"):
        check()


def test_a_protocol_that_is_not_allowed_any_more_fails_the_build(check, settings):
    settings.CLONE_PROTOCOLS = ["https"]

    with pytest.raises(BuildFailed, match="only https:// URLs are allowed"):
        check()


def test_a_damaged_mirror_is_fetched_anew(check, build):
    checkout = check()
    for pack in [*checkout.git_directory.glob("objects/pack/*"), *checkout.git_directory.glob("objects/??/*")]:
        pack.chmod(0o644)
        pack.write_bytes(b"")

    assert files(check()) == ["docs/index.md", "docs/other.md"]


def test_locks_that_a_killed_git_left_do_no_harm(check, origin):
    checkout = check()
    metadata = next((checkout.git_directory / "worktrees").iterdir())
    for lock in (metadata / "index.lock", metadata / "HEAD.lock", checkout.git_directory / "refs/heads/main.lock"):
        lock.touch()
    origin.commit(docs__other_dot_md=None)

    assert files(check()) == ["docs/index.md"]


def test_links_and_attributes_of_a_repository_do_nothing_outside_its_tree(check, origin, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (origin.path / "link").symlink_to(outside)
    (origin.path / "passwd").symlink_to("/etc/passwd")
    origin.commit(_dot_gitattributes="* filter=evil diff=evil\n*.md ident\n", _dot_gitmodules="[submodule]")
    origin.git("rm", "-q", "link")
    origin.commit("A directory where a link was", link__file="inside")

    checkout = check(origin.git("rev-parse", "HEAD~1"))
    assert (checkout.source / "link").is_symlink()
    checkout = check()

    assert (checkout.source / "link" / "file").read_text() == "inside"
    assert list(outside.iterdir()) == []


def test_no_filter_of_the_server_runs_for_files_that_lie_elsewhere(check, origin, tmp_path, monkeypatch):
    (tmp_path / "config").write_text(f'[filter "lfs"]\n\tsmudge = touch {tmp_path}/asked; cat\n')
    origin.commit(
        _dot_lfsconfig="[lfs]\n\turl = http://169.254.169.254/\n",
        _dot_gitattributes="*.bin filter=lfs diff=lfs merge=lfs -text\n",
        large_dot_bin="version https://git-lfs.github.com/spec/v1\noid sha256:aa\nsize 1\n",
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "config"))

    checkout = check()

    assert (checkout.source / "large.bin").read_text().startswith("version https://git-lfs")
    assert not (tmp_path / "asked").exists()


def test_a_commit_by_somebody_with_a_strange_name_is_told_of_within_bounds(check, origin):
    origin.git("commit", "--quiet", "--allow-empty", "-m", "m" * 5000, GIT_AUTHOR_NAME="a" * 400)
    latin = origin.git("rev-parse", "HEAD")
    checkout = check(latin)

    assert (len(checkout.author), len(checkout.message)) == (255, 2000)


def test_slips_of_old_git_versions_that_real_repositories_hold_are_let_in(check, origin):
    slip = origin.git("cat-file", "commit", "HEAD").replace(" +0000", " -7000000") + "\n"
    (origin.path / ".git" / "slip").write_text(slip)
    commit = origin.git("hash-object", "-t", "commit", "-w", "--literally", ".git/slip")
    origin.git("update-ref", "refs/heads/main", commit)

    assert check().commit == commit


@pytest.mark.parametrize("name", [".git", "GIT~1", ".GiT", ".g\u200cit", ".git."])
def test_an_object_that_could_harm_fails_the_build(check, origin, name):
    blob = origin.git("hash-object", "-w", "docs/index.md")
    (origin.path / ".git" / "tree").write_bytes(f"100644 {name}\0".encode() + bytes.fromhex(blob))
    tree = origin.git("hash-object", "-t", "tree", "-w", "--literally", ".git/tree")
    origin.git("update-ref", "refs/heads/main", origin.git("commit-tree", tree, "-m", "A file called .git"))

    with pytest.raises(BuildFailed, match="an object that git calls broken"):
        check()


def test_a_second_clone_by_https_transfers_only_what_is_new(check, origin, host):
    origin.commit(big="".join(os.urandom(50_000).hex()))
    check()
    first = host.bytes_sent
    origin.commit(docs__index_dot_md="# Changed\n")

    checkout = check()

    assert (checkout.source / "docs/index.md").read_text() == "# Changed\n"
    assert first > 50_000
    assert host.bytes_sent - first < 5_000


def test_a_commit_without_a_branch_is_fetched_where_the_host_gives_it_away(check, origin, host):
    orphan = origin.commit("Gone soon")
    origin.git("reset", "--quiet", "--hard", "HEAD~1")

    assert check(orphan).message == "Gone soon"


def test_plain_http_works_where_the_operator_allows_it(check, repository, origin, build, settings, tmp_path):
    with GitHost(tmp_path) as host:
        settings.CLONE_PROTOCOLS, settings.CLONE_HOSTS = ["http"], [host.host]
        repository.clone_url = f"http://{host.host}/origin/.git"
        repository.save()

        assert files(check()) == ["docs/index.md", "docs/other.md"]


def test_a_redirect_is_not_followed(check, repository, host, tmp_path, certificate):
    with GitHost(tmp_path, certificate[0]) as target:
        host.redirect_to = f"https://{target.host}"
        repository.clone_url = f"https://{host.host}/redirected/origin/.git"
        repository.save()

        with pytest.raises(BuildFailed, match="redirects are not followed"):
            check()

        assert len(host.requests) == 1
        assert target.requests == []


def test_a_host_that_resolves_to_a_private_address_is_not_connected_to(
    check, repository, host, settings, monkeypatch
):
    settings.CLONE_HOSTS = ["public"]
    # As a name does that was public when the repository was registered.
    monkeypatch.setattr("builds.checkouts.checkout.check_clone_url", lambda url: url)

    with pytest.raises(BuildFailed, match="resolves to a private address"):
        check()

    assert host.requests == []


def test_a_repository_that_a_host_does_not_have_fails_the_build(check, repository, host):
    repository.clone_url = f"https://{host.host}/none.git"
    repository.save()

    with pytest.raises(BuildFailed, match="it is private, or there is none"):
        check()


def test_a_host_that_does_not_answer_is_no_fault_of_the_docs(check, host):
    host.__exit__()

    with pytest.raises(BuildError, match="could not be reached"):
        check()


def test_a_host_that_stops_sending_is_given_up_on_and_the_build_tried_again(check, repository, host, monkeypatch):
    monkeypatch.setattr(git, "LOW_SPEED_TIME", 1)
    repository.clone_url = f"https://{host.host}/slow/origin.git"
    repository.save()

    with pytest.raises(BuildError, match="The clone timed out"):
        check()


def test_nobody_is_asked_for_a_password_and_no_secret_of_the_worker_is_told(check, origin, build, monkeypatch):
    monkeypatch.setenv("GIT_TRACE", "1")
    monkeypatch.setenv("SECRET_KEY", "hunter2hunter2")

    check()

    assert "hunter2" not in logs.tail(build, lines=500)
    assert "trace:" not in logs.tail(build, lines=500)


def test_a_git_that_was_killed_is_no_fault_of_the_docs(check, monkeypatch):
    monkeypatch.setattr(git, "RESET", "kill -9 $$")

    with pytest.raises(BuildError, match="git was ended by signal 9"):
        check()
