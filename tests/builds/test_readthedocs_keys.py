"""Every key of a .readthedocs.yaml does something: shown by builds of real repositories, here or elsewhere."""

import ast
import re
from pathlib import Path

import pytest

from builds.errors import BuildFailed
from tests.builds.small_projects import log_of
from tests.builds.test_readthedocs import SKELETON, build_of, jobs  # noqa: F401
from tests.test_manual import keys_of_read_the_docs

TESTS = Path(__file__).resolve().parent
#: Below tests/builds: where each key is seen to do something.
SHOWN = {
    "version": "configuration/test_readthedocs_yaml.py::test_a_file_of_the_version_that_read_the_docs_gave_up",
    "build": "test_readthedocs.py::test_commands_are_the_whole_build",
    "build.os": "test_readthedocs_keys.py::test_packages",
    "build.tools": "configuration/test_readthedocs_yaml.py::test_every_key_of_the_format_is_read",
    "build.tools.python": "test_readthedocs.py::test_another_python_is_named_in_the_log",
    "build.tools.nodejs": "configuration/test_readthedocs_yaml.py::test_every_key_of_the_format_is_read",
    **dict.fromkeys(
        ("build.tools.ruby", "build.tools.rust", "build.tools.golang", "build.image"),
        "test_readthedocs_keys.py::test_what_is_accepted_and_does_nothing_is_named_in_the_log",
    ),
    **dict.fromkeys(
        ("python.version", "python.system_packages"),
        "test_readthedocs_keys.py::test_what_is_accepted_and_does_nothing_is_named_in_the_log",
    ),
    "build.apt_packages": "test_readthedocs.py::test_packages_of_the_system_are_named_unless",
    **dict.fromkeys(
        (
            "build.jobs",
            "build.jobs.build",
            "build.jobs.build.html",
            *(
                f"build.jobs.{job}"
                for job in (
                    "post_checkout pre_system_dependencies post_system_dependencies pre_create_environment"
                    " create_environment post_create_environment pre_install install post_install pre_build"
                    " post_build"
                ).split()
            ),
        ),
        "test_readthedocs.py::test_the_jobs_are_run_in_the_order_of_read_the_docs",
    ),
    "build.commands": "test_readthedocs.py::test_commands_are_the_whole_build",
    **dict.fromkeys(
        ("sphinx", "sphinx.configuration", "sphinx.builder"),
        "test_readthedocs_keys.py::test_packages_are_installed",
    ),
    "sphinx.fail_on_warning": "rendering/test_render.py::",
    "mkdocs": "detection/test_mkdocs.py::",
    "mkdocs.configuration": "detection/test_mkdocs.py::",
    "mkdocs.fail_on_warning": "rendering/test_mkdocs.py::test_fail_on_warning_is_strict",
    **dict.fromkeys(
        (
            "python",
            *(
                f"python.{key}"
                for key in (
                    "install install.requirements install.path install.method install.command install.extras"
                    " install.extra_requirements install.groups"
                ).split()
            ),
        ),
        "test_readthedocs_keys.py::test_packages_are_installed",
    ),
    **dict.fromkeys(
        ("submodules", "submodules.include", "submodules.exclude"),
        "checkouts/test_submodules.py::test_those_that_are_wanted_are_there",
    ),
    "submodules.recursive": "checkouts/test_submodules.py::test_their_own_are_fetched_where_that_is_asked_for",
    "conda": "test_readthedocs_keys.py::test_conda_is_refused",
    **dict.fromkeys(
        ("search", "search.ranking", "search.ignore"), "test_readthedocs_keys.py::test_packages_are_installed"
    ),
}
#: Shown by the tests of downloads.
OF_DOWNLOADS = {"formats", "build.jobs.build.htmlzip", "build.jobs.build.pdf", "build.jobs.build.epub"}


