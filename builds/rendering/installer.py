"""Installs what a plan requires into one environment, with uv, in the sandbox."""

import json
import re
from collections.abc import Sequence
from pathlib import Path

from uv import find_uv_bin

from builds import environment_cache, logs, places, sandbox
from builds.configuration.config import Chosen
from builds.detection.plans import Kind, Plan
from builds.detection.requirements import Package, Requirements, Synced, name_of_project
from builds.detection.source_tree import SourceTree
from builds.errors import BuildFailed
from builds.execution import Execution
from builds.rendering.lines import Lines
from builds.rendering.pythons import spoken
from builds.rendering.uv_answers import from_cache, not_installed
from builds.rendering.variables import promised
from builds.sandbox import Command, Reach

FOR_LINES = ("pip", "setuptools")  # what lines of a repository's own take for granted
# Ways of deriving a package's version from the commit: with them a new commit is another version.
VERSION_FROM_COMMIT = re.compile(
    r"setuptools[-_]scm|hatch-vcs|vcs-versioning|versioningit|versioneer|\bpbr\b|poetry-dynamic-versioning"
    r"|uv-dynamic-versioning|\bdunamai\b|setuptools-git-versioning|source\s*=\s*[\"']scm[\"']"
)
# What an installation leaves in a checkout that nothing reads afterwards.
NOT_LOOKED_AT = (
    *("(", "-name", ".git", "-o", "-name", "*.egg-info", "-o", "-name", "__pycache__", "-o", "-name", "build"),
    *("-o", "-name", ".eggs", ")", "-prune", "-o"),
)
NOT_THERE = re.compile(r"([\w.-]+) was not found in the package registry")  # uv's words
NEWLINE = re.compile(r"[\r\n]")


