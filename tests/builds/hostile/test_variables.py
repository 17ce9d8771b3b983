"""A repository's environment variables in real builds: who is told them, and what is seen of them."""

import ast
import hashlib
import re

import pytest
from django.core.exceptions import ValidationError

from builds import environment_cache, logs, pipeline, places
from builds.models import Build, State, Trigger
from pages.models import Publication
from repositories.models import Version
from repositories.variables import check_name
from tests.builds.hostile.conftest import register
from tests.builds.hostile.projects import CONF

pytestmark = pytest.mark.django_db

SECRET, LATER = 's3cret-"ü"-\\word', "another-s3cret-word"
PRINT = "import os\nprint('CONF', dict(os.environ))\n"
TELLING_CONF = CONF + PRINT + "rst_epilog = f\".. |word| replace:: {os.environ.get('WORD', '')}\"\n"
BACKEND = """
import os, zipfile

def build_editable(directory, *others):
    with open("installing", "w") as file:
        print("INSTALLING", dict(os.environ), file=file)
    with zipfile.ZipFile(os.path.join(directory, "small-1.0-py3-none-any.whl"), "w") as wheel:
        wheel.writestr("small-1.0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: small\\nVersion: 1.0\\n")
        wheel.writestr("small-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nTag: py3-none-any\\n")
        wheel.writestr("small-1.0.dist-info/RECORD", "")
    return "small-1.0-py3-none-any.whl"
"""
FILES = {
    "docs__told_dot_rst": ":orphan:\n\nTold\n====\n\nIt is |word|.\n",
    "pyproject_dot_toml": '[project]\nname = "small"\nversion = "1.0"\n\n[build-system]\nrequires = []\n'
    'build-backend = "telling"\nbackend-path = ["."]\n',
    "telling_dot_py": BACKEND,
    "_dot_readthedocs_dot_yaml": "version: 2\nbuild:\n  os: ubuntu-24.04\n  tools:\n    python: '3'\n  jobs:\n"
    "    post_checkout:\n      - python3 -c \"import os; print('LINE', dict(os.environ))\"\n"
    "    pre_build:\n      - cat installing || true\n"
    "sphinx:\n  configuration: docs/conf.py\npython:\n  install:\n    - path: .\n      method: pip\n",
}
WHERE = ("LINE", "INSTALLING", "CONF")


def environments(log):
    """What each stage saw, by its word."""
    found = {word: re.search(rf"^{word} (\{{.*\}})$", log, re.MULTILINE) for word in WHERE}
    return {word: ast.literal_eval(line[1]) for word, line in found.items() if line}


def may_be_set(name):
    try:
        check_name(name)
    except ValidationError:
        return False
    return True


def build(version, *, clean=False, commit=""):
    found = Build.objects.request(version, trigger=Trigger.PERSON, clean=clean, commit=commit)
    assert found.claim()
    pipeline.run(found)
    found.refresh_from_db()
    return found, "".join(logs.read_all(found))


def pages(version):
    directory = Publication.objects.get(version=version).release.directory
    return {path.relative_to(directory): path.read_bytes() for path in directory.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def told(data_directory, registrant):
    """The first build, that of a pull request, and one of the same commit after the values changed, then clean."""
    project = register("variables", registrant, data_directory)
    repository, origin = project.repository, project.origin
    repository.variables.create(name="WORD", value="Erde", is_secret=False)
    repository.variables.create(name="HIDDEN", value=SECRET)
    first = project.build(TELLING_CONF, **FILES)
    assert first.state == State.SUCCESS, first.log
    commit = origin.git("rev-parse", "HEAD").strip()
    origin.git("update-ref", "refs/pull/1/head", commit)
    proposal = Version.objects.create(repository=repository, kind=Version.Kind.PULL_REQUEST, name="1", slug="pr-1")
    made = {"first": first.log, "before": pages(repository.default_version)}
    made["proposal"] = build(proposal, commit=commit)
    repository.variables.filter(name="WORD").delete()
    repository.variables.create(name="WORD", value="Mond", is_secret=False)
    made["again"] = build(repository.default_version)
    made["changed"] = pages(repository.default_version)
    made["clean"] = build(repository.default_version, clean=True)
    made["from nothing"] = pages(repository.default_version)
    return made


def test_lines_installing_and_rendering_have_them_and_the_log_shows_no_secret(told):
    seen = environments(told["first"])

    assert set(seen) == set(WHERE)
    for variables in seen.values():
        assert (variables["WORD"], variables["HIDDEN"]) == ("Erde", "[secret]")
    assert "s3cret" not in told["first"]


def test_all_else_that_a_build_has_cannot_be_set(told):
    seen = {name for variables in environments(told["first"]).values() for name in variables}

    assert set(filter(may_be_set, seen)) == {"WORD", "HIDDEN"}


def test_a_pull_request_has_those_that_are_no_secret_and_only_those(told):
    ended, log = told["proposal"]

    assert ended.state == State.SUCCESS, log
    for variables in environments(log).values():
        assert variables["WORD"] == "Erde"
        assert "HIDDEN" not in variables


def test_a_changed_value_is_on_the_pages_as_after_a_clean_build(told):
    ended, log = told["again"]
    assert ended.state == told["clean"][0].state == State.SUCCESS, log
    assert "Rendering everything: " in log

    page = next(path for path in told["changed"] if path.name == "told.html")

    assert b"Erde" in told["before"][page]
    assert b"Mond" in told["changed"][page]
    assert told["changed"] == told["from nothing"]


def test_what_is_kept_of_them_is_measured_and_let_go(told):
    mine = f"repository-{told['again'][0].repository_id}"
    kept = [one for one in environment_cache.kept(places.environments()) if mine in one.folder.name]

    assert {one.folder.name.partition("repository")[0] for one in kept} == {"", "cache-"}
    assert all(one.size == environment_cache.size_on_disk(one.folder) > 0 for one in kept)
    assert all(environment_cache.remove_unless_used(one.folder) for one in kept)


def test_no_file_of_a_build_holds_a_secret_or_its_plain_digest(told, data_directory):
    digests = {hashlib.sha256(text.encode()).hexdigest()[:16].encode() for text in (SECRET, f"HIDDEN{SECRET}")}
    wanted = {SECRET.encode(), repr(SECRET)[1:-1].encode(), *digests}

    holding = [
        path
        for path in data_directory.rglob("*")
        if path.is_file() and not path.is_symlink() and path.name != "installing"
        if any(form in path.read_bytes() for form in wanted)
    ]

    assert holding == []
