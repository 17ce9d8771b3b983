"""The commonest failures in plain words: from what git, uv and Sphinx said, to one sentence and one hint."""

import re
from pathlib import Path

import pytest

from builds.checkouts import git, submodules
from builds.configuration.config import Config
from builds.detection.plans import find_docs
from builds.errors import BuildFailed
from builds.limits import explain as explain_limit
from builds.models import BuildLimits, Complaint
from builds.rendering import mkdocs_failures
from builds.rendering.failures import Failure, explain
from builds.rendering.uv_answers import not_installed
from builds.sandbox import Limit

ROOT = Path(__file__).resolve().parents[2]
MANUAL = (ROOT / "docs" / "troubleshooting.md").read_text()
TRACEBACK = "There is a programmable error in your configuration file:\n\nTraceback (most recent call last):\n"
SYNTAX = "There is a syntax error in your configuration file: "
# git 2.39 against a GitHub-like host, and after a branch was removed.
ASKED_FOR_A_NAME = "fatal: could not read Username for 'https://git.example.org': terminal prompts disabled\n"
# uv 0.13.
UNSATISFIABLE = "error: No solution found when resolving dependencies\n  cause: Because {}.\n"
COMPILED = """\
$ uv pip install ./c
Resolved 1 package in 3.95s
   Building cee @ file:///c
error: Failed to build `cee @ file:///c`
  cause: The build backend returned an error
  cause: Call to `setuptools.build_meta:__legacy__.build_wheel` failed (exit status: 1)

         [stdout]
         running build_ext
         gcc -Wall -fPIC -c cee.c -o build/temp.linux-x86_64-cpython-311/cee.o

         [stderr]
         {}

hint: Build failures usually indicate a problem with the package or the build environment
"""
NO_HEADER = """\
cee.c:1:10: fatal error: libfoo.h: No such file or directory
             1 | #include <libfoo.h>
               |          ^~~~~~~~~~
         compilation terminated.
         error: Command '['gcc', '-Wall', '-c', 'cee.c']' returned non-zero exit status 1."""


def of_conf(last):
    """Sphinx 9.0: an exception of conf.py, of whose traceback only the end matters."""
    message = f'{TRACEBACK}  File "docs/conf.py", line 4, in <module>\n    …\n{last}\n'
    return explain(Failure(kinds=("ConfigError", "SphinxError"), message=message, origin=f"{last}\n"), 2, "")


def of_sphinx(kind, message, origin="", file=""):
    return explain(Failure(kinds=(kind, "SphinxError"), message=message, origin=origin, file=file), 2, "")


def of_warning(text):
    warning = Complaint(level="warning", kind="", file="docs/api.rst", line=4, text=text)
    return explain(None, 1, "", strict=[warning])


def of_limit(limit):
    return BuildFailed(*explain_limit(limit, BuildLimits()))


def of_nothing():
    with pytest.raises(BuildFailed) as failed:
        find_docs(ROOT / "tests" / "webhooks", Config())
    return failed.value


def of_mkdocs(log):
    return mkdocs_failures.explain(f"$ mkdocs build --clean\n{log}", 1, "mkdocs.yml")


def of_submodule():
    with pytest.raises(BuildFailed) as failed:
        submodules._checked("git@github.com:octo/lib.git", "lib")
    return failed.value


