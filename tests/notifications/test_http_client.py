"""The HTTP client: whom it may reach, what it believes, and that it always ends."""

import socket
import ssl
import time
from datetime import UTC, datetime, timedelta

import pytest
import trustme
from django.utils.http import http_date

from notifications import http_client
from notifications.http_client import Answer, request
from notifications.outbox import Refused, TryLater
from repositories import web_urls
from tests.http_server import drip, raw_server, receiver

SHORT = 0.6  # seconds, for TIMEOUT


@pytest.fixture(autouse=True)
def plain_http(settings):
    settings.CLONE_PROTOCOLS = ["https", "http"]


@pytest.fixture
def short_time(monkeypatch):
    monkeypatch.setattr(http_client, "TIMEOUT", SHORT)


@pytest.fixture
def names(monkeypatch):
    """Answers look-ups: name to addresses, or to a list of such answers, one for each time it is asked."""
    known, asked = {}, []

    def look_up(host):
        asked.append(host)
        if host not in known:
            raise socket.gaierror(-2, "Name or service not known")
        answers = known[host]
        return answers if isinstance(answers[0], str) else answers.pop(0)

    monkeypatch.setattr(http_client, "look_up", look_up)
    known["asked"] = asked
    return known


@pytest.fixture
def server(settings):
    with receiver() as told:
        settings.CLONE_HOSTS = ["public", told.address]
        yield told


def post(url, body=b"{}", **headers):
    return request("POST", url, headers=headers, body=body)


def refusal(url):
    with pytest.raises(Refused) as caught:
        post(url)
    return str(caught.value)


def fault(url):
    with pytest.raises(TryLater) as caught:
        post(url)
    return str(caught.value)


# -- asking


def test_a_request_arrives_as_it_was_given(server):
    server.script = [(201, {"X-Answer": "yes"}, "grün".encode())]

    answer = post(server.url("/a%20b?c=d&e", "http"), b"\x00\xffbody", **{"X-Own": "value"})

    assert (answer.status, answer.is_success, answer.text) == (201, True, "grün")
    assert answer.headers["x-answer"] == "yes"
    [taken] = server.taken
    assert (taken.method, taken.path, taken.body) == ("POST", "/a%20b?c=d&e", b"\x00\xffbody")
    assert {name: taken.headers[name] for name in ("host", "user-agent", "x-own")} == {
        "host": server.address,
        "user-agent": "Yaydoc",
        "x-own": "value",
    }


@pytest.mark.parametrize("status", [400, 404, 410, 429, 500, 503])
def test_an_error_of_the_server_is_an_answer(server, status):
    server.script = [(status, {}, b"no")]
    answer = post(server.url(protocol="http"))
    assert (answer.status, answer.is_success, answer.text) == (status, False, "no")


def test_a_redirect_is_not_followed(server):
    server.script = [(307, {"Location": server.url("/elsewhere", "http")}, b"")]
    answer = post(server.url(protocol="http"))
    assert (answer.status, [taken.path for taken in server.taken]) == (307, ["/hook"])


def test_a_proxy_of_the_environment_is_not_asked(server, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{nobody.getsockname()[1]}")
        assert post(server.url(protocol="http")).status == 204


@pytest.mark.parametrize(
    ("value", "wait"),
    [("120", 120), ("", 0), ("soon", 0), ("-5", 0), ("9" * 400, 0), ("Wed, 21 Oct 2015 07:28:00 GMT", 0)],
)
def test_retry_after_is_read_and_never_trusted(value, wait):
    assert Answer(503, {"Retry-After": value}, "").retry_after == timedelta(seconds=wait)


def test_retry_after_may_be_a_date():
    waits = Answer(503, {"Retry-After": http_date(time.time() + 90)}, "").retry_after
    assert timedelta(seconds=85) < waits <= timedelta(seconds=90)


# -- who may be reached


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "https://localhost/",
        "https://[::1]/",
        "https://169.254.169.254/latest/meta-data/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://192.168.0.1/",
        "https://[::ffff:10.0.0.1]/",
        "https://example.org:22/",
        "https://user:secret@example.org/",
        "ftp://example.org/",
        "file:///etc/passwd",
        "gopher://example.org/",
        "https://example.org/a b",
        "https://example.org/a\r\nHost: b",
        "https://example.org/#a",
        "https:///",
        "",
    ],
)
def test_an_address_that_may_not_be_reached_is_refused_before_any_look_up(url, names):
    assert refusal(url)
    assert names["asked"] == []


def test_plain_http_is_for_operators_who_allow_it(server, settings):
    settings.CLONE_PROTOCOLS = ["https"]
    assert refusal(server.url(protocol="http")) == "Here only https:// URLs are allowed."
    assert server.taken == []


