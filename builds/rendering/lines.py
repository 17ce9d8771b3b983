"""The lines of shell that a repository's configuration has run: each in a process of its own, in the sandbox.

Source: Read the Docs, "Build process customization", and its `doc_builder/environments.py`: `/bin/sh -c`, in the
root of the checkout, and the first line that fails ends the build.
"""

import re
import shlex
from pathlib import Path

from django.conf import settings
from uv import find_uv_bin

from builds import logs, places, sandbox
from builds.configuration.config import Config
from builds.errors import BuildCancelled, BuildFailed
from builds.execution import Execution
from builds.rendering.failures import NO_INVENTORY, shorten
from builds.rendering.pythons import spoken
from builds.rendering.reuse import may_be_of_reuse
from builds.rendering.variables import OUTPUT, promised
from builds.sandbox import Command, Outcome, Reach

SKIP = 183  # the exit code by which a line ends the build without a fault. Source: as above
NOT_FOUND = 127
LONGEST_LOG = 65_536  # bytes that are looked at: warnings stand above the progress of writing pages
LAST_WORDS = 8_192  # characters
LONGEST_LINE = 120  # characters of a line in a reason
NETWORK = re.compile(r"^network: (.+)$", re.MULTILINE)  # what our proxy says of whom it did not let through
OTHER_PYTHON = re.compile(
    r"Requires-Python|could not find python interpreter|[Nn]o interpreter found|Python requirement"
)
JUPYTER_BOOK_2 = re.compile(r"^Invalid command: config sphinx", re.MULTILINE)  # its own words
STRICT = re.compile(r"(\d+) warnings? \(with warnings treated as errors\)")  # Sphinx's own words
NO_COMMAND = re.compile(r"^(?:/bin/)?sh: (?:\d+: |line \d+: )?([^\s:]+): (?:command )?not found", re.MULTILINE)


