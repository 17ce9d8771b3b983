"""The command that renders, whichever program does."""

from collections.abc import Sequence
from pathlib import Path

from django.conf import settings

from builds import places
from builds.detection.plans import Plan
from builds.execution import Execution
from builds.rendering.environment import Environment
from builds.rendering.variables import promised
from builds.sandbox import Command, Reach


def in_environment(
    execution: Execution, plan: Plan, environment: Environment, arguments: Sequence[str], *, cwd: Path, place: Path
) -> Command:
    """Python with these arguments; only the checkout and `place` can be written to."""
    mirror = places.git_mirror(execution.build.repository_id)
    return Command(
        # By env, which says what is wrong where a line of the repository's removed its Python.
        argv=["/usr/bin/env", str(environment.python), *arguments],
        cwd=cwd,
        environment={
            **execution.variables,
            **places.GIT,
            "PATH": f"{environment.python.parent}:/usr/local/bin:/usr/bin:/bin",
            "VIRTUAL_ENV": str(environment.folder),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONHASHSEED": "0",  # sets that end up in a page do so in the same order each time
            "PYTHONUNBUFFERED": "1",
            **promised(execution.build, plan.root, environment.folder),
        },
        readable=[
            environment.folder,
            places.runner(),
            execution.scratch,
            *([mirror] if mirror.is_dir() else []),
        ],
        writable=[place, plan.root],
        reach=Reach.PUBLIC if settings.RENDER_NETWORK else Reach.NOTHING,
    )
