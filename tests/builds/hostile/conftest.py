"""A data directory, a victim and an attacker, in every sandbox. Their first build makes the environment of all."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection
from django.test import override_settings

from builds import sandbox
from builds.models import Build, State
from repositories.models import Repository
from repositories.names import RepositoryName
from tests.builds.checkouts.git_server import GitRepository
from tests.builds.hostile.projects import CANARY, Project


@pytest.fixture(scope="package", params=["bubblewrap", "landlock"])
def data_directory(request, django_db_setup, django_db_blocker):
    """A data directory that everybody may look into, so that what is kept from a build is by the sandbox."""
    directory = Path(tempfile.mkdtemp(prefix="yaydoc-hostile-"))
    directory.chmod(0o755)
    changed = override_settings(
        DATA_DIR=directory,
        SANDBOX=request.param,
        CLONE_PROTOCOLS=["https", "file"],
        BUILD_USER_ID=60_000 + os.getpid() % 1_000,  # no other Yaydoc's of this machine
    )
    with django_db_blocker.unblock(), changed:
        forget_the_tier()
        yield directory
        call_command("flush", verbosity=0, interactive=False)
        connection.close()
    forget_the_tier()
    shutil.rmtree(directory, ignore_errors=True)


def forget_the_tier():
    sandbox.tier.cache_clear()
    sandbox.interpreter_versions.cache_clear()


@pytest.fixture(scope="package")
def registrant(data_directory):
    return get_user_model().objects.create_user("mallory", "mallory@example.org", "correct horse battery")


def register(name, registrant, directory):
    origin = GitRepository(directory / "origins" / name)
    repository = Repository.objects.register(
        name=RepositoryName.parse(f"octo/{name}"), clone_url=origin.url, forge="git", registrant=registrant
    )
    Build.objects.filter(repository=repository).delete()
    return Project(repository, origin)


@pytest.fixture(scope="package")
def victim(data_directory, registrant):
    """Somebody else's documentation. The first build, which makes the environment."""
    project = register("victim", registrant, data_directory)
    ended = project.build(docs__private_dot_rst=f"Private\n=======\n\n{CANARY}\n", docs__name_dot_txt=CANARY)
    assert ended.state == State.SUCCESS, ended.log
    (data_directory / "db.sqlite3").write_text(f"{CANARY} database")
    (data_directory / "secret_key").write_text(f"{CANARY} key")
    (data_directory / "secret_key").chmod(0o404)
    return project


@pytest.fixture(scope="package")
def project(data_directory, registrant, victim):
    project = register("mallory", registrant, data_directory)
    ended = project.build()
    assert ended.state == State.SUCCESS, ended.log
    return project
