"""Who may import whom, and the few other rules of style that a machine can hold."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MAY_IMPORT = {
    "forges": set(),
    "repositories": {"forges"},
    "pages": {"repositories", "forges"},
    "builds": {"pages", "repositories", "forges"},
    "notifications": {"builds", "pages", "repositories", "forges"},
    "badges": {"repositories"},
    "accounts": {"repositories"},
    "yaydoc": set(),  # names apps as strings only
}
ENTRIES_OF_THE_SITE = {"yaydoc/wsgi.py", "yaydoc/urls.py"}
MODULES = sorted(
    path for app in MAY_IMPORT for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts
)


def imports(path: Path) -> list[tuple[ast.stmt, str]]:
    tree = ast.parse(path.read_text())
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(node, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found.append((node, node.module or ""))
    return found


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_imports_follow_the_arrows(path):
    app = path.relative_to(ROOT).parts[0]
    if name(path) in ENTRIES_OF_THE_SITE:
        return
    foreign = {module.partition(".")[0] for _, module in imports(path)} & set(MAY_IMPORT) - {app}
    assert foreign <= MAY_IMPORT[app]


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_imports_stand_at_the_top(path):
    if "builds/runner/" in name(path):
        return  # runs inside a build, where a project may lack what an import asks for
    tree = ast.parse(path.read_text())
    inner = [
        node.lineno
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef) and function.name != "ready"
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert inner == []


def test_processes_start_in_the_sandbox_only():
    starters = {"subprocess", "multiprocessing", "pty"}
    guilty = {
        name(path)
        for path in MODULES
        for _, module in imports(path)
        if module.partition(".")[0] in starters and "builds/sandbox/" not in name(path)
    }
    assert guilty == set()


def test_nothing_is_run_through_a_shell_or_from_another_directory():
    forbidden = re.compile(r"shell=True|os\.system\(|os\.popen\(|os\.chdir\(|yaml\.load\(")
    guilty = [name(path) for path in MODULES if forbidden.search(path.read_text())]
    assert guilty == []


def test_a_state_is_written_in_one_place_only():
    """`Build.state` and `build_status` are moved by their models' methods, and by nothing else."""
    writes = re.compile(r"\.(state|build_status)\s*=\s|update\([^)]*\b(state|build_status)=", re.DOTALL)
    guilty = {name(path) for path in MODULES if writes.search(path.read_text())}
    assert guilty <= {
        "builds/models/build.py",
        "repositories/models/version.py",
        "notifications/models/outgoing.py",
    }


def test_no_template_carries_inline_script_or_style():
    templates = [path for app in MAY_IMPORT for path in (ROOT / app).rglob("templates/**/*.html")]
    # Mails, and the docs host's page for a missing one, have to be whole by themselves.
    whole = ("yaydoc/templates/mail/", "pages/templates/pages/missing.html")
    inline = re.compile(r"<script(?![^>]*\bsrc=)|\son[a-z]+=\"|\sstyle=\"|<style", re.IGNORECASE)
    guilty = [
        name(path) for path in templates if inline.search(path.read_text()) and not name(path).startswith(whole)
    ]
    assert guilty == []
