"""A build as its page draws it: looked up by its number, and taken apart into stations."""

from dataclasses import dataclass

from django.shortcuts import get_object_or_404

from builds.models import Build, State
from builds.stages import Stage
from pages.downloads import links
from repositories.models import Repository


@dataclass(frozen=True)
class Step:
    """One station of the pipeline as the page draws it; `state` is empty for what is still to come."""

    name: str
    state: str
    seconds: float | None = None
    note: str = ""


def find_build(repository: Repository, number: int) -> Build:
    builds = Build.objects.filter(repository=repository).select_related("version", "release")
    build: Build = get_object_or_404(builds, number=number)
    build.repository = repository
    return build


def downloads_of(build: Build) -> list[tuple[str, str]]:
    """Labels and URLs."""
    return links(build.repository, build.version, build.release) if build.release else []


def steps(build: Build) -> list[Step]:
    """All stations, in order: what is done with its seconds, where it is or ended, what is to come."""
    done = {entry["name"]: entry for entry in build.stages}
    result = []
    for stage in Stage:
        entry = done.get(stage.value, {})
        state = State.SUCCESS.value if entry else ""
        if build.stage == stage.value and build.state != State.SUCCESS:
            state = build.state
        result.append(Step(stage.label, state, entry.get("seconds"), entry.get("note", "")))
    return result
