"""`python benchmarks/webhooks.py`: signed pushes answered per second, and how long they take; the same in a flood.

A gunicorn as in production, on a database of its own (SQLite, or what DATABASE_URL says). Each push is of another
commit and goes to one of 20 repositories, so that each is a new row and a new or changed build. The flood is
unsigned posts, about 5,000 a minute. Sender and server share this machine's cores.
"""

import argparse
import hashlib
import hmac
import http.client
import json
import os
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REPOSITORIES = 20
REGISTER = f"""
from django.contrib.auth import get_user_model
from repositories.models import Repository
from repositories.names import RepositoryName
user = get_user_model().objects.create_user("owner", "owner@example.org")
for number in range({REPOSITORIES}):
    name = RepositoryName.parse(f"octo/docs-{{number}}")
    made = Repository.objects.register(
        name=name, clone_url="https://github.com/octo/x", forge="github", registrant=user, default_branch="main"
    )
    print(made.webhook_id, made.webhook_secret)
"""


def push(secret: str) -> tuple[bytes, dict[str, str]]:
    """The body, as large as a usual one, and the headers of a push of a new commit."""
    commit = secrets.token_hex(20)
    body = json.dumps(
        {
            "ref": "refs/heads/main",
            "after": commit,
            "repository": {"id": 1, "default_branch": "main"},
            "head_commit": {"id": commit, "message": "Say hello"},
            "padding": {f"url_{number}": "https://example.org/" + "x" * 60 for number in range(80)},
        }
    ).encode()
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return body, {
        "Content-Type": "application/json",
        "X-GitHub-Event": "push",
        "X-GitHub-Delivery": secrets.token_hex(16),
        "X-Hub-Signature-256": f"sha256={signature}",
    }


def send_pushes(port: int, hooks: list[list[str]], until: float, taken: list[float], wrong: list[int]) -> None:
    connection = http.client.HTTPConnection("localhost", port, timeout=60)
    while time.monotonic() < until:
        address, secret = secrets.choice(hooks)
        body, headers = push(secret)
        began = time.monotonic()
        connection.request("POST", f"/webhooks/{address}/", body, headers)
        response = connection.getresponse()
        response.read()
        taken.append(time.monotonic() - began)
        if response.status != 202:
            wrong.append(response.status)


def send_flood(port: int, hooks: list[list[str]], until: float, answers: list[int]) -> None:
    connection = http.client.HTTPConnection("localhost", port, timeout=60)
    while time.monotonic() < until:
        connection.request("POST", f"/webhooks/{hooks[0][0]}/", b"{}", {"Content-Type": "application/json"})
        response = connection.getresponse()
        response.read()
        answers.append(response.status)
        time.sleep(0.02)


def measure(port: int, hooks: list[list[str]], seconds: float, *, label: str) -> None:
    taken: list[float] = []
    wrong: list[int] = []
    flood: list[int] = []
    until = time.monotonic() + seconds
    threads = [threading.Thread(target=send_pushes, args=(port, hooks, until, taken, wrong)) for _ in range(4)]
    if label == "in a flood":
        threads += [threading.Thread(target=send_flood, args=(port, hooks, until, flood)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    points = statistics.quantiles(taken, n=100)
    print(
        f"{label:<12} {len(taken) / seconds:6.0f} pushes/s   "
        f"p50 {points[49] * 1000:5.1f} ms   p95 {points[94] * 1000:5.1f} ms   p99 {points[98] * 1000:5.1f} ms   "
        f"not 202: {len(wrong)}   flood: {len(flood) / seconds:.0f}/s, {flood.count(429)} of {len(flood)} told 429"
    )


def wait_for(port: int) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    sys.exit("gunicorn did not start")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--port", type=int, default=8799)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        Path(directory, "static").mkdir()
        environment = {**os.environ, "DATA_DIR": directory, "PORT": str(options.port), "LOG_LEVEL": "CRITICAL"}
        manage = [sys.executable, "manage.py"]
        subprocess.run([*manage, "migrate", "-v0"], cwd=ROOT, env=environment, check=True)
        command = [*manage, "shell", "-v0", "-c", REGISTER]
        printed = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
        hooks = [line.split() for line in printed.stdout.splitlines()]
        serve = [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "yaydoc.wsgi"]
        server = subprocess.Popen(serve, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
        try:
            wait_for(options.port)
            measure(options.port, hooks, 1, label="warming up")
            measure(options.port, hooks, options.seconds, label="alone")
            measure(options.port, hooks, options.seconds, label="in a flood")
        finally:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    main()
