"""`python -m tests.badges.changer <slug> <port> <seconds>`: changes a status, asks for the badge, and so on.

Each change is committed when it asks, on a new connection each time, so that some go to each of the web server's
processes. Prints how many changes it made, how many answers it got, and how many of them were stale.
"""

import http.client
import itertools
import sys
import time

import django

ASKED_EACH_TIME = 4


def main(slug, port, seconds):
    django.setup()
    from repositories.models import BuildStatus, Repository

    changes = answers = stale = 0
    until = time.monotonic() + float(seconds)
    for status in itertools.cycle([BuildStatus.SUCCESS, BuildStatus.FAILED, BuildStatus.UNKNOWN]):
        if time.monotonic() > until:
            break
        assert Repository.objects.filter(slug=slug).update(build_status=status) == 1
        changes += 1
        for _ in range(ASKED_EACH_TIME):
            answers += 1
            stale += shown(slug, int(port)) != status
    print(changes, answers, stale)


def shown(slug, port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", f"/{slug}.svg", headers={"Host": f"localhost:{port}"})
        return connection.getresponse().headers["X-Yaydoc-Status"]
    finally:
        connection.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