REQUIRED = "requirements of the documentation (docs/requirements.txt)"
CASES = {
    "private repository": (
        lambda: git.explained(ASKED_FOR_A_NAME),
        "The host does not let Yaydoc read the repository: it is private, or there is none.",
        "or store a token that may read it",
    ),
    "no docs found": (
        of_nothing,
        "There is nothing to render: no conf.py, no mkdocs.yml, no Markdown, no reStructuredText.",
        "Add a README.md",
    ),
    "submodule refused": (
        of_submodule,
        "The submodule lib cannot be fetched from git@github.com:octo/lib.git: only https://host/owner/name is"
        " allowed.",
        "in .gitmodules",
    ),
    "unknown package": (
        lambda: not_installed(
            UNSATISFIABLE.format("nothing-of-that-name was not found in the package registry and you require it")
        ),
        "nothing-of-that-name was not found in the package registry",
        "Is nothing-of-that-name spelled as on the package index?",
    ),
    "unknown release": (
        lambda: not_installed(
            UNSATISFIABLE.format("there is no version of sphinx==99.1 and you require sphinx==99.1")
        ),
        "there is no version of sphinx==99.1",
        "There is no such release of sphinx==99.1",
    ),
    "conflict": (
        lambda: not_installed(UNSATISFIABLE.format("you require sphinx<3 and sphinx>4, you cannot have both")),
        "you cannot have both",
        "Two requirements exclude each other",
    ),
    "Python too old": (
        lambda: not_installed(
            UNSATISFIABLE.format(
                "the current Python version (3.11.7) does not satisfy Python>=3.14 and p==1 depends on it"
            )
        ),
        "does not satisfy Python>=3.14",
        "Builds run on Python 3.11.7",
    ),
    "system library": (
        lambda: not_installed(COMPILED.format(NO_HEADER)),
        "What the documentation requires could not be installed: Failed to build `cee @ file:///c`. The build"
        " backend returned an error. Call to `setuptools.build_meta:__legacy__.build_wheel` failed (exit status:"
        " 1)."
        " cee.c:1:10: fatal error: libfoo.h: No such file or directory",
        "libfoo.h of a system library is not there: require a release that has a wheel",
    ),
    "compiler": (
        lambda: not_installed(COMPILED.format("error: [Errno 2] No such file or directory: 'gcc'")),
        "error: [Errno 2] No such file or directory: 'gcc'",
        "for which gcc is missing here",
    ),
    "compiler of Rust": (
        lambda: not_installed(COMPILED.format("error: can't find Rust compiler")),
        "can't find Rust compiler",
        "for which Rust compiler is missing here",
    ),
    "requirements file": (
        lambda: not_installed("error: File not found: missing.txt\n"),
        "File not found: missing.txt",
        "Is missing.txt committed",
    ),
    "repository of a requirement": (
        lambda: not_installed(
            "network: api.example.org:443 is not among the hosts that this step may reach\n"
            "errornetwork: git.example.org was not found ([Errno -2] Name or service not known)\n: Git operation"
            " failed\n  cause: failed to clone into: cache/git-v2/db/4c0a\n  cause: process didn't exit"
            " successfully\nexit code 1\n"
        ),
        "failed to clone into: cache/git-v2/db/4c0a. process didn't exit successfully",
        "No host is called git.example.org, or its name could not be looked up",
    ),
    "package that downloads": (
        lambda: not_installed(
            "$ uv pip install ./c\nnetwork: node.example.org:443 is not among the hosts that this step may reach\n"
            + COMPILED.partition("\n")[2].format(
                "Error: cannot download https://node.example.org/v20.tar.gz: Tunnel connection failed: 403\n"
                "         Error: check the proxy settings"
            )
        ),
        "(exit status: 1). node.example.org:443 is not among the hosts that this step may reach",
        "install it by a line of build.jobs",
    ),
    "package index out of reach": (
        lambda: not_installed(
            "network: index.example.org:443 is not among the hosts that this step may reach\n"
            "error: Request failed after 3 retries in 6.9s\n"
            "  cause: Failed to fetch: https://index.example.org/simple/own/\n"
            "  cause: tunnel error: unsuccessful\n"
        ),
        "tunnel error: unsuccessful. index.example.org:443 is not among the hosts that this step may reach",
        "and not index.example.org",
    ),
    "slip in requirements": (
        lambda: not_installed(
            "error: Couldn't parse requirement in `docs/requirements.txt` at position 0\n"
            '  cause: no such comparison operator "=", must be one of ~= == != <= >= < > ===\n'
        ),
        "Couldn't parse requirement in `docs/requirements.txt` at position 0",
        "Correct the line of docs/requirements.txt",
    ),
    "syntax error": (
        lambda: of_sphinx(
            "ConfigError", f"{SYNTAX}invalid syntax (conf.py, line 4)\n", "SyntaxError: invalid syntax\n"
        ),
        "conf.py has a syntax error: invalid syntax (conf.py, line 4)",
        "Correct conf.py",
    ),
    "encoding of conf.py": (
        lambda: of_sphinx(
            "ConfigError",
            f"{SYNTAX}(unicode error) 'utf-8' codec can't decode byte 0xfc in position 1: invalid start byte"
            " (conf.py, line 3)\n",
        ),
        "conf.py has a syntax error: (unicode error) 'utf-8' codec can't decode byte 0xfc",
        "as UTF-8",
    ),
    "encoding of a page": (
        lambda: of_sphinx(
            "UnicodeDecodeError",
            "'utf-8' codec can't decode byte 0xfc in position 14: invalid start byte",
            file="docs/other.rst",
        ),
        "docs/other.rst: Sphinx ended with UnicodeDecodeError: 'utf-8' codec",
        "as UTF-8",
    ),
    "missing requirement": (
        lambda: of_conf("ModuleNotFoundError: No module named 'numpy'"),
        "conf.py failed: ModuleNotFoundError: No module named 'numpy'",
        f"Add what holds numpy to the {REQUIRED}.",
    ),
    "variable of the environment": (
        lambda: of_conf("KeyError: 'RELEASE'"),
        "conf.py failed: KeyError: 'RELEASE'",
        "os.environ.get('RELEASE', '')",
    ),
    "network, by urllib": (
        lambda: of_conf("urllib.error.URLError: <urlopen error Tunnel connection failed: 403 Forbidden>"),
        "conf.py failed: urllib.error.URLError: <urlopen error Tunnel connection failed: 403 Forbidden>",
        "have a copy in the repository",
    ),
    "network, by requests": (
        lambda: of_conf(
            "requests.exceptions.ProxyError: HTTPSConnectionPool(host='nothing.example', port=443): Max retries"
            " exceeded with url: /x (Caused by ProxyError('Unable to connect to proxy', OSError('Tunnel connection"
            " failed: 403 Forbidden')))"
        ),
        "Tunnel connection failed",
        "nothing.example could not be reached",
    ),
    "network, by a socket": (
        lambda: of_conf("socket.gaierror: [Errno -3] Temporary failure in name resolution"),
        "conf.py failed: socket.gaierror: [Errno -3] Temporary failure in name resolution",
        "have a copy in the repository",
    ),
    "shared library": (
        lambda: of_conf("OSError: libcairo.so.2: cannot open shared object file: No such file or directory"),
        "conf.py failed: OSError: libcairo.so.2: cannot open shared object file",
        "The library libcairo.so.2 of the system is not installed",
    ),
    "disk": (
        lambda: of_conf("OSError: [Errno 28] No space left on device"),
        "conf.py failed: OSError: [Errno 28] No space left on device",
        "is full",
    ),
    "read-only": (
        lambda: of_conf("OSError: [Errno 30] Read-only file system: '/usr/lib/x'"),
        "conf.py failed: OSError: [Errno 30] Read-only file system: '/usr/lib/x'",
        "/usr/lib/x cannot be written: a build may write to its checkout",
    ),
    "file of conf.py": (
        lambda: of_conf("FileNotFoundError: [Errno 2] No such file or directory: '../VERSION'"),
        "conf.py failed: FileNotFoundError: [Errno 2] No such file or directory: '../VERSION'",
        "Is ../VERSION committed?",
    ),
    "exception of conf.py": (
        lambda: of_conf("ZeroDivisionError: division by zero"),
        "conf.py failed: ZeroDivisionError: division by zero",
        "Correct conf.py: the log has the whole traceback.",
    ),
    "crash": (
        lambda: explain(None, -11, "Running Sphinx v9.0.4\nexit code -11\n"),
        "Sphinx crashed: it touched memory that is not its own.",
        "A compiled module does that",
    ),
    "sys.exit": (
        lambda: of_sphinx(
            "ConfigError", "The configuration file (or one of the modules it imports) called sys.exit()"
        ),
        "conf.py, or a module that it imports, ended the process (sys.exit).",
        "Correct conf.py",
    ),
    "extension missing": (
        lambda: of_sphinx(
            "ExtensionError",
            "Could not import extension sphinx_design (exception: No module named 'sphinx_design')",
            "ModuleNotFoundError: No module named 'sphinx_design'\n",
        ),
        "The Sphinx extension sphinx_design is not installed.",
        f"Add its package to the {REQUIRED}.",
    ),
    "extension broken": (
        lambda: of_sphinx(
            "ExtensionError",
            "Could not import extension old (exception: cannot import name 'x' from 'y')",
            "ImportError: cannot import name 'x' from 'y'\n",
        ),
        "The Sphinx extension old could not be loaded: ImportError: cannot import name 'x' from 'y'",
        "Its requirements may be missing or too new.",
    ),
    "theme missing": (
        lambda: of_sphinx("ThemeError", "no theme named 'press' found (missing theme.toml?)"),
        "The theme press is not installed.",
        "or correct html_theme",
    ),
    "Sphinx too old": (
        lambda: of_sphinx(
            "VersionRequirementError",
            "This project needs at least Sphinx v99.0 and therefore cannot be built with this version.",
        ),
        "A part of the documentation needs another Sphinx: This project needs at least Sphinx v99.0",
        "Change the version of Sphinx required.",
    ),
    "template missing": (
        lambda: of_sphinx(
            "ThemeError",
            "An error happened in rendering the page x.\nReason: TemplateNotFound(\"'gone.html' not found in"
            " [_StrPath('/v/sphinx/themes/basic')]\")",
            "jinja2.exceptions.TemplateNotFound: 'gone.html' not found in [_StrPath('/v/sphinx/themes/basic')]\n",
        ),
        "A template is missing: gone.html.",
        "A newer theme may have dropped it",
    ),
    "first page missing": (
        lambda: of_sphinx("SphinxError", "Sphinx is unable to load the master document (docs/start.rst)."),
        "The first page, start.rst, is missing.",
        "root_doc",
    ),
    "extension failing": (
        lambda: of_sphinx(
            "ExtensionError",
            "Handler <function f at 0x7fd32ce42b60> for event 'source-read' threw an exception (exception: own)",
            "ValueError: own\n",
            file="docs/one.rst",
        ),
        "docs/one.rst: An extension failed: Handler <function f> for event 'source-read' threw"
        " an exception (exception: own): ValueError: own",
        "The log has the whole traceback.",
    ),
    "notebook": (
        lambda: of_sphinx(
            "NotebookError",
            "CellExecutionError in docs/tour.ipynb:\n------------------\nload()\n------------------\n\nNameError:"
            " name 'load' is not defined",
            file="docs/tour.ipynb",
        ),
        "docs/tour.ipynb: Sphinx ended with NotebookError: NameError: name 'load' is not defined",
        "A notebook's code failed",
    ),
    "warning": (
        lambda: of_warning("undefined label: 'nowhere'"),
        "There is a warning, and fail_on_warning is set. It is: docs/api.rst:4: undefined label: 'nowhere'",
        "take fail_on_warning out",
    ),
    "autodoc": (
        lambda: of_warning(
            "autodoc: failed to import 'small'; the following exception was raised: ModuleNotFoundError: No module"
            " named 'numpy'"
        ),
        "autodoc: failed to import 'small'",
        "add numpy to the requirements of the documentation, or name it in autodoc_mock_imports",
    ),
    "nav of MkDocs": (
        lambda: of_mkdocs(
            "WARNING -  A reference to 'gone.md' is included in the 'nav' configuration, which is not found in the"
            " documentation files.\n\nAborted with 1 warnings in strict mode!\n"
        ),
        "1 warning in strict mode; the first: A reference to 'gone.md' is included in the 'nav' configuration",
        "Add gone.md to the folder of the pages",
    ),
    "slip in mkdocs.yml": (
        lambda: of_mkdocs(
            "Error: MkDocs encountered an error parsing the configuration file: while parsing a flow sequence\n"
            "  in \"mkdocs.yml\", line 3, column 8\nexpected ',' or ']', but got '<stream end>'\n"
            '  in "mkdocs.yml", line 5, column 1\n'
        ),
        "mkdocs.yml, line 3: expected ',' or ']', but got '<stream end>' (while parsing a flow sequence)",
        "Correct mkdocs.yml",
    ),
    "time": (
        lambda: of_limit(Limit.TIME),
        "s and was ended.",
        "BUILD_TIMEOUT",
    ),
    "memory": (
        lambda: of_limit(Limit.MEMORY),
        "MiB of memory and was ended.",
        "BUILD_MEMORY",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_common_failure_is_one_sentence_and_one_hint(name):
    failed, reason, hint = CASES[name]

    failure = failed()

    assert isinstance(failure, BuildFailed)
    assert reason in failure.reason
    assert hint in failure.hint
    assert "\n" not in failure.reason + failure.hint


def test_what_failed_for_want_of_another_projects_inventory_is_said_so():
    text = "failed to reach any of the inventories with the following issues: not found"
    warnings = [Complaint(level="warning", kind="", file="", line=None, text=text)]
    extension = Failure(kinds=("ExtensionError", "SphinxError"), message="threw", origin="KeyError: 'py:method'")

    failed, known = (
        explain(failure, 2, "", warnings=warnings)
        for failure in (extension, Failure(kinds=("KeyError",), message="KeyError: 'A_VARIABLE'"))
    )

    assert failed.hint.startswith("Other projects' inventories could not be loaded before")
    assert "os.environ.get('A_VARIABLE', '')" in known.hint


def test_warnings_that_are_too_many_to_list_are_counted_all_the_same():
    warning = Complaint(level="warning", kind="", file="", line=None, text="unsupported theme option 'x' given")

    failure = explain(None, 1, "", strict=[warning] * 500, count=1_200)

    assert failure.reason == (
        "There are 1200 warnings, and fail_on_warning is set. The first: unsupported theme option 'x' given"
    )


# -- the manual


def rows():
    """The sentences of the manual's tables, as patterns: … stands for anything."""
    cells = re.findall(r"^\| (.+?) \| .+ \|$", MANUAL, re.MULTILINE)
    return [cell.replace("`", "") for cell in cells if cell != "The build says"]


def pattern(row):
    return ".*".join(re.escape(part) for part in row.split("…"))


@pytest.mark.parametrize("name", CASES)
def test_the_manual_lists_it(name):
    reason = CASES[name][0]().reason.removeprefix("What the documentation requires could not be installed: ")

    assert any(re.fullmatch(pattern(row), reason) for row in rows()), reason


def test_the_manual_lists_nothing_else():
    """Each sentence is one of the above, or its fixed parts stand in the code that says it."""
    code = "\n".join(path.read_text() for path in (ROOT / "builds").rglob("*.py"))
    code = re.sub(r"There is no \{kind\}", "There is no branch", re.sub(r'"\n\s*f?"', "", code))
    said = [make().reason for make, _, _ in CASES.values()]

    unknown = [
        row
        for row in rows()
        if not any(re.search(pattern(row), reason) for reason in said)
        and not all(part.strip() in code for part in row.split("…") if len(part.strip()) > 3)
    ]

    assert unknown == []
