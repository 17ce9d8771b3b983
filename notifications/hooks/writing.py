"""Write the calls that an event asks for, in the transaction that stores the event (I5)."""

from builds.models import Build
from notifications.hooks import payloads
from notifications.hooks.events import CallType, Wish
from notifications.hooks.payloads import StatusChange
from notifications.models import UNSETTLED, Hook, HookCall


def record_start(build: Build) -> None:
    record(CallType.STARTED, Wish.STARTED, build)


def record_end(build: Build, change: StatusChange | None = None) -> None:
    """`change` is what a counted build did to its version's status."""
    record(CallType.FINISHED, Wish(build.state), build, change)


def record(type: CallType, wish: Wish, build: Build, change: StatusChange | None = None) -> None:
    """One row for (hook, build, type), and a wake-up for the worker once it is committed."""
    hooks = Hook.objects.wanting(build.repository_id, wish)
    if not hooks:
        return
    body = payloads.of_build(type, build, change or StatusChange.none(build))
    for hook in hooks:
        call, is_new = HookCall.objects.get_or_create(hook=hook, build=build, type=type, defaults={"body": body})
        if is_new:
            call.wake_on_commit()


def record_test(hook: Hook) -> HookCall | None:
    """A call that says only that it is a test; None while another one is under way."""
    if hook.calls.filter(type=CallType.TEST, state__in=UNSETTLED).exists():
        return None
    call: HookCall = hook.calls.create(type=CallType.TEST, body=payloads.of_test(hook.repository))
    call.wake_on_commit()
    return call
