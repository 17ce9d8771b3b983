"""What nobody should send gets its answer, and never a 500."""

import io
import json
import random
import uuid

import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.test import RequestFactory

from builds.models import Build, Delivery
from builds.views.webhook import webhook
from builds.webhooks import bodies, floods
from tests.builds.webhooks import bad_webhooks
from tests.webhook_requests import COMMIT, INDEX, body_of, deliver, encode, github_headers, post, push


def by_name(cases):
    return pytest.mark.parametrize("case", cases.values(), ids=cases.keys())


def told(response):
    return response.status_code, response.json()["status"]


@by_name(bad_webhooks.BODIES)
def test_a_signed_body_gets_its_answer(client, repository, case):
    body, status, words = case
    assert told(deliver(client, repository, body)) == (status, words)
    assert Build.objects.count() == (words == "accepted")
    assert Delivery.objects.count() == (status == 202)


@by_name(bad_webhooks.EVENTS)
def test_a_signed_event_gets_its_answer(client, repository, case):
    event, body, status, words = case
    assert told(deliver(client, repository, body, event)) == (status, words)
    assert (Build.objects.count(), Delivery.objects.count()) == (0, int(status < 400))


@by_name(bad_webhooks.FORMS)
def test_a_signed_form_gets_its_answer(client, repository, case):
    body, status, words = case
    assert told(deliver(client, repository, body, content_type=bodies.FORM)) == (status, words)


@by_name(bad_webhooks.HEADERS)
def test_a_bad_header_beside_right_ones_gets_its_answer(client, repository, case):
    headers, status, words = case
    content_type = headers.get("Content-Type", "application/json")
    assert told(deliver(client, repository, push(), headers=headers, content_type=content_type)) == (status, words)
    assert (Build.objects.count(), Delivery.objects.count()) == (0, 0)


def test_a_signature_that_comes_twice_is_wrong(client, repository):
    right = github_headers("push", encode(push()), repository.webhook_secret)["X-Hub-Signature-256"]
    response = deliver(client, repository, push(), headers={"X-Hub-Signature-256": f"{right},sha256={'0' * 64}"})
    assert told(response) == (403, "signature invalid")


def test_sha1_alone_is_no_signature(client, repository):
    headers = github_headers("push", encode(push()), repository.webhook_secret)
    del headers["X-Hub-Signature-256"]
    assert told(post(client, repository, push(), headers)) == (403, "signature missing")


def test_the_signature_of_a_form_covers_the_form(client, repository):
    form, _, _ = bad_webhooks.FORMS["a form"]
    headers = github_headers("push", encode(push()), repository.webhook_secret)
    assert told(post(client, repository, form, headers, bodies.FORM)) == (403, "signature invalid")


def test_a_compressed_body_is_not_unpacked(client, repository):
    response = deliver(client, repository, bad_webhooks.BOMB, headers={"Content-Encoding": "gzip"})
    assert told(response) == (415, "content encoding not supported")


def test_what_a_proxy_may_say_proves_nothing(client, repository):
    spoofed = {"X-Forwarded-For": "127.0.0.1", "X-Forwarded-Host": "evil.example"}
    assert told(post(client, repository, push(), spoofed)) == (403, "signature missing")


def test_text_is_stored_without_what_no_database_takes(client, repository):
    message = "a \ud800 b\0\r\nBcc: evil\u202e\x1b[31m"
    deliver(client, repository, push(head_commit={"id": COMMIT, "message": message, "author": {"name": "O\nx"}}))
    build = Build.objects.get()
    assert (build.message, build.author) == ("a \ufffd b\nBcc: evil[31m", "O x")


def test_the_longest_outcome_fits_its_column(client, repository):
    body = {"action": "renamed", "repository": {"id": "9" * 1000, "full_name": "n" * 10_000}}
    deliver(client, repository, body, "repository")
    stored = Delivery.objects.get()
    stored.repository.refresh_from_db()
    stored.clean_fields()
    stored.repository.clean_fields(exclude=["registrant"])


def test_a_very_long_message_is_cut(client, repository):
    head = {"id": COMMIT, "message": "m" * 100_000, "author": {"name": "a" * 100_000}}
    deliver(client, repository, push(head_commit=head))
    build = Build.objects.get()
    assert (len(build.message), len(build.author)) == (4000, 200)


@pytest.mark.parametrize("method", ["get", "head", "put", "delete", "options"])
def test_only_posts_are_taken(client, repository, method):
    response = getattr(client, method)(f"/webhooks/{repository.webhook_id}/")
    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert response["Content-Type"] == "text/plain"


def test_an_unknown_address_is_not_found(client, repository):
    response = client.post(f"/webhooks/{uuid.uuid4()}/", b"{}", content_type="application/json")
    assert told(response) == (404, "no such webhook")


def test_an_address_without_its_slash_works(client, repository):
    headers = github_headers("push", encode(push()), repository.webhook_secret)
    address = f"/webhooks/{repository.webhook_id}"
    response = client.post(address, encode(push()), content_type="application/json", headers=headers)
    assert told(response) == (202, "accepted")


def test_answers_are_never_taken_for_a_page(client, repository):
    response = deliver(client, repository, push(ref="refs/heads/<script>"))
    assert response["Content-Type"] == "application/json"
    assert response["X-Content-Type-Options"] == "nosniff"


# -- bodies without a length


class Endless(io.RawIOBase):
    """A body that never ends; counts what was read of it."""

    taken = 0

    def read(self, size=-1):
        self.taken += size
        return b"x" * size


class Broken(io.RawIOBase):
    def read(self, size=-1):
        raise ConnectionResetError


