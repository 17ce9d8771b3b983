"""`python benchmarks/build.py`: first build and one-line rebuild, against the same steps by hand.

By hand means what a CI job does for every push: clone, make an environment, install with pip and no cache,
render everything. Yaydoc starts from an empty data directory in every round; the rebuild follows a commit that
adds one line to one page; "rendered anew" follows one that touches conf.py, so that every page is rendered in
the kept environment, and is what the overhead over the bare `sphinx-build` is taken from. Both sides work on
the same commits in the same run. Needs the package index.
"""

import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from projects import PROJECTS, Project, edit_configuration, edit_one_line, make_repository

COLUMNS = ("by hand", "its sphinx-build", "first", "one line", "rendered anew")
ROOT = Path(__file__).resolve().parent.parent


def seconds(*commands: list[str | Path], **options: object) -> float:
    began = time.monotonic()
    for command in commands:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, **options)
        if done.returncode:
            sys.exit(f"{command} failed:\n{done.stdout.decode()[-3000:]}")
    return time.monotonic() - began


def by_hand(project: Project, repository: Path) -> tuple[float, float]:
    """Seconds from scratch, and of its `sphinx-build` alone."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        clone, environment = directory / "clone", directory / "environment"
        pip = [environment / "bin/pip", "install", "--quiet", "--no-cache-dir", "--disable-pip-version-check"]
        before = seconds(
            ["git", "clone", "--quiet", repository, clone],
            [sys.executable, "-m", "venv", environment],
            [*pip, "-r", clone / project.requirements],
            [*pip, clone],
        )
        html = directory / "html"
        render = seconds([environment / "bin/sphinx-build", "-q", clone / project.docs, html], cwd=clone)
        return before + render, render


class Yaydoc:
    """An installation of its own in a scratch directory."""

    def __init__(self, directory: Path) -> None:
        self.environment = {
            **os.environ,
            "DATA_DIR": str(directory),
            "CLONE_PROTOCOLS": "https,file",
            "LOG_LEVEL": "ERROR",
        }
        self.manage("migrate", "--verbosity=0")
        self.manage("createsuperuser", "--noinput", "--username=admin", "--email=admin@example.org")

    def manage(self, *arguments: str) -> float:
        environment = {**self.environment, "DJANGO_SUPERUSER_PASSWORD": "of a benchmark"}
        return seconds([sys.executable, ROOT / "manage.py", *arguments], env=environment, cwd=ROOT)

    def register(self, repository: Path) -> None:
        self.manage("register", f"file://{repository}", "--name=bench/docs")

    def build(self) -> float:
        """Of the whole command, start of Python and Django included."""
        return self.manage("build", "bench/docs")


def rounds_of(project: Project, number: int) -> dict[str, list[float]]:
    took: dict[str, list[float]] = {name: [] for name in COLUMNS}
    for _ in range(number):
        with tempfile.TemporaryDirectory() as source:
            repository = make_repository(project, Path(source))
            data = Path(tempfile.mkdtemp(prefix="yaydoc-benchmark-", dir="/var/tmp"))
            try:
                yaydoc = Yaydoc(data)
                yaydoc.register(repository)
                took["first"].append(yaydoc.build())
                whole, render = by_hand(project, repository)
                took["by hand"].append(whole)
                took["its sphinx-build"].append(render)
                for edit in (1, 2, 3):
                    edit_one_line(project, repository, edit)
                    took["one line"].append(yaydoc.build())
                edit_configuration(project, repository)
                took["rendered anew"].append(yaydoc.build())
            finally:
                shutil.rmtree(data, ignore_errors=True)
    return took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    print(
        f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}; medians, in seconds"
    )
    print(f"{'project':<14}" + "".join(f"{name:>18}" for name in (*COLUMNS, "first x", "one line x", "overhead")))
    ratios = []
    for project in PROJECTS:
        took = {name: statistics.median(values) for name, values in rounds_of(project, options.rounds).items()}
        overhead = took["rendered anew"] - took["its sphinx-build"]
        ratios.append((took["by hand"] / took["first"], took["by hand"] / took["one line"], overhead))
        figures = "".join(f"{figure:>18.2f}" for figure in (*took.values(), *ratios[-1]))
        print(f"{project.name:<14}{figures}", flush=True)
    first, again, overhead = (statistics.median(column) for column in zip(*ratios, strict=True))
    print(f"medians: first build {first:.1f} x (goal 1.0), one-line rebuild {again:.1f} x (goal 5),")
    print(f"overhead over the bare sphinx-build of the same tree {overhead:.2f} s (goal 1.5)")


if __name__ == "__main__":
    main()
