"""The warnings of a build as its page lists them."""

from dataclasses import dataclass

from builds.models import Build, BuildWarning
from builds.rendering.hints import OF_WARNINGS, hint_about
from repositories.forge_pages import line_page

SHOWN = 5  # the others are folded up


@dataclass(frozen=True)
class WarningRow:
    warning: BuildWarning
    page: str  # of its line, at the forge; "" if unknown
    hint: str


@dataclass(frozen=True)
class Warnings:
    """New ones come first; `left_out` are only counted."""

    first: list[WarningRow]
    others: list[WarningRow]
    left_out: int


def warnings_of(build: Build) -> Warnings:
    if not build.warning_count:
        return Warnings([], [], 0)
    rows = [
        WarningRow(
            warning,
            line_page(build.repository, build.commit, warning.file, warning.line),
            hint_about(warning.text, OF_WARNINGS),
        )
        for warning in build.warnings.all()
    ]
    shown = SHOWN if len(rows) > SHOWN + 1 else len(rows)  # nobody unfolds a single one
    return Warnings(rows[:shown], rows[shown:], build.warning_count - len(rows))
