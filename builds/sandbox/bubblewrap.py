"""The sandbox of bubblewrap: namespaces of its own, in which only what was named exists.

Started as root, bubblewrap itself is root, so that it can bind what lies below private directories, and keeps
for the launcher only the right to become the build user. Started as an ordinary user, it uses a user namespace.
Source: bwrap(1).
"""

import os
import sys
from collections.abc import Iterable
from pathlib import Path

from builds.sandbox import seccomp
from builds.sandbox.boot import launcher, memory_file
from builds.sandbox.commands import Command, Limits
from builds.sandbox.environment import certificates
from builds.sandbox.user import build_user

HOME, TEMPORARY = Path("/tmp/home"), Path("/tmp")  # noqa: S108  # inside: a file system of its own
PROXY_PORT = 3128  # of the sandbox's own network
SYSTEM = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
# For linking, certificates, fonts, time: nothing private.
CONFIGURATION = (
    "alternatives ca-certificates fonts ld.so.cache ld.so.conf ld.so.conf.d localtime mime.types pki/ca-trust"
    " pki/tls/certs ssl/certs ssl/openssl.cnf texmf"
).split()
SMALL_FILES = {
    "passwd": "root:x:0:0::/root:/bin/false\nyaydoc:x:{user}:{group}::/tmp/home:/bin/sh\n",
    "group": "root:x:0:\nyaydoc:x:{group}:\n",
    "hosts": "127.0.0.1 localhost\n::1 localhost\n",
    "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
}
SHARED_MEMORY = 4  # the part of the memory limit that /tmp, and that /dev/shm, may hold


def arguments(
    program: str, command: Command, limits: Limits, *, control: int, visible: Iterable[Path]
) -> tuple[list[str], list[int]]:
    """The command line, and the file descriptors that it needs (the caller closes them).

    `visible` is readable besides what the command names; `control` is the launcher's socket.
    """
    filter_fd = memory_file("seccomp", seccomp.bubblewrap_filter())
    fds = [filter_fd]
    line = [program, "--die-with-parent", "--as-pid-1", "--new-session", "--clearenv"]
    line += ["--unshare-ipc", "--unshare-pid", "--unshare-uts", "--unshare-net", "--unshare-cgroup-try"]
    line += ["--hostname", "yaydoc", "--cap-drop", "ALL", *rights(), "--seccomp", str(filter_fd)]
    line += system_binds()
    for name, text in SMALL_FILES.items():
        user, group = build_user() or (os.getuid(), os.getgid())
        fds.append(memory_file(name, text.format(user=user, group=group).encode()))
        line += ["--ro-bind-data", str(fds[-1]), f"/etc/{name}"]
    size = str(limits.memory // SHARED_MEMORY)
    line += ["--proc", "/proc", "--dev", "/dev"]
    line += ["--perms", "1777", "--size", size, "--tmpfs", "/dev/shm"]  # noqa: S108
    line += ["--perms", "1777", "--size", size, "--tmpfs", "/tmp"]  # noqa: S108
    bundle = certificates()
    trusted = [bundle] if bundle and not bundle.is_relative_to("/etc") else []
    readable = (*visible, *trusted, *command.readable)
    if any(path.is_relative_to("/var/tmp") for path in (*readable, *command.writable)):  # noqa: S108
        line += ["--perms", "1777", "--size", size, "--tmpfs", "/var/tmp"]  # noqa: S108
    else:  # nothing can be mounted behind a link
        line += ["--symlink", "/tmp", "/var/tmp"]  # noqa: S108
    line += binds(readable, command.writable)
    line += ["--remount-ro", "/dev", "--remount-ro", "/"]
    inside, code = launcher(sys._base_executable, control, restrict=False)  # type: ignore[attr-defined]
    return [*line, "--", *inside], [*fds, code]


def rights() -> list[str]:
    if os.getuid() == 0:
        return ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    return ["--unshare-user", "--disable-userns"]


def system_binds() -> list[str]:
    line = ["--ro-bind", "/usr", "/usr", "--perms", "0755", "--dir", "/etc", "--perms", "0755", "--dir", "/var"]
    for name in SYSTEM:
        path = Path("/", name)
        if path.is_symlink():
            line += ["--symlink", str(path.readlink()), str(path)]
        elif path.is_dir():
            line += ["--ro-bind", str(path), str(path)]
    for name in CONFIGURATION:
        if "/" in name and Path("/etc", name).exists():
            line += ["--perms", "0755", "--dir", f"/etc/{name.partition('/')[0]}"]
        line += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    return line


def binds(readable: Iterable[Path], writable: Iterable[Path]) -> list[str]:
    """Deeper paths last, or the ones above would cover them; where a path is both, it is writable."""
    options = dict.fromkeys(readable, "--ro-bind") | dict.fromkeys(writable, "--bind")
    shown = [Path("/usr"), Path("/etc")]
    line = []
    for path in sorted(options, key=lambda path: len(path.parts)):
        if path.is_relative_to("/usr") and options[path] == "--ro-bind":
            continue
        for parent in reversed(path.parents[:-1]):
            # bubblewrap makes what leads to a mount point itself, but closed to all but root.
            if not any(parent.is_relative_to(known) for known in shown):
                line += ["--perms", "0755", "--dir", str(parent)]
        line += [options[path], str(path), str(path)]
        shown.append(path)
    return line
