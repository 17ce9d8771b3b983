"""`python tests/on_postgres.py <command…>`: run a command with DATABASE_URL pointing to a PostgreSQL of its own.

The server is made in a scratch directory, listens on loopback only, and is gone afterwards. Exit code: the
command's, or 0 with a sentence when PostgreSQL is not installed.
"""

import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def find_programs() -> Path | None:
    """Where initdb and pg_ctl are: Debian keeps them off the PATH."""
    beside = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    found = shutil.which("initdb") or (str(beside[-1]) if beside else None)
    return Path(found).parent if found else None


def unprivileged() -> dict[str, int]:
    """PostgreSQL refuses to run as root: whom a root user becomes for it."""
    if os.getuid():
        return {}
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": entry.pw_uid, "group": entry.pw_gid}
    raise SystemExit("PostgreSQL cannot run as root, and there is no user postgres or nobody.")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def server(programs: Path) -> Iterator[str]:
    """A running server; yields its URL."""
    user = unprivileged()
    directory = Path(tempfile.mkdtemp(prefix="yaydoc-postgres-"))
    if user:
        os.chown(directory, user["user"], user["group"])
    port, data = free_port(), directory / "data"
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={directory} -c fsync=off"

    def call(*command: str | Path) -> None:
        subprocess.run(
            command,
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=directory,
            extra_groups=[] if user else None,
            **user,
        )

    try:
        call(programs / "initdb", "-D", data, "-U", "yaydoc", "-A", "trust", "-E", "UTF8", "--no-sync")
        call(programs / "pg_ctl", "-D", data, "-w", "-l", directory / "log", "-o", options, "start")
        try:
            yield f"postgres://yaydoc@127.0.0.1:{port}/postgres"
        finally:
            call(programs / "pg_ctl", "-D", data, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def main(command: list[str]) -> int:
    programs = find_programs()
    if programs is None:
        print("PostgreSQL is not installed: these tests ran on SQLite only.")
        return 0
    with server(programs) as url:
        return subprocess.run(command, env={**os.environ, "DATABASE_URL": url}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