class Lines:
    """Of the checkout `root`. `folder` is the environment, which they may write to; before there is one, None.

    `is_kept`: an earlier build made it.
    """

    def __init__(
        self,
        execution: Execution,
        config: Config,
        root: Path,
        interpreter: Path,
        folder: Path | None = None,
        *,
        is_kept: bool = False,
    ) -> None:
        self.execution, self.config, self.root = execution, config, root
        self.interpreter, self.folder, self.is_kept = interpreter, folder, is_kept
        self.home = execution.scratch / "home"  # from the first line to the last
        self.cache = places.environments() / f"cache-{places.trust_domain(execution.build.version)}"

    def begin(self) -> None:
        """Before the first: what an attempt before left at home is gone."""
        sandbox.remove(self.home)

    def run(self, job: str) -> None:
        """Those of a job, none perhaps. Raises BuildFailed, and BuildCancelled where one asks for it."""
        self._run(f"build.jobs.{job}", self.config.jobs.get(job, ()))

    def run_commands(self) -> None:
        self._run("build.commands", self.config.commands)

    def _run(self, where: str, lines: tuple[str, ...]) -> None:
        for number, line in enumerate(lines, 1):
            outcome = self.execution.try_run(self.command(["/bin/sh", "-c", line]), shown=line.strip())
            self._check(outcome, line, f"{where}, line {number},")

    def _check(self, outcome: Outcome, line: str, place: str) -> None:
        code = outcome.exit_code
        if code == 0:
            return
        if code == SKIP:
            raise BuildCancelled(f"{place} ended with exit code {SKIP}, which asks for no build.")
        how = f"ended with exit code {code}" if code > 0 else f"was ended by signal {-code}"
        missing = NO_COMMAND.findall(logs.tail(self.execution.build)) if code == NOT_FOUND else []
        if missing:
            raise BuildFailed(
                f"{place} needs {missing[-1]}, which is not installed here: {shorten(line)[:LONGEST_LINE]}",
                "Install it with pip or uv in a line before, or ask the operator of this server for it.",
            )
        log = logs.tail(self.execution.build, lines=1_000, max_bytes=LONGEST_LOG)
        is_of_reuse = may_be_of_reuse(None, [log], render_was_reused=False, environment_was_reused=self.is_kept)
        raise BuildFailed(
            f"{place} {how}: {shorten(line)[:LONGEST_LINE]}", self._hint(log), may_be_of_reuse=is_of_reuse
        )

    def _hint(self, log: str) -> str:
        """`log`: its end; but for counted warnings, only what was said last is of the line's fault."""
        if strict := STRICT.findall(log[-LAST_WORDS:]):
            of_network = " Some are of other projects' inventories, which could not be loaded (intersphinx)."
            return (
                f"Sphinx counts warnings as errors there (-W), and the log has {strict[-1]}."
                f"{of_network if NO_INVENTORY.search(log) else ''}"
            )
        log = log[-LAST_WORDS:]
        if JUPYTER_BOOK_2.search(log):
            return "Jupyter Book 2 does without Sphinx, and has no such command: require jupyter-book<2."
        if refused := NETWORK.findall(log):
            return f"It asked for a host: {shorten(refused[-1])}."
        if OTHER_PYTHON.search(log):
            return f"It may need a newer Python than {spoken(self.interpreter)}, which is what builds have here."
        return "The log has what it printed."

    def command(self, argv: list[str]) -> Command:
        for place in (self.home, self.cache):
            if not place.is_dir():
                place.mkdir(parents=True)
                sandbox.give(place)
        self.execution.use(self.cache)
        mirror = places.git_mirror(self.execution.build.repository_id)
        return Command(
            argv=argv,
            cwd=self.root,
            environment=self.environment(),
            readable=[self.programs(mirror), places.runner(), *([mirror] if mirror.is_dir() else [])],
            writable=[self.root, self.home, self.cache, *([self.folder] if self.folder else [])],
            reach=Reach.PUBLIC if settings.RENDER_NETWORK else Reach.INDEXES,
        )

    def programs(self, mirror: Path) -> Path:
        """The folder of what stands in for tools of Read the Docs.

        What they must know of the build stands in them: some that call them pass no variables on.
        """
        known = {
            "environment": str(self.folder or ""),
            "mirror": str(mirror),
            "python": str(self.interpreter),
            "uv": str(sandbox.tool(Path(find_uv_bin()))),
        }
        told = "".join(f"{name}={shlex.quote(value)}\n" for name, value in known.items())
        place = self.execution.scratch / places.PROGRAMS
        place.mkdir(exist_ok=True)
        for name, content in places.runner_files().items():
            if name.startswith(f"{places.PROGRAMS}/"):
                first, _, rest = content.decode().partition("\n")
                program = self.execution.scratch / name
                program.write_text(f"{first}\n{told}{rest}")
                program.chmod(0o755)
        return place

    def environment(self) -> dict[str, str]:
        programs = [self.execution.scratch / places.PROGRAMS, self.home / ".local/bin"]
        if self.folder:
            programs.insert(1, self.folder / "bin")
        return {
            **self.execution.variables,
            **places.GIT,
            "PATH": ":".join([*map(str, programs), "/usr/local/bin:/usr/bin:/bin"]),
            "HOME": str(self.home),
            "NO_COLOR": "1",  # Source: Read the Docs; no-color.org
            "PIP_CACHE_DIR": str(self.cache / "pip"),
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PIP_NO_INPUT": "1",
            "PIP_PROGRESS_BAR": "off",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONHASHSEED": "0",  # sets that end up in a page do so in the same order each time
            "PYTHONUNBUFFERED": "1",
            "UV_CACHE_DIR": str(self.cache),
            "UV_LINK_MODE": "copy",  # nothing can be linked from one mount of the sandbox to another
            "UV_NO_PROGRESS": "1",
            "UV_PYTHON_DOWNLOADS": "never",
            "UV_VENV_CLEAR": "1",  # the environment is there already, and `uv venv` may make it anew
            **promised(self.execution.build, self.root, self.folder),
        }

    @property
    def pages(self) -> Path:
        """The folder that is published when they are done; anything may be there."""
        return self.root / OUTPUT / "html"
