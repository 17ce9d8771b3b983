"""Rendering by a real MkDocs in the real sandbox, and what its answers are in plain words."""

import time

import pytest

from builds import places
from builds.errors import BuildFailed
from builds.models import BuildWarning
from builds.rendering.environment import environment_key, needs_more, prepare_environment
from builds.rendering.mkdocs_failures import explain
from builds.rendering.render import render
from tests.builds.small_projects import CONF, environment_of_the_tests, log_of, source_of

SITE = {
    "mkdocs.yml": "site_name: Small\n",
    "docs/index.md": "# Small\n\n[Other](other.md)\n",
    "docs/other.md": "# O\n",
}
STRICT = 'version: 2\nbuild: {os: ubuntu-24.04, tools: {python: "3"}}\nmkdocs: {fail_on_warning: true}\n'
REQUIRE = "Add its package to the requirements of the documentation (docs/requirements.txt)."


@pytest.fixture
def rendered(execution, plan_of):
    """Renders a checkout of these files: the folder with its pages."""
    return lambda files: render(execution, plan_of(files), environment_of_the_tests())


def test_a_site_is_rendered_with_the_variables_of_the_build(execution, rendered):
    hook = "import os\n\ndef on_page_markdown(text, **_):\n"
    hook += "    return text + '\\n\\n' + os.environ['READTHEDOCS_VERSION']\n"

    output = rendered({**SITE, "mkdocs.yml": "site_name: Small\nhooks: [hook.py]\n", "hook.py": hook})

    assert "<p>latest</p>" in (output / "index.html").read_text()
    assert (output / "other/index.html").is_file()
    assert "Documentation built in" in log_of(execution)


def test_nothing_of_an_earlier_render_is_left(execution, rendered):
    rendered({"docs/conf.py": CONF, "docs/index.rst": "Old\n===\n"})
    source = source_of(execution.build)
    for name in ("docs/conf.py", "docs/index.rst"):
        (source / name).unlink()
    output = rendered({**SITE, "docs/gone.md": "# Gone\n"})
    assert (output / "gone/index.html").is_file()
    (source / "docs/gone.md").unlink()
    (output / "index.html").unlink()
    (output / "index.html").symlink_to("/etc/passwd")

    output = rendered({})

    assert "Small" in (output / "index.html").read_text()
    assert not (output / "gone").exists()
    assert sorted(path.name for path in output.parent.iterdir()) == ["output", "warnings.json"]


def test_fail_on_warning_is_strict(rendered):
    files = {**SITE, "docs/index.md": "# Small\n\n[Away](away.md)\n"}
    assert (rendered(files) / "index.html").is_file()

    with pytest.raises(BuildFailed) as failed:
        rendered({**files, ".readthedocs.yaml": STRICT})

    assert failed.value.reason.startswith(
        "1 warning in strict mode; the first: Doc file 'index.md' contains a link"
    )
    assert "fail_on_warning" in failed.value.hint


def test_what_mkdocs_warns_of_is_stored_with_its_page(execution, rendered):
    hook = """
import logging

def on_env(env, config, files):
    log = logging.getLogger("mkdocs.plugins.checker")
    log.warning("bad name: %s:3: here", __file__)
    log.error("all is lost")
"""
    files = {"docs/sub/a.md": "# A\n\n[Away](away.md)\n", "hook.py": hook}

    rendered({**SITE, **files, "mkdocs.yml": "site_name: Small\nhooks: [hook.py]\n"})

    stored = BuildWarning.objects.filter(build=execution.build).order_by("pk")
    assert [(one.level, one.kind, one.file, one.line) for one in stored] == [
        ("error", "checker", "", None),
        ("warning", "structure.pages", "docs/sub/a.md", None),
        ("warning", "checker", "hook.py", 3),
    ]
    assert "contains a link 'away.md'" in stored[1].text


