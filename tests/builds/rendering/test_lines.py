"""The lines of a .readthedocs.yaml, run by a real shell in the real sandbox."""

import subprocess
from contextlib import suppress
from pathlib import Path

import pytest
from django.test import override_settings

from builds import places, sandbox
from builds.configuration.config import Config
from builds.errors import BuildCancelled, BuildFailed
from builds.rendering.lines import Lines
from builds.rendering.pythons import choose_interpreter
from repositories.models import Version
from tests.builds.small_projects import log_of, source_of, write


@pytest.fixture
def source(execution):
    source = write(source_of(execution.build), {"README.md": "# Small\n"})
    sandbox.give(source)
    return source


@pytest.fixture
def lines_of(execution, source):
    """The lines of these jobs, without an environment unless a folder is given."""

    def lines(folder=None, **jobs):
        return Lines(execution, Config(file=".readthedocs.yaml", jobs=jobs), source, choose_interpreter(), folder)

    return lines


@pytest.fixture
def printed(execution, lines_of):
    """What a line prints."""

    def run(line, folder=None):
        lines_of(folder, pre_build=(line,)).run("pre_build")
        return log_of(execution).rpartition(f"$ {line}\n")[2].strip()

    return run


def test_a_line_is_run_in_the_checkout_by_a_shell_of_its_own(source, lines_of):
    lines_of(
        pre_build=(
            "pwd > $READTHEDOCS_REPOSITORY_PATH/where && mkdir docs && cd docs",
            "[ -f where ] && for word in a b; do\n  echo $word\ndone | tac > words",
        )
    ).run("pre_build")

    assert (source / "where").read_text().strip() == str(source)
    assert (source / "words").read_text() == "b\na\n"


def test_what_read_the_docs_promises_is_set(execution, source, printed):
    variables = dict(line.split("=", 1) for line in printed("env").splitlines() if "=" in line)
    version = execution.build.version

    assert {name: value for name, value in variables.items() if name.startswith(("READTHEDOCS", "NO_"))} == {
        "NO_COLOR": "1",
        "READTHEDOCS": "True",
        "READTHEDOCS_CANONICAL_URL": version.docs_url,
        "READTHEDOCS_GIT_CLONE_URL": "https://github.com/octo/docs.git",
        "READTHEDOCS_GIT_COMMIT_HASH": "a" * 40,
        "READTHEDOCS_GIT_IDENTIFIER": "main",
        "READTHEDOCS_LANGUAGE": "en",
        "READTHEDOCS_OUTPUT": f"{source}/_readthedocs/",
        "READTHEDOCS_PRODUCTION_DOMAIN": "localhost",
        "READTHEDOCS_PROJECT": "docs",
        "READTHEDOCS_REPOSITORY_PATH": str(source),
        "READTHEDOCS_VERSION": "latest",
        "READTHEDOCS_VERSION_NAME": "latest",
        "READTHEDOCS_VERSION_TYPE": "branch",
    }


def test_the_home_is_one_from_the_first_line_to_the_last_and_its_programs_are_found(printed):
    printed('mkdir -p ~/.local/bin && printf "#!/bin/sh\\necho found" > ~/.local/bin/tool')
    printed("chmod +x ~/.local/bin/tool")

    assert printed("tool") == "found"


def test_the_environments_programs_are_found_and_it_can_be_written_to(printed, tmp_path):
    folder = places.environments() / "of-a-test"
    folder.mkdir(parents=True)
    sandbox.give(folder)

    printed('mkdir "$READTHEDOCS_VIRTUALENV_PATH/bin"', folder)
    printed('printf "#!/bin/sh\\necho inside" > $READTHEDOCS_VIRTUALENV_PATH/bin/tool', folder)
    printed("chmod +x $READTHEDOCS_VIRTUALENV_PATH/bin/tool", folder)

    assert printed("tool", folder) == "inside"
    sandbox.remove(folder)


# -- lines that fail


