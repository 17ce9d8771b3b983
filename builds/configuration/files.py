"""Reading a configuration file out of a checkout that a stranger wrote."""

import errno
import os
import stat
from pathlib import Path

from builds.configuration.strict_yaml import MAX_BYTES
from builds.errors import BuildFailed

NOT_REGULAR = "the config file must be a regular file of at most 64 KB"
HINT = "Correct the file and push again; docs: “Configuration”."


def content_of(path: Path) -> bytes | None:
    """The file's bytes, or None where there is none. Raises BuildFailed for links, directories, pipes, giants."""
    try:
        # O_NONBLOCK: to open a pipe that nobody writes to would wait for ever
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno in {errno.ELOOP, errno.ENXIO, errno.EACCES}:
            raise BuildFailed(f"{path.name}: {NOT_REGULAR}.", HINT) from error
        raise
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise BuildFailed(f"{path.name}: {NOT_REGULAR}.", HINT)
        if status.st_size > MAX_BYTES:
            raise BuildFailed(f"{path.name}: the file is larger than 64 KB ({NOT_REGULAR}).", HINT)
        return os.read(descriptor, MAX_BYTES + 1)
    finally:
        os.close(descriptor)
