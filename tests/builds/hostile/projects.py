"""Repositories that change for the worse, and what their builds end as and leave."""

import contextlib
from dataclasses import dataclass
from pathlib import Path

from builds import logs, pipeline, sandbox
from builds.models import Build, Trigger
from pages.models import Publication
from repositories.models import Repository
from tests.builds.checkouts.git_server import GitRepository

CONF = "project = 'Small'\nextensions = []\nhtml_theme = 'basic'\n"
PAGE = "Small\n=====\n\nThe old words.\n"
CANARY = "canary-1f0c"  # stands in everything that a build must not get


@dataclass
class Ended:
    """A build that is over."""

    state: str
    reason: str
    log: str
    release: Path | None


@dataclass
class Project:
    """A repository whose pages are up, and of which each next commit may be hostile."""

    repository: Repository
    origin: GitRepository

    def build(self, conf=CONF, **files):
        self.origin.commit(docs__conf_dot_py=conf, docs__index_dot_rst=PAGE, **files)
        build = Build.objects.request(self.repository.default_version, trigger=Trigger.PERSON)
        assert build.claim()
        pipeline.run(build)
        build.refresh_from_db()
        log = "".join(logs.read_all(build))
        return Ended(build.state, build.reason, log, build.release.directory if build.release else None)

    @property
    def published(self):
        """Every file of the published release by its path in it, with its bytes."""
        directory = Publication.objects.get(version=self.repository.default_version).release.directory
        return {path.relative_to(directory): path.read_bytes() for path in directory.rglob("*") if path.is_file()}


def left_of_builds():
    """Processes that work below the builds' directory, and what is left of scratch."""
    builds = sandbox.build_directory()
    left = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and (entry / "cwd").readlink().is_relative_to(builds):
                left.append((entry / "cmdline").read_bytes())
    return left + list((builds / "scratch").iterdir())
