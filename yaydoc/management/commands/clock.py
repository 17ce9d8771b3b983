"""`manage.py clock`: calls what `settings.CLOCK` names, each at its interval."""

import logging
import signal
import threading
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import close_old_connections
from django.utils.module_loading import import_string

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = (
        "Puts right what crashes left behind, and does what is due. One such process is enough; more do no harm."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        due = dict.fromkeys(settings.CLOCK, 0.0)
        logger.info("The clock runs: %s", ", ".join(due))
        while not stop.is_set():
            for name, when in due.items():
                if when <= time.monotonic() and not stop.is_set():
                    call(name)
                    due[name] = time.monotonic() + settings.CLOCK[name]
            stop.wait(max(0.0, min(due.values()) - time.monotonic()))


def call(name: str) -> None:
    """One call of the function `name`; a fault in it is logged and keeps nothing else from being called."""
    close_old_connections()
    try:
        import_string(name)()
    except Exception:
        logger.exception("%s failed; it is called again at its next time", name)
    finally:
        close_old_connections()
