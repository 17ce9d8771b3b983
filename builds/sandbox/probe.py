"""Which sandbox is in force on this machine: found out once, by trying."""

import logging
import time
from functools import cache

from django.conf import settings

from builds.errors import BuildError
from builds.sandbox.commands import Command, Limits
from builds.sandbox.directories import build_directory_of
from builds.sandbox.running import run_in
from builds.sandbox.tiers import Tier

logger = logging.getLogger(__name__)

REFUSED = (
    "Builds run strangers' code, and no sandbox works here, so nothing is built. Install the package bubblewrap,"
    " or use a Linux kernel with Landlock (6.7 or newer)."
)
LIMITS = Limits(seconds=20, memory=256 * 1024**2, processes=16, file_size=1024**2)


@cache
def tier() -> Tier:
    """Raises BuildError when none works and the operator did not ask to build without."""
    for candidate in candidates():
        fault = why_not(candidate)
        if not fault:
            logger.info("builds run in this sandbox: %s", candidate.label)
            return candidate
        logger.warning("the sandbox %s does not work here: %s", candidate.label, fault)
    if settings.DANGEROUSLY_BUILD_WITHOUT_SANDBOX:
        logger.warning("builds run WITHOUT A SANDBOX: their code can read what its user can")
        return Tier.NONE
    raise BuildError(REFUSED)


def candidates() -> list[Tier]:
    both = [Tier.BUBBLEWRAP, Tier.LANDLOCK]
    return both if settings.SANDBOX == "auto" else [Tier(settings.SANDBOX)]


def why_not(candidate: Tier) -> str:
    """What keeps a sandbox from working here; empty when it works."""
    if not candidate.is_there:
        return "it is not installed" if candidate == Tier.BUBBLEWRAP else "the kernel lacks it"
    directory = build_directory_of(candidate)
    command = Command(argv=["/bin/sh", "-c", ":"], cwd=directory, readable=[directory])
    started = time.monotonic()
    try:
        outcome = run_in(
            candidate, command, LIMITS, write=lambda _: None, should_stop=lambda: False, max_output=65536
        )
    except BuildError as error:
        return str(error)
    logger.debug("a try took %.3f s", time.monotonic() - started)
    return "" if outcome.exit_code == 0 else f"a try ended with {outcome.exit_code}"
