"""Starts scheduled builds. Called by the clock; any process may call it at any time."""

from django.db import transaction
from django.utils import timezone

from builds.models import Automation, Build, Trigger

AT_MOST = (
    20  # scheduled builds that wait or run: after an outage many are due, and pushes must not stand behind them
)


def sweep() -> None:
    room = AT_MOST - Build.objects.unfinished().filter(trigger=Trigger.SCHEDULE).count()
    for automation in Automation.objects.due().select_related("repository")[: max(0, room)]:
        start(automation)


@transaction.atomic
def start(automation: Automation) -> None:
    """The build whose time has come, once. Times that passed without a clock are one, those of a pause none."""
    repository = automation.repository
    if not automation.take_turn(now=timezone.now()):
        return
    if repository.is_enabled and not automation.is_paused:
        Build.objects.request(repository.default_version, trigger=Trigger.SCHEDULE)
