"""`python benchmarks/badge.py`: how close a badge comes to a bare hello-WSGI under the same gunicorn.

The servers run all the time and are asked in turn, so that what else the machine does meets all of them; each
round gives a ratio, and the median counts. Clients share the processors with the servers. Besides, the processor
time of the servers: it hardly feels other programs.

hello       the least that a WSGI application can do
django      a badge through Django's handler: middleware, view, one query
shortcut    a badge from the process's memory, past Django
… known     the same for a client that has the picture: 304
… of many   among as many repositories as --repositories says, 1,000 of them in turn; … of ten: all of them
"""

import argparse
import contextlib
import http.client
import statistics
import tempfile
from pathlib import Path

import load
import psycopg

SET_UP = """
from django.contrib.auth import get_user_model
from django.db import connection
from django.utils import timezone
from repositories.models import BuildStatus, Repository
from repositories.names import RepositoryName
owner = get_user_model().objects.create_user("benchmark")
Repository.objects.register(name=RepositoryName.parse("octo/docs-0"), registrant=owner, forge="git",
    clone_url="https://example.org/octo/docs.git")
Repository.objects.update(build_status=BuildStatus.SUCCESS, status_changed_at=timezone.now())
columns = [field.column for field in Repository._meta.concrete_fields if field.column != "id"]
unique = {"name": "'docs-' || i", "slug": "'octo/docs-' || i", "webhook_id": {
    "sqlite": "printf('%032x', i)", "postgresql": "lpad(to_hex(i), 32, '0')::uuid"}[connection.vendor]}
values = [unique.get(column, "one." + column) for column in columns]
connection.cursor().execute(
    "WITH RECURSIVE numbers(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < COUNT - 1) "
    f"INSERT INTO repositories_repository ({', '.join(columns)}) SELECT {', '.join(values)} "
    "FROM numbers CROSS JOIN repositories_repository one")
connection.cursor().execute("ANALYZE")
"""
GET = b"GET %s HTTP/1.1\r\nHost: localhost\r\nUser-Agent: benchmark\r\nAccept-Encoding: gzip, br\r\n%s\r\n"
FEW = 10  # repositories
ASKED = 1_000  # of the many repositories, that is
CONNECTIONS_FOR_LATENCY = 32


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--seconds", type=float, default=0.5, help="of each server in each round")
    parser.add_argument("--repositories", type=int, default=1_000_000, help="how many are many")
    parser.add_argument("--clients", type=int, default=2, help="processes that ask")
    parser.add_argument("--connections", type=int, default=16, help="of each client")
    parser.add_argument("--worker-class", default="gthread")
    parser.add_argument("--threads", default="8")
    parser.add_argument("--database-url", default="", help="postgres://…/name: two databases are made beside it")
    arguments = parser.parse_args()
    print(load.machine())
    with contextlib.ExitStack() as stack:
        options = ("--worker-class", arguments.worker_class, "--threads", arguments.threads)
        few = stack.enter_context(instance(FEW, arguments.database_url))
        many = stack.enter_context(instance(arguments.repositories, arguments.database_url))
        start = lambda application, environment: stack.enter_context(  # noqa: E731
            load.gunicorn(application, environment, *options)
        )
        hello = start("benchmarks.hello:application", {})
        django, among_many = (
            start("yaydoc.wsgi:application", {**environment, "BADGE_SHORTCUT": "off"})
            for environment in (few, many)
        )
        shortcut = start("yaydoc.wsgi:application", {**few, "BADGE_SHORTCUT": "on"})
        compare(asked_of(hello, django, among_many, shortcut, arguments.repositories), arguments)


@contextlib.contextmanager
def instance(repositories, database_url):
    """The environment of a Yaydoc with so many repositories, in a scratch directory."""
    with tempfile.TemporaryDirectory() as directory, database(database_url, repositories) as url:
        environment = {"DATA_DIR": directory, "SITE_URL": "http://localhost", "LOG_LEVEL": "WARNING"}
        environment |= {"DATABASE_URL": url} if url else {}
        Path(directory, "static").mkdir()
        load.manage("migrate", "--verbosity", "0", environment=environment)
        set_up = SET_UP.replace("COUNT", str(repositories))
        load.manage("shell", "--no-imports", "--command", set_up, environment=environment)
        yield environment


