"""Outputs of builds, stored releases, and the docs host as a client sees it."""

from contextlib import contextmanager
from io import BytesIO
from wsgiref.util import setup_testing_defaults

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from pages.models import Publication
from pages.releases import store
from yaydoc.wsgi import application


@pytest.fixture(autouse=True)
def data_directory(settings, tmp_path):
    settings.DATA_DIR = tmp_path / "data"


@pytest.fixture
def make_output(tmp_path):
    """Writes the given files (path → text or bytes) into a new directory, as a build would."""
    made = []

    def make(files):
        output = tmp_path / f"output-{len(made)}"
        output.mkdir()
        made.append(output)
        for path, content in files.items():
            (output / path).parent.mkdir(parents=True, exist_ok=True)
            (output / path).write_bytes(content.encode() if isinstance(content, str) else content)
        return output

    return make


@pytest.fixture
def publish(version, make_output):
    """Stores and publishes files as the release of a build number."""

    def publish(files, number=1, of=None):
        release = store(of or version, build_number=number, commit="a" * 40, output=make_output(files))
        Publication.objects.publish(release)
        return release

    return publish


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