def test_a_token_is_never_sent_in_the_clear_to_a_host_that_the_operator_does_not_name(names, server):
    with pytest.raises(Refused, match=r"^A token is sent encrypted only"):
        post("http://git.example.org/", Authorization="token t")

    assert names["asked"] == []
    names["127.0.0.1"] = ["127.0.0.1"]
    assert post(server.url(protocol="http"), Authorization="token t").is_success


def test_a_public_name_with_a_private_address_is_refused(server, names, monkeypatch):
    monkeypatch.setitem(web_urls.PORTS, "http", server.port)
    names["hooks.example.org"] = ["127.0.0.1"]
    assert "not a public one" in refusal("http://hooks.example.org/")
    assert server.taken == []


def test_one_private_address_among_public_ones_is_enough_to_refuse(server, names, monkeypatch):
    monkeypatch.setitem(web_urls.PORTS, "http", server.port)
    names["hooks.example.org"] = ["1.1.1.1", "127.0.0.1"]
    assert "not a public one" in refusal("http://hooks.example.org/")
    assert server.taken == []


def test_a_host_that_the_operator_names_is_reached_wherever_it_is(server, names, settings):
    settings.CLONE_HOSTS = ["public", f"ci.lan:{server.port}"]
    names["ci.lan"] = ["127.0.0.1"]
    assert post(f"http://ci.lan:{server.port}/").status == 204
    assert server.taken[0].headers["host"] == f"ci.lan:{server.port}"


def test_a_name_that_changes_its_address_after_the_check_is_not_followed(names, settings, monkeypatch):
    """DNS rebinding: 127.0.0.2 stands for an allowed address, 127.0.0.1 for one that isn't."""
    settings.CLONE_HOSTS = ["127.0.0.2/32"]
    with receiver(address="127.0.0.2") as allowed, socket.create_server(("127.0.0.1", allowed.port)) as forbidden:
        forbidden.settimeout(0)
        monkeypatch.setitem(web_urls.PORTS, "http", allowed.port)
        names["hooks.example.org"] = [["127.0.0.2"], ["127.0.0.1"]]

        assert post("http://hooks.example.org/").status == 204
        assert "not a public one" in refusal("http://hooks.example.org/")

        with pytest.raises(BlockingIOError):
            forbidden.accept()
    assert names["asked"] == ["hooks.example.org"] * 2
    assert len(allowed.taken) == 1


def test_the_next_address_is_tried_when_one_is_not_reached(server, names, settings):
    settings.CLONE_HOSTS = [f"ci.lan:{server.port}"]
    names["ci.lan"] = ["127.0.0.3", "127.0.0.1"]
    assert post(f"http://ci.lan:{server.port}/").status == 204


# -- faults that may pass


def test_a_name_that_is_not_found_may_be_found_later(names):
    assert fault("https://hooks.example.org/").startswith("hooks.example.org was not found")


def test_a_server_that_is_away_may_come_back(settings):
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    settings.CLONE_HOSTS = [f"127.0.0.1:{port}"]
    assert fault(f"http://127.0.0.1:{port}/") == "127.0.0.1 could not be asked: [Errno 111] Connection refused."


def answer_of(connection, *parts):
    connection.recv(65536)
    for part in parts:
        connection.sendall(part)


