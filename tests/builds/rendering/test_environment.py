"""Environments, made by a real uv in the real sandbox."""

import re
from dataclasses import replace

import pytest

from builds import places, sandbox
from builds.configuration.config import Config
from builds.errors import BuildFailed
from builds.rendering.environment import environment_key, prepare_environment, trust_domain
from builds.rendering.render import render
from builds.rendering.uv_answers import complaint, from_cache
from repositories.models import Version
from tests.builds.small_projects import log_of

PYPROJECT = '[project]\nname = "small"\nversion = "1.0"\ndescription = "Small."\n\n'
PYPROJECT += '[build-system]\nrequires = ["flit_core"]\nbuild-backend = "flit_core.buildapi"\n'
PACKAGE = '"""Small."""\n\n\ndef answer():\n    """Gives 42."""\n'
CONF = "project = 'Small'\nextensions = ['sphinx.ext.autodoc']\nhtml_theme = 'basic'\n"
FILES = {
    "pyproject.toml": PYPROJECT,
    "small.py": PACKAGE,
    "docs/conf.py": CONF,
    "docs/index.rst": "Small\n=====\n\n.. autofunction:: small.answer\n",
}


def test_the_package_is_installed_where_its_pages_are_made_from_code(execution, plan_of):
    plan = plan_of(FILES)

    made = prepare_environment(execution, plan)
    output = render(execution, plan, made)

    assert not made.reused
    assert "Gives 42." in (output / "index.html").read_text()
    again = prepare_environment(execution, plan)
    assert again.reused
    assert again.key == made.key

    # The install is an editable one: new code shows without another.
    plan = plan_of({"small.py": PACKAGE.replace("42", "43")})
    assert prepare_environment(execution, plan).reused
    assert "Gives 43." in (render(execution, plan, made) / "index.html").read_text()


def test_what_cannot_be_installed_is_named(execution, plan_of):
    plan = plan_of({**FILES, "docs/requirements.txt": "no-package-of-this-name-at-all\n"})

    with pytest.raises(BuildFailed) as failed:
        prepare_environment(execution, plan)

    assert "no-package-of-this-name-at-all was not found in the package registry" in failed.value.reason


def test_a_package_that_cannot_be_installed_does_not_fail_the_build_alone(execution, plan_of):
    plan = plan_of({**FILES, "pyproject.toml": PYPROJECT.replace("flit_core.buildapi", "no_backend_at_all")})

    environment = prepare_environment(execution, plan)

    assert environment.python.exists()
    assert "The package itself could not be installed: going on without it." in log_of(execution)


def test_an_extension_may_write_into_the_environment_which_is_made_anew_then(execution, plan_of):
    conf = "import sys\nopen(f'{sys.prefix}/written', 'w').close()\nproject = 'Writes'\n"
    plan = plan_of({**FILES, "docs/conf.py": conf, "docs/index.rst": "Writes\n======\n"})
    environment = prepare_environment(execution, plan)

    assert (render(execution, plan, environment) / "index.html").is_file()
    assert not prepare_environment(execution, plan).reused


def test_what_only_the_code_requires_does_not_fail_pages_without_a_conf_py(execution, plan_of):
    files = {
        ".yaydoc.yml": "metadata: {author: A}\n",
        "README.md": "# Small\n",
        "requirements.txt": "sphinx\nno-such-package-1\n",
    }
    plan = plan_of(files)

    environment = prepare_environment(execution, plan)

    assert list(environment.folder.glob("lib/python3*/site-packages/myst_parser"))
    assert "What the code requires could not be installed: going on without it." in log_of(execution)


def test_for_a_clean_build_the_projects_own_environment_is_made_anew_and_that_of_all_is_kept(execution, plan_of):
    shared = plan_of({"README.md": "# Small\n"})
    prepare_environment(execution, shared)
    assert prepare_environment(execution, shared, clean=True).reused

    own = plan_of(FILES)
    made = prepare_environment(execution, own)
    (made.folder / "left").touch()

    assert not prepare_environment(execution, own, clean=True).reused
    assert not (made.folder / "left").exists()


def test_an_unfinished_environment_is_made_anew(execution, plan_of):
    plan = plan_of({"README.md": "# Small\n"})
    made = prepare_environment(execution, plan)
    made.folder.with_name(f"{made.folder.name}.complete").unlink()

    assert not prepare_environment(execution, plan).reused
    assert prepare_environment(execution, plan).reused


# -- the key


def test_what_is_installed_decides_the_key(execution, plan_of):
    files = {**FILES, "docs/requirements.txt": "-r more.txt\n", "docs/more.txt": "alabaster\n"}
    interpreter = sandbox.interpreters()[0]

    def key(changed):
        return environment_key(execution, plan_of({**files, **changed}), interpreter)

    first = key({})
    assert key({"small.py": PACKAGE + "\n"}) == first
    assert key({"docs/index.rst": "Words\n=====\n"}) == first
    assert key({"docs/requirements.txt": "-r more.txt\nfuro\n"}) != first
    assert key({"docs/more.txt": "furo\n"}) != first
    assert key({"pyproject.toml": PYPROJECT.replace("1.0", "1.1")}) != first


