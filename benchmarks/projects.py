"""Real projects as git repositories: from a forge, or source distributions from the package index, committed."""

import io
import json
import os
import subprocess
import tarfile
import urllib.request
from dataclasses import dataclass
from pathlib import Path

FORGE = "https://github.com"
HOST = "pypi.org"
INDEX = os.environ.get("UV_DEFAULT_INDEX", f"https://{HOST}/simple")


@dataclass(frozen=True)
class Project:
    """`requirements` and `page` are paths in the source distribution; `docs` holds conf.py."""

    name: str
    version: str
    docs: str
    requirements: str
    page: str


PROJECTS = (
    Project("jinja2", "3.1.6", "docs", "requirements/docs.txt", "docs/faq.rst"),
    Project("click", "8.1.8", "docs", "requirements/docs.txt", "docs/why.rst"),
    Project("pluggy", "1.7.0", "docs", "docs/requirements.txt", "docs/index.rst"),
    Project("werkzeug", "3.1.3", "docs", "requirements/docs.txt", "docs/quickstart.rst"),
    Project("django", "5.2.8", "docs", "docs/requirements.txt", "docs/faq/general.txt"),  # the large one
)


def git(directory: Path, *arguments: str) -> None:
    who = ["-c", "user.name=A. Uthor", "-c", "user.email=author@example.org", "-c", "gc.auto=0"]
    subprocess.run(["git", *who, *arguments], cwd=directory, check=True, stdout=subprocess.DEVNULL)


def source_of(project: Project) -> bytes:
    """The newest matching sdist. Source of the form: PEP 691, JSON-based Simple API."""
    accept = {"Accept": "application/vnd.pypi.simple.v1+json"}
    address = urllib.request.Request(f"{INDEX}/{project.name}/", headers=accept)
    with urllib.request.urlopen(address) as answer:
        files = json.load(answer)["files"]
    url = next(file["url"] for file in files if file["filename"].endswith(f"-{project.version}.tar.gz"))
    with urllib.request.urlopen(url) as answer:
        return answer.read()


def make_repository(project: Project, directory: Path) -> Path:
    """A git repository with one commit of the project's source distribution."""
    with tarfile.open(fileobj=io.BytesIO(source_of(project))) as archive:
        archive.extractall(directory, filter="data")
    repository = next(directory.glob("*-*"))
    git(repository, "init", "--quiet", "--initial-branch=main")
    git(repository, "add", "--force", ".")
    git(repository, "commit", "--quiet", "--message", f"{project.name} {project.version}")
    return repository


def edit_one_line(project: Project, repository: Path, number: int) -> None:
    page = repository / project.page
    page.write_text(page.read_text() + f"\nOne line more, for the {number}th time.\n")
    git(repository, "commit", "--quiet", "--all", "--message", f"Edit one line, {number}")


def edit_configuration(project: Project, repository: Path) -> None:
    """A commit after which every page must be rendered anew."""
    configuration = repository / project.docs / "conf.py"
    configuration.write_text(configuration.read_text() + "\n# One line more.\n")
    git(repository, "commit", "--quiet", "--all", "--message", "Edit conf.py")


def clone_of(name: str, mirrors: Path | None, place: Path) -> Path:
    """A clone of `<owner>/<name>`: from the forge, or from `<owner>+<name>/repo` in `mirrors`.

    It has the whole history, but for a mirror that lacks something of it: then the newest commit alone.
    """
    clone = place / name.replace("/", "+")
    if mirrors is None:
        _clone(f"{FORGE}/{name}", clone)
        return clone
    origin = f"file://{mirrors.resolve()}/{name.replace('/', '+')}/repo"  # this protocol notices what is missing
    try:
        _clone(origin, clone)
    except subprocess.CalledProcessError:
        _clone(origin, clone, "--depth=1")
    return clone


def _clone(origin: str, clone: Path, *options: str) -> None:
    command = ["git", "clone", "--quiet", *options, origin, clone]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
