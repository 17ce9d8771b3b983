"""Real git repositories for tests, and a real git host: `git http-backend` behind HTTPS on loopback."""

import base64
import datetime
import os
import re
import ssl
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.org",
    "GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z",
    "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z",
}


class GitRepository:
    """A repository with a worktree in `path`."""

    def __init__(self, path, branch="main"):
        self.path = path
        path.mkdir(parents=True)
        self.git("init", "--quiet", f"--initial-branch={branch}")

    @property
    def url(self):
        return f"file://{self.path}"

    def git(self, *arguments, **environment):
        command = ["git", *arguments]
        done = subprocess.run(
            command, cwd=self.path, env=ENVIRONMENT | environment, check=True, capture_output=True, timeout=20
        )
        return done.stdout.decode().strip()

    def commit(self, message="A change", **files):
        """Files by path (`__` for a slash, `_dot_` for a dot); None removes one. Returns the commit's id."""
        for name, content in files.items():
            path = self.path / name.replace("__", "/").replace("_dot_", ".")
            if content is None:
                path.unlink()
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")


class GitHost(ThreadingHTTPServer):
    """Serves the repositories below `root`, by HTTPS where there is a certificate.

    `requests` and `bytes_sent` tell what was asked and answered. Below /redirected/ it answers
    302 to `redirect_to`, below /slow/ nothing but a first byte.
    """

    daemon_threads = True

    def __init__(self, root, certificate=None, redirect_to=""):
        super().__init__(("127.0.0.1", 0), GitRequest)
        self.root, self.redirect_to = root, redirect_to
        self.requests, self.bytes_sent = [], 0
        # Some hosts give a commit away only to those whom they have told of a reference that leads to it.
        self.only_references, self.told = False, b""
        # Who pushes needs the password; with the refused one, they are known and may not.
        self.password, self.refused = "", ""
        self.is_private = False  # who reads needs it, too
        self.over = threading.Event()
        if certificate is None:
            return
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    @property
    def host(self):
        return f"localhost:{self.server_port}"

    def handle_error(self, request, client_address):
        """A client that goes away in the middle is no fault here."""

    def __enter__(self):
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.shutdown()
        self.server_close()


class GitRequest(BaseHTTPRequestHandler):
    timeout = 10

    def do_GET(self):
        self.server.requests.append(self.path)
        if self.path.startswith("/redirected/"):
            self.send_response(302)
            self.send_header("Location", self.server.redirect_to + self.path.removeprefix("/redirected"))
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        if self.path.startswith("/slow/"):
            self.send_response(200)
            self.send_header("Content-Type", "application/x-git-upload-pack-advertisement")
            self.end_headers()
            self.wfile.write(b"0")
            self.wfile.flush()
            self.server.over.wait(15)
            return
        self._backend()

    do_POST = do_GET

    def _answer_known(self):
        """The status where a request is not let through, None where it is."""
        _, _, told = base64.b64decode(self.headers.get("Authorization", "").removeprefix("Basic ")).partition(b":")
        if told and told.decode() == self.server.refused:
            return 403
        return None if told and told.decode() == self.server.password else 401

    def _backend(self):
        url = urlsplit(self.path)
        is_push = "git-receive-pack" in self.path
        if (is_push or self.server.is_private) and (status := self._answer_known()):
            self.send_response(status)
            self.send_header("WWW-Authenticate", 'Basic realm="git"')
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        wanted = re.findall(rb"want ([0-9a-f]{40})", body)
        if self.server.only_references and not all(commit in self.server.told for commit in wanted):
            self.send_error(403)
            return
        done = subprocess.run(
            ["git", "-c", "safe.directory=*", "http-backend"],
            input=body,
            capture_output=True,
            timeout=20,
            check=False,
            env=ENVIRONMENT
            | {
                "GIT_PROJECT_ROOT": str(self.server.root),
                "GIT_HTTP_EXPORT_ALL": "1",
                "GIT_CONFIG_COUNT": "1",
                "GIT_CONFIG_KEY_0": "uploadpack.allowAnySHA1InWant",
                "GIT_CONFIG_VALUE_0": "true",
                "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
                "PATH_INFO": url.path,
                "QUERY_STRING": url.query,
                "REQUEST_METHOD": self.command,
                "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                "REMOTE_ADDR": "127.0.0.1",
                **({"REMOTE_USER": "ada"} if is_push else {}),  # it lets nobody else push
            },
        )
        head, _, answer = done.stdout.partition(b"\r\n\r\n")
        headers = dict(line.decode().split(": ", 1) for line in head.split(b"\r\n"))
        self.send_response(int(headers.pop("Status", "200").split()[0]))
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)
        self.server.bytes_sent += len(answer)
        if b"command=ls-refs" in body:
            self.server.told += answer

    def log_message(self, *_):
        """Quiet."""


def make_certificate(path):
    """A certificate of `localhost` that is its own authority, with its key, in one PEM file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    alternatives = [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(secret + certificate.public_bytes(serialization.Encoding.PEM))
    authority = path.with_name("authority.pem")
    authority.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return path, authority