@contextlib.contextmanager
def database(url, number):
    if not url:
        yield ""
        return
    server, _, name = url.rpartition("/")
    name = f"{name}_benchmark_{number}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        try:
            yield f"{server}/{name}"
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def asked_of(hello, django, among_many, shortcut, repositories):
    """Name → server, requests, status."""
    some = range(0, repositories, max(1, repositories // ASKED))
    one, ten, thousand = ([path(number) for number in numbers] for numbers in ([5], range(FEW), some))
    known = b"If-None-Match: %s\r\n" % etag(django, one[0])
    return {
        "hello": (hello, [GET % (b"/", b"")], 200),
        "django": (django, [GET % (one[0], b"")], 200),
        "django known": (django, [GET % (one[0], known)], 304),
        "django of ten": (django, [GET % (each, b"") for each in ten], 200),
        "django of many": (among_many, [GET % (each, b"") for each in thousand], 200),
        "shortcut": (shortcut, [GET % (one[0], b"")], 200),
        "shortcut known": (shortcut, [GET % (one[0], known)], 304),
    }


def path(number):
    return b"/octo/docs-%d.svg" % number


def etag(server, path):
    port, _ = server
    connection = http.client.HTTPConnection("localhost", port)
    connection.request("GET", path.decode(), headers={"Host": "localhost"})
    tag = connection.getresponse().headers["ETag"].encode()
    connection.close()
    return tag


def compare(asked, arguments):
    rates, costs, slowest = ({name: [] for name in asked} for _ in range(3))
    for number in range(arguments.rounds + 1):
        for name, ((port, pid), requests, status) in asked.items():
            before = load.processor_seconds(pid)
            answered = load.requests_in(
                port,
                requests,
                arguments.seconds,
                clients=arguments.clients,
                connections=arguments.connections,
                status=status,
            )
            cost = (load.processor_seconds(pid) - before) / answered * 1_000_000
            taken = load.latencies_in(
                port, requests, arguments.seconds / 2, connections=CONNECTIONS_FOR_LATENCY, status=status
            )
            if number > 0:  # the first round warms up
                rates[name].append(answered / arguments.seconds)
                costs[name].append(cost)
                slowest[name].append(taken[len(taken) * 99 // 100] * 1000)
    report(rates, costs, slowest, arguments)


def report(rates, costs, slowest, arguments):
    print(
        f"Medians of {arguments.rounds} rounds; {arguments.worker_class}, {arguments.threads} threads, "
        f"{arguments.clients} x {arguments.connections} connections, for the p99 {CONNECTIONS_FOR_LATENCY}; "
        f"ten and {arguments.repositories:,} repositories\n"
    )
    print(f"{'':16}{'requests/s (range)':>28}{'processor time':>17}{'p99':>10}")
    for name in rates:
        low, high = min(rates[name]), max(rates[name])
        print(
            f"{name:16}{statistics.median(rates[name]):10,.0f} ({low:6,.0f} to {high:6,.0f})"
            f"{statistics.median(costs[name]):14,.0f} µs{statistics.median(slowest[name]):7.1f} ms"
        )
    print()
    for name, base, goal in GOALS:
        print(
            f"{name} / {base}: rate {ratio(rates, name, base)}, by processor time {ratio(costs, base, name)}, "
            f"p99 {ratio(slowest, name, base)}; goal: {goal}"
        )


GOALS = [
    ("django", "hello", "rate >= 0.60, p99 <= 3"),
    ("shortcut", "hello", "rate >= 0.90, p99 <= 3"),
    ("django of ten", "django of many", "rate <= 1.1"),
    ("django known", "django", "rate >= 1"),
    ("shortcut known", "shortcut", "rate >= 1"),
]


def ratio(figures, name, base):
    """Of each round, for it met both."""
    ratios = sorted(one / other for one, other in zip(figures[name], figures[base], strict=True))
    return f"{statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"


if __name__ == "__main__":
    main()
