"""How the launcher comes into a process: compiled once here, so that no start waits for that."""

import marshal
import os
from functools import cache
from pathlib import Path

LAUNCHER = Path(__file__).with_name("launcher.py")
MARK = "yaydoc-launcher"  # in its arguments, for whoever looks for it
BOOT = "import marshal, os, sys; exec(marshal.loads(os.read(int(sys.argv[1]), 1 << 20)))"


@cache
def code() -> bytes:
    return marshal.dumps(compile(LAUNCHER.read_text(), str(LAUNCHER), "exec"))


def launcher(python: str, control: int, *, restrict: bool) -> tuple[list[str], int]:
    """The command line, and the file descriptor of the code, which the caller closes."""
    fd = memory_file("launcher", code())
    line = [python, "-I", "-S", "-c", BOOT, str(fd), str(control), MARK]
    return line + ["--restrict"] * restrict, fd


def memory_file(name: str, content: bytes) -> int:
    """A file without a place on disk, to be inherited. The caller closes it."""
    fd = os.memfd_create(name)
    os.write(fd, content)
    os.lseek(fd, 0, os.SEEK_SET)
    return fd
