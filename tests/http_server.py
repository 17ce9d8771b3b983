"""Real HTTP servers on this machine, and servers that misbehave below HTTP."""

import contextlib
import socket
import ssl
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Request:
    """What a server was asked, byte for byte where it matters."""

    method: str
    path: str
    headers: dict  # names in lower case
    body: bytes


@dataclass
class Receiver:
    """A server that takes requests. `script` holds (status, headers, body), used up before it says 204."""

    host: str
    port: int
    taken: list = field(default_factory=list)
    script: list = field(default_factory=list)

    def url(self, path="/hook", protocol="https"):
        return f"{protocol}://{self.host}:{self.port}{path}"

    @property
    def address(self):
        return f"{self.host}:{self.port}"


@contextlib.contextmanager
def receiver(*, name="127.0.0.1", address="127.0.0.1", tls=None):
    """Serves until the end of `with`. `name` is what it is known as; `tls` an SSLContext."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {key.lower(): value for key, value in self.headers.items()}
            told.taken.append(Request(self.command, self.path, headers, body))
            status, headers, text = told.script.pop(0) if told.script else (204, {}, b"")
            self.send_response(status)
            for key, value in headers.items():
                self.send_header(key, value)
            if status != 204:
                self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            with contextlib.suppress(OSError):  # who asked need not read all of it
                self.wfile.write(text)

        do_POST = do_GET = do_PUT = answer

        def log_message(self, *arguments):
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, request, client_address):
            pass  # a client that goes away, or distrusts the certificate

    server = Server((address, 0), Handler)
    told = Receiver(name, server.server_port)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextlib.contextmanager
def raw_server(talk):
    """A server that does `talk(connection)` with each connection, in a thread; yields its port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=one, args=(connection,), daemon=True).start()

    def one(connection):
        with contextlib.suppress(OSError, ssl.SSLError), connection:
            talk(connection)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def drip(connection, data, *, every=0.05):
    """Sends `data` byte by byte, then its last byte again and again, for 5 seconds at most."""
    connection.recv(65536)
    until = time.monotonic() + 5
    for byte in data:
        if time.monotonic() > until:
            return
        connection.sendall(bytes([byte]))
        time.sleep(every)
    while time.monotonic() < until:
        connection.sendall(data[-1:])
        time.sleep(every)
