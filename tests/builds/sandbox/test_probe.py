"""Whether a sandbox works, wherever builds are."""

import tempfile
from pathlib import Path

import pytest

from builds.sandbox.probe import why_not
from builds.sandbox.tiers import Tier


@pytest.mark.parametrize("above", ["/tmp", "/var/tmp"])
def test_bubblewrap_works_wherever_the_data_directory_is(above, settings):
    if why_not(Tier.BUBBLEWRAP):
        pytest.skip("there is no bubblewrap here")
    with tempfile.TemporaryDirectory(dir=above) as name:
        settings.DATA_DIR = Path(name)

        assert why_not(Tier.BUBBLEWRAP) == ""
