"""Small checkouts to render, and what their rendering needs."""

import sys
from pathlib import Path

from builds import places, sandbox
from builds.execution import Execution
from builds.heartbeat import Heartbeat
from builds.logs import LogWriter, tail
from builds.rendering.environment import Environment

CONF = "project = 'Small'\nextensions = ['sphinx.ext.autodoc']\nhtml_theme = 'basic'\n"
INDEX = "Small\n=====\n\n.. toctree::\n\n   other\n"


def write(root: Path, files: dict[str, str]) -> Path:
    """Write files by their relative paths; the root."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def environment_of_the_tests() -> Environment:
    """The tests' own virtual environment, which holds Sphinx, MyST and the theme: nothing is installed for it."""
    folder = Path(sys.prefix).resolve()
    return Environment(folder / "bin" / "python", "the tests' own", True, folder)


def start(build) -> Execution:
    """The execution of a claimed build; nobody cancels it."""
    build.claim()
    scratch = sandbox.build_directory() / "scratch" / str(build.pk)
    scratch.mkdir(parents=True, mode=0o755)
    return Execution(build, LogWriter(build, secrets=build.repository.secrets), Heartbeat(build), scratch)


def source_of(build) -> Path:
    """Where the checkout of a build belongs; the build's user may write there."""
    source = places.version_directory(build.version) / "source"
    source.mkdir(parents=True, exist_ok=True)
    return source


def log_of(execution: Execution) -> str:
    return tail(execution.build, lines=500, max_bytes=200_000)