def test_only_what_holds_nothing_foreign_is_shared_between_repositories(execution, plan_of):
    plan = plan_of({"README.md": "# Small\n"})
    assert trust_domain(execution, plan) == places.BUILDER

    plan = plan_of(FILES)
    assert trust_domain(execution, plan) == f"repository-{execution.build.repository_id}"


def test_an_environment_that_lines_may_write_to_is_never_the_one_of_all(execution, plan_of):
    plan = plan_of({"README.md": "# Small\n"})
    interpreter = sandbox.interpreters()[0]

    def key(**jobs):
        return environment_key(execution, replace(plan, config=Config(jobs=jobs)), interpreter)

    assert trust_domain(execution, replace(plan, config=Config(commands=("true",)))) != places.BUILDER
    assert key(pre_build=("true",)).startswith(f"repository-{execution.build.repository_id}-")
    assert key(pre_build=("true",)) != key(pre_build=("false",))


def test_a_pull_request_shares_nothing_with_its_repository(execution, plan_of, version):
    plan = plan_of(FILES)
    of_main = environment_key(execution, plan, sandbox.interpreters()[0])
    execution.build.version.kind = Version.Kind.PULL_REQUEST

    assert trust_domain(execution, plan) == f"version-{version.pk}"
    assert environment_key(execution, plan, sandbox.interpreters()[0]) != of_main


# Of a package, run while it is installed: leaves in the environment a python that writes into the cache of whoever
# asks it something.
RAIDING_BACKEND = """
import os, pathlib

def build_editable(*arguments, **options):
    for python in pathlib.Path(os.environ["UV_CACHE_DIR"]).parent.glob("*/bin/python"):
        real = python.rename(python.with_name("real"))
        python.write_text(f"#!/bin/sh\\ntouch $UV_CACHE_DIR/poison\\nexec {real} \\"$@\\"\\n")
        python.chmod(0o755)
    raise SystemExit("done")
"""


def test_the_cache_that_all_repositories_share_is_never_open_to_a_projects_code(execution, plan_of):
    plan = plan_of(
        {
            **FILES,
            "docs/requirements.txt": "# sphinx comes with it, one might think\n",
            "pyproject.toml": '[project]\nname = "small"\nversion = "1.0"\n\n[build-system]\nrequires = []\n'
            'build-backend = "raid"\nbackend-path = ["."]\n',
            "raid.py": RAIDING_BACKEND,
        }
    )
    assert plan.requirements.name_renderer

    prepare_environment(execution, plan)

    poisoned = [path.parent.name for path in places.environments().glob("cache-*/poison")]
    assert poisoned == [f"cache-repository-{execution.build.repository_id}"]
    sandbox.remove(places.environments() / poisoned[0])


def test_the_key_does_not_follow_a_link_out_of_the_checkout(execution, plan_of, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("one")
    plan = plan_of(FILES)
    plan = replace(plan, requirements=replace(plan.requirements, files=("docs/requirements.txt",)))
    (plan.root / "docs/requirements.txt").symlink_to(secret)
    interpreter = sandbox.interpreters()[0]
    first = environment_key(execution, plan, interpreter)

    secret.write_text("another")

    assert environment_key(execution, plan, interpreter) == first


def test_another_version_of_the_repository_finds_the_packages_in_the_cache_and_says_so(plan_of, execution):
    made = prepare_environment(execution, plan_of(FILES), clean=True)
    other = Version.objects.create(repository=execution.build.repository, name="v1", slug="v1", kind="tag")
    execution.build.version = other

    again = prepare_environment(execution, plan_of(FILES), clean=True)

    sandbox.remove(places.version_directory(other))
    counts = [re.fullmatch(r"(\d+) of (\d+) packages from the cache", one.told).groups() for one in (made, again)]
    (_, installed), (cached, all_of_them) = counts
    assert made.folder != again.folder
    # All but the package itself, which is built from the checkout.
    assert (int(cached), all_of_them) == (int(installed) - 1, installed)


@pytest.mark.parametrize(
    ("log", "told"),
    [
        ("Resolved 3 packages in 1ms\nPrepared 1 package in 2ms\nInstalled 3 packages in 1ms\n", "2 of 3"),
        ("Installed 25 packages in 1ms\nInstalled 2 packages in 1ms\n + a==1\n", "27 of 27"),
        ("Prepared 9 packages in 2ms\nInstalled 1 package in 1ms\n", "0 of 1"),
        ("Audited 3 packages in 1ms\n", ""),
    ],
)
def test_what_uv_installed_is_counted(log, told):
    assert from_cache(log) == (told and f"{told} packages from the cache")


def test_uvs_answer_is_told_in_one_line():
    log = (
        "$ uv pip install …\n"
        "Using Python 3.11.2 environment at: /e\n"
        "error: No solution found when resolving dependencies\n"
        "  cause: Because you require sphinx<3 and sphinx>4, you cannot have both.\n"
    )

    assert complaint(log) == (
        "No solution found when resolving dependencies. "
        "Because you require sphinx<3 and sphinx>4, you cannot have both"
    )