def test_a_site_without_a_first_page_fails(rendered):
    with pytest.raises(BuildFailed) as failed:
        rendered({"mkdocs.yml": "site_name: Small\n", "docs/start.md": "# Small\n"})

    assert failed.value.reason == "index.html is missing in the output."
    assert failed.value.hint == "Add index.md, or README.md, to docs."


def test_tags_that_call_functions_are_followed_in_the_sandbox_only(execution, rendered):
    secret = places.versions() / "secret"
    secret.write_text("x")
    line = f"touch docs/pwned.md; touch {secret}; ls {secret} && touch docs/seen.md; true"
    files = {**SITE, "mkdocs.yml": f"site_name: x\nextra:\n  a: !!python/object/apply:os.system ['{line}']\n"}

    output = rendered(files)

    assert (output / "pwned/index.html").is_file()  # by MkDocs itself, as at home
    assert not (output / "seen").exists()
    secret.unlink()


def test_a_plugin_that_is_missing_is_named(rendered):
    with pytest.raises(BuildFailed) as failed:
        rendered({**SITE, "mkdocs.yml": "site_name: x\nplugins: [no-such-thing]\n"})

    assert failed.value.reason == "The MkDocs plugin no-such-thing is not installed."
    assert failed.value.hint == REQUIRE


def test_sites_of_material_without_requirements_share_the_builders_environment(execution, plan_of):
    plan = plan_of(
        {**SITE, "mkdocs.yml": "site_name: x\ntheme: material\nmarkdown_extensions: [pymdownx.tilde]\n"}
    )
    assert not needs_more(plan)

    made = prepare_environment(execution, plan)
    output = render(execution, plan, made)

    assert made.key.startswith(places.BUILDER)
    assert 'data-md-component="header"' in (output / "index.html").read_text()
    (plan.root / "mkdocs.yml").unlink()
    assert environment_key(execution, plan_of({}), made.python.resolve()) != made.key  # Sphinx's is another


PARSING = "Error: MkDocs encountered an error parsing the configuration file"
CONFIG = "\nAborted with a configuration error!\n"


