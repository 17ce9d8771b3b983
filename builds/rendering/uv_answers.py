"""What uv says when it cannot install something, in plain words."""

import re

from builds.errors import BuildFailed
from builds.rendering.hints import OF_UV, hint_about

LONGEST_COMPLAINT = 600  # characters
REFUSED = re.compile(r"network: (([\w.-]+):\d+ is not among the hosts .+)")  # our proxy's words
OUT_OF_REACH = (
    "While packages are installed, only package indexes and git hosts can be reached, and not {}: require a "
    "release that has a wheel, install it by a line of build.jobs in .readthedocs.yaml, or ask whoever runs this "
    "server (PACKAGE_INDEX_HOSTS)."
)


def not_installed(log: str) -> BuildFailed:
    """The reason and the hint; `log` is its end, with uv's answer to the last command."""
    answer = log.rpartition("\n$ ")[2]
    _, host = refused_host(answer)
    return BuildFailed(
        f"What the documentation requires could not be installed: {complaint(answer)}",
        (OUT_OF_REACH.format(host) if host else hint_about(answer, OF_UV))
        or "Try `uv pip install` with the same requirements; the log has all of uv's answer.",
    )


def from_cache(log: str) -> str:
    """How many of the packages that were installed did not have to be fetched or built; "" where none was."""
    installed, prepared = (
        sum(int(count) for count in re.findall(rf"^{verb} (\d{{1,6}}) packages? in ", log, re.MULTILINE))
        for verb in ("Installed", "Prepared")
    )
    return f"{max(0, installed - prepared)} of {installed} packages from the cache" if installed else ""


def fault_of_package(told: list[str]) -> str:
    """Of what a package's own build printed, the line that says most; "" where there was no such build."""
    printed = [line.strip() for line in told if line.startswith(" ")]
    if "[stderr]" not in printed:
        return ""
    printed = printed[printed.index("[stderr]") + 1 :]
    faults = [line for line in printed if re.search(r"\b(?:fatal )?error: |\w+(?:Error|Exception): ", line)]
    return next((line for line in faults if "fatal error: " in line), (faults or printed or [""])[-1])


def refused_host(log: str) -> tuple[str, str]:
    """What the proxy said of a host that the error is about, and the host; "" where it is about none.

    Others were asked for by the way: uv asks GitHub for a commit, and does without.
    """
    error = [line for line in log.partition("error:")[2].splitlines() if not line.startswith("network: ")]
    refused = REFUSED.findall(log)
    return next(((said, host) for said, host in refused if any(host in line for line in error)), ("", ""))


def complaint(log: str) -> str:
    """The last useful lines of uv's answer, as one."""
    lines = log.rstrip().splitlines()
    starts = [number for number, line in enumerate(lines) if line.startswith("error:")][-1:]
    # A line of the network may have been printed into the first word.
    starts = starts or [number for number, line in enumerate(lines) if re.match(r"\s*cause:", line)]
    told = lines[starts[0] :] if starts else lines[-1:]
    causes = [line for line in told[1:] if re.match(r"\s*cause:", line)]
    first = re.sub(r"^\s*(?:error|cause):\s*", "", told[0]) if told else "uv ended without a word"
    rest = [re.sub(r"^\s*cause:\s*", "", line).strip() for line in causes]
    said = ". ".join([first.strip().rstrip("."), *(cause.rstrip(".") for cause in rest)])
    if fault := refused_host(log)[0] or fault_of_package(told):
        said += f". {fault}"
    return said[:LONGEST_COMPLAINT]
