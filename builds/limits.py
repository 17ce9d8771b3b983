"""The limits of a build in words: which one it ran into, and what to do."""

from django.conf import settings

from builds import sandbox
from builds.models import BuildLimits
from builds.sandbox import Limit


def explain(limit: Limit, limits: BuildLimits) -> tuple[str, str]:
    """A reason and a hint, in plain words."""
    seconds, memory = limits.seconds_in_force, limits.memory_in_force
    return {
        Limit.TIME: (
            f"The build took longer than {seconds} s and was ended.",
            f"Build less (fewer notebooks or examples), or {who_raises('BUILD_TIMEOUT', seconds, 's')}.",
        ),
        Limit.MEMORY: (
            f"The build used more than {memory} MiB of memory and was ended.",
            f"Render with fewer parallel jobs, or {who_raises('BUILD_MEMORY', memory, 'MiB')}.",
        ),
        Limit.PROCESSES: (
            f"The build started more than {settings.BUILD_PROCESSES} processes and was ended.",
            "Look for a loop that starts processes, or ask the operator to raise BUILD_PROCESSES.",
        ),
        Limit.FILE_SIZE: (
            f"The build wrote a file of more than {settings.BUILD_FILE_SIZE} MiB and was ended.",
            "Write smaller files, or ask the operator to raise BUILD_FILE_SIZE.",
        ),
        Limit.OUTPUT: (
            f"git, or another command that is read by Yaydoc, printed more than {sandbox.CAPTURED // 2**20} MiB.",
            "Is .gitmodules, or the like, that large? What the documentation's own programs print has no limit.",
        ),
    }[limit]


def who_raises(variable: str, in_force: int, unit: str) -> str:
    """What to do about a limit: the repository's own settings first, as long as they leave room."""
    most: int = getattr(settings, f"{variable}_MOST")
    if in_force < most:
        return f"raise the limit in the repository's settings, under Builds: up to {most} {unit}"
    # Raising the default raises the most too, unless that was set for itself.
    named = variable if most <= getattr(settings, variable) else f"{variable}_MOST"
    return f"ask the operator to raise {named}"
