"""The only way from a build to the network: an HTTP proxy in the worker that knows whom the build may reach.

It takes CONNECT, and GET, HEAD and POST (git fetches by it) of http URLs. Who is refused gets 403 and a sentence,
which goes to the build's log too.
"""

import base64
import contextlib
import hmac
import logging
import secrets
import select
import socket
import threading
import time
from collections.abc import Callable
from typing import Self
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from builds.sandbox.network.addresses import NotFound, Policy, Refused, split_port

logger = logging.getLogger(__name__)

CONNECTIONS = 64  # at a time, of one command
HEAD = 16 * 1024  # bytes of a request's first line and headers
HEAD_TIMEOUT = 10  # seconds for them to come
CONNECT_TIMEOUT = 10  # seconds, for each address
END_TIMEOUT = 0.5  # seconds for all threads together
IDLE_TIMEOUT = 120  # seconds without a byte
BYTES = 4 * 1024**3  # through the proxy, of one command
CHUNK = 64 * 1024
NOTES = 20  # refusals that are told of
USER = "yaydoc"
HOP_BY_HOP = (b"proxy-", b"connection:", b"keep-alive:", b"host:", b"te:", b"upgrade:")


class Proxy:
    """Serves one command, from `with` to its end, on a socket that listens already."""

    def __init__(self, listener: socket.socket, policy: Policy, notes: list[str], *, token: str = "") -> None:
        self.listener, self.policy, self.notes, self.token = listener, policy, notes, token
        self.places = threading.Semaphore(CONNECTIONS)
        self.lock = threading.Lock()
        self.open: set[socket.socket] = set()
        self.threads: set[threading.Thread] = set()
        self.left = BYTES
        self.told: set[str] = set()
        self.is_closed = False

    @classmethod
    def on_loopback(cls, policy: Policy, notes: list[str]) -> Self:
        """For who shares the machine's network: the token keeps others on it away."""
        listener = socket.create_server(("127.0.0.1", 0), backlog=CONNECTIONS)
        return cls(listener, policy, notes, token=secrets.token_urlsafe(16))

    @property
    def port(self) -> int:
        return int(self.listener.getsockname()[1])

    @property
    def url(self) -> str:
        user = f"{USER}:{self.token}@" if self.token else ""
        return f"http://{user}127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread(self._accept).start()
        return self

    def __exit__(self, *_: object) -> None:
        with self.lock:
            self.is_closed = True
            connections = [self.listener, *self.open]
            threads = list(self.threads)
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)  # wakes who waits in it
        until = time.monotonic() + END_TIMEOUT
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))  # a look-up can't be woken: it ends by itself
        for connection in connections:
            connection.close()

    def _thread(self, target: Callable[..., None], *arguments: socket.socket) -> threading.Thread:
        thread = threading.Thread(target=target, args=arguments, name="build proxy", daemon=True)
        with self.lock:
            self.threads = {old for old in self.threads if old.is_alive()} | {thread}
        return thread

    def _accept(self) -> None:
        while True:
            self.places.acquire()
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            client.settimeout(HEAD_TIMEOUT)
            if not self._keep(client):
                return
            self._thread(self._serve, client).start()

    def _keep(self, connection: socket.socket) -> bool:
        """Remember it for the end; False, and closed, when the end has come."""
        with self.lock:
            if not self.is_closed:
                self.open.add(connection)
                return True
        connection.close()
        return False

    def _drop(self, connection: socket.socket) -> None:
        with self.lock:
            self.open.discard(connection)
        connection.close()

    def _serve(self, client: socket.socket) -> None:
        server = None
        try:
            head, rest = read_head(client)
            server = self._answer(client, head, rest)
            if server:
                self._relay(client, server)
        except Refused as refusal:
            self._tell(str(refusal))
            refuse(client, "403 Forbidden", str(refusal))
        except (OSError, ValueError) as error:
            logger.debug("a connection of a build ended: %s", error)
        finally:
            if server:
                self._drop(server)
            self._drop(client)
            self.places.release()

    def _answer(self, client: socket.socket, head: bytes, rest: bytes) -> socket.socket | None:
        """The connection that was asked for, with the request sent on. Raises Refused, OSError, ValueError."""
        line, *headers = head.split(b"\r\n")
        method, target, version = line.decode("ascii").split(" ")
        if self.token and not self._knows_token(headers):
            refuse(client, "407 Proxy Authentication Required", "", 'Proxy-Authenticate: Basic realm="yaydoc"\r\n')
            return None
        if method == "CONNECT":
            name, port = split_port(target)
            server = self._connect(name, port or 443)
            return self._begin(server, rest, client, b"HTTP/1.1 200 Connection established\r\n\r\n")
        url = urlsplit(target)
        if method not in {"GET", "HEAD", "POST"} or url.scheme != "http" or not url.hostname:
            raise Refused(f"{method} is not passed on, only CONNECT, and GET, HEAD and POST of http:// addresses")
        server = self._connect(url.hostname, url.port or 80)
        path = url._replace(scheme="", netloc="").geturl() or "/"
        kept = [header for header in headers if not header.lower().startswith(HOP_BY_HOP)]
        host = url.netloc.rpartition("@")[2]
        lines = [f"{method} {path} {version}".encode(), f"Host: {host}".encode(), b"Connection: close", *kept]
        return self._begin(server, b"\r\n".join(lines) + b"\r\n\r\n" + rest, client, b"")

    def _begin(self, server: socket.socket, request: bytes, client: socket.socket, answer: bytes) -> socket.socket:
        try:
            client.sendall(answer)
            server.sendall(request)
        except OSError:
            self._drop(server)
            raise
        return server

    def _knows_token(self, headers: list[bytes]) -> bool:
        wanted = b"Basic " + base64.b64encode(f"{USER}:{self.token}".encode())
        for header in headers:
            name, _, value = header.partition(b":")
            if name.lower() == b"proxy-authorization" and hmac.compare_digest(value.strip(), wanted):
                return True
        return False

    def _connect(self, name: str, port: int) -> socket.socket:
        upstream = upstream_proxy(name)
        try:
            targets = self.policy.addresses(name, port)
        except NotFound:
            # Behind another proxy only that one may know names.
            if not upstream or not self.policy.allows(name, port):
                raise
            targets = []
        fault: OSError | None = None
        for target in [upstream] if upstream else targets:
            try:
                server = socket.create_connection(target, timeout=CONNECT_TIMEOUT)
            except OSError as error:
                fault = error
                continue
            if not self._keep(server):
                break
            if upstream:
                self._ask_upstream(server, f"{name}:{port}")
            return server
        raise Refused(f"{name}:{port} could not be reached ({fault})")

    def _ask_upstream(self, server: socket.socket, target: str) -> None:
        try:
            server.sendall(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode())
            head, _ = read_head(server)
        except (OSError, ValueError):
            self._drop(server)
            raise
        if head.split(b" ")[1:2] != [b"200"]:
            self._drop(server)
            raise Refused(f"the proxy of this network refused {target}")

    def _relay(self, client: socket.socket, server: socket.socket) -> None:
        """Bytes both ways, until both have said all or nothing came for long."""
        other = {client: server, server: client}
        for connection in other:
            connection.settimeout(IDLE_TIMEOUT)
        reading = [client, server]
        while reading:
            ready, _, _ = select.select(reading, [], [], IDLE_TIMEOUT)
            if not ready:
                return
            for source in ready:
                data = source.recv(CHUNK)
                if not data:
                    reading.remove(source)
                    with contextlib.suppress(OSError):
                        other[source].shutdown(socket.SHUT_WR)
                    continue
                self.left -= len(data)
                if self.left < 0:
                    self._tell(f"more than {BYTES // 1024**3} GiB went through, which is the limit")
                    return
                other[source].sendall(data)

    def _tell(self, sentence: str) -> None:
        with self.lock:
            if sentence not in self.told and len(self.told) < NOTES:
                self.told.add(sentence)
                self.notes.append(sentence)


def read_head(connection: socket.socket) -> tuple[bytes, bytes]:
    """The request line and headers, and what came after them. Raises ValueError, OSError."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(CHUNK)
        if not part or len(data) > HEAD:
            raise ValueError("not the head of a request")
        data += part
    head, _, rest = data.partition(b"\r\n\r\n")
    return head, rest


def refuse(client: socket.socket, status: str, sentence: str, headers: str = "") -> None:
    body = sentence.encode() + b"\n"
    head = f"HTTP/1.1 {status}\r\n{headers}Content-Type: text/plain\r\nContent-Length: {len(body)}\r\n"
    with contextlib.suppress(OSError):
        client.sendall(head.encode() + b"Connection: close\r\n\r\n" + body)


def upstream_proxy(name: str) -> tuple[str, int] | None:
    """The proxy that the worker itself must go through, from its own environment."""
    proxies = getproxies()
    if proxy_bypass(name) or not (url := proxies.get("https") or proxies.get("http")):
        return None
    parts = urlsplit(url if "//" in url else f"http://{url}")
    return (parts.hostname, parts.port or 3128) if parts.hostname else None
