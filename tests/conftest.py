"""What many tests start from."""

from contextlib import contextmanager
from io import BytesIO
from wsgiref.util import setup_testing_defaults

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client

from builds.models import Build, Trigger
from repositories import notices
from repositories.models import Repository
from repositories.names import RepositoryName
from tests.http_server import receiver
from yaydoc.wsgi import application


@pytest.fixture(autouse=True)
def empty_cache():
    """Attempts are counted in the cache: no test may feel those of another."""
    cache.clear()


@pytest.fixture
def owner(db):
    return get_user_model().objects.create_user("olivia", "olivia@example.org", "correct horse battery")


@pytest.fixture
def stranger(db):
    return get_user_model().objects.create_user("sam", "sam@example.org", "correct horse battery")


@pytest.fixture
def repository(owner):
    """A registered repository of olivia's, before its first build."""
    repository = Repository.objects.register(
        name=RepositoryName.parse("octo/docs"),
        clone_url="https://github.com/octo/docs.git",
        forge="github",
        registrant=owner,
        default_branch="main",
    )
    Build.objects.filter(repository=repository).delete()
    Repository.objects.filter(pk=repository.pk).update(last_build_number=0)
    repository.refresh_from_db()
    return repository


@pytest.fixture
def version(repository):
    return repository.default_version


@pytest.fixture
def request_build(version):
    """Asks for a build of the default version, as a person would."""

    def request(commit="a" * 40, trigger=Trigger.PERSON, of=None):
        return Build.objects.request(of or version, trigger=trigger, commit=commit)

    return request


@pytest.fixture
def no_notices(monkeypatch):
    """Nothing is asked of the apps above: what a page costs by itself."""
    monkeypatch.setattr(notices, "_about_repositories", [])
    monkeypatch.setattr(notices, "_about_users", [])


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def as_owner(owner):
    return client_of(owner)


@pytest.fixture
def as_stranger(stranger):
    return client_of(stranger)


@pytest.fixture
def as_staff(db):
    return client_of(
        get_user_model().objects.create_superuser("root", "root@example.org", "correct horse battery")
    )


@pytest.fixture
def as_nobody(db):
    return Client()


@pytest.fixture
def private_repository(repository):
    repository.is_private = True
    repository.save(update_fields=["is_private"])
    return repository


@pytest.fixture
def receiving(settings):
    """A real receiver of webhooks on this machine, which the operator allows."""
    settings.CLONE_PROTOCOLS = ["https", "http"]
    with receiver() as told:
        settings.CLONE_HOSTS = ["public", told.address]
        yield told


@pytest.fixture
def building(repository):
    """The repository, with pull requests switched on."""
    repository.builds_pull_requests = True
    repository.save(update_fields=["builds_pull_requests"])
    return repository


class Answer:
    def __init__(self, status, headers, body):
        self.status = int(status.partition(" ")[0])
        self.headers = dict(headers)
        self.header_names = [name for name, _ in headers]
        self.body = body


@contextmanager
def kept_connection():
    """The test's transaction would end with its connection; Django's own test client does the same."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture
def get(db):
    """Asks the whole application for a path, percent-decoded as a WSGI server does it."""

    def get(path, method="GET", host="docs.localhost:8000", query="", **headers):
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path.encode().decode("latin-1") if isinstance(path, str) else path.decode("latin-1"),
            "QUERY_STRING": query,
            "HTTP_HOST": host,
            "wsgi.input": BytesIO(),
            **headers,
        }
        setup_testing_defaults(environ)
        started = []
        with kept_connection():
            chunks = application(environ, lambda status, headers, _=None: started.append((status, headers)))
            body = b"".join(chunks)
            if hasattr(chunks, "close"):
                chunks.close()
        return Answer(*started[0], body)

    return get
