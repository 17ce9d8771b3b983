"""The manual and the program say the same: variables, keys, commands and links."""

import ast
import re
from pathlib import Path

import pytest
import yaml
from django.contrib import admin
from django.core.management import get_commands

from builds.configuration import ghpages, readthedocs_yaml, subprojects, yaydoc_sections, yaydoc_yml
from builds.configuration.reading import read_config
from builds.configuration.values import Alias
from builds.rendering import variables as variables_of_a_build
from repositories import retention

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*(ROOT / "docs").glob("**/*.md"), *ROOT.glob("*.md")])
CONFIGURATION = (ROOT / "docs" / "configuration.md").read_text()
BUILDING = (ROOT / "docs" / "building.md").read_text()
EXAMPLE = (ROOT / ".env.example").read_text()


def name(path):
    return str(path.relative_to(ROOT))


def calls(path, callee):
    """The arguments of each call of `callee` in the file, the first of which is a text."""
    for node in ast.walk(ast.parse(path.read_text())):
        is_call = isinstance(node, ast.Call) and ast.unparse(node.func) == callee and node.args
        if is_call and isinstance(node.args[0], ast.Constant):
            yield node.args


def variables():
    """Each variable that is read, with its default where that is a plain value."""
    found = {}
    for file, callee in (("yaydoc/settings.py", "read"), ("deploy/gunicorn.conf.py", "os.environ.get")):
        for variable, default, *_ in calls(ROOT / file, callee):
            found.setdefault(variable.value, default.value if isinstance(default, ast.Constant) else None)
    return found


def in_example():
    return dict(re.findall(r"^# ([A-Z][A-Z_]+)=(.*)$", EXAMPLE, re.MULTILINE))


def in_tables(text):
    """Table rows: the name in the first cell to the second cell."""
    return dict(re.findall(r"^\| `([^`]+)` \|\s*([^|]*?)\s*\|", text, re.MULTILINE))


ENVIRONMENT, _, KEYS = CONFIGURATION.partition("## .yaydoc.yml")
KEYS, _, READ_THE_DOCS = KEYS.partition("## .readthedocs.yaml")


def test_the_example_names_every_variable_that_is_read():
    assert set(in_example()) == set(variables())


def test_the_manual_names_every_variable_that_is_read():
    assert set(in_tables(ENVIRONMENT)) == set(variables())


def as_written(default):
    return str(default).lower() if isinstance(default, bool) else str(default)


@pytest.mark.parametrize("variable", sorted(variables()))
def test_a_plain_default_stands_in_the_example_and_in_the_manual(variable):
    default = variables()[variable]
    if default in (None, "") or not in_example()[variable]:
        return  # reckoned from others, or empty: described in words

    assert in_example()[variable] == as_written(default)
    assert in_tables(ENVIRONMENT)[variable] == f"`{as_written(default)}`"


def schema(keys, prefix=""):
    return {f"{prefix}{key}" for key in keys}


def all_keys(keys, prefix=""):
    """Every key that a reader knows, dotted, with those of its sections."""
    for name, key in keys.items():
        yield f"{prefix}{name}"
        if not isinstance(key, Alias):
            yield from all_keys(getattr(key, "keys", {}), f"{prefix}{name}.")


def keys_of_yaydoc():
    """Those of functions that read text as well as a mapping are named here: they cannot be asked."""
    either = {
        "build.theme.": yaydoc_yml.THEME,
        "build.autoapi.": yaydoc_sections.AUTOAPI_ITEM,
        "build.subproject.": subprojects.SUBPROJECT,
        "publish.": ghpages.PUBLISH,
        "publish.ghpages.": ghpages.GHPAGES,
        "extras.swagger.": yaydoc_sections.SWAGGER,
    }
    found = set(all_keys(yaydoc_yml.TOP)).union(*(schema(keys, prefix) for prefix, keys in either.items()))
    return found - {"metadata", "build", "publish", "extras"}


def test_the_manual_has_just_the_keys_of_the_configuration_file_that_are_read():
    assert set(in_tables(KEYS)) == keys_of_yaydoc()


