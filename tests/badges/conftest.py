"""What tests of the badge's shortcut start from."""

import pytest
from django.apps import apps

from badges import shortcut as module
from repositories.models import BuildStatus
from tests.badges.asking import Asking
from tests.badges.stored import set_status


@pytest.fixture
def ask(tmp_path, settings, repository):
    settings.BADGE_SHORTCUT = True
    settings.DATA_DIR = tmp_path
    apps.get_app_config("badges").ready()
    module.mark.cache_clear()
    asking = Asking()
    set_status(repository, BuildStatus.SUCCESS)
    yield asking
    module.mark.cache_clear()
