"""What ended Sphinx, in plain words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from builds.errors import BuildFailed
from builds.models import Complaint
from builds.rendering.hints import OF_SPHINX, OF_WARNINGS, hint_about

LONGEST = 600  # characters of a reason
SYNTAX_ERROR = "There is a syntax error in your configuration file: "  # Sphinx's own words
CRASHES = {-7, -11}  # SIGBUS, SIGSEGV
BAD_CONF = "Correct conf.py: the log has the whole traceback."
SEE_TRACEBACK = "The log has the whole traceback."
NO_INVENTORY = re.compile(r"failed to reach any of the inventories|not fetchable")  # Sphinx's words
NEEDS_INVENTORY = (
    "Other projects' inventories could not be loaded before (intersphinx), and it may need one of them."
)
ADDRESS = re.compile(r" at 0x[0-9a-f]{4,16}(?=>)")  # Python's, of an object: another one in each build


@dataclass(frozen=True, kw_only=True)
class Failure:
    """An exception inside the sandbox: the names of its class and its bases, its text, and what caused it.

    `file`: the page that was read or written meanwhile, "" if unknown.
    """

    file: str = ""
    kinds: Sequence[str] = ()
    message: str = ""
    origin: str = ""


def explain(
    failure: Failure | None,
    exit_code: int,
    log: str,
    *,
    strict: Sequence[Complaint] = (),
    count: int = 0,
    warnings: Sequence[Complaint] = (),
) -> BuildFailed:
    """The reason and the hint for the owner of the documentation.

    `log` is its end; `strict` are the warnings that were to fail the build, the first of `count`; `warnings` are
    those in any case.
    """
    if failure is None and strict:
        return _of_warnings(strict, max(count, len(strict)))
    if failure is None and exit_code in CRASHES:
        return BuildFailed(
            "Sphinx crashed: it touched memory that is not its own.",
            "A compiled module does that, not Python: look for one that the last lines of the log were about, and"
            " require another release of it.",
        )
    if failure is None:
        said = shorten(last_line(log.rstrip().removesuffix(f"exit code {exit_code}"))) or "nothing"
        return BuildFailed(f"Sphinx ended with exit code {exit_code}, and said last: {said}", "The log says more.")
    reason, hint = _explained(failure)
    known = hint_about(f"{failure.message}\n{failure.origin}", OF_SPHINX)
    if not known and hint == SEE_TRACEBACK and any(NO_INVENTORY.search(one.text) for one in warnings):
        known = NEEDS_INVENTORY
    where = f"{failure.file}: " if failure.file else ""
    return BuildFailed(shorten(ADDRESS.sub("", f"{where}{reason}")), known or hint)


def _explained(failure: Failure) -> tuple[str, str]:
    message, last = failure.message.strip(), last_line(failure.message)
    if "ConfigError" in failure.kinds:
        return _of_conf(message, last)
    if found := re.search(r"Could not import extension ([\w.]+)", message):
        return _of_extension(found[1], failure)
    if found := re.search(r"TemplateNotFound|'?([\w./-]+\.html)'? not found", f"{failure.kinds} {message}"):
        named = found[1] or re.search(r"'([\w./-]{1,200})'", message)
        template = named if isinstance(named, str) else named[1] if named else last
        return (
            f"A template is missing: {template}.",
            "A newer theme may have dropped it: require the theme's older version, or correct the name.",
        )
    if "ThemeError" in failure.kinds or re.search(r"no theme named|theme .* (not found|doesn't)", message):
        return _of_theme(message)
    if "VersionRequirementError" in failure.kinds:
        return (
            f"A part of the documentation needs another Sphinx: {message}",
            "Change the version of Sphinx required.",
        )
    if found := re.search(r"root file (.+) not found|unable to load the master document \(([^)]*)\)", message):
        page = (found[1] or found[2]).rpartition("/")[2]
        return f"The first page, {page}, is missing.", "Add it, or name another as root_doc in conf.py."
    if failure.origin and "ExtensionError" in failure.kinds:
        return f"An extension failed: {last}: {last_line(failure.origin)}", SEE_TRACEBACK
    kind = failure.kinds[0] if failure.kinds else "an error"
    return f"Sphinx ended with {kind}: {last}", SEE_TRACEBACK


def _of_warnings(warnings: Sequence[Complaint], count: int) -> BuildFailed:
    first = warnings[0]
    place = f"{first.file}:{first.line}: " if first.line else f"{first.file}: " if first.file else ""
    is_one = count == 1
    how_many = "There is a warning" if is_one else f"There are {count} warnings"
    said = f"{'It is' if is_one else 'The first'}: {place}{first.text}"
    return BuildFailed(
        shorten(f"{how_many}, and fail_on_warning is set. {said}"),
        hint_about(first.text, OF_WARNINGS) or "Correct what they speak of, or take fail_on_warning out.",
    )


def _of_conf(message: str, last: str) -> tuple[str, str]:
    if found := re.search(r"No module named '([\w.]+)'", last):
        return (
            f"conf.py failed: {last}",
            f"Add what holds {found[1]} to the requirements of the documentation (docs/requirements.txt).",
        )
    if "syntax error" in message:
        return f"conf.py has a syntax error: {last.removeprefix(SYNTAX_ERROR)}", BAD_CONF
    if "sys.exit" in message:
        return "conf.py, or a module that it imports, ended the process (sys.exit).", BAD_CONF
    return f"conf.py failed: {last}", BAD_CONF


def _of_extension(extension: str, failure: Failure) -> tuple[str, str]:
    found = re.search(r"No module named '([\w.]+)'", f"{failure.message} {failure.origin}")
    if found and extension.split(".")[0] == found[1].split(".")[0]:
        return (
            f"The Sphinx extension {extension} is not installed.",
            "Add its package to the requirements of the documentation (docs/requirements.txt).",
        )
    cause = last_line(failure.origin) or last_line(failure.message)
    return (
        f"The Sphinx extension {extension} could not be loaded: {cause}",
        "Its requirements may be missing or too new.",
    )


def _of_theme(message: str) -> tuple[str, str]:
    if found := re.search(r"the package (\S+) holds no Sphinx theme", message):
        return (
            f"The package {found[1]}, which build.theme names, holds no Sphinx theme.",
            "Name a theme, such as furo, or the package of one.",
        )
    found = re.search(r"no theme named '([^']+)'", message)
    name = found[1] if found else ""
    if not name:
        return f"The theme could not be used: {last_line(message)}", "Look for the theme's own requirements."
    return (
        f"The theme {name} is not installed.",
        "Add its package to the requirements of the documentation, or correct html_theme.",
    )


def last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""


def shorten(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
