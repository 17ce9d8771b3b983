"""Whether a failure may be the fault of what earlier builds left, rather than of the commit."""

import re
from collections.abc import Iterable

from builds.rendering.failures import Failure

# Decided before anything that is kept is looked at, by the commit alone and by what is installed.
OF_CONF = {"ConfigError", "ThemeError", "VersionRequirementError"}
# What a kept environment may lack: a module that the commit before did not have to be compiled or registered.
OF_ENVIRONMENT = re.compile(
    r"No module named|cannot import name|[Cc]ould not import extension|failed to import|undefined symbol"
    r"|cannot open shared object|[Nn]o package metadata|no theme named|no entry[- ]point|DistributionNotFound"
    r"|plugin is not installed|Unrecognised theme name"
)


def may_be_of_reuse(
    failure: Failure | None, said: Iterable[str], *, render_was_reused: bool, environment_was_reused: bool
) -> bool:
    """Whether a clean build may end otherwise; `said`: what was printed last, warnings that are errors."""
    told = "\n".join((failure.message, failure.origin, *said) if failure else said)
    if environment_was_reused and OF_ENVIRONMENT.search(told):
        return True
    is_of_conf = failure is not None and (
        bool(OF_CONF & set(failure.kinds)) or bool(re.search(r"[Cc]ould not import extension", failure.message))
    )
    return render_was_reused and not is_of_conf
