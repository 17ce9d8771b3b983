"""Addresses of pages at the forge, made of what is stored here, and only where they are known to work."""

import re
from urllib.parse import quote, urlsplit

from forges.kinds import Forge
from repositories.models import Repository

COMMIT = re.compile(r"[0-9a-f]{7,64}")
# Both forges have /commit/<id> and /compare/<id>...<id>; they differ in /pull/<n> and /pulls/<n>.
# Sources: https://docs.github.com/pull-requests/committing-changes-to-your-project and Gitea's routers/web/web.go
PULL_REQUESTS = {Forge.GITHUB: "pull", Forge.GITEA: "pulls"}
# A file's lines: as they are written, where the forge would draw what the file says. Sources: GitHub, "Creating a
# permanent link to a code snippet"; Gitea's routers/web/repo/view_file.go.
LINES = {Forge.GITHUB: "blob/{commit}/{file}?plain=1", Forge.GITEA: "src/commit/{commit}/{file}?display=source"}

# Files and folders of a branch, tag or commit. Sources: the addresses of GitHub's own pages; Gitea's
# routers/web/web.go.
TREES = {
    Forge.GITHUB: ("blob/{ref}/", "tree/{ref}/"),
    Forge.GITEA: ("src/{kind}/{ref}/", "src/{kind}/{ref}/"),
}


def forge_page(repository: Repository) -> str:
    """The repository's page at its forge, without a password that the clone URL may carry; "" if unknown."""
    parts = urlsplit(repository.clone_url)
    if repository.forge not in PULL_REQUESTS or parts.scheme not in {"http", "https"} or not parts.hostname:
        return ""
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path.rstrip('/').removesuffix('.git')}"


def commit_page(repository: Repository, commit: str) -> str:
    page = forge_page(repository)
    return f"{page}/commit/{commit}" if page and COMMIT.fullmatch(commit) else ""


def compare_page(repository: Repository, base: str, commit: str) -> str:
    """What changed from `base` to `commit`; "" when either isn't known, or they are the same."""
    page = forge_page(repository)
    if not page or base == commit or not COMMIT.fullmatch(base) or not COMMIT.fullmatch(commit):
        return ""
    return f"{page}/compare/{base}...{commit}"


def pull_request_page(repository: Repository, number: str) -> str:
    page = forge_page(repository)
    return f"{page}/{PULL_REQUESTS[Forge(repository.forge)]}/{number}" if page else ""


def line_page(repository: Repository, commit: str, file: str, line: int | None) -> str:
    """A file of a commit, at one of its lines where that is known."""
    page = forge_page(repository)
    if not page or not file or not COMMIT.fullmatch(commit):
        return ""
    address = LINES[Forge(repository.forge)].format(commit=commit, file=quote(file))
    return f"{page}/{address}{f'#L{line}' if line else ''}"


def tree_pages(repository: Repository, kind: str, ref: str) -> tuple[str, str] | None:
    """What a path in the repository is to be added to: of a file, and of a folder. `kind`: branch, tag, commit."""
    page = forge_page(repository)
    if not page or not ref:
        return None
    files, folders = (form.format(kind=kind, ref=quote(ref)) for form in TREES[Forge(repository.forge)])
    return f"{page}/{files}", f"{page}/{folders}"