def test_the_page_for_those_who_come_from_the_original_yaydoc_names_just_the_keys_that_there_are():
    """Each by its last part: rows name several of a section. Of sections in sections, the outermost is enough."""
    page = (ROOT / "docs" / "migrating-from-the-original-yaydoc.md").read_text()
    rows = re.findall(r"^\| (`[^|]+) \|", page.partition("## The file, key by key")[2], re.MULTILINE)
    named = {key.rpartition(".")[2] for row in rows for key in re.findall(r"`([^`]+)`", row)}
    known = keys_of_yaydoc()

    assert named - {key.rpartition(".")[2] for key in known} == set()
    assert {key.split(".")[-1] for key in known if key.count(".") == 1} - named == set()


def test_the_example_of_the_manual_is_read_without_a_note(tmp_path):
    example = re.search(r"```yaml\n(.*?)```", KEYS, re.DOTALL)[1]
    (tmp_path / ".yaydoc.yml").write_text(example)
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "logo.png").touch()

    read = read_config(tmp_path)

    assert read.notes == ()
    assert (read.metadata.projectname, read.metadata.version) == ("Example", "1.10")
    assert (read.build.theme.name, read.build.mock) == ("furo", ("numpy", "gi.repository"))


def keys_of_read_the_docs():
    """Every key that the reader knows, dotted."""
    sections = {
        "": readthedocs_yaml.TOP,
        "build.": readthedocs_yaml.BUILD,
        "build.tools.": readthedocs_yaml.TOOLS,
        "build.jobs.": readthedocs_yaml.JOB_KEYS,
        "build.jobs.build.": readthedocs_yaml.OUTPUTS,
        "python.": readthedocs_yaml.PYTHON,
        "python.install.": readthedocs_yaml.INSTALL,
        "sphinx.": readthedocs_yaml.SPHINX,
        "mkdocs.": readthedocs_yaml.MKDOCS,
        "submodules.": readthedocs_yaml.SUBMODULES,
        "search.": readthedocs_yaml.SEARCH,
    }
    return set().union(*(schema(keys, prefix) for prefix, keys in sections.items()))


def test_the_manual_has_just_the_keys_of_read_the_docs_that_are_read():
    assert set(in_tables(READ_THE_DOCS)) == keys_of_read_the_docs()


def test_the_example_for_read_the_docs_is_read_without_a_note(tmp_path):
    (tmp_path / ".readthedocs.yaml").write_text(re.search(r"```yaml\n(.*?)```", READ_THE_DOCS, re.DOTALL)[1])
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "conf.py").touch()
    (tmp_path / "docs" / "requirements.txt").touch()

    read = read_config(tmp_path)

    assert read.notes == ()
    assert (read.python, read.jobs) == ("3.13", {"post_install": ("python docs/make_tables.py",)})


def test_the_manual_names_every_variable_of_a_build():
    named = set(re.findall(r"^\| `((?:READTHEDOCS|YAYDOC)\w*)`", BUILDING, re.MULTILINE))
    source = Path(variables_of_a_build.__file__).read_text()

    assert named == set(re.findall(r'"((?:READTHEDOCS|YAYDOC)\w*)"', source))


def test_our_own_configuration_is_read_without_a_note():
    read = read_config(ROOT)

    assert read.notes == ()
    assert str(read.build.source) == "docs"


# -- links and commands


def anchors(text):
    """The anchors that a forge and MyST give to headings."""
    headings = re.findall(
        r"^#+ (.+)$", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL), re.MULTILINE
    )
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", PAGES, ids=name)
def test_every_relative_link_leads_to_a_file_and_a_heading(document):
    text = re.sub(r"^```.*?^```", "", document.read_text(), flags=re.MULTILINE | re.DOTALL)
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" in target or target.startswith("mailto:"):
            continue
        path, _, anchor = target.partition("#")
        file = (document.parent / path).resolve() if path else document
        if not file.exists() or (anchor and anchor not in anchors(file.read_text())):
            broken.append(target)

    assert broken == []


