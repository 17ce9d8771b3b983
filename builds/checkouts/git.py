"""git, with everything off that a foreign repository or server could use, and its complaints in plain words."""

import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from builds import sandbox
from builds.errors import BuildError, BuildFailed
from builds.execution import Execution

# Nothing of the system's or the user's configuration counts, only this file: `safe.directory` needs a file.
CONFIG = """\
[safe]
\tdirectory = *
[http]
\tfollowRedirects = false
\tlowSpeedLimit = 1
\tlowSpeedTime = {low_speed_time}
[transfer]
\tfsckObjects = true
[fetch]
\trecurseSubmodules = false
[fetch "fsck"]
{harmless}
[submodule]
\trecurse = false
[core]
\thooksPath = /dev/null
\tfsmonitor = false
\tlogAllRefUpdates = false
[gc]
\tautoDetach = false
[credential]
\thelper =
[advice]
\tdetachedHead = false
"""
LOW_SPEED_TIME = 60  # seconds with less than a byte a second; a server that packs says something every 5
# Slips of old git versions and importers that real repositories hold for ever (requests, flask, …).
HARMLESS = (
    "badDate badDateOverflow badEmail badName badTimezone gitmodulesParse gitmodulesUrl missingEmail"
    " missingNameBeforeEmail missingSpaceBeforeDate missingSpaceBeforeEmail zeroPaddedDate zeroPaddedFilemode"
).split()
ENVIRONMENT = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "true",  # the program: answers every question with nothing
    "GIT_LFS_SKIP_SMUDGE": "1",
    "GIT_PROTOCOL_FROM_USER": "0",
}

# How git asks who reads a private repository, or pushes; the token stands in this one command's environment only.
# GitHub, Gitea and Forgejo take a token for a password and any name beside it. Source: gitcredentials(7).
TOKEN_VARIABLE = "YAYDOC_FORGE_TOKEN"  # noqa: S105
HELPER = (
    '!answer() { test "$1" != get || printf "username=%s\\npassword=%s\\n" x-access-token'
    f' "${TOKEN_VARIABLE}"; }}; answer'
)

PRIVATE_OR_MISSING = "The host does not let Yaydoc read the repository: it is private, or there is none."
DAMAGED = "The repository is damaged: its host cannot read all."
REPAIR_IT = "Repair it there: git fsck says what is missing."
REGISTER_ANEW = "Correct the repository's git URL."
LET_IT_BE_READ = "Correct the git URL in its settings, or store a token that may read it under Integrations."
# What git and our proxy (`network: …`) say, and whose fault that is; the first that fits counts.
# Source: git 2.39, http.c, remote-curl.c and fsck.c; curl, strerror.c; builds/sandbox/network/proxy.py.
FAULTS: tuple[tuple[str, type[BuildFailed] | type[BuildError], str], ...] = (
    (r"network: .*(not be reached|not found)", BuildError, "The host of the repository could not be reached."),
    (r"network: .* private address", BuildFailed, "The host of the repository resolves to a private address."),
    (r"network: ", BuildFailed, "The host of the repository is not allowed here."),
    (r"returned error: 30\d", BuildFailed, "The clone failed: redirects are not followed."),
    (r"Authentication failed|could not read (User|Pass)|returned error: 40[13]", BuildFailed, PRIVATE_OR_MISSING),
    (r"not found|not appear to be a git repository|error: 4(04|10)", BuildFailed, PRIVATE_OR_MISSING),
    (r"fsck error|fsck failed", BuildFailed, "The repository holds an object that git calls broken."),
    (
        r"repository corruption on the remote side",
        BuildFailed,
        DAMAGED,
    ),
    (r"transport '.*' not allowed", BuildFailed, "The protocol of the git URL is not allowed here."),
    (r"too slow|timed out|[Tt]imeout", BuildError, "The clone timed out: the host stopped sending."),
    (
        r"unable to access|resolve host|[Cc]onnect|reset by peer|hung up|early EOF|RPC failed|remote end",
        BuildError,
        "The host of the repository could not be reached.",
    ),
)
BROKEN = re.compile(
    r"corrupt|is empty|bad object|unable to read|not a git repo|missing (blob|tree|commit)|unresolved"
)
# A changed owner or time alone must not make a file look new, so contents are compared before the reset.
RESET = """\
git update-index -q --refresh
git reset --hard --quiet "$1" -- && git clean -ffdxq
"""
# Links in the tree lead nowhere but into what the sandbox shows.
WRITE_FILES = """\
rm -rf -- "$1" && mkdir -p -- "$1" && cd -- "$1" || exit
export GIT_WORK_TREE="$PWD" GIT_INDEX_FILE="$TMPDIR/index"
git read-tree "$2" && git checkout-index --all --force --quiet
"""


