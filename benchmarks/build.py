"""`python benchmarks/build.py`: first build and one-line rebuild, against the same steps by hand.

By hand means what a CI job does for every push: clone, make an environment, install with pip and no cache,
render everything. Yaydoc starts from an empty data directory in every round, with a worker that runs, as on a
server; a build's time is from the request until the pages are up. "By command" is `manage.py build` instead,
which starts Python and Django first. The rebuild follows a commit that adds one line to one page; "rendered
anew" follows one that touches conf.py, so that every page is rendered in the kept environment, and is what
the overhead over the bare `sphinx-build` is taken from. Both sides work on the same commits in the same run.
Needs the package index.
"""

import argparse
import os
import platform
import statistics
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

from by_hand import by_hand
from installation import PATIENCE, Installation
from projects import PROJECTS, Project, edit_configuration, edit_one_line, make_repository

COLUMNS = ("by hand", "sphinx-build", "first", "one line", "by command", "anew")
NAME = "bench/docs"
EDITS = 3  # of one line, in each round


def by_hand_seconds(project: Project, repository: Path) -> tuple[float, float]:
    """From scratch, and of its `sphinx-build` alone."""
    lines = (
        f"pip install -q -r {project.requirements}",
        "pip install -q .",
        f"sphinx-build -q {project.docs} $OUT 2>/dev/null",
    )
    done = by_hand(f"file://{repository}", lines, patience=PATIENCE)
    if done.said:
        sys.exit(f"{project.name} by hand: {done.said}")
    return done.seconds, done.render


def round_of(project: Project, took: dict[str, list[float]]) -> dict[str, Any]:
    """One more figure or several in each column; what the last one-line rebuild tells of itself."""
    with tempfile.TemporaryDirectory(prefix="benchmark-", dir="/var/tmp") as source, Installation() as yaydoc:
        repository = make_repository(project, Path(source))
        Path(source).chmod(0o755)
        took["first"].append(checked(yaydoc.register(NAME, f"file://{repository}"))["wall"])
        whole, render = by_hand_seconds(project, repository)
        took["by hand"].append(whole)
        took["sphinx-build"].append(render)
        for edit in range(EDITS):
            edit_one_line(project, repository, edit)
            told = checked(yaydoc.build(NAME))
            took["one line"].append(told["wall"])
        edit_one_line(project, repository, EDITS)
        took["by command"].append(yaydoc.manage("build", NAME))
        edit_configuration(project, repository)
        took["anew"].append(checked(yaydoc.build(NAME))["wall"])
        return told


def checked(told: dict[str, Any]) -> dict[str, Any]:
    if told["state"] != "success":
        sys.exit(f"A build of Yaydoc {told['state']}: {told['reason']}")
    return told


def stages_of(told: dict[str, Any]) -> str:
    parts = ", ".join(f"{stage['name']} {stage['seconds']:.2f}" for stage in told["stages"])
    return f"{parts}; waiting and the rest {told['wall'] - sum(one['seconds'] for one in told['stages']):.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--only", default="", metavar="NAME", help="the project whose name holds this")
    options = parser.parse_args()
    print(
        f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}; medians, in seconds"
    )
    heads = ("pages", *COLUMNS, "first x", "one line x", "command x", "overhead")
    print(f"{'project':<14}" + "".join(f"{name:>13}" for name in heads), flush=True)
    ratios = []
    for project in PROJECTS:
        if options.only not in project.name:
            continue
        figures: dict[str, list[float]] = defaultdict(list)
        for _ in range(options.rounds):
            told = round_of(project, figures)
        took = {name: statistics.median(figures[name]) for name in COLUMNS}
        of_hand = (took["by hand"] / took[name] for name in ("first", "one line", "by command"))
        ratios.append((*of_hand, took["anew"] - took["sphinx-build"]))
        cells = "".join(f"{figure:>13.2f}" for figure in (*took.values(), *ratios[-1]))
        print(f"{project.name:<14}{told['pages']:>13}{cells}\n  one line: {stages_of(told)}", flush=True)
    first, again, command, overhead = (statistics.median(column) for column in zip(*ratios, strict=True))
    print(f"medians: first build {first:.1f} x (goal 1.3), one-line rebuild {again:.1f} x (goal 10),")
    print(f"by command {command:.1f} x; overhead over the bare sphinx-build of the same tree {overhead:.2f} s")


if __name__ == "__main__":
    main()
