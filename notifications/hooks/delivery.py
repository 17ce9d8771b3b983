"""Make a call that waits in the outbox. Source: Standard Webhooks 1.0.0, "Delivery success and failure"."""

import time

from notifications import outbox
from notifications.hooks import signing
from notifications.hooks.events import CallType
from notifications.http_client import Answer, request
from notifications.models import HookCall
from notifications.outbox import Refused, Suppressed, TryLater

GONE = 410  # "no longer interested": the hook is turned off


def deliver(call_id: int) -> None:
    """Make one call, if it is due and nobody else does, and store what became of it."""
    call = HookCall.objects.due().select_related("hook").filter(pk=call_id).first()
    if call is None or call.wait_along():
        return
    outbox.deliver(call, transmit)
    HookCall.objects.prune(call.hook_id)


def transmit(call: HookCall) -> None:
    """Raises Suppressed, Refused, TryLater. Whether the hook is still on is asked at each attempt."""
    hook = call.hook
    if not hook.is_active and call.type != CallType.TEST:
        raise Suppressed("The webhook was turned off.")
    try:
        judge(call, answer_of(call))
    except (Refused, TryLater) as fault:
        if hook.note_failure():
            raise Refused(f"{fault} The webhook was turned off: nothing got through for days.") from fault
        raise
    hook.note_success()


def answer_of(call: HookCall) -> Answer:
    """Raises Refused, TryLater."""
    body = call.body.encode()
    signed = signing.headers(call.hook.secrets(), call.message_id, int(time.time()), body)
    began = time.monotonic()
    answer = None
    try:
        answer = request("POST", call.hook.url, headers={"Content-Type": "application/json", **signed}, body=body)
        return answer
    finally:
        call.note_attempt(seconds=time.monotonic() - began, status_code=answer.status if answer else None)


def judge(call: HookCall, answer: Answer) -> None:
    """Raises Refused, TryLater. What the answer says besides its status is nobody's but the receiver's."""
    if answer.is_success:
        return
    if answer.status == GONE:
        call.hook.turn_off("The receiver answered 410 Gone: it wants no more calls.")
        raise Refused("The receiver answered 410 Gone, so the webhook was turned off.")
    if 300 <= answer.status < 400:
        raise TryLater(f"The receiver answered {answer.status}: redirects are not followed, give the new address.")
    raise TryLater(f"The receiver answered {answer.status}.", wait=answer.retry_after)
