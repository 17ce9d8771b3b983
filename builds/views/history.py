"""The last builds of a repository as a plot: how long each took, and how it ended."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from builds.models import UNFINISHED, Build, State
from builds.templatetags.builds import duration as in_words
from repositories.models import Repository, Version

SHOWN = 50  # builds
# In units of the drawing, which is 300 wide.
LEFT, WIDTH, TOP, BOTTOM, SLOT = 40, 300, 14, 104, 5.2
LOWEST = 2.0  # of the shortest bar
SHORTEST = 0.5  # seconds, where the scale begins
GRID = ((1, "1 s"), (10, "10 s"), (60, "1 min"), (600, "10 min"), (3600, "1 h"))


@dataclass(frozen=True)
class Bar:
    """One build; `x` and `y` are its upper left corner, `middle` is where its mark goes."""

    build: Build
    x: float
    y: float
    height: float
    middle: float


@dataclass(frozen=True)
class Line:
    label: str
    y: float


@dataclass(frozen=True)
class History:
    """Bars from the oldest build to the newest, and what they say in a sentence."""

    bars: list[Bar]
    lines: list[Line]
    summary: str


def history_of(repository: Repository) -> History | None:
    """None where there is nothing to compare. Builds of pull requests are left out."""
    builds = (
        Build.objects.filter(repository=repository)
        .exclude(state__in=UNFINISHED)
        .exclude(version__kind=Version.Kind.PULL_REQUEST)
        .listed()
        .select_related("version")
        .only(
            "number", "state", "duration", *(f"version__{name}" for name in ("name", "slug", "kind", "is_default"))
        )
        .order_by("-number")[:SHOWN]
    )
    shown = list(builds)[::-1]
    if len(shown) < 2:
        return None
    for build in shown:
        build.repository = repository
    longest = max(10.0, *(build.duration or 0 for build in shown))
    first = WIDTH - SLOT * len(shown)
    bars = [bar_of(build, first + SLOT * place, longest) for place, build in enumerate(shown)]
    lines = [Line(label, y_of(seconds, longest)) for seconds, label in GRID if seconds <= longest]
    return History(bars, lines, summary_of(shown))


def bar_of(build: Build, x: float, longest: float) -> Bar:
    y = min(y_of(build.duration or 0, longest), BOTTOM - LOWEST)
    return Bar(build, round(x + 0.8, 2), y, round(BOTTOM - y, 2), round(x + SLOT / 2, 2))


def y_of(seconds: float, longest: float) -> float:
    """On a logarithmic scale: a first build takes a hundred times as long as one of a changed word."""
    part = math.log(max(seconds, SHORTEST) / SHORTEST) / math.log(longest / SHORTEST)
    return round(BOTTOM - part * (BOTTOM - TOP), 2)


def summary_of(builds: Sequence[Build]) -> str:
    """`12 builds: 10 success, 2 failed. Half of the successful ones took up to 3.1 s, the longest 1 min 02 s.`"""
    counts = [(State(state).label.lower(), sum(build.state == state for build in builds)) for state in State]
    told = ", ".join(f"{count} {label}" for label, count in counts if count)
    times = [build.duration for build in builds if build.state == State.SUCCESS and build.duration is not None]
    if not times:
        return f"{len(builds)} builds: {told}."
    took = f"Half of the successful ones took up to {in_words(median(times))}, the longest {in_words(max(times))}."
    return f"{len(builds)} builds: {told}. {took}"