def chunked(repository, stream, headers=None):
    """A request with Transfer-Encoding: chunked, as gunicorn hands it over."""
    environ = RequestFactory().post(f"/webhooks/{repository.webhook_id}/", headers=headers or {}).environ
    del environ["CONTENT_LENGTH"]
    environ |= {
        "HTTP_TRANSFER_ENCODING": "chunked",
        "CONTENT_TYPE": "application/json",
        "wsgi.input": stream,
        "wsgi.input_terminated": True,
    }
    response = webhook(WSGIRequest(environ), repository.webhook_id)
    return response.status_code, json.loads(response.content)["status"]


def test_endless_chunks_are_refused_at_the_limit(repository):
    stream = Endless()
    assert chunked(repository, stream) == (413, "payload too large")
    assert stream.taken <= bodies.LIMIT + bodies.CHUNK


def test_a_push_in_chunks_is_a_push(repository):
    body = encode(push())
    headers = github_headers("push", body, repository.webhook_secret)
    assert chunked(repository, io.BytesIO(body), headers) == (202, "accepted")


def test_a_connection_that_breaks_off_is_not_our_fault(repository):
    assert chunked(repository, Broken()) == (400, "body breaks off")


def test_a_body_of_exactly_the_limit_is_read(client, repository):
    body = encode(push(padding=""))
    padded = body.replace(b'"padding": ""', b'"padding": "' + b"x" * (bodies.LIMIT - len(body)) + b'"')
    assert len(padded) == bodies.LIMIT
    assert told(deliver(client, repository, padded)) == (202, "accepted")


# -- floods


@pytest.fixture
def frozen_time(monkeypatch):
    """The flood's window can't end in the middle of a test."""
    monkeypatch.setattr(floods.time, "time", lambda: 1_000_020.0)


@pytest.mark.usefixtures("frozen_time")
def test_a_flood_of_unsigned_requests_is_told_to_wait_and_stores_nothing(client, repository):
    answers = [post(client, repository, push(), {}).status_code for _ in range(floods.ALLOWED + 5)]
    assert answers == [403] * floods.ALLOWED + [429] * 5
    response = post(client, repository, push(), {"X-Hub-Signature-256": "sha256=wrong"})
    assert told(response) == (429, "too many requests without a right signature")
    assert response["Retry-After"] == "60"
    assert Delivery.objects.count() == 0


@pytest.mark.usefixtures("frozen_time")
def test_a_signed_push_gets_through_a_flood_from_the_same_address(client, repository):
    for _ in range(floods.ALLOWED + 1):
        post(client, repository, push(), {})
    assert told(deliver(client, repository, push())) == (202, "accepted")


@pytest.mark.usefixtures("frozen_time")
def test_a_flood_from_one_network_is_not_that_of_another(client, repository):
    address = f"/webhooks/{repository.webhook_id}/"
    for number in range(floods.ALLOWED):
        client.post(address, REMOTE_ADDR=f"2001:db8:0:1::{number:x}")
    answers = [client.post(address, REMOTE_ADDR=f"2001:db8:0:{net}::1").status_code for net in (1, 2)]
    assert answers == [429, 403]


@pytest.mark.usefixtures("frozen_time")
def test_a_flood_costs_no_query(client, repository, django_assert_num_queries):
    for _ in range(floods.ALLOWED):
        post(client, repository, push(), {})
    with django_assert_num_queries(0):
        post(client, repository, push(), {})


# -- anything at all


def mutated(body, chance):
    """`body` with some values replaced by what does not belong there."""
    strange = [None, True, -1, 10**19, 1.5, "", "\ud800", "\0", "x" * 300, [], {}, [[]], {"id": {}}, "0" * 40]
    if chance.random() < 0.15:
        return chance.choice(strange)
    if isinstance(body, dict):
        return {key: mutated(value, chance) for key, value in body.items() if chance.random() > 0.05}
    if isinstance(body, list):
        return [mutated(value, chance) for value in body]
    return body


@pytest.mark.parametrize("forge", ["github", "gitea", "git"])
def test_no_signed_body_whatever_is_our_fault(client, repository, forge):
    repository.forge, repository.builds_pull_requests = forge, True
    repository.save(update_fields=["forge", "builds_pull_requests"])
    chance = random.Random(forge)
    allowed = {200, 202, 400, 403}
    for number in range(150):
        entry = chance.choice(INDEX)
        body = mutated(json.loads(body_of(entry)), chance)
        event = chance.choice([entry["event"], "push", "delete", "repository", "pull_request"])
        response = deliver(client, repository, body, event, delivery=f"guid-{number}")
        assert response.status_code in allowed, body


def test_no_signed_bytes_whatever_are_our_fault(client, repository):
    chance = random.Random(1)
    right = encode(push())
    for number in range(300):
        cut = bytearray(right)
        for _ in range(chance.randint(1, 5)):
            cut[chance.randrange(len(cut))] = chance.randrange(256)
        response = deliver(client, repository, bytes(cut), delivery=f"guid-{number}")
        assert response.status_code in {202, 400, 403}, cut


class CacheThatIsAway:
    def __getattr__(self, name):
        raise ConnectionError("the cache is away")


def test_a_cache_that_is_away_loses_no_push_and_answers_no_500(client, repository, monkeypatch):
    monkeypatch.setattr(floods, "cache", CacheThatIsAway())

    assert told(post(client, repository, push(), {})) == (403, "signature missing")
    assert told(deliver(client, repository, push(), headers={"X-Hub-Signature-256": "sha256=0"}))[0] == 403
    assert told(deliver(client, repository, push())) == (202, "accepted")
