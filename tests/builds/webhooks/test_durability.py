"""I1, durable accept: 2xx is answered after the commit, and only then."""

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.db import OperationalError, connection
from django.test import RequestFactory

from builds.models import Build, Delivery
from builds.webhooks import deliveries
from tests.webhook_requests import deliver, encode, github_headers, push

pytestmark = pytest.mark.django_db(transaction=True)


def told(response):
    return response.status_code, response.json()["status"]


def test_i1_a_delivery_is_committed_before_it_is_answered(repository):
    seen = []
    body = encode(push())
    headers = github_headers("push", body, repository.webhook_secret)
    address = f"/webhooks/{repository.webhook_id}/"
    environ = RequestFactory().generic("POST", address, body, "application/json", headers=headers).environ

    def start_response(status, _):
        is_committed = connection.get_autocommit() and not connection.in_atomic_block
        seen.append((status, is_committed, Delivery.objects.count(), Build.objects.count()))

    list(WSGIHandler()(environ, start_response))
    assert seen == [("202 Accepted", True, 1, 1)]


@pytest.mark.parametrize("table", ["builds_delivery", "builds_build"])
def test_i1_trouble_with_the_database_is_no_acceptance(client, repository, table):
    def trouble(execute, sql, params, many, context):
        if sql.startswith(f'INSERT INTO "{table}"'):
            raise OperationalError("database is locked")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(trouble):
        response = deliver(client, repository, push())
    assert told(response) == (503, "not stored, please deliver again")
    assert response["Retry-After"] == "60"
    assert (Build.objects.count(), Delivery.objects.count()) == (0, 0)
    assert told(deliver(client, repository, push())) == (202, "accepted")


def test_i1_a_commit_that_fails_is_no_acceptance(client, repository, monkeypatch):
    def fail():
        raise OperationalError("disk I/O error")

    with monkeypatch.context() as patched:
        patched.setattr(connection, "_commit", fail)
        response = deliver(client, repository, push())
    assert response.status_code == 503
    assert (Build.objects.count(), Delivery.objects.count()) == (0, 0)


class Killed(BaseException):
    """The process ends here."""


def test_i1_a_crash_before_the_commit_answers_nothing_and_stores_nothing(client, repository, monkeypatch):
    def die(_):
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(deliveries, "forget_old", die)
        with pytest.raises(Killed):
            deliver(client, repository, push())
    assert (Build.objects.count(), Delivery.objects.count()) == (0, 0)
    assert told(deliver(client, repository, push())) == (202, "accepted")


def test_a_queue_that_is_away_loses_no_push(client, repository, monkeypatch):
    def away(_):
        raise ConnectionRefusedError

    monkeypatch.setattr(Build, "wake_worker", away)
    assert told(deliver(client, repository, push())) == (202, "accepted")
    assert Build.objects.get().woken_at is None  # so the sweeper wakes a worker
