"""Versions that are derived from git's tags and history stand rightly in rendered pages, build after build."""

import re

from tests.builds.small_projects import log_of
from tests.builds.test_readthedocs import SKELETON, build_of  # noqa: F401

YAML = SKELETON + "sphinx: {configuration: docs/conf.py}\npython:\n  install:\n    - path: .\n"
CONF = """\
import importlib.metadata, subprocess
from small._version import version as written
project = 'Small'
html_theme = 'basic'
version = importlib.metadata.version('small')
described = subprocess.check_output(['git', 'describe', '--tags', '--long'], text=True).strip()
rst_epilog = f'.. |all| replace:: {version} {written} {described}'
"""
PROJECT = """\
[project]
name = "small"
dynamic = ["version"]
[build-system]
requires = ["setuptools>=77", "setuptools-scm>=8"]
build-backend = "setuptools.build_meta"
[tool.setuptools]
packages = ["small"]
[tool.setuptools_scm]
version_file = "small/_version.py"
local_scheme = "no-local-version"
"""


def said(pages):
    return re.search(r"It is ([^<]*)\.</p>", (pages / "index.html").read_text())[1].split()


def test_what_is_derived_from_tags_and_history_is_right_build_after_build(build_of):  # noqa: F811
    git = build_of.origin.git
    build_of.origin.commit("Before the tag")
    git("tag", "v1.2.0")
    _, pages = build_of(
        YAML,
        pyproject_dot_toml=PROJECT,
        small____init___dot_py="",
        docs__conf_dot_py=CONF,
        docs__index_dot_rst="Small\n=====\n\nIt is |all|.\n",
        _dot_gitignore="small/_version.py\n",
    )
    first = said(pages)
    again, pages = build_of()
    same = said(pages)
    build_of.origin.commit("Words", docs__index_dot_rst="Small\n=====\n\nNow.\n\nIt is |all|.\n")
    git("tag", "v1.3.0")
    tagged, pages = build_of()

    assert first[:2] == ["1.2.1.dev1", "1.2.1.dev1"]
    assert first[2].startswith("v1.2.0-1-g")
    assert same == first
    assert said(pages)[:2] == ["1.3.0", "1.3.0"]
    assert said(pages)[2].startswith("v1.3.0-0-g")
    # The file that its installation writes is not the repository's: the checkout has removed it each time.
    for execution in (again, tagged):
        assert "once more from nothing" not in log_of(execution)
        assert [stage["note"] for stage in execution.build.stages if stage["name"] == "environment"] == ["reused"]
