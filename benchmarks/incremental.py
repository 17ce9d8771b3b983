"""`python benchmarks/incremental.py`: whether builds on top of each other publish what clean ones publish.

Replays the newest commits of real projects that touch their documentation or code, oldest first: each is built on
top of the one before, as at a push, and what is published is put aside. Then each is built again from nothing
(`--clean`), and the two are compared byte for byte. Needs the package index, and the network or `--mirrors` as
corpus.py does.
"""

import argparse
import filecmp
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from installation import Installation
from projects import clone_of

DOWNLOADS = ".downloads"  # an ePub and a PDF hold the time of their making, and a name made of it
SHOWN = 5  # files that differ


@dataclass(frozen=True)
class History:
    """`paths`: a commit that touches none of them cannot change a page."""

    name: str
    paths: tuple[str, ...]


HISTORIES = (
    History("psf/requests", ("docs", "src", "HISTORY.md")),
    History("pypa/packaging", ("docs", "src", "CHANGELOG.rst")),
    History("executablebooks/sphinx-design", ("docs", "sphinx_design")),
    History("pytest-dev/pluggy", ("docs", "src")),
)


@dataclass
class Tally:
    """Of one project: builds compared, of these on top of kept doctrees, and those that differ."""

    compared: int = 0
    on_top: int = 0
    different: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)  # on top of each other
    clean_seconds: list[float] = field(default_factory=list)


def commits_of(clone: Path, history: History, number: int) -> list[str]:
    """The newest ones on the main line, oldest first, and before them the one that they begin on."""
    log = [
        "git",
        "-C",
        clone,
        "rev-list",
        "--first-parent",
        f"--max-count={number + 1}",
        "HEAD",
        "--",
        *history.paths,
    ]
    return subprocess.run(log, check=True, stdout=subprocess.PIPE, text=True).stdout.split()[::-1]


def replay(history: History, clone: Path, number: int, place: Path) -> Tally:
    """In an installation of its own, so that both sides of a comparison have the same paths and addresses."""
    tally = Tally()
    first, *commits = commits_of(clone, history, number)
    with Installation() as yaydoc:
        yaydoc.register(history.name, f"file://{clone}")
        yaydoc.build(history.name, commit=first)
        states = {}
        for commit in commits:
            facts = yaydoc.build(history.name, commit=commit)
            states[commit] = facts["state"]
            tally.seconds.append(facts["duration"])
            tally.on_top += any(stage["name"] == "render" and stage["reused"] for stage in facts["stages"])
            shutil.copytree(facts["release"], place / commit)
        for commit in commits:
            facts = yaydoc.build(history.name, commit=commit, clean=True)
            tally.compared += 1
            tally.clean_seconds.append(facts["duration"])
            names = differences(place / commit, Path(facts["release"]))
            if facts["state"] != states[commit]:
                names = [f"{states[commit]} on top, {facts['state']} from nothing: {facts['reason']}", *names]
            if names:
                tally.different.append(f"{commit[:10]}: {len(names)} differ: {', '.join(names[:SHOWN])}")
            shutil.rmtree(place / commit)
    return tally


def differences(one: Path, other: Path) -> list[str]:
    """Files that only one of the folders has, or that differ; downloads apart."""
    files = [{path.relative_to(folder) for path in folder.rglob("*") if path.is_file()} for folder in (one, other)]
    unequal = {name for name in files[0] & files[1] if not filecmp.cmp(one / name, other / name, shallow=False)}
    return sorted(str(name) for name in (files[0] ^ files[1]) | unequal if name.parts[0] != DOWNLOADS)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--mirrors", type=Path, help="take the repositories from this folder, not from the network"
    )
    parser.add_argument("--commits", type=int, default=10, help="of each project (10)")
    parser.add_argument("--only", default="", metavar="NAME", help="the project whose name holds this")
    options = parser.parse_args()
    began, tallies = time.monotonic(), list[Tally]()
    for history in HISTORIES:
        if options.only not in history.name:
            continue
        with tempfile.TemporaryDirectory(prefix="incremental-", dir="/var/tmp") as name:
            place = Path(name)
            place.chmod(0o755)
            tally = replay(history, clone_of(history.name, options.mirrors, place), options.commits, place)
        tallies.append(tally)
        print(
            f"{history.name}: {tally.compared} commits, {tally.on_top} rendered on top of the one before"
            f" ({sum(tally.seconds):.0f} s in all, from nothing {sum(tally.clean_seconds):.0f} s),"
            f" {len(tally.different)} different",
            *tally.different,
            sep="\n  ",
            flush=True,
        )
    different = sum(len(tally.different) for tally in tallies)
    print(
        f"{sum(tally.compared for tally in tallies)} commits of {len(tallies)} projects: {different} different,"
        f" {(time.monotonic() - began) / 60:.0f} min."
    )
    sys.exit(bool(different))


if __name__ == "__main__":
    main()
