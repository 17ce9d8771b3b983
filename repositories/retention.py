"""What is kept, for how long, and how much of it there is: one list for the admin, checked against the manual.

Each app adds its own in `AppConfig.ready()`, from where it removes it.
"""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """`kept` says what is in force, as the manual does; `held` what there is now, and may take a second."""

    what: str
    kept: Callable[[], str]
    held: Callable[[], str]


_rules: dict[str, Rule] = {}


def register(rules: list[Rule]) -> None:
    """The same ones twice are there once."""
    _rules.update({rule.what: rule for rule in rules})


def rules() -> list[Rule]:
    return sorted(_rules.values(), key=lambda rule: rule.what)


def mebibytes(size: int | None) -> str:
    """Of a number of bytes."""
    return f"{(size or 0) / 2**20:,.0f} MiB"
