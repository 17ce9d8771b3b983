"""`POST /webhooks/<uuid>/`: where a forge tells of pushes."""

import logging
import uuid

from django.core.exceptions import ObjectDoesNotExist
from django.db import Error as DatabaseTrouble
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from builds.webhooks import floods
from builds.webhooks.bodies import BodyRefused, check_headers, parse_body, read_body
from builds.webhooks.deliveries import Arrival, accept
from builds.webhooks.outcomes import Outcome
from forges.pushes import Malformed, Ping, Refused
from forges.registry import SIGNATURES, reader_of
from repositories.models import Repository

logger = logging.getLogger(__name__)

RETRY_AFTER = 60  # seconds, when the database gives trouble


class TooMany(Exception):
    """The sender's requests without a right signature are over the limit."""


@csrf_exempt
def webhook(request: HttpRequest, webhook_id: uuid.UUID) -> HttpResponse:
    """Answers 2xx only for what is committed (I1), and 4xx for whatever else is sent; see the manual's table."""
    if request.method != "POST":
        sentence = "This address takes POST requests of a git forge; there is nothing to see here.\n"
        return HttpResponse(sentence, status=405, content_type="text/plain", headers={"Allow": "POST"})
    try:
        return receive(request, webhook_id)
    except Repository.DoesNotExist:
        return answer(404, "no such webhook")
    except BodyRefused as error:
        return answer(error.status, str(error))
    except Malformed as error:
        return answer(400, str(error))
    except Refused as error:
        logger.warning("Webhook %s refused: %s", webhook_id, error)
        return answer(403, str(error))
    except TooMany:
        return answer(429, "too many requests without a right signature", retry_after=floods.retry_after())
    except (DatabaseTrouble, ObjectDoesNotExist):  # a row that is gone: deleted meanwhile
        logger.exception("Webhook %s: the database gave trouble", webhook_id)
        return answer(503, "not stored, please deliver again", retry_after=RETRY_AFTER)


def receive(request: HttpRequest, webhook_id: uuid.UUID) -> HttpResponse:
    """Verify, parse, accept, in this order. Raises what `webhook` turns into an answer."""
    sender = floods.sender(request)
    # Only here and after a wrong signature: rightly signed pushes need no cache.
    if not any(name in request.headers for name in SIGNATURES) and floods.is_flooding(sender):
        raise TooMany
    repository = Repository.objects.get(webhook_id=webhook_id)
    check_headers(request)
    body = read_body(request)
    reader = reader_of(repository.forge)
    try:
        reader.verify(request.headers, body, repository.webhook_secret)
    except Refused as error:
        if floods.is_flooding(sender):
            raise TooMany from error
        floods.count(sender)
        raise
    event = reader.parse(request.headers, parse_body(request.content_type or "", body))
    arrival = Arrival(event=reader.event(request.headers), id=reader.delivery_id(request.headers), body=body)
    outcome = accept(repository, arrival, event)
    return tell(outcome, status=200 if isinstance(event, Ping) else 202)


def tell(outcome: Outcome, *, status: int) -> JsonResponse:
    build = outcome.build
    return JsonResponse({"status": outcome.text, "build": build.page_url if build else None}, status=status)


def answer(status: int, reason: str, *, retry_after: int | None = None) -> JsonResponse:
    """A refusal. `retry_after` is in seconds."""
    headers = {"Retry-After": str(retry_after)} if retry_after else {}
    return JsonResponse({"status": reason, "build": None}, status=status, headers=headers)
