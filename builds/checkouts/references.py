"""A look at a remote: which branches and tags it has, without fetching anything."""

import re
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

from builds import locks, places, sandbox
from builds.checkouts.git import ENVIRONMENT, BrokenMirror, config_file, credentials, explained
from builds.checkouts.local_repositories import shown_to_git
from builds.errors import BuildError, BuildFailed
from forges.refs import is_name
from repositories.clone_urls import check_clone_url
from repositories.models import Repository
from repositories.web_urls import InvalidURL

LIMITS = sandbox.Limits(seconds=30, memory=256 * 2**20, processes=32, file_size=2**20)
MOST_PRINTED = 8 * 2**20  # bytes: some 100,000 branches and tags
# An annotated tag is told twice: as itself, and with ^{} as the commit it leads to.
HEAD = re.compile(r"^ref: refs/heads/(\S+)\tHEAD$", re.MULTILINE)
LONGEST_NAME = 255  # characters, as many as the database holds
LINE = re.compile(r"^([0-9a-f]{40}|[0-9a-f]{64})\trefs/(heads|tags)/(\S+?)(\^\{\})?$", re.MULTILINE)


class Busy(Exception):
    """A build has the repository's mirror in use: look again a little later."""


@dataclass(frozen=True)
class References:
    """Name → id of the commit that it leads to.

    `moved_to` is the remote's own default branch, where the one that the repository is built from is gone.
    """

    heads: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    moved_to: str = ""

    @classmethod
    def parse(cls, printed: str) -> "References":
        """Of what `git ls-remote` prints; names that git itself would not take are left out."""
        found = cls()
        for commit, kind, name, is_commit_of_tag in LINE.findall(printed):
            names = found.heads if kind == "heads" else found.tags
            if is_name(name) and (is_commit_of_tag or name not in names):
                names[name] = commit
        return found


def branch_of_head(printed: str) -> str:
    """What `git ls-remote --symref … HEAD` says that HEAD names; '' where it names no branch."""
    named = HEAD.search(printed)
    return named[1] if named and is_name(named[1]) and len(named[1]) <= LONGEST_NAME else ""


def look_at(repository: Repository, *, should_stop: Callable[[], bool]) -> References:
    """What the repository's host tells now.

    Raises BuildFailed where the repository or its address is at fault, BuildError where the network is, Busy.
    """
    try:
        url = check_clone_url(repository.clone_url)
    except InvalidURL as error:
        raise BuildFailed(str(error), "Correct the repository's git URL.") from error
    mirror = places.git_mirror(repository.pk)
    with ExitStack() as stack:
        if urlsplit(url).scheme == "file" and not stack.enter_context(locks.held(mirror.with_suffix(".lock"))):
            raise Busy  # a root worker's copy of the repository belongs to that build
        shown, readable = stack.enter_context(shown_to_git(url, mirror))
        credential = credentials(url, repository.forge_token or "")

        def ask(*options: str, of: tuple[str, ...] = ()) -> str:
            return _list((*options, "--", shown, *of), url, readable, credential, should_stop)

        seen = References.parse(ask("--heads", "--tags"))
        if not seen.heads or not repository.default_branch or repository.default_branch in seen.heads:
            return seen
        # A question of its own: beside --heads git does not tell of HEAD, and without it hosts tell of each pull
        # request. Source: git 2.39, builtin/ls-remote.c.
        head = branch_of_head(ask("--symref", of=("HEAD",)))
        return replace(seen, moved_to=head if head in seen.heads else "")


def _list(
    arguments: tuple[str, ...],
    url: str,
    readable: tuple[Path, ...],
    credential: dict[str, str],
    should_stop: Callable[[], bool],
) -> str:
    parts, config = urlsplit(url), config_file()
    nowhere = sandbox.build_directory() / "nowhere"  # git need not find a repository around it
    nowhere.mkdir(mode=0o755, exist_ok=True)
    command = sandbox.Command(
        argv=["git", "ls-remote", "--quiet", *arguments],
        cwd=nowhere,
        environment={
            **ENVIRONMENT,
            **credential,
            "GIT_ALLOW_PROTOCOL": parts.scheme,
            "GIT_CONFIG_GLOBAL": str(config),
            "GIT_CEILING_DIRECTORIES": str(nowhere.parent),
        },
        readable=(nowhere, config, *readable),
        hosts=() if parts.scheme == "file" else (parts.netloc,),
    )
    printed = bytearray()

    def write(data: bytes) -> None:
        printed.extend(data)
        if len(printed) > MOST_PRINTED:
            raise BuildFailed("The repository has more branches and tags than Yaydoc looks at.")

    outcome = sandbox.run(command, LIMITS, write=write, should_stop=should_stop)
    text = printed.decode(errors="replace")
    if outcome.exceeded == sandbox.Limit.TIME:
        raise BuildError(f"The host did not answer within {LIMITS.seconds:.0f} s.")
    if outcome.exceeded or outcome.exit_code < 0:
        raise BuildError("The look at the repository was ended.")
    if outcome.exit_code:
        fault = explained(text)
        raise BuildFailed(f"git failed: {fault}") if isinstance(fault, BrokenMirror) else fault
    return text