def test_a_line_that_fails_ends_the_build_with_its_job_and_number(source, lines_of):
    with pytest.raises(BuildFailed) as failed:
        lines_of(post_install=("true", "echo no >&2; exit 3", "touch after")).run("post_install")

    assert failed.value.reason == "build.jobs.post_install, line 2, ended with exit code 3: echo no >&2; exit 3"
    assert not (source / "after").exists()


def test_a_program_that_is_not_here_is_named(lines_of):
    with pytest.raises(BuildFailed) as failed:
        lines_of(pre_build=("no-such-program --all",)).run("pre_build")

    assert failed.value.reason.startswith(
        "build.jobs.pre_build, line 1, needs no-such-program, which is not installed"
    )


@pytest.mark.parametrize(
    ("printed", "hint"),
    [
        ("network: example.org was not found", "It asked for a host: example.org was not found."),
        ("ERROR: Ignored … 9.1.0 Requires-Python >=3.99", "It may need a newer Python than 3."),
        (
            "1 warning (with warnings treated as errors).",
            "Sphinx counts warnings as errors there (-W), and the log",
        ),
        (
            "not fetchable … 2 warnings (with warnings treated as errors)",
            "Sphinx counts warnings as errors there (-W), and the log has 2. Some are of other projects",
        ),
        ("Invalid command: config sphinx docs/", "Jupyter Book 2 does without Sphinx"),
        ("anything", "The log has what it printed."),
    ],
)
def test_a_line_that_fails_of_what_is_not_here_has_a_hint(lines_of, printed, hint):
    with pytest.raises(BuildFailed) as failed:
        lines_of(pre_build=(f"echo '{printed}'; false",)).run("pre_build")

    assert failed.value.hint.startswith(hint)


def test_exit_code_183_asks_for_no_build(lines_of):
    with pytest.raises(BuildCancelled) as cancelled:
        lines_of(post_checkout=("exit 183",)).run("post_checkout")

    assert "build.jobs.post_checkout, line 1," in str(cancelled.value)


def test_a_line_that_hangs_ends_by_the_builds_limit(execution, lines_of):
    with override_settings(BUILD_TIMEOUT=execution.seconds + 1), pytest.raises(BuildFailed) as failed:
        lines_of(pre_build=("trap '' TERM INT HUP; setsid sleep 612 & sleep 612",)).run("pre_build")

    assert "was ended" in failed.value.reason
    assert execution.seconds < 20
    assert [line for line in command_lines() if line == b"sleep\x00612\x00"] == []


def command_lines():
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            yield file.read_bytes()


def test_cancelling_ends_a_line(execution, lines_of, monkeypatch):
    monkeypatch.setattr(execution._heartbeat, "should_stop", lambda: execution.seconds > 1)
    monkeypatch.setattr(execution._heartbeat, "check", lambda: stop(execution))

    with pytest.raises(BuildCancelled):
        lines_of(pre_build=("sleep 600",)).run("pre_build")

    assert execution.seconds < 10


def stop(execution):
    if execution.seconds > 1:
        raise BuildCancelled


# -- what a line cannot do


@override_settings(SECRET_KEY="not to be seen by a build, whatever it does")
def test_the_environment_holds_nothing_of_the_workers(printed, monkeypatch):
    monkeypatch.setenv("OF_THE_WORKER", "a secret")

    shown = printed("env; cat /proc/*/environ 2>/dev/null | tr '\\0' '\\n'; true")

    assert "READTHEDOCS=True" in shown
    assert "a secret" not in shown
    assert "not to be seen" not in shown


def test_a_line_writes_neither_mirrors_nor_other_environments_nor_other_versions(execution, lines_of):
    others = [
        places.git_mirror(execution.build.repository_id),
        places.environments() / "builder-other",
        places.environments() / "cache-builder",
        places.versions() / "999",
        places.runner(),
        places.version_directory(execution.build.version) / "render",
    ]
    for folder in others:
        folder.mkdir(parents=True, exist_ok=True)
        sandbox.give(folder)

    for folder in others:
        lines_of(pre_build=(f"echo x > {folder}/written || true",)).run("pre_build")

    assert [folder for folder in others if (folder / "written").exists()] == []
    for folder in (*others[:2], others[3]):
        sandbox.remove(folder)