class BrokenMirror(Exception):
    """What we keep of a repository is damaged: throw it away and fetch it anew."""


@dataclass(frozen=True)
class Git:
    """git in one mirror, for one build. `url` is a checked one."""

    execution: Execution
    mirror: Path
    url: str
    token: str = ""  # with which `url` may be read

    def answer(self, *arguments: str) -> str | None:
        """What a command that only reads the mirror prints, None when it fails."""
        outcome, output = self._try(self._command(("git", *arguments)))
        return None if outcome.exit_code else output.decode(errors="replace")

    def change(self, *arguments: str) -> None:
        """A command that writes to the mirror and speaks to nobody. Raises BuildFailed."""
        outcome, output = self._try(self._command(("git", *arguments), writable=(self.mirror,)))
        if outcome.exit_code:
            self.execution.log.write(output)
            raise explained(output.decode(errors="replace"))

    def reset(self, tree: Path, metadata: Path, commit: str) -> bool:
        """Make a worktree what it is in `commit`, and nothing else in it; tells whether that worked.

        Whatever a build left there, a `.git` above all, is never asked: `metadata` is git's directory of the tree.
        """
        command = self._command(
            ("sh", "-c", RESET, "git", commit),
            cwd=tree,
            writable=(self.mirror, tree),
            GIT_DIR=str(metadata),
            GIT_WORK_TREE=str(tree),
        )
        outcome, output = self._try(command)
        if outcome.exit_code:
            self.execution.log.write(output)
        return outcome.exit_code == 0

    def write_files(self, tree: Path, path: str, commit: str) -> bool:
        """Put the files of a commit, and nothing else, into a folder of a tree; tells whether that worked."""
        command = self._command(
            ("sh", "-c", WRITE_FILES, "git", path, commit), cwd=tree, writable=(tree,), readable=(self.mirror,)
        )
        outcome, output = self._try(command)
        if outcome.exit_code:
            self.execution.log.write(output)
        return outcome.exit_code == 0

    def write_commit(
        self, files: Path, script: str, parent: str, message: str, name: str, address: str
    ) -> tuple[int, str]:
        """Run lines of shell that make a commit of the files in a folder: their exit code, and what they print."""
        command = self._command(
            ("sh", "-c", script, "git", parent, message),
            cwd=files,
            writable=(self.mirror,),
            readable=(files,),
            GIT_AUTHOR_NAME=name,
            GIT_AUTHOR_EMAIL=address,
            GIT_COMMITTER_NAME=name,
            GIT_COMMITTER_EMAIL=address,
        )
        outcome, output = self._try(command)
        if outcome.exit_code > 0 and output:
            self.execution.log.write(output)
        return outcome.exit_code, output.decode(errors="replace")

    def push(self, refspec: str) -> str | None:
        """Push without force: None, or what git complains of."""
        parts = urlsplit(self.url)
        command = self._command(
            ("git", "push", "--porcelain", "--no-verify", "--", self.url, refspec),
            hosts=(parts.netloc,),
            GIT_ALLOW_PROTOCOL=parts.scheme,
        )
        outcome, output = self._try(command)
        if not outcome.exit_code:
            return None
        self.execution.log.write(output)
        return output.decode(errors="replace")

    def remote(self, *arguments: str, readable: tuple[Path, ...] = ()) -> str:
        """A command that speaks to the repository's host: its output.

        Raises BuildFailed where the repository or its address is at fault, BuildError where the network is,
        BrokenMirror.
        """
        parts = urlsplit(self.url)
        command = self._command(
            ("git", *arguments),
            readable=readable,
            writable=(self.mirror,),
            hosts=() if parts.scheme == "file" else (parts.netloc,),
            GIT_ALLOW_PROTOCOL=parts.scheme,
        )
        outcome, output = self._try(command)
        text = output.decode(errors="replace")
        if outcome.exit_code:
            self.execution.log.write(output)
            raise explained(text)
        return text

    def _try(self, command: sandbox.Command) -> tuple[sandbox.Outcome, bytes]:
        """Raises BuildError when a signal ended git: nothing in a repository does that."""
        outcome, output = self.execution.try_capture(command)
        if outcome.exit_code < 0:
            self.execution.log.write(output)
            raise BuildError(f"git was ended by signal {-outcome.exit_code}.")
        return outcome, output

    def _command(
        self,
        argv: tuple[str, ...],
        *,
        cwd: Path | None = None,
        readable: tuple[Path, ...] = (),
        writable: tuple[Path, ...] = (),
        hosts: tuple[str, ...] = (),
        **environment: str,
    ) -> sandbox.Command:
        """GIT_ALLOW_PROTOCOL is empty, which allows none, unless `environment` says otherwise."""
        config = config_file()
        credential = credentials(self.url, self.token) if hosts else {}
        defaults = {"GIT_DIR": str(self.mirror), "GIT_ALLOW_PROTOCOL": "", "GIT_CONFIG_GLOBAL": str(config)}
        return sandbox.Command(
            argv=argv,
            cwd=cwd or self.mirror,
            environment={**ENVIRONMENT, **defaults, **environment, **credential},
            readable=(config, *readable, *(() if self.mirror in writable else (self.mirror,))),
            writable=writable,
            hosts=hosts,
        )


