"""Somebody's repository, on this machine or at a git host, and a build that checks it out."""

import shutil

import pytest

from builds import sandbox
from builds.checkouts.checkout import check_out
from builds.execution import Execution
from builds.heartbeat import Heartbeat
from builds.logs import LogWriter
from builds.models import Build, Trigger
from tests.builds.checkouts.git_server import GitHost, GitRepository, make_certificate


@pytest.fixture
def origin(tmp_path):
    """Somebody's repository, with two pages."""
    tmp_path.chmod(0o755)
    repository = GitRepository(tmp_path / "origin")
    repository.commit("Start", docs__index_dot_md="# Home\n", docs__other_dot_md="# Other\n")
    return repository


@pytest.fixture
def build(repository, version, origin, settings):
    settings.CLONE_PROTOCOLS = ["https", "file"]
    repository.clone_url = origin.url
    repository.save()
    build = Build.objects.request(version, trigger=Trigger.PERSON)
    build.attempt = 1
    yield build
    shutil.rmtree(sandbox.build_directory() / "mirrors", ignore_errors=True)
    shutil.rmtree(sandbox.build_directory() / "versions", ignore_errors=True)


@pytest.fixture
def execution(build, tmp_path):
    with LogWriter(build) as log:
        yield Execution(build, log, Heartbeat(build), tmp_path)


@pytest.fixture
def check(execution, repository, version):
    def check(commit="", of=version):
        repository.refresh_from_db()
        of.refresh_from_db()
        return check_out(execution, repository, of, commit)

    return check


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    directory = tmp_path_factory.mktemp("certificate")
    directory.chmod(0o755)
    return make_certificate(directory / "server.pem")


@pytest.fixture
def host(tmp_path, certificate, repository, build, settings, monkeypatch):
    """A git host whose certificate the worker trusts, and which the operator allows; it serves `origin`."""
    key, authority = certificate
    monkeypatch.setenv("SSL_CERT_FILE", str(sandbox.tool(authority)))
    settings.CLONE_PROTOCOLS = ["https"]
    with GitHost(tmp_path, key) as host:
        settings.CLONE_HOSTS = ["public", host.host]
        repository.clone_url = f"https://{host.host}/origin/.git"
        repository.save()
        yield host
