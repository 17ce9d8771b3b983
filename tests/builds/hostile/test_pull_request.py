"""I11: what a pull request's build writes, no build of a branch ever uses. Both are of one repository."""

import json

import pytest

from builds import logs, pipeline, places, sandbox
from builds.models import Build, State, Trigger
from pages.models import releases_directory
from repositories.models import Version
from tests.builds.hostile.projects import CONF

pytestmark = pytest.mark.django_db

# Imported while rendering, and run as the backend that installs the package: each with other places open to it.
RAID = """
import json, os
from pathlib import Path

HERE = Path(__file__).resolve().parent

def raid():
    for folder in json.loads((HERE / "folders.json").read_text()):
        try:
            (Path(folder) / "poison").write_text("x")
        except OSError:
            pass
    for name in ("UV_CACHE_DIR", "HOME", "TMPDIR"):
        if name in os.environ:
            (Path(os.environ[name]) / "poison").write_text("x")
    (HERE / "poison").write_text("x")

def build_editable(*arguments, **options):
    raid()
    raise SystemExit("raided")
"""
PACKAGE = '[project]\nname = "small"\nversion = "1.0"\n\n[build-system]\nrequires = []\n'
PACKAGE += 'build-backend = "raid"\nbackend-path = ["."]\n'
RAIDING_CONF = (
    CONF
    + "import sys\nfrom pathlib import Path\nsys.path.insert(0, str(Path(__file__).resolve().parent.parent))\n"
    + "import raid\nraid.raid()\n"
)


def folders_that_branches_use(version):
    """Directories of the machine in which a file could change what the build of a branch does or publishes."""
    root = sandbox.build_directory()
    mirror = places.git_mirror(version.repository_id)
    found = [root, places.mirrors(), places.versions(), places.environments(), releases_directory(), mirror]
    found += [path for path in mirror.rglob("*") if path.is_dir()]
    found += [path for path in places.version_directory(version).rglob("*") if path.is_dir()]
    found += [path for path in releases_directory().rglob("*") if path.is_dir()]
    for environment in places.environments().iterdir():
        found += [environment, environment / "bin", *environment.glob("lib/python3*/site-packages")]
    return [str(path) for path in found]


@pytest.fixture(scope="module")
def raided(project):
    """The ended build of a pull request that wrote wherever it could."""
    origin, branch = project.origin, project.repository.default_version
    origin.git("checkout", "--quiet", "--detach")
    commit = origin.commit(
        docs__conf_dot_py=RAIDING_CONF,
        raid_dot_py=RAID,
        pyproject_dot_toml=PACKAGE,
        folders_dot_json=json.dumps(folders_that_branches_use(branch)),
    )
    origin.git("update-ref", "refs/pull/1/head", commit)
    origin.git("checkout", "--quiet", "main")
    pull_request = Version.objects.create(
        repository=project.repository, kind=Version.Kind.PULL_REQUEST, name="1", slug="pr-1"
    )
    build = Build.objects.request(pull_request, trigger=Trigger.PUSH, commit=commit)
    assert build.claim()
    pipeline.run(build)
    build.refresh_from_db()
    return build


@pytest.fixture(scope="module")
def rebuilt(project, raided):
    """The branch's build after that one, and its pages before and after."""
    before = project.published
    ended = project.build()
    return ended, before, project.published


def test_i11_a_pull_request_writes_to_nothing_that_a_branch_uses(raided):
    assert raided.state == State.SUCCESS, "".join(logs.read_all(raided))

    poisoned = {path.parent for path in sandbox.build_directory().rglob("poison")}

    cache = places.environments() / f"cache-version-{raided.version_id}"
    assert poisoned == {places.source(raided.version), cache}
    assert not any(releases_directory().rglob("poison"))


def test_i11_a_branch_is_built_after_it_as_before(rebuilt):
    ended, before, after = rebuilt
    assert ended.state == State.SUCCESS, ended.log
    assert after == before