def credentials(url: str, token: str) -> dict[str, str]:
    """The environment in which git can answer when the host of `url`, and only that, asks for a password.

    Empty without a token, and where it would travel unencrypted.
    """
    parts = urlsplit(url)
    if not token or parts.scheme != "https":
        return {}
    return {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"credential.https://{parts.netloc}.helper",
        "GIT_CONFIG_VALUE_0": HELPER,
        TOKEN_VARIABLE: token,
    }


def config_file() -> Path:
    """Our configuration of git, where builds can read it and not write it."""
    harmless = "\n".join(f"\t{message} = ignore" for message in HARMLESS)
    content = CONFIG.format(low_speed_time=LOW_SPEED_TIME, harmless=harmless)
    path = sandbox.build_directory() / "gitconfig"
    if not path.exists() or path.read_text() != content:
        part = path.with_name(f"gitconfig.{secrets.token_hex(4)}")
        part.write_text(content)
        part.chmod(0o644)
        part.replace(path)
    return path


def explained(output: str) -> Exception:
    """The fault that git's complaints tell of. A server's own words (`remote: …`) are not listened to."""
    complaints = [line for line in output.splitlines() if line.startswith(("fatal: ", "error: ", "network: "))]
    text = "\n".join(complaints)
    for pattern, fault, words in FAULTS:
        if re.search(pattern, text):
            hint = {PRIVATE_OR_MISSING: LET_IT_BE_READ, DAMAGED: REPAIR_IT}.get(words, REGISTER_ANEW)
            return BuildFailed(words, hint) if fault is BuildFailed else BuildError(words)
    if BROKEN.search(text):
        return BrokenMirror(text)
    return BuildFailed(f"git failed: {complaints[-1][:200] if complaints else 'it did not say why'}")
