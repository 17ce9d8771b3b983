"""What rendering starts from."""

import pytest

from builds import places, sandbox
from tests.builds.small_projects import start


@pytest.fixture
def execution(request_build):
    """Of a claimed build; what it leaves on disk, or a test before it, is removed."""
    execution = start(request_build())
    sandbox.remove(places.version_directory(execution.build.version))
    yield execution
    execution.log.close()
    for path in (execution.scratch, places.version_directory(execution.build.version)):
        sandbox.remove(path)