@pytest.mark.parametrize(
    ("log", "reason", "hint"),
    [
        (
            "ERROR   -  Config value 'theme': Unrecognised theme name: 'cinder'. The available installed themes "
            f"are: mkdocs, readthedocs{CONFIG}",
            "The MkDocs theme cinder is not installed.",
            "Or correct theme in mkdocs.yml.",
        ),
        (
            f"ERROR   -  Config value 'plugins': The \"foo\" plugin is not installed{CONFIG}",
            "The MkDocs plugin foo is not installed.",
            REQUIRE,
        ),
        (
            "ERROR   -  Config value 'markdown_extensions': Failed to load extension 'foo.bar'.\n"
            f"ModuleNotFoundError: No module named 'foo'\n{CONFIG}",
            "The Markdown extension foo.bar is not installed.",
            REQUIRE,
        ),
        (
            "ERROR   -  Config value 'markdown_extensions': Failed to load extension 'toc'.\n"
            f"KeyError: 'x'\n{CONFIG}",
            "The Markdown extension toc could not be loaded: KeyError: 'x'",
            "traceback",
        ),
        (
            f"ERROR   -  Config value 'docs_dir': The path '/tmp/mk/a/nope' isn't an existing directory.{CONFIG}",
            "The folder of the pages, nope, is missing.",
            "docs_dir in mkdocs.yml",
        ),
        (
            f"ERROR   -  Config value 'site_name': Required configuration not provided.{CONFIG}",
            "mkdocs.yml cannot be used: site_name: Required configuration not provided.",
            "Correct mkdocs.yml",
        ),
        (
            f'{PARSING}: mapping values are not allowed here\n  in "/tmp/mk/a/mkdocs.yml", line 2, column 4\n',
            "mkdocs.yml, line 2: mapping values are not allowed here",
            "Correct mkdocs.yml",
        ),
        (
            f'{PARSING}: while parsing a flow sequence\n  in "mkdocs.yml", line 3, column 8\n'
            "expected ',' or ']', but got '<stream end>'\n  in \"mkdocs.yml\", line 5, column 1\n",
            "mkdocs.yml, line 3: expected ',' or ']', but got '<stream end>' (while parsing a flow sequence)",
            "Correct mkdocs.yml",
        ),
        (
            'Traceback (most recent call last):\n  File "/tmp/mk/a/hook.py", line 1, in <module>\n'
            "ModuleNotFoundError: No module named 'numpy'\n",
            "MkDocs ended with ModuleNotFoundError: No module named 'numpy'",
            "Add what holds numpy to the requirements of the documentation",
        ),
        (
            f"{PARSING}: while constructing a Python object\n"
            "cannot find module 'foo' (No module named 'foo')\n  in \"/tmp/mk/a/mkdocs.yml\", line 2, column 4\n",
            "mkdocs.yml, line 2: a tag names the module foo, which is not installed.",
            "requirements of the documentation",
        ),
        (
            "Error: Inherited config file 'base.yml' does not exist at '/tmp/mk/a/base.yml'.\n",
            "MkDocs: Inherited config file 'base.yml' does not exist at '/tmp/mk/a/base.yml'.",
            "Correct mkdocs.yml.",
        ),
        (
            "WARNING -  A reference to 'nope.md' is included in the 'nav' configuration, which is not found in "
            "the documentation files.\n\nAborted with 1 warnings in strict mode!\n",
            "1 warning in strict mode; the first: A reference to 'nope.md' is included in the 'nav'",
            "Add nope.md to the folder of the pages, or take it out of nav.",
        ),
        (
            "WARNING -  Config value 'foo': Unrecognised configuration name: foo\n\n"
            "Aborted with 2 configuration warnings in 'strict' mode!\n",
            "2 warnings in strict mode; the first: Config value 'foo': Unrecognised configuration name: foo",
            "fail_on_warning",
        ),
        (
            "ERROR   -  mkdocstrings: Couldn't load inventory https://docs.python.org/3/objects.inv through "
            "handler 'python': <urlopen error>\n\nAborted with 1 errors in strict mode!\n",
            "1 error in strict mode; the first: mkdocstrings: Couldn't load inventory https://docs.python.org/3/",
            "https://docs.python.org/3/objects.inv could not be fetched",
        ),
        (
            "ERROR   -  Error reading page 'index.md': 'boom'\nTraceback (most recent call last):\n"
            "  File \"/tmp/mk/a/h.py\", line 1, in on_page_markdown\nKeyError: 'boom'\n",
            "MkDocs ended with KeyError: 'boom' (Error reading page 'index.md': 'boom')",
            "traceback",
        ),
        (
            "python: No module named mkdocs\n",
            "MkDocs could not be started: No module named mkdocs.",
            "mkdocs itself",
        ),
        ("Killed\n", "MkDocs ended with exit code 1, and said last: Killed", "log"),
        ("", "MkDocs ended with exit code 1, and said last: nothing", "log"),
    ],
)
def test_what_mkdocs_answers_is_told_in_plain_words(log, reason, hint):
    before = "ERROR   -  of a line before\nAborted with a configuration error!\n$ mkdocs build --clean\n"

    failed = explain(f"{before}{log}exit code 1\n", 1, "mkdocs.yml")

    assert failed.reason.startswith(reason)
    assert hint in failed.hint


@pytest.mark.parametrize(
    "piece", ["a", "ERROR   -  ", 'in "', "A.b", "WARNING -  x\n", "\n$ mkdocs build ", 'The "']
)
def test_a_hostile_answer_takes_no_time(piece):
    began = time.process_time()
    explain((piece * 32_768)[:32_768], 1, "mkdocs.yml")
    explain("error parsing the configuration file: " + (piece * 32_768)[:32_768], 1, "mkdocs.yml")
    explain("Aborted with a configuration error\nERROR   -  " + (piece * 32_768)[:32_768], 1, "mkdocs.yml")
    assert time.process_time() - began < 1
