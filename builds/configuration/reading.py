"""Which configuration file counts, and what it says."""

import os
from dataclasses import replace
from pathlib import Path

from builds.configuration import readthedocs_yaml, yaydoc_yml
from builds.configuration.config import Config
from builds.configuration.files import HINT, content_of
from builds.configuration.strict_yaml import InvalidYAML, parse
from builds.errors import BuildFailed

#: In the order in which they count.
READERS = {
    **dict.fromkeys(yaydoc_yml.FILES, yaydoc_yml.read),
    **dict.fromkeys(readthedocs_yaml.FILES, readthedocs_yaml.read),
}


def read_config(source: Path) -> Config:
    """The configuration of the checkout `source`. Raises BuildFailed with file, line and what to write instead.

    Call it while no build can write to `source`: paths are resolved here.
    """
    for file, read in READERS.items():
        content = content_of(source / file)
        if content is None:
            continue
        try:
            config = read(parse(content), file, source)
        except InvalidYAML as error:
            raise BuildFailed(f"{file}, line {error.line}: {error}", HINT) from error
        return _with_others_named(config, file, source)
    return Config()


def _with_others_named(config: Config, file: str, source: Path) -> Config:
    others = [name for name in READERS if name != file and os.path.lexists(source / name)]
    if not others:
        return config
    return replace(config, notes=(f"{file} is read; not read besides: {', '.join(others)}", *config.notes))
