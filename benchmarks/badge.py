"""`python benchmarks/badge.py`: badges a second, as a ratio to a bare hello-WSGI under the same gunicorn.

Both servers run all the time and are asked in turn, so that what else the machine does meets both. Clients share
the processors with the servers. Besides, the processor time of the servers: it hardly feels other programs.
"""

import argparse
import statistics
import tempfile
from pathlib import Path

import load

SET_UP = """
from django.contrib.auth import get_user_model
from django.utils import timezone
from repositories.models import BuildStatus, Repository
from repositories.names import RepositoryName
owner = get_user_model().objects.create_user("benchmark")
for number in range(1000):
    Repository.objects.register(name=RepositoryName.parse(f"octo/docs-{number}"),
        clone_url="https://example.org/octo/docs.git", forge="git", registrant=owner)
Repository.objects.update(build_status=BuildStatus.SUCCESS, status_changed_at=timezone.now())
"""
REQUEST = b"GET %s HTTP/1.1\r\nHost: localhost\r\nUser-Agent: benchmark\r\nAccept-Encoding: gzip, br\r\n\r\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--clients", type=int, default=2, help="processes that ask")
    parser.add_argument("--connections", type=int, default=8, help="of each client")
    parser.add_argument("--worker-class", default="gthread")
    arguments = parser.parse_args()
    print(load.machine())
    with tempfile.TemporaryDirectory() as directory:
        environment = {"DATA_DIR": directory, "SITE_URL": "http://localhost", "LOG_LEVEL": "WARNING"}
        prepare(environment)
        options = ("--worker-class", arguments.worker_class)
        with (
            load.gunicorn("benchmarks.hello:application", {}, *options) as hello,
            load.gunicorn("yaydoc.wsgi:application", environment, *options) as yaydoc,
        ):
            compare({"hello": (hello, b"/"), "badge": (yaydoc, b"/octo/docs-500.svg")}, arguments)


def prepare(environment):
    Path(environment["DATA_DIR"], "static").mkdir()
    load.manage("migrate", "--verbosity", "0", environment=environment)
    load.manage("shell", "--no-imports", "--command", SET_UP, environment=environment)


def compare(servers, arguments):
    rates = {name: [] for name in servers}
    costs = {name: [] for name in servers}
    for number in range(arguments.rounds + 1):
        for name, ((port, pid), path) in servers.items():
            before = load.processor_seconds(pid)
            answered = load.requests_in(
                port,
                REQUEST % path,
                arguments.seconds,
                clients=arguments.clients,
                connections=arguments.connections,
            )
            if number == 0:
                continue  # the first round warms up
            rates[name].append(answered / arguments.seconds)
            costs[name].append((load.processor_seconds(pid) - before) / answered * 1_000_000)
    for name in servers:
        print(
            f"{name}: {statistics.median(rates[name]):8,.0f} requests/s "
            f"({min(rates[name]):,.0f} to {max(rates[name]):,.0f}), "
            f"{statistics.median(costs[name]):6.0f} µs of the server's processor time each"
        )
    ratios = sorted(badge / hello for badge, hello in zip(rates["badge"], rates["hello"], strict=True))
    time_ratio = statistics.median(costs["hello"]) / statistics.median(costs["badge"])
    print(
        f"ratio: {statistics.median(ratios):.2f} (median of {arguments.rounds} rounds, {ratios[0]:.2f} to "
        f"{ratios[-1]:.2f}); by processor time {time_ratio:.2f}; {arguments.worker_class}, "
        f"{arguments.clients} x {arguments.connections} connections"
    )


if __name__ == "__main__":
    main()
