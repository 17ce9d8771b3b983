"""What ended MkDocs, in plain words: by what it printed last, which is a stranger's text like all of the log."""

import re
from collections.abc import Sequence

from builds.errors import BuildFailed
from builds.rendering.failures import last_line, shorten
from builds.rendering.hints import OF_MKDOCS, OF_SPHINX, hint_about

REQUIRE = "Add its package to the requirements of the documentation (docs/requirements.txt)."
TRACEBACK = "The log has the whole traceback."
SAID = re.compile(r"^(ERROR|WARNING) +-  ?(.+)", re.MULTILINE)
STRICT = re.compile(r"^Aborted with (\d+) (?:configuration )?(warning|error)s in '?strict'? mode", re.MULTILINE)
BEGIN = "\n$ mkdocs build "  # the line of the log with the command
EXCEPTION = re.compile(r"(?:[a-z_]\w*\.)*[A-Z]\w*(?:: .*)?")  # the last line of a traceback


def explain(log: str, exit_code: int, file: str, warnings: Sequence[str] = ()) -> BuildFailed:
    """The reason and the hint for the owner of the documentation; `log` is its end, `file` the mkdocs.yml."""
    _, is_whole, end = log.rpartition(BEGIN)
    log = (end.partition("\n")[2] if is_whole else log).rstrip().removesuffix(f"exit code {exit_code}").rstrip()
    said = SAID.findall(log)
    errors = [text for kind, text in said if kind == "ERROR"]
    if "Aborted with a configuration error" in log and errors:
        return _of_configuration(errors[0], log, file)
    if strict := STRICT.search(log):
        told = warnings or [text for kind, text in said if kind.lower() == strict[2]]
        reason = f"{strict[1]} {strict[2]}{'s' if strict[1] != '1' else ''} in strict mode"
        return BuildFailed(
            shorten(f"{reason}; the first: {told[0]}" if told else f"{reason}."),
            hint_about(told[0] if told else "", (*OF_MKDOCS, *OF_SPHINX))
            or f"Mend what the log warns of, or do without strict in {file} and fail_on_warning.",
        )
    if found := re.search(r"error parsing the configuration file: ([^\0]+)", log):
        return _of_yaml(found[1], file)
    if found := re.search(r"^Error: (.+)", log, re.MULTILINE):
        return BuildFailed(shorten(f"MkDocs: {found[1]}"), hint_about(log, OF_SPHINX) or f"Correct {file}.")
    last = last_line(log)
    if missing := re.search(r"No module named '?mkdocs'?$", last):
        return BuildFailed(f"MkDocs could not be started: {missing[0]}.", "Require mkdocs itself, too.")
    if re.search('^  File "', log, re.MULTILINE) and EXCEPTION.fullmatch(last):
        culprit = f" ({errors[-1]})" if errors else ""
        return BuildFailed(
            shorten(f"MkDocs ended with {last}{culprit}"),
            hint_about(log[-4000:], OF_SPHINX) or hint_about(last, OF_MKDOCS) or TRACEBACK,
        )
    word = errors[-1] if errors else last or "nothing"
    return BuildFailed(
        shorten(f"MkDocs ended with exit code {exit_code}, and said last: {word}"), "The log says more."
    )


def _of_configuration(error: str, log: str, file: str) -> BuildFailed:
    if found := re.search(r'The "([^"]+)" plugin is not installed', error):
        return BuildFailed(f"The MkDocs plugin {found[1]} is not installed.", REQUIRE)
    if found := re.search(r"Unrecognised theme name: '([^']+)'", error):
        return BuildFailed(
            f"The MkDocs theme {found[1]} is not installed.", f"{REQUIRE} Or correct theme in {file}."
        )
    if found := re.search(r"Failed to load extension '([^']+)'", error):
        module = re.search(r"No module named '([\w.]+)'", log)
        if module and found[1].startswith(module[1].partition(".")[0]):
            return BuildFailed(f"The Markdown extension {found[1]} is not installed.", REQUIRE)
        return BuildFailed(
            shorten(f"The Markdown extension {found[1]} could not be loaded: {_after(error, log)}"), TRACEBACK
        )
    if found := re.search(r"'docs_dir': The path '([^']+)' isn't an existing directory", error):
        folder = found[1].rpartition("/")[2]
        return BuildFailed(
            f"The folder of the pages, {folder}, is missing.", f"Add it, or name another as docs_dir in {file}."
        )
    text = re.sub(r"^Config value '([^']+)': ", r"\1: ", error)
    return BuildFailed(shorten(f"{file} cannot be used: {text}"), f"Correct {file}; MkDocs, “Configuration”.")


def _after(error: str, log: str) -> str:
    """The line that follows an error, which says why."""
    return last_line(log.partition(error)[2].strip().partition("\n")[0]) or error


def _of_yaml(text: str, file: str) -> BuildFailed:
    place = re.search(r'in "[^"\n]*?([^"/\n]+)", line (\d+)', text)
    where = f"{place[1]}, line {place[2]}" if place else file
    told = text.partition('  in "')[0].strip()
    problem = re.search(r'\n  in "[^\n]+\n([^\n]+)\n  in "', text)  # what stands before it is the context
    if problem and told.startswith("while "):
        told = f"{problem[1].strip()} ({told})"
    if missing := re.search(r"cannot find module '([\w.]+)'", told):
        return BuildFailed(
            f"{where}: a tag names the module {missing[1]}, which is not installed.",
            "Add what holds it to the requirements of the documentation (docs/requirements.txt).",
        )
    return BuildFailed(shorten(f"{where}: {told}"), f"Correct {file} and push again.")
