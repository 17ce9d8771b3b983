"""What a configuration asks for that this server has not: sentences for the log."""

from collections.abc import Iterator

from django.conf import settings

from builds.configuration.config import Config
from builds.rendering.pythons import remark


def absences(config: Config) -> Iterator[str]:
    if told := remark(config.python):
        yield told
    if missing := [name for name in config.system_packages if name not in settings.SYSTEM_PACKAGES]:
        yield (
            f"{config.file}: build.apt_packages: not installed by a build; unless this server has them, what needs"
            f" them fails: {', '.join(missing)}. Its operator names those it has in SYSTEM_PACKAGES."
        )