@pytest.mark.parametrize("words", [b"", b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/1.1 abc\r\n\r\n"])
def test_what_is_no_http_is_the_servers_fault(settings, words):
    with raw_server(lambda connection: answer_of(connection, words)) as port:
        settings.CLONE_HOSTS = [f"127.0.0.1:{port}"]
        assert fault(f"http://127.0.0.1:{port}/").startswith("127.0.0.1 could not be asked")


# -- it ends

LINE = b"HTTP/1.1 200 OK, and"
HEAD = b"HTTP/1.1 200 OK\r\nX-Long: "
BODY = b"HTTP/1.1 200 OK\r\n\r\nslow"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n" * 100_000


@pytest.mark.parametrize(
    "talk",
    [
        lambda connection: time.sleep(5),
        lambda connection: drip(connection, LINE, every=0.02),
        lambda connection: drip(connection, HEAD, every=0.02),
        lambda connection: drip(connection, CONTINUE, every=0.01),
    ],
    ids=["hangs", "drips its status", "drips its headers", "always goes on"],
)
def test_a_server_that_does_not_come_to_an_end_is_left_in_time(settings, short_time, talk):
    with raw_server(talk) as port:
        settings.CLONE_HOSTS = [f"127.0.0.1:{port}"]
        began = time.monotonic()
        assert fault(f"http://127.0.0.1:{port}/") == "127.0.0.1 did not answer in time."
    assert SHORT <= time.monotonic() - began < SHORT + 1


def test_a_server_that_drips_its_handshake_is_left_in_time(settings, short_time):
    handshake = b"\x16\x03\x03\x3f\xff\x02\x00\x3f\xfb\x03\x03"  # a ServerHello of 16 KiB, that never ends
    with raw_server(lambda connection: drip(connection, handshake, every=0.02)) as port:
        settings.CLONE_HOSTS = [f"127.0.0.1:{port}"]
        began = time.monotonic()
        assert fault(f"https://127.0.0.1:{port}/") == "127.0.0.1 did not answer in time."
    assert SHORT <= time.monotonic() - began < SHORT + 1


def test_a_server_that_does_not_read_is_left_in_time(settings, short_time):
    with raw_server(lambda connection: time.sleep(5)) as port:
        settings.CLONE_HOSTS = [f"127.0.0.1:{port}"]
        began = time.monotonic()
        with pytest.raises(TryLater, match="did not answer in time"):
            post(f"http://127.0.0.1:{port}/", b"x" * 50_000_000)
    assert time.monotonic() - began < SHORT + 1


def test_a_resolver_that_hangs_is_left_in_time(monkeypatch, short_time):
    monkeypatch.setattr(http_client, "look_up", lambda host: time.sleep(3))
    began = time.monotonic()
    assert fault("https://hooks.example.org/") == "hooks.example.org was not found: nobody answered."
    assert time.monotonic() - began < SHORT + 1


def test_once_the_head_is_there_a_body_that_drips_does_not_matter(settings, short_time):
    with raw_server(lambda connection: drip(connection, BODY, every=0.01)) as port:
        settings.CLONE_HOSTS = [f"127.0.0.1:{port}"]
        began = time.monotonic()
        answer = post(f"http://127.0.0.1:{port}/")
    assert (answer.status, answer.text[:4]) == (200, "slow")
    assert time.monotonic() - began < SHORT + 1


def test_only_the_beginning_of_a_huge_answer_is_read(settings):
    def talk(connection):
        answer_of(connection, b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(b"x" * 65536)

    with raw_server(talk) as port:
        settings.CLONE_HOSTS = [f"127.0.0.1:{port}"]
        assert len(post(f"http://127.0.0.1:{port}/").text) == http_client.EXCERPT


def test_a_huge_head_is_the_servers_fault(settings):
    with raw_server(lambda c: answer_of(c, b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n" * 10_000)) as port:
        settings.CLONE_HOSTS = [f"127.0.0.1:{port}"]
        assert fault(f"http://127.0.0.1:{port}/") == "127.0.0.1 could not be asked: got more than 100 headers."


# -- TLS


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture
def known_authority(authority, tmp_path, monkeypatch):
    """Among the system's, as far as OpenSSL is told."""
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))


def context_of(authority, name, **options):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name, **options).configure_cert(context)
    return context


@pytest.fixture
def over_tls(names, settings):
    """Asks `hooks.example.org` over TLS, whose server holds a certificate of `context`."""

    def ask(context, expected):
        with receiver(name="hooks.example.org", tls=context) as told:
            settings.CLONE_HOSTS = [told.address]
            names["hooks.example.org"] = ["127.0.0.1"]
            return expected(told.url()), told.taken

    return ask


def test_a_certificate_of_a_known_authority_for_the_name_is_believed(authority, known_authority, over_tls):
    answer, taken = over_tls(context_of(authority, "hooks.example.org"), post)
    assert (answer.status, len(taken)) == (204, 1)


def test_a_certificate_for_another_name_is_not_believed(authority, known_authority, over_tls):
    reason, taken = over_tls(context_of(authority, "other.example.org"), fault)
    assert reason.startswith("The certificate of hooks.example.org is not valid: Hostname mismatch")
    assert taken == []


def test_a_certificate_of_an_unknown_authority_is_not_believed(authority, over_tls):
    reason, taken = over_tls(context_of(authority, "hooks.example.org"), fault)
    assert reason.startswith("The certificate of hooks.example.org is not valid: ")
    assert taken == []


def test_a_certificate_that_is_over_is_not_believed(authority, known_authority, over_tls):
    context = context_of(authority, "hooks.example.org", not_after=datetime(2020, 1, 1, tzinfo=UTC))
    reason, taken = over_tls(context, fault)
    assert reason == "The certificate of hooks.example.org is not valid: certificate has expired."
    assert taken == []


def test_a_server_without_tls_is_a_fault_that_may_pass(server):
    assert fault(server.url(protocol="https")).startswith("127.0.0.1 could not be asked")
    assert server.taken == []
