"""The proxy between builds and the network, spoken to as clients do."""

import base64
import contextlib
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from builds.sandbox import Reach
from builds.sandbox.network import proxy as proxies
from builds.sandbox.network.addresses import Policy
from builds.sandbox.network.proxy import Proxy


class Pages(BaseHTTPRequestHandler):
    def do_GET(self):
        body = f"{self.path} of {self.headers['Host']}, {sorted(self.headers)}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def server(settings):
    """A web server at a private address that the operator named."""
    settings.CLONE_HOSTS = ["127.0.0.1"]
    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@contextlib.contextmanager
def proxy_to(*hosts, token=""):
    notes = []
    with Proxy(socket.create_server(("127.0.0.1", 0)), Policy(Reach.NOTHING, hosts), notes, token=token) as proxy:
        yield proxy, notes


def ask(proxy, request):
    """Everything that comes back until the connection closes."""
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=5) as client:
        client.sendall(request)
        answer = b""
        while part := client.recv(65536):
            answer += part
    return answer


def test_connect_opens_a_tunnel_to_an_allowed_host(server):
    target = f"127.0.0.1:{server.server_port}"
    with proxy_to(target) as (proxy, notes):
        answer = ask(proxy, f"CONNECT {target} HTTP/1.1\r\n\r\nGET /deep HTTP/1.0\r\nHost: x\r\n\r\n".encode())

    assert answer.startswith(b"HTTP/1.1 200 Connection established\r\n\r\nHTTP/1.0 200 OK")
    assert b"/deep of x" in answer
    assert notes == []


def test_plain_http_is_passed_on_without_what_is_meant_for_the_proxy(server):
    target = f"127.0.0.1:{server.server_port}"
    with proxy_to(target) as (proxy, _):
        answer = ask(
            proxy,
            f"GET http://{target}/objects.inv?x=1 HTTP/1.1\r\nHost: internal.example\r\n"
            "Proxy-Connection: keep-alive\r\nProxy-Authorization: Basic eA==\r\nX-Kept: yes\r\n\r\n".encode(),
        )

    assert answer.endswith(f"/objects.inv?x=1 of {target}, ['Connection', 'Host', 'X-Kept']".encode())


def test_a_refused_host_gets_403_and_a_sentence_that_the_log_gets_once(server):
    target = f"127.0.0.1:{server.server_port}"
    with proxy_to() as (proxy, notes):
        answers = [ask(proxy, f"CONNECT {target} HTTP/1.1\r\n\r\n".encode()) for _ in range(2)]

    assert {answer.partition(b"\r\n")[0] for answer in answers} == {b"HTTP/1.1 403 Forbidden"}
    assert notes == [f"{target} is not among the hosts that this step may reach"]


@pytest.mark.parametrize("request_line", ["PUT http://{} HTTP/1.1", "GET ftp://{}/x HTTP/1.1", "GET /x HTTP/1.1"])
def test_other_requests_are_refused(server, request_line):
    target = f"127.0.0.1:{server.server_port}"
    with proxy_to(target) as (proxy, _):
        answer = ask(proxy, request_line.format(target).encode() + b"\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 403 Forbidden")


@pytest.mark.parametrize(
    "request_bytes", [b"\r\n\r\n", b"\xff\xfe\r\n\r\n", b"CONNECT x:y HTTP/1.1\r\n\r\n", b"x"]
)
def test_nonsense_closes_the_connection_and_nothing_else(server, request_bytes, monkeypatch):
    monkeypatch.setattr(proxies, "HEAD_TIMEOUT", 0.2)
    target = f"127.0.0.1:{server.server_port}"
    with proxy_to(target) as (proxy, _):
        nothing = ask(proxy, request_bytes)
        answer = ask(proxy, f"CONNECT {target} HTTP/1.1\r\n\r\nGET / HTTP/1.0\r\n\r\n".encode())

    assert nothing == b""
    assert b" 200 " in answer


def test_without_its_token_nobody_on_the_machine_is_served(server):
    target = f"127.0.0.1:{server.server_port}"
    line = f"CONNECT {target} HTTP/1.1\r\n".encode()
    with proxy_to(target, token="right") as (proxy, _):
        answers = [
            ask(proxy, line + header + b"\r\nGET / HTTP/1.0\r\n\r\n")
            for header in (
                b"",
                b"Proxy-Authorization: Basic " + base64.b64encode(b"yaydoc:wrong") + b"\r\n",
                b"Proxy-Authorization: Basic " + base64.b64encode(b"yaydoc:right") + b"\r\n",
            )
        ]

    assert [answer.split(b" ")[1] for answer in answers] == [b"407", b"407", b"200"]


def test_the_end_of_the_command_ends_its_connections(server):
    target = f"127.0.0.1:{server.server_port}"
    with proxy_to(target) as (proxy, _):
        client = socket.create_connection(("127.0.0.1", proxy.port), timeout=5)
        client.sendall(f"CONNECT {target} HTTP/1.1\r\n\r\n".encode())
        assert client.recv(100).startswith(b"HTTP/1.1 200")
        began = time.monotonic()

    assert time.monotonic() - began < 1
    with client, contextlib.suppress(ConnectionResetError):
        assert client.recv(100) == b""
    assert [thread for thread in threading.enumerate() if thread.name == "build proxy"] == []


def test_more_connections_than_allowed_wait(server, monkeypatch):
    monkeypatch.setattr(proxies, "CONNECTIONS", 1)
    target = f"127.0.0.1:{server.server_port}"
    with proxy_to(target) as (proxy, _), socket.create_connection(("127.0.0.1", proxy.port)) as idle:
        request = f"CONNECT {target} HTTP/1.1\r\n\r\nGET / HTTP/1.0\r\n\r\n".encode()
        second = socket.create_connection(("127.0.0.1", proxy.port), timeout=0.3)
        with second:
            time.sleep(0.1)  # the first is taken first
            second.sendall(request)
            with pytest.raises(TimeoutError):
                second.recv(10)
            idle.close()
            second.settimeout(5)
            assert second.recv(10) == b"HTTP/1.1 2"


def test_bytes_through_the_proxy_are_bounded(server, monkeypatch):
    monkeypatch.setattr(proxies, "BYTES", 30)
    target = f"127.0.0.1:{server.server_port}"
    with proxy_to(target) as (proxy, notes):
        answer = ask(proxy, f"CONNECT {target} HTTP/1.1\r\n\r\n".encode() + b"GET / HTTP/1.0\r\n\r\n")

    assert b"/ of" not in answer
    assert notes == ["more than 0 GiB went through, which is the limit"]


def test_a_worker_behind_a_proxy_passes_the_request_on_to_it(server, monkeypatch):
    target = f"127.0.0.1:{server.server_port}"
    with proxy_to(target) as (upstream, _), proxy_to(target) as (proxy, _):
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{upstream.port}")
        monkeypatch.setattr(upstream, "_connect", lambda name, port: plain(upstream, name, port))
        answer = ask(proxy, f"CONNECT {target} HTTP/1.1\r\n\r\nGET /far HTTP/1.0\r\n\r\n".encode())

    assert b"/far of" in answer


def plain(proxy, name, port):
    connection = socket.create_connection((name, port), timeout=5)
    proxy._keep(connection)
    return connection
