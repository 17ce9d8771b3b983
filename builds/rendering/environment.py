"""The Python environment that a documentation is rendered in: made by uv, and kept by what it is made of."""

import hashlib
import json
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from importlib.metadata import version as version_of
from pathlib import Path

from builds import locks, places
from builds.detection.plans import Plan
from builds.detection.requirement_files import included
from builds.detection.source_tree import LARGEST_TEXT, SourceTree, read_bounded
from builds.environment_cache import forget_least_used
from builds.execution import Execution
from builds.rendering.installer import Installer
from builds.rendering.pythons import choose_interpreter
from builds.rendering.variables import variables_digest
from builds.sandbox import Command


@dataclass(frozen=True)
class Environment:
    """`key` names everything it was made from, or all that is in it; `reused`: it was there already."""

    python: Path
    key: str
    reused: bool
    folder: Path
    told: str = ""  # of what was installed


def prepare_environment(execution: Execution, plan: Plan, *, clean: bool = False) -> Environment:
    """One that holds what `plan` requires: kept from before, or made now. Raises BuildFailed, BuildError.

    A complete one has a marker file, written last. It is written to only while it is installed into, under a lock:
    rendering sees it read-only. One that lines of the repository's own have a hand in is made anew each time:
    nobody knows what else they do. `clean` has the project's own made anew; one that all repositories share,
    with nothing but our own requirements, may be in use by another build, and is kept.
    """
    interpreter = choose_interpreter(plan.config.python)
    key = environment_key(execution, plan, interpreter)
    folder = places.environments() / key
    installer = Installer(execution, plan, interpreter, folder, trust_domain(execution, plan))
    with locked(execution, key):
        execution.use(folder)
        is_unwanted = plan.config.makes_environment or (clean and needs_more(plan))
        reused = installer.is_complete() and not is_unwanted
        if not reused:
            installer.make()
        elif installer.is_outdated():
            reused = installer.renew_package()
        installer.marker.touch()  # the time of the last use, by which `builds.retention` goes
    if not reused:
        forget_least_used()
    if plan.config.makes_environment:
        key = f"{key} {content_digest(execution, interpreter, folder)}"
    return Environment(installer.python, key, reused, installer.folder, installer.told)


def needs_more(plan: Plan) -> bool:
    """Whether the builder's own requirements are not all; lines may add what they like."""
    return plan.requirements.any or plan.config.has_lines


def trust_domain(execution: Execution, plan: Plan) -> str:
    return places.trust_domain(execution.build.version) if needs_more(plan) else places.BUILDER


def environment_key(execution: Execution, plan: Plan, interpreter: Path) -> str:
    """A name by who may have had a hand in an environment, and by all that decides what is in it."""
    domain = trust_domain(execution, plan)
    facts: dict[str, object] = {
        "interpreter": interpreter_state(interpreter),
        "uv": version_of("uv"),
        "builder": hashlib.sha256(places.runner_files()[plan.renderer.pinned]).hexdigest(),
    }
    if needs_more(plan):
        tree = SourceTree(plan.root)
        names = [*included(tree, plan.requirements.files), *plan.requirements.metadata]
        facts |= {
            "requirements": asdict(plan.requirements),
            "files": {name: digest_of(tree, name) for name in names},
            # An editable install, and a path in a requirements file, lead into the checkout of this one version.
            "root": str(plan.root),
            "variables": variables_digest(execution.variables),
            "lines": [dict(plan.config.jobs), plan.config.commands],
        }
    return f"{domain}-{hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:32]}"


def content_digest(execution: Execution, interpreter: Path, folder: Path) -> str:
    """Of all that is in it: lines may have put there what no name tells of."""
    command = Command(
        argv=[str(interpreter), "-I", str(places.runner() / "digest.py"), str(folder)],
        cwd=folder,
        readable=[folder, places.runner()],
    )
    return execution.capture(command).strip()


def digest_of(tree: SourceTree, name: str) -> str:
    path = tree.path(name)
    return hashlib.sha256(read_bounded(path, LARGEST_TEXT) if path else b"").hexdigest()


def interpreter_state(interpreter: Path) -> str:
    """Names the interpreter and its build: an upgrade in place is another one."""
    real = interpreter.resolve()
    status = real.stat()
    return f"{real} {status.st_size} {status.st_mtime_ns}"


def locked(execution: Execution, key: str) -> AbstractContextManager[None]:
    """Nobody else makes or changes the environment meanwhile."""
    is_told = False

    def wait() -> None:
        nonlocal is_told
        if not is_told:
            execution.say("Waiting for another build that makes the same environment.")
            is_told = True
        execution.check()

    return locks.waited_for(places.environments() / f"{key}.lock", meanwhile=wait)
