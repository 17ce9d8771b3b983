"""System checks: whether builds are safe on this machine."""

from collections.abc import Sequence

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, Warning, register

from builds import sandbox
from builds.errors import BuildError


@register("builds", deploy=True)
def check_sandbox(app_configs: Sequence[AppConfig] | None, **_: object) -> list[CheckMessage]:
    """Tries the sandboxes, as the worker does at its start; so with `check --deploy` only."""
    try:
        tier = sandbox.tier()
    except BuildError as refusal:
        return [Error(str(refusal), hint="apt install bubblewrap, or your system's like.", id="builds.E001")]
    if tier == sandbox.Tier.NONE:
        return [
            Warning(
                "Builds run without a sandbox: their code can read all that its user can.",
                hint="Install the package bubblewrap, and unset DANGEROUSLY_BUILD_WITHOUT_SANDBOX.",
                id="builds.W001",
            )
        ]
    return []