@pytest.mark.parametrize("document", sorted((ROOT / "docs").glob("**/*.md")), ids=name)
def test_a_page_of_the_manual_links_to_pages_only(document):
    """What is outside docs/ is not published with it."""
    outside = re.findall(r"\]\((\.\./[^)]+)\)", document.read_text())

    assert outside == []


def targets():
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


@pytest.mark.parametrize("document", PAGES, ids=name)
def test_every_command_that_a_page_names_exists(document):
    text = document.read_text()
    commands = set(re.findall(r"manage\.py ([a-z_]+)", text))
    made = set(re.findall(r"^(?:\$ )?make ([a-z-]+)|`make ([a-z-]+)", text, re.MULTILINE))

    assert commands - set(get_commands()) == set()
    assert {first or second for first, second in made} - targets() == set()


def test_the_readme_names_the_two_commands():
    readme = (ROOT / "README.md").read_text()

    assert "make run" in readme
    assert "make test" in readme


@pytest.mark.parametrize("document", [*PAGES, ROOT / ".env.example"], ids=name)
def test_files_of_ours_that_a_page_names_by_path_exist(document):
    named = re.findall(
        r"`((?:yaydoc|builds|pages|repositories|forges|badges|notifications|accounts|deploy|tests)/[\w./-]*"
        r"|requirements/(?:prod|redis|test|dev)\.\w*)",
        document.read_text(),
    )

    assert [path for path in named if not (ROOT / path).exists()] == []


def test_every_benchmark_stands_in_the_manual():
    programs = {
        path.stem for path in (ROOT / "benchmarks").glob("*.py") if '__name__ == "__main__"' in path.read_text()
    }

    named = set(
        re.findall(r"python (?:-m benchmarks\.|benchmarks/)(\w+)", (ROOT / "docs" / "benchmarks.md").read_text())
    )

    assert named == programs


# -- examples of deployment


def test_the_compose_example_sets_known_variables_only():
    environment = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text())["x-yaydoc"]["environment"]

    assert {variable.removesuffix("_FILE") for variable in environment} - set(variables()) == set()


@pytest.mark.parametrize("unit", sorted((ROOT / "deploy" / "systemd").glob("*.service")), ids=name)
def test_a_unit_starts_what_the_procfile_starts(unit):
    process = unit.stem.removeprefix("yaydoc-")
    procfile = dict(re.findall(r"^(\w+): (?:\S+=\S+ )?exec (.+)$", (ROOT / "Procfile").read_text(), re.MULTILINE))
    started = re.search(r"^ExecStart=(.+)$", unit.read_text(), re.MULTILINE)[1]

    assert started.replace("/opt/yaydoc/.venv/bin/", "") == procfile[process]


def test_a_unit_of_each_process_exists():
    processes = re.findall(r"^(\w+):", (ROOT / "Procfile").read_text(), re.MULTILINE)

    assert processes
    assert [
        process for process in processes if not (ROOT / f"deploy/systemd/yaydoc-{process}.service").exists()
    ] == []


def test_the_manual_says_what_is_kept_and_for_how_long():
    table = (ROOT / "docs" / "operating.md").read_text().partition("## What is removed")[2].partition("\n* ")[0]
    told = dict(re.findall(r"^\| (\w[^|]*?) \| ([^|]*?) \|$", table, re.MULTILINE))

    assert told.pop("What") == "Kept"
    assert told == {rule.what: rule.kept() for rule in retention.rules()}


def test_the_manual_says_what_each_list_of_the_admin_is_for():
    table = (ROOT / "docs" / "operating.md").read_text().partition("## The admin")[2].partition("\n## ")[0]
    named = ", ".join(re.findall(r"^\| (\w[^|]*?) \|", table, re.MULTILINE)).lower().split(", ")
    ours = [model._meta for model in admin.site._registry if (ROOT / model._meta.app_label).is_dir()]
    assert {str(meta.verbose_name_plural) for meta in ours} <= set(named)
