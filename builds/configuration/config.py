"""What a repository asks for in its configuration file, whichever that is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, Literal

Paths = tuple[PurePosixPath, ...]
#: Of names: these, or every one.
Chosen = tuple[str, ...] | Literal["all"]
DOCS = PurePosixPath("docs")
#: In the order in which they stand on a page.
BUTTONS = ("star", "watch", "fork", "follow", "issues")
RIBBON_COLORS = ("red", "green", "darkblue", "orange", "gray", "white")
#: In the order in which they are run.
ENVIRONMENT_JOBS = (
    "pre_create_environment",
    "create_environment",
    "post_create_environment",
    "pre_install",
    "install",
    "post_install",
)


@dataclass(frozen=True)
class Part:
    """A part of an index that is made: whether it is shown, and under which heading."""

    show: bool = True
    heading: str = ""


@dataclass(frozen=True)
class Autoindex:
    """The first page that is made where the source has none."""

    include: Paths | None = None  # existing files; None: the README, where there is one
    toc: Part = Part(heading="Contents")
    apidoc: Part = Part(heading="API Documentation")
    subproject: Part = Part(heading="Sub Projects")
    shows_swagger: bool = True  # of the links below `apidoc`


@dataclass(frozen=True)
class Metadata:
    projectname: str = ""
    author: str = ""
    version: str = ""
    debug: bool = False
    inline_math: bool = False  # $…$ in Markdown
    autoindex: Autoindex | None = None  # None: not said


@dataclass(frozen=True)
class Ribbon:
    """Across a corner of each page, to the repository at GitHub."""

    position: str = "right"  # or left
    color: str = "red"


@dataclass(frozen=True)
class Buttons:
    """At the top of each page, to places of the repository at GitHub."""

    kinds: tuple[str, ...] = ()  # of BUTTONS, in its order
    large: bool = True


@dataclass(frozen=True)
class Theme:
    name: str = ""  # a Sphinx theme, or the name of the package on the index that holds it
    options: Mapping[str, Any] = field(default_factory=dict)  # as in `html_theme_options`


@dataclass(frozen=True)
class Subproject:
    """Another repository whose documentation is built into this one."""

    url: str  # as it is written, not checked
    source: PurePosixPath = DOCS  # in that repository


@dataclass(frozen=True)
class PagesBranch:
    """The pages are pushed to the repository's branch gh-pages."""

    domain: str = ""  # for its file CNAME; empty: not said


@dataclass(frozen=True)
class BuildOptions:
    source: PurePosixPath | None = None  # relative to the repository; an existing directory in it
    theme: Theme = field(default_factory=Theme)
    logo: PurePosixPath | None = None  # relative to the repository (in the file: to the source); an existing file
    mock: tuple[str, ...] = ()  # names of modules
    subprojects: tuple[Subproject, ...] = ()
    autoapi: Paths = ()  # existing folders with Python code that is described
    github_button: Buttons | None = None
    github_ribbon: Ribbon | None = None


@dataclass(frozen=True)
class Swagger:
    """Where the description of a web API is: one of the two."""

    url: str = ""  # https://… or http://…
    file: PurePosixPath | None = None  # an existing file


@dataclass(frozen=True)
class Install:
    """One step of installing: a requirements file, or a package of the repository.

    `uv sync` installs what its lock file says, with these extras and groups, and has no `requirements`.
    """

    requirements: PurePosixPath | None = None  # an existing file
    path: PurePosixPath | None = None  # an existing folder
    extras: Chosen = ()
    groups: Chosen = ()
    is_sync: bool = False


@dataclass(frozen=True)
class SphinxOptions:
    configuration: PurePosixPath | None = None  # a conf.py, which a line may have yet to make
    builder: str = ""  # html, dirhtml or singlehtml; empty: not said
    fail_on_warning: bool = False


@dataclass(frozen=True)
class MkDocsOptions:
    configuration: PurePosixPath | None = None  # an existing mkdocs.yml
    fail_on_warning: bool = False


@dataclass(frozen=True)
class Submodules:
    """Which are checked out; none, unless they are included, or some are excluded."""

    include: Chosen = ()
    exclude: Chosen = ()
    is_recursive: bool = False


@dataclass(frozen=True)
class Config:
    """All defaults where there is no file. `notes` are lines for the log: what was accepted but does nothing."""

    file: str = ""  # which was read
    metadata: Metadata = field(default_factory=Metadata)
    build: BuildOptions = field(default_factory=BuildOptions)
    swagger: Swagger | None = None
    python: str = ""  # the version that is asked for: "3.12", "3", "latest"; empty: any
    installs: tuple[Install, ...] | None = None  # None: not said, so it is found out
    jobs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # lines of shell, by the job's dotted name
    commands: tuple[str, ...] = ()  # lines of shell that are the whole build
    sphinx: SphinxOptions = field(default_factory=SphinxOptions)
    mkdocs: MkDocsOptions | None = None  # None: not said
    formats: tuple[str, ...] = ()  # of htmlzip, pdf and epub
    submodules: Submodules = field(default_factory=Submodules)
    system_packages: tuple[str, ...] = ()  # Debian's, or Ubuntu's
    pages_branch: PagesBranch | None = None  # None: not asked for
    notes: tuple[str, ...] = ()

    @property
    def has_lines(self) -> bool:
        """Whether lines of the repository's own are run."""
        return bool(self.jobs or self.commands)

    @property
    def makes_environment(self) -> bool:
        """Whether such lines have a hand in the environment; then they may leave other files as well."""
        return bool(self.commands) or any(job in self.jobs for job in ENVIRONMENT_JOBS)

    @property
    def makes_pages(self) -> bool:
        """Whether such lines take the place of rendering."""
        return bool(self.commands) or "build.html" in self.jobs

    @property
    def names_no_tool(self) -> bool:
        """Whether they are all that there is: then nothing is installed that is not asked for.

        Source: Read the Docs, "Build process customization".
        """
        return self.makes_pages and self.sphinx == SphinxOptions() and self.mkdocs is None
