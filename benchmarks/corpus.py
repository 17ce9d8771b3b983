"""`python benchmarks/corpus.py`: builds real repositories with their own configuration, and prints a table.

Each is registered and built (cold: nothing of it is kept), then built again after a commit that adds one line
to one page. Where a build fails, `--by-hand` does what the project's own instructions say, in the same place;
a failure of both is the project's or the network's. The list is corpus.toml. Needs the network: repositories
are cloned from where they are, or taken from `--mirrors DIR`, which holds a git directory
`<owner>+<name>/repo` for each.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from by_hand import Done, by_hand
from installation import Installation
from projects import clone_of, git

LIST = Path(__file__).with_name("corpus.toml")
HEAD = ("repository", "kind", "result", "pages", "cold s", "one line s", "by hand", "reason")
WIDTHS = (36, 34, 9, 6, 7, 10, 11, 0)


@dataclass(frozen=True)
class Project:
    """`page` gets one line more; `by_hand` are the lines that the project's own configuration stands for."""

    name: str
    kind: str
    page: str
    by_hand: list[str] = field(default_factory=list)


@dataclass
class Result:
    name: str
    kind: str
    commit: str = ""
    first: dict[str, Any] = field(default_factory=dict)  # as desk.facts_of has it
    again: dict[str, Any] = field(default_factory=dict)
    hand: Done | None = None
    fault: str = ""  # why there was nothing to build

    @property
    def succeeded(self) -> bool:
        return self.first.get("state") == self.again.get("state") == "success"

    @property
    def verdict(self) -> str:
        """What counts: as by hand, or not."""
        if self.fault:
            return "not had"
        if self.succeeded:
            return "success"
        if self.hand is None:
            return "failed"
        return "as theirs" if self.hand.said else "OURS"

    def row(self) -> str:
        reason = self.fault or self.first.get("reason") or self.again.get("reason") or ""
        cells = (
            self.name,
            self.kind,
            self.verdict,
            str(self.first.get("pages", "")),
            f"{self.first['wall']:.1f}" if self.first else "",
            f"{self.again['wall']:.1f}" if self.again else "",
            ""
            if self.hand is None
            else "fails"
            if self.hand.said
            else f"{self.hand.pages} p {self.hand.seconds:.0f} s",
            reason if self.hand is None or not self.hand.said else f"{reason} By hand: {self.hand.said}",
        )
        return line_of(cells)


def line_of(cells: tuple[str, ...]) -> str:
    return "  ".join(
        cell[: width - 1].ljust(width) if width else cell for cell, width in zip(cells, WIDTHS, strict=True)
    )


def edit(project: Project, clone: Path) -> None:
    page = clone / project.page
    with page.open("a") as file:
        file.write("\nOne line more.\n")
    git(clone, "commit", "--quiet", "--all", "--no-verify", "--message", "Add one line")


def try_one(project: Project, yaydoc: Installation, options: argparse.Namespace, place: Path) -> Result:
    result = Result(project.name, project.kind)
    try:
        clone = clone_of(project.name, options.mirrors, place)
    except subprocess.CalledProcessError as error:
        result.fault = f"It could not be cloned: {error.stderr.decode(errors='replace').strip().splitlines()[-1:]}"
        return result
    result.first = yaydoc.register(project.name, f"file://{clone}", patience=options.patience)
    result.commit = result.first["commit"]
    if result.first["state"] == "success":
        edit(project, clone)
        result.again = yaydoc.build(project.name, patience=options.patience)
    wants_hand = options.by_hand == "all" or (options.by_hand == "failed" and not result.succeeded)
    if wants_hand and project.by_hand:
        result.hand = by_hand(f"file://{clone}", project.by_hand, patience=options.patience)
    keep_log(result, options.logs)
    subprocess.run(["rm", "-rf", clone], check=True)
    return result


def keep_log(result: Result, folder: Path | None) -> None:
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        for number, facts in enumerate((result.first, result.again), 1):
            if facts and Path(facts["log"]).exists():
                target = folder / f"{result.name.replace('/', '+')}.{number}.log"
                target.write_bytes(Path(facts["log"]).read_bytes())


def projects_of(options: argparse.Namespace) -> Iterator[Project]:
    for entry in tomllib.loads(LIST.read_text())["project"]:
        if not options.only or any(word in entry["name"] for word in options.only):
            yield Project(**entry)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--mirrors", type=Path, help="take the repositories from this folder, not from the network"
    )
    parser.add_argument("--by-hand", choices=("no", "failed", "all"), default="no")
    parser.add_argument(
        "--only", nargs="*", default=[], metavar="NAME", help="those whose name holds one of these"
    )
    parser.add_argument("--patience", type=float, default=600, help="seconds for one build (600)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all that was found out there, too")
    parser.add_argument("--logs", type=Path, metavar="DIR", help="keep the builds' logs there")
    options = parser.parse_args()
    began, results = time.monotonic(), list[Result]()
    print(line_of(HEAD), flush=True)
    with Installation() as yaydoc, tempfile.TemporaryDirectory(prefix="corpus-", dir="/var/tmp") as place:
        Path(place).chmod(0o755)
        for project in projects_of(options):
            results.append(try_one(project, yaydoc, options, Path(place)))
            print(results[-1].row(), flush=True)
            if options.json:
                options.json.write_text(
                    json.dumps([asdict(one) | {"verdict": one.verdict} for one in results], indent=1)
                )
    verdicts = [one.verdict for one in results]
    counts = ", ".join(f"{verdicts.count(name)} {name}" for name in dict.fromkeys(verdicts))
    print(f"{len(results)} repositories in {(time.monotonic() - began) / 60:.0f} min: {counts}.")
    sys.exit(any(one in {"OURS", "failed"} for one in verdicts))


if __name__ == "__main__":
    main()