def test_the_lines_of_a_pull_request_write_to_a_cache_of_its_own(execution, lines_of, source):
    of_repository = lines_of()
    execution.build.version.kind = Version.Kind.PULL_REQUEST
    of_pull_request = lines_of()

    assert of_repository.cache.name == f"cache-repository-{execution.build.repository_id}"
    assert of_pull_request.cache.name == f"cache-version-{execution.build.version_id}"
    assert of_repository.cache not in of_pull_request.command(["true"]).writable


# -- what stands in for tools of Read the Docs


def test_asdf_answers_for_what_is_here(printed):
    assert printed("asdf plugin add uv").startswith("asdf: uv is here already: uv ")
    assert printed("asdf install uv latest").startswith("asdf: uv is here already: uv ")
    assert printed("asdf global uv latest && uv --version").splitlines()[1].startswith("uv ")


def test_asdf_refuses_what_is_not_here(execution, lines_of):
    with pytest.raises(BuildFailed):
        lines_of(pre_build=("asdf install cobol latest",)).run("pre_build")

    assert "asdf: cobol is not installed on this server" in log_of(execution)


def test_uv_uses_the_python_that_is_here_whatever_is_pinned(source, printed):
    write(source, {".python-version": "3.99\n"})

    shown = printed("uv venv -q -p 3.98 && uv run -q --no-project python -c 'print(6 * 7)'")

    assert "uv: Python 3.98 is asked for" in shown
    assert shown.endswith("42")


def test_uv_makes_the_builds_environment_anew(printed):
    folder = places.environments() / "of-a-test"
    folder.mkdir(parents=True)
    (folder / "left").touch()
    sandbox.give(folder)

    printed('uv venv --clear "$READTHEDOCS_VIRTUALENV_PATH"', folder)

    assert (folder / "bin/python").is_symlink()
    assert not (folder / "left").exists()
    sandbox.remove(folder)


@pytest.fixture
def worktree(execution, source):
    """The checkout, with a mirror that holds one commit and a tag."""
    mirror = places.git_mirror(execution.build.repository_id)
    git = ["git", "-C", str(source), "-c", "user.name=a", "-c", "user.email=a@example.org"]
    mirror.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["git", "init", "-q", "--bare", str(mirror)], check=True)
    subprocess.run([*git, f"--git-dir={mirror}", "--work-tree=.", "add", "."], check=True)
    subprocess.run([*git, f"--git-dir={mirror}", "--work-tree=.", "commit", "-qm", "One"], check=True)
    subprocess.run([*git, f"--git-dir={mirror}", "tag", "v1"], check=True)
    (source / ".git").write_text(f"gitdir: {mirror}\n")
    sandbox.give(mirror)
    sandbox.give(source)
    yield source
    sandbox.remove(mirror)


@pytest.mark.parametrize(
    "line",
    [
        "git fetch --unshallow",
        "git fetch --tags",
        "git fetch --all --tags --prune",
        "git update-index --assume-unchanged docs/conf.py",
        "git config remote.origin.fetch '+refs/heads/*:refs/remotes/origin/*'",
    ],
)
def test_what_would_fetch_or_change_the_history_is_answered(worktree, printed, line):
    assert printed(line).startswith("git ")


def test_git_reads_the_history_and_changes_nothing_of_it(worktree, printed, execution):
    assert printed("git describe --tags") == "v1"
    printed("git tag v2 || git config user.name b || true")

    mirror = places.git_mirror(execution.build.repository_id)
    assert not (mirror / "refs/tags/v2").exists()
    assert "name = b" not in (mirror / "config").read_text()


def test_git_elsewhere_is_git(worktree, printed):
    printed("git init -q other && cd other && git config remote.origin.url ../nothing")

    assert "url = ../nothing" in (worktree / "other/.git/config").read_text()
