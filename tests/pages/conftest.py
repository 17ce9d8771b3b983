"""Outputs of builds, and stored releases."""

import pytest

from pages.models import Publication
from pages.releases import store


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