def test_every_key_is_shown_by_a_test_that_exists():
    assert set(SHOWN) == keys_of_read_the_docs() - OF_DOWNLOADS
    for place in set(SHOWN.values()):
        file, _, test = place.partition("::")
        tree = ast.parse((TESTS / file).read_text())
        names = [node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
        assert any(name.startswith(test or "test_") for name in names), place


def package(name, *, extras="", groups=""):
    return (
        f'[project]\nname = "{name}"\nversion = "1"\n[project.optional-dependencies]\n{extras}\n'
        f'[dependency-groups]\n{groups}\n[build-system]\nrequires = ["setuptools"]\n'
        'build-backend = "setuptools.build_meta"\n[tool.setuptools]\npackages = []\n'
    )


CONF = """\
import importlib.metadata, os
project = 'Small'
html_theme = 'basic'
names = ['single', 'six', 'iniconfig', 'synced', 'pathspec', 'colorama', 'uvpip']
here = [name for name in names if list(importlib.metadata.distributions(name=name))]
told = sorted(f'{name}={value}' for name, value in os.environ.items() if name.startswith('READTHEDOCS'))
rst_epilog = f'.. |here| replace:: {" ".join(here)}\\n'
open(os.path.join(os.environ['READTHEDOCS_REPOSITORY_PATH'], 'told'), 'w').write('\\n'.join(told) + '\\n')
"""
INSTALLS = """\
sphinx: {configuration: manual/conf.py, builder: dirhtml}
python:
  install:
    - requirements: ci/all.txt
    - {path: libs/two, method: pip, extra_requirements: [docs], groups: [more]}
    - {method: uv, command: sync, path: libs/three, extras: all, groups: all}
    - {method: uv, command: pip, path: libs/four}
search: {ranking: {"api/*": -1}, ignore: [404.html]}
"""


def test_packages_are_installed_and_rendered_as_the_keys_say_and_rendering_is_told_what_lines_are(build_of):  # noqa: F811
    printed = "env | grep ^READTHEDOCS | LC_ALL=C sort > in-lines"
    compared = (
        "diff told in-lines && mkdir -p $READTHEDOCS_OUTPUT/html && cp told $READTHEDOCS_OUTPUT/html/told.txt"
    )

    execution, pages = build_of(
        SKELETON + jobs(pre_build=printed, post_build=compared) + INSTALLS,
        ci__all_dot_txt="sphinx==8.1.3\n-e ./libs/one\n",
        libs__one__pyproject_dot_toml=package("single"),
        libs__two__pyproject_dot_toml=package("two", extras='docs = ["six"]', groups='more = ["iniconfig"]'),
        libs__three__pyproject_dot_toml=package(
            "synced", extras='a = ["pathspec"]', groups='b = ["colorama"]'
        ).replace('version = "1"', 'version = "1"\nrequires-python = ">=3.11"'),
        libs__four__setup_dot_py=(
            "import os\nfrom setuptools import setup\nassert os.environ['READTHEDOCS'] == 'True'\n"
            "setup(name='uvpip', py_modules=[])\n"
        ),
        docs__conf_dot_py="1 / 0\n",
        docs__index_dot_rst="Decoy\n=====\n",
        manual__conf_dot_py=CONF,
        manual__index_dot_rst="Small\n=====\n\nHere: |here|.\n\n.. toctree::\n\n   other\n",
        manual__other_dot_rst="Other\n=====\n",
    )

    page = (pages / "index.html").read_text()
    assert "Here: single six iniconfig synced pathspec colorama uvpip." in page
    assert (pages / "other" / "index.html").is_file()  # of dirhtml
    told = dict(line.split("=", 1) for line in (pages / "told.txt").read_text().splitlines())
    version, build = execution.build.version, execution.build
    assert told.pop("READTHEDOCS_VIRTUALENV_PATH").startswith("/")
    root = told.pop("READTHEDOCS_REPOSITORY_PATH")
    assert told == {
        "READTHEDOCS": "True",
        "READTHEDOCS_CANONICAL_URL": version.docs_url,
        "READTHEDOCS_GIT_CLONE_URL": version.repository.clone_url,
        "READTHEDOCS_GIT_COMMIT_HASH": build.commit,
        "READTHEDOCS_GIT_IDENTIFIER": "main",
        "READTHEDOCS_LANGUAGE": "en",
        "READTHEDOCS_OUTPUT": f"{root}/_readthedocs/",
        "READTHEDOCS_PRODUCTION_DOMAIN": "localhost",
        "READTHEDOCS_PROJECT": "docs",
        "READTHEDOCS_VERSION": "latest",
        "READTHEDOCS_VERSION_NAME": "latest",
        "READTHEDOCS_VERSION_TYPE": "branch",
    }


def test_what_is_accepted_and_does_nothing_is_named_in_the_log(build_of):  # noqa: F811
    yaml = "version: 2\nbuild:\n  image: latest\n  tools: {ruby: '3.4', rust: '1.86', golang: '1.25'}\n"
    yaml += "  commands: ['mkdir -p _readthedocs/html && touch _readthedocs/html/index.html']\n"

    execution, _ = build_of(yaml + "python: {version: '3', system_packages: true}\n")

    log = log_of(execution)
    assert re.findall(r"\.readthedocs\.yaml, line \d+: ([\w.]+): ", log) == [
        "build.image",
        "build.tools",
        "python.version",
        "python.system_packages",
    ]
    assert "ruby, rust, golang" in log


def test_conda_is_refused_in_a_sentence_that_says_what_to_do(build_of):  # noqa: F811
    with pytest.raises(BuildFailed) as failed:
        build_of(SKELETON + "conda: {environment: environment.yml}\n", environment_dot_yml="name: docs\n")

    assert "list what the documentation needs in a requirements file" in failed.value.reason
