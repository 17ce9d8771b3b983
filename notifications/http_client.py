"""Ask a server that a stranger named: only at an address that may be connected to, and only for so long.

The standard library's client reads and writes HTTP: it follows no redirect, asks no proxy, decompresses nothing.
What is ours: which address is connected to, and when it has to end.
"""

import contextlib
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.utils.datastructures import CaseInsensitiveMapping
from django.utils.http import parse_http_date

from notifications.outbox import Refused, TryLater
from repositories.addresses import AllowedHosts
from repositories.web_urls import InvalidURL, WebURL

TIMEOUT = 20  # seconds for all of it: looking up, connecting, and every byte either way
CONNECT_TIMEOUT = 5  # seconds, for each address of a name
EXCERPT = 8 * 1024  # bytes of an answer that are read; the rest is left
USER_AGENT = "Yaydoc"


@dataclass(frozen=True)
class Answer:
    """What a server said, whatever it said."""

    status: int
    headers: Mapping[str, str]  # by name, in any case
    text: str  # the beginning of the body, at most EXCERPT bytes of it

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    @property
    def retry_after(self) -> timedelta:
        """How long the server asks to be left alone; nothing where it doesn't say. Source: RFC 9110, 10.2.3."""
        value = self.headers.get("Retry-After", "").strip()
        try:
            seconds = int(value) if value.isdecimal() else parse_http_date(value) - time.time()
            return timedelta(seconds=max(0.0, seconds))
        except (ValueError, OverflowError):
            return timedelta(0)


def request(method: str, url: str, *, headers: Mapping[str, str], body: bytes | None = None) -> Answer:
    """The server's answer, also when it is a redirect or an error.

    A token goes over plain http to hosts that the operator names, and to no other.

    Raises Refused for a URL or an address that may not be connected to, TryLater for faults of the network, of the
    server's certificate (checked against the system's authorities) and of its HTTP, and when TIMEOUT is over.
    """
    try:
        target = WebURL.parse(url)
    except InvalidURL as error:
        raise Refused(str(error)) from error
    if target.protocol != "https" and not target.is_named and "Authorization" in headers:
        raise Refused("A token is sent encrypted only: the URL must begin with https://.")
    until = time.monotonic() + TIMEOUT
    connection = Connection(target, allowed_addresses(target, until), until)
    own = {"Host": target.host_and_port, "User-Agent": USER_AGENT, "Connection": "close"}
    try:
        with connection.ended_in_time():
            connection.request(method, target.path_and_query, body, {**own, **headers})
            with connection.getresponse() as response:
                connection.left()  # what was cut off is no answer, though the standard library reads it as one
                return read_answer(response)
    except ssl.SSLCertVerificationError as error:
        raise TryLater(f"The certificate of {target.host} is not valid: {error.verify_message}.") from error
    except (OSError, http.client.HTTPException) as error:
        if isinstance(error, TimeoutError) or time.monotonic() >= until:
            raise TryLater(f"{target.host} did not answer in time.") from error
        raise TryLater(f"{target.host} could not be asked: {str(error) or type(error).__name__}.") from error


def read_answer(response: http.client.HTTPResponse) -> Answer:
    """Once all headers are there the server has answered: it matters no more when the rest of it doesn't come."""
    body = b""
    with contextlib.suppress(OSError, http.client.HTTPException):
        while part := response.read1(EXCERPT - len(body)):  # of 0 it reads nothing
            body += part
    headers = CaseInsensitiveMapping(response.getheaders())
    return Answer(response.status, headers, body.decode(errors="replace").replace("\0", "\ufffd"))


# -- which address


def look_up(host: str) -> list[str]:
    """Every address of a name, in the system's order. Raises OSError, UnicodeError."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(item[4][0]) for item in found))


def look_up_in_time(host: str, until: float) -> list[str]:
    """As `look_up`. Nothing ends the system's resolver, so it may go on by itself. Raises TimeoutError too."""
    answer: Future[list[str]] = Future()

    def ask() -> None:
        try:
            answer.set_result(look_up(host))
        except (OSError, UnicodeError) as error:
            answer.set_exception(error)

    threading.Thread(target=ask, name="look-up", daemon=True).start()
    return answer.result(max(0.0, until - time.monotonic()))


def allowed_addresses(target: WebURL, until: float) -> list[str]:
    """Where to connect to: looked up once, so that what was checked is what is connected to.

    Every address of the name must be allowed, unless the operator names the host. Raises Refused, TryLater.
    """
    host = target.host.strip("[]")
    try:
        addresses = look_up_in_time(host, until)
    except (OSError, UnicodeError) as error:
        raise TryLater(f"{target.host} was not found: {str(error) or 'nobody answered'}.") from error
    allowed = AllowedHosts.parse(settings.CLONE_HOSTS)
    if not target.is_named and not all(allowed.allows_address(address) for address in addresses):
        raise Refused(f"{target.host} has an address that is not a public one.")
    return addresses


# -- the connection


class Connection(http.client.HTTPConnection):
    """To one of the addresses, under the name of the host; shut down when its time is over, whatever it is at."""

    def __init__(self, target: WebURL, addresses: list[str], until: float) -> None:
        super().__init__(target.host, target.port)
        self.target, self.addresses, self.until = target, addresses, until
        self.wire: socket.socket | None = None  # the same connection below TLS, whose handshake may drip as well

    @contextlib.contextmanager
    def ended_in_time(self) -> Iterator[None]:
        """A time-out of the socket alone would begin anew with every byte."""
        clock = threading.Timer(max(0.0, self.until - time.monotonic()), self.shut_down)
        clock.daemon = True
        clock.start()
        try:
            yield
        finally:
            clock.cancel()
            self.close()
            if self.wire:
                self.wire.close()

    def shut_down(self) -> None:
        with contextlib.suppress(OSError):
            if self.wire:
                self.wire.shutdown(socket.SHUT_RDWR)  # wakes who waits in it

    def connect(self) -> None:
        self.sock = self.reach_one()
        self.wire = self.sock.dup()
        self.sock.settimeout(self.left())
        if self.target.protocol == "https":
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(self.sock, server_hostname=self.target.host.strip("[]"))

    def reach_one(self) -> socket.socket:
        """Raises the last OSError where none can be reached."""
        fault: OSError = TimeoutError()
        for address in self.addresses:
            timeout = min(CONNECT_TIMEOUT, self.left())
            try:
                return socket.create_connection((address, self.target.port), timeout)
            except OSError as error:
                fault = error
        raise fault

    def left(self) -> float:
        """Seconds. Raises TimeoutError when there are none."""
        seconds = self.until - time.monotonic()
        if seconds <= 0:
            raise TimeoutError
        return seconds