class Installer:
    """`folder` is the environment's own; `domain` names whose code may write to it and to its cache."""

    def __init__(self, execution: Execution, plan: Plan, interpreter: Path, folder: Path, domain: str) -> None:
        self.execution, self.plan, self.interpreter = execution, plan, interpreter
        self.folder, self.domain = folder, domain
        self.python = folder / "bin" / "python"
        self.marker = environment_cache.marker_of(folder)
        self.began = execution.scratch / "installing"
        self.told = ""  # of what was installed
        self.config = plan.config
        self.lines = Lines(execution, plan.config, plan.root, interpreter, folder)
        self._caches = (
            {self.lines.cache} if plan.config.has_lines else set()
        )  # into which something may have been put

    def is_complete(self) -> bool:
        return self.marker.is_file() and self.python.is_symlink()

    def is_outdated(self) -> bool:
        """Whether a package of the checkout must be installed again, though nothing that it requires changed.

        It would say another version of itself now, it may be a copy of older code, or its installation left files
        in the checkout, such as compiled ones, which the next checkout removed.
        """
        wanted = self.plan.requirements
        if not (wanted.packages or wanted.local or wanted.synced):
            return False
        marked = json.loads(self.marker.read_text())
        if marked.get("leaves_files"):
            return True
        is_other_commit = marked.get("commit") != self.execution.build.commit
        return is_other_commit and (bool(wanted.local) or self.has_version_from_commit())

    def has_version_from_commit(self) -> bool:
        tree = SourceTree(self.plan.root)
        return any(VERSION_FROM_COMMIT.search(tree.text(name)) for name in self.plan.requirements.metadata)

    def make(self) -> None:
        """The whole environment, anew. Raises BuildFailed."""
        log_began = logs.size(self.execution.build)
        self._begin()
        sandbox.remove(self.folder)
        self.folder.mkdir(parents=True)
        sandbox.give(self.folder)
        venv = ["venv", "--quiet", "--allow-existing", "--python", str(self.interpreter), str(self.folder)]
        # Where the server's Pythons are is nobody's business: logs are public.
        self._uv(*venv, cache=places.BUILDER, shown=f"uv venv --python {spoken(self.interpreter)}")
        if self.config.has_lines:
            self._pip(FOR_LINES)
        for job in ("pre_create_environment", "create_environment", "post_create_environment", "pre_install"):
            self.lines.run(job)
        if "install" in self.config.jobs:
            self.lines.run("install")
        else:
            self._install()
        self.lines.run("post_install")
        if not self.config.makes_pages and not self._has_renderer():
            # Foreign code may have replaced the environment's Python, which uv asks: not with the cache of all.
            self._install_builder(cache=self.domain)
        self.told = from_cache(logs.read_bytes(self.execution.build, log_began).decode(errors="replace"))
        self._mark()

    def _install(self) -> None:
        # Ours first: what the project asks for may replace it. One that brings the renderer needs none of ours.
        # Pages without a conf.py need ours all the same: the configuration that is made for them names them.
        is_brought = self.plan.kind != Kind.PLAIN and (
            self.plan.requirements.name_renderer or self._has_renderer()
        )
        if not is_brought and not self.config.names_no_tool:
            # Lines were run before, maybe: as in `make`.
            self._install_builder(cache=self.domain if self.config.has_lines else places.BUILDER)
        if self.domain != places.BUILDER:
            self._install_project()

    def _has_renderer(self) -> bool:
        return any(self.folder.glob(f"lib/python3*/site-packages/{self.plan.renderer.module}/__init__.py"))

    def renew_package(self) -> bool:
        """Install the package again, for its new version; False: all had to be made anew. Raises BuildFailed."""
        self._begin()
        try:
            if editable := [*self._editable(), *self._editable_local()]:
                self._pip(["--no-deps", "--reinstall", *editable])
            for synced in self.plan.requirements.synced:
                self._sync(synced, renew=True)
        except BuildFailed:
            self.execution.say("The package could not be installed again: the environment is made anew.")
            self.make()
            return False
        self._mark()
        return True

    def _begin(self) -> None:
        self.marker.unlink(missing_ok=True)
        self.began.touch()

    def _mark(self) -> None:
        facts = {"commit": self.execution.build.commit, "leaves_files": self._leaves_files()}
        environment_cache.note(self.folder, **facts)
        for cache in filter(Path.is_dir, self._caches):
            environment_cache.note(cache)

    def _leaves_files(self) -> bool:
        """Whether files of the checkout are newer than the beginning, by times that only the kernel sets."""
        if self.domain == places.BUILDER:
            return False
        find = ["find", ".", *NOT_LOOKED_AT, "-type", "f", "-newercm", str(self.began), "-print", "-quit"]
        command = Command(argv=find, cwd=self.plan.root, readable=[self.plan.root, self.execution.scratch])
        return bool(self.execution.capture(command).strip())

    def _install_builder(self, *, cache: str) -> None:
        """Our own requirements: wheels whose hashes we know, so that nothing foreign runs.

        Only therefore all repositories share the builder's cache; and files are copied from it, not linked, so
        that what is installed later can't reach through one into the cache.
        """
        arguments = [
            "--require-hashes",
            "--only-binary",
            ":all:",
            "-r",
            str(places.runner() / self.plan.renderer.pinned),
        ]
        if self.domain == places.BUILDER:
            arguments.append("--compile-bytecode")
        self._pip(arguments, cache=cache)

    def _install_project(self, without: frozenset[str] = frozenset()) -> None:
        """`without`: guesses that turned out to be no packages."""
        wanted = self.plan.requirements
        files = [argument for name in wanted.files for argument in ("-r", name)]
        files += [argument for name in wanted.groups for argument in ("--group", name)]
        names = [name for name in wanted.named if name not in without]
        named = ["-r", str(self._list(names))] if names else []
        try:
            self._pip_project([*files, *named, *self._editable()])
        except BuildFailed as failed:
            if unknown := unknown_guesses(wanted, failed) - without:
                self.execution.say(f"No package is called so: going on without {', '.join(sorted(unknown))}.")
                self._install_project(without | unknown)
                return
            if self._is_all_a_guess():
                self.execution.say("What the code requires could not be installed: going on without it.")
                self._pip_project(named)
            elif self._is_package_a_guess():
                self.execution.say("The package itself could not be installed: going on without it.")
                self._pip_project([*files, *named])
            else:
                raise
        for synced in wanted.synced:
            self._sync(synced)

    def _pip_project(self, arguments: Sequence[str]) -> None:
        if arguments:
            self._pip(["--compile-bytecode", *arguments])

    def _is_all_a_guess(self) -> bool:
        """Whether nothing but the code may need it: no conf.py does, and no configuration file names it."""
        wanted = self.plan.requirements
        return self.plan.kind == Kind.PLAIN and not wanted.are_stated and bool(wanted.files or wanted.packages)

    def _is_package_a_guess(self) -> bool:
        """Whether nobody asked for it: neither for itself, nor for extras with what the documentation requires."""
        wanted = self.plan.requirements
        return not wanted.are_stated and bool(wanted.packages) and not any(one.extras for one in wanted.packages)

    def _sync(self, wanted: Synced, *, renew: bool = False) -> None:
        """Install what the project's lock file says, beside what is there; `renew`: itself in any case."""
        folder = ["--project", wanted.folder] if wanted.folder else []
        chosen = [*flags_of("extra", wanted.extras), *flags_of("group", wanted.groups)]
        frozen = ["--frozen"] if wanted.is_locked else []
        name = name_of_project(SourceTree(self.plan.root), wanted.folder) if renew else ""
        again = ["--reinstall-package", name] if name else []
        self._uv("sync", "--active", "--inexact", *folder, *frozen, *chosen, *again)

    def _editable(self) -> list[str]:
        return [argument for one in self.plan.requirements.packages for argument in ("--editable", spec_of(one))]

    def _editable_local(self) -> list[str]:
        """Those that requirements files name; each once."""
        named = {one.folder for one in self.plan.requirements.packages}
        folders = (folder for folder in self.plan.requirements.local if folder not in named)
        return [argument for folder in folders for argument in ("--editable", f"./{folder}")]

    def _list(self, names: Sequence[str]) -> Path:
        """A requirements file of ours; each name is a line, whatever stands in it."""
        path = self.execution.scratch / "requirements.txt"
        path.write_text("".join(f"{NEWLINE.sub(' ', name)}\n" for name in names))
        path.chmod(0o644)
        return path

    def _pip(self, arguments: Sequence[str], *, cache: str = "") -> None:
        self._uv("pip", "install", "--python", str(self.python), *arguments, cache=cache)

    def _variables(self) -> dict[str, str]:
        """What a package that is built may ask for: some leave out what cannot be compiled for documentation."""
        return {
            **self.execution.variables,
            **promised(self.execution.build, self.plan.root, self.folder),
        }

    def _uv(self, *arguments: str, cache: str = "", shown: str = "") -> None:
        """Run uv, in the project's root where that counts. Raises BuildFailed with what uv complained of."""
        place = places.environments() / f"cache-{cache or self.domain}"
        self.execution.use(place)
        self._caches.add(place)
        if not place.is_dir():
            place.mkdir()
            sandbox.give(place)
        is_foreign = cache != places.BUILDER
        mirror = places.git_mirror(self.execution.build.repository_id)
        command = Command(
            argv=[str(sandbox.tool(Path(find_uv_bin()))), *arguments],
            cwd=self.plan.root if is_foreign else self.folder,
            environment={
                # Not where the builder's cache can be written to: all repositories use it.
                **(self._variables() if is_foreign else {}),
                **places.GIT,
                "UV_CACHE_DIR": str(place),
                "UV_LINK_MODE": "copy",  # nothing can be linked from one mount of the sandbox to another
                "UV_NO_CONFIG": "1",
                "UV_NO_PROGRESS": "1",
                "UV_PYTHON_DOWNLOADS": "never",
                "VIRTUAL_ENV": str(self.folder),
            },
            readable=[places.runner(), self.execution.scratch, *([mirror] if mirror.is_dir() else [])],
            writable=[self.folder, place, *([self.plan.root] if is_foreign else [])],
            reach=Reach.INDEXES,
        )
        if self.execution.try_run(command, shown=shown).exit_code:
            # What a package printed while it was built can be long, and uv's own words stand before it.
            raise not_installed(logs.tail(self.execution.build, lines=300, max_bytes=32_768))


def flags_of(kind: str, chosen: Chosen) -> list[str]:
    """As `uv sync` takes extras and groups."""
    if chosen == "all":
        return [f"--all-{kind}s"]
    return [argument for name in chosen for argument in (f"--{kind}", name)]


def unknown_guesses(requirements: Requirements, failed: BuildFailed) -> frozenset[str]:
    """Those that uv says the index does not have."""
    said = NOT_THERE.findall(failed.reason)
    return frozenset(name for name in requirements.guessed if name.lower() in said)


def spec_of(package: Package) -> str:
    """As pip takes it: `./libs/small[docs]`."""
    extras = f"[{','.join(package.extras)}]" if package.extras else ""
    return f"./{package.folder}{extras}"
