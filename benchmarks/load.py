"""Servers under our own gunicorn settings, and a client that keeps them busy."""

import contextlib
import itertools
import multiprocessing
import os
import platform
import selectors
import socket
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
START = 30  # seconds that a server may take to answer first


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def gunicorn(application, environment, *options):
    """The port of a running server; it is stopped at the end of the block.

    Processes are not replaced meanwhile, as they would be after `max_requests`: the rounds are short.
    """
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", application, "--config", "deploy/gunicorn.conf.py"]
    command += ["--bind", f"127.0.0.1:{port}", "--max-requests", "0", "--log-level", "warning", *options]
    with subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment}) as server:
        try:
            deadline = time.monotonic() + START
            while not answers(port):
                if time.monotonic() > deadline or server.poll() is not None:
                    raise SystemExit(f"{application} does not answer.")
                time.sleep(0.05)
            yield port, server.pid
        finally:
            server.terminate()


def manage(*arguments, environment):
    command = [sys.executable, "manage.py", *arguments]
    subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, check=True)


def answers(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def processor_seconds(pid):
    """What a server's worker processes used so far. Source: proc(5), fields 14 and 15."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    fields = [Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split() for child in children]
    return sum(int(field[11]) + int(field[12]) for field in fields) / os.sysconf("SC_CLK_TCK")


def requests_in(port, requests, seconds, *, clients, connections, status=200):
    """How many whole answers came back, all with this status; anything else ends the benchmark."""
    with multiprocessing.get_context("fork").Pool(clients) as pool:
        jobs = [(port, requests, seconds, connections, status)] * clients
        return sum(pool.starmap(keep_asking, jobs))


def latencies_in(port, requests, seconds, *, connections, status=200):
    """How long each answer took, in seconds, sorted. Each connection asks again as soon as it has its answer."""
    with multiprocessing.get_context("fork").Pool(1) as pool:
        return sorted(pool.apply(time_each, (port, requests, seconds, connections, status)))


class Unexpected(Exception):
    """Ends the benchmark. A SystemExit would end the client's process only, and its pool would wait for ever."""


class Connection:
    """Connects anew when the server has closed it, as gunicorn's sync workers do after each answer."""

    def __init__(self, port, requests, status):
        self.port, self.requests, self.status, self.socket = port, requests, status, None
        self.sent_at = 0.0

    def send(self):
        if self.socket is None:
            self.socket = socket.create_connection(("127.0.0.1", self.port))
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sent_at = time.perf_counter()
        self.socket.sendall(next(self.requests))

    def receive(self):
        """Returns the seconds since the request."""
        head, mark, body = self.socket.recv(65536).partition(b"\r\n\r\n")
        while not mark:
            more = self.socket.recv(65536)
            if not more:
                raise Unexpected("A server closed a connection within an answer.")
            head, mark, body = (head + more).partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 %d " % self.status):
            raise Unexpected(f"Not the answer that is measured: {head[:200]!r}")
        length = head.lower().partition(b"content-length:")[2].split(b"\r\n")[0]
        while self.status != 304 and len(body) < int(length):
            body += self.socket.recv(65536)
        took = time.perf_counter() - self.sent_at
        if b"connection: close" in head.lower():
            self.close()
        return took

    def close(self):
        if self.socket:
            self.socket.close()
            self.socket = None


def opened(port, requests, connections, status):
    """Each begins somewhere else in the list of requests."""
    starts = [number * len(requests) // connections for number in range(connections)]
    orders = [itertools.cycle(requests[start:] + requests[:start]) for start in starts]
    return [Connection(port, order, status) for order in orders]


def keep_asking(port, requests, seconds, connections, status):
    """Asks on all connections, then reads all answers, again and again; how many there were."""
    open_connections = opened(port, requests, connections, status)
    count, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:
        for connection in open_connections:
            connection.send()
        for connection in open_connections:
            connection.receive()
        count += connections
    for connection in open_connections:
        connection.close()
    return count


def time_each(port, requests, seconds, connections, status):
    """Only for servers that keep connections open."""
    taken, end = [], time.monotonic() + seconds
    with selectors.DefaultSelector() as selector:
        for connection in opened(port, requests, connections, status):
            connection.send()
            selector.register(connection.socket, selectors.EVENT_READ, connection)
        while time.monotonic() < end:
            for key, _ in selector.select(1):
                taken.append(key.data.receive())
                key.data.send()
        for key in list(selector.get_map().values()):
            key.data.close()
    return taken


def machine():
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        "?",
    )
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} x {model}, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, load {load:.1f} at the start"
    )
