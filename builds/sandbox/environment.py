"""The environment of a command: made from empty, nothing of the worker's."""

import os
import ssl
from pathlib import Path

from builds.sandbox.commands import Command

MARK = "YAYDOC_SANDBOX"  # tells the sweep whose a process is: no command has it otherwise
PATH = "/usr/local/bin:/usr/bin:/bin"
# Debian, Fedora, openSUSE, Alpine. Source: Go, crypto/x509/root_linux.go.
BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
BUNDLE_VARIABLES = (
    "SSL_CERT_FILE",
    "REQUESTS_CA_BUNDLE",
    "GIT_SSL_CAINFO",
    "PIP_CERT",
    "CURL_CA_BUNDLE",
    "NODE_EXTRA_CA_CERTS",
)
# /etc/gitconfig is not shown, and in some tiers refused, which git takes for a fault; and git must not wait for
# the proxy to ask for its password, which it asks for once only.
GIT_VARIABLES = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_HTTP_PROXY_AUTHMETHOD": "basic",
    "GIT_TERMINAL_PROMPT": "0",
}
PROXY_VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")


def certificates() -> Path | None:
    """The certificate authorities that the worker trusts, in one file."""
    named = os.environ.get("SSL_CERT_FILE") or ssl.get_default_verify_paths().cafile
    return next((path for path in map(Path, filter(None, (named, *BUNDLES))) if path.is_file()), None)


def environment(command: Command, *, home: Path, temporary: Path, proxy: str) -> dict[str, str]:
    """`proxy` is its URL, empty for no network. What the command asks for wins."""
    variables = {
        "YAYDOC": "1",  # tells a conf.py where it runs
        "PATH": PATH,
        "HOME": str(home),
        "TMPDIR": str(temporary),
        "LANG": "C.UTF-8",
        "USER": "yaydoc",
        "LOGNAME": "yaydoc",
        **GIT_VARIABLES,
    }
    if bundle := certificates():
        variables |= dict.fromkeys(BUNDLE_VARIABLES, str(bundle))
    if proxy:
        variables |= dict.fromkeys(PROXY_VARIABLES, proxy)
    return variables | dict(command.environment) | {MARK: "1"}
