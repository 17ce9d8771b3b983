"""What uv says when it cannot install something, in plain words."""

import re

from builds.errors import BuildFailed
from builds.rendering.hints import OF_UV, hint_about

LONGEST_COMPLAINT = 600  # characters
REFUSED = re.compile(r"network: (([\w.-]+):\d+ is not among the hosts .+)")  # our proxy's words


def not_installed(log: str) -> BuildFailed:
    """The reason and the hint; `log` is its end, with uv's answer to the last command."""
    answer = log.rpartition("\n$ ")[2]
    return BuildFailed(
        f"What the documentation requires could not be installed: {complaint(answer)}",
        hint_about(answer, OF_UV)
        or "Try `uv pip install` with the same requirements; the log has all of uv's answer.",
    )


def from_cache(log: str) -> str:
    """How many of the packages that were installed did not have to be fetched or built; "" where none was."""
    installed, prepared = (
        sum(int(count) for count in re.findall(rf"^{verb} (\d{{1,6}}) packages? in ", log, re.MULTILINE))
        for verb in ("Installed", "Prepared")
    )
    return f"{max(0, installed - prepared)} of {installed} packages from the cache" if installed else ""


def fault_of_package(told: list[str], refused: list[tuple[str, str]]) -> str:
    """Of what a package's own build printed, the line that says most; "" where there was no such build.

    `refused`: what the proxy said of hosts, and their names.
    """
    printed = [line.strip() for line in told if line.startswith(" ")]
    if "[stderr]" not in printed:
        return ""
    printed = printed[printed.index("[stderr]") + 1 :]
    if asked_for := [said for said, host in refused if any(host in line for line in printed)]:
        return asked_for[0]
    faults = [line for line in printed if re.search(r"\b(?:fatal )?error: |\w+(?:Error|Exception): ", line)]
    return next((line for line in faults if "fatal error: " in line), (faults or printed or [""])[-1])


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
    if fault := fault_of_package(told, REFUSED.findall(log)):
        said += f". {fault}"
    return said[:LONGEST_COMPLAINT]
