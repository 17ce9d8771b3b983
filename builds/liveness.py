"""Whether a process that claimed something still lives: its name tells, on the machine that it runs on."""

import os
import socket
from pathlib import Path


def worker_name() -> str:
    """Names this process: a sweeper on the same machine can tell whether it still lives."""
    return f"{socket.gethostname()}:{os.getpid()}:{process_start(os.getpid())}"


def process_start(pid: int) -> str:
    """When a process started, in clock ticks since boot (proc(5), field 22), or '' when there is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""


def is_alive(worker: str) -> bool | None:
    """Whether the process that `worker_name` named still runs; None when it is of another machine."""
    host, pid, start = worker.rsplit(":", 2)
    if host != socket.gethostname():
        return None
    return process_start(int(pid)) == start
