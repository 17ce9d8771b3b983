"""What rendering starts from."""

import pytest

from builds import places, sandbox
from builds.configuration.reading import read_config
from builds.detection.plans import find_docs
from tests.builds.small_projects import source_of, start, write


@pytest.fixture
def execution(request_build):
    """Of a claimed build; what it leaves on disk, or a test before it, is removed."""
    execution = start(request_build())
    sandbox.remove(places.version_directory(execution.build.version))
    yield execution
    execution.log.close()
    for path in (execution.scratch, places.version_directory(execution.build.version)):
        sandbox.remove(path)


@pytest.fixture
def plan_of(execution):
    """The plan of a checkout of these files."""

    def plan(files):
        source = write(source_of(execution.build), files)
        sandbox.give(source)
        return find_docs(source, read_config(source))

    return plan
