"""Lines of a .readthedocs.yaml that look for what is not theirs, in every sandbox."""

import pytest

from builds import sandbox
from builds.models import State
from tests.builds.hostile.projects import CANARY

pytestmark = pytest.mark.django_db

MARK = "raided"
LINES = """version: 2
build:
  os: ubuntu-24.04
  tools: {{python: "3"}}
  commands:
    - env; tr '\\0' '\\n' < /proc/1/environ; cat /proc/*/environ || true
    - cat {data}/secret_key {data}/db.sqlite3 || true
    - grep -rl "{half}""{rest}" {data} | xargs cat || true
    - find {data} -type d | while read folder; do touch "$folder/{mark}"; done || true
    - cd $READTHEDOCS_VIRTUALENV_PATH && touch {mark} ../{mark} ../../versions/{mark} ../../mirrors/{mark} || true
    - touch {mark} ../{mark} ../../{mark} ~/../{mark} ~/../bin/uv || true
    - for place in $(grep -o '/[^ "]*/builds/[^ "]*' /proc/self/mountinfo); do touch $place/{mark}; done || true
    - ln -s {data} left && mkdir -p $READTHEDOCS_OUTPUT/html && echo done > $READTHEDOCS_OUTPUT/html/index.html
"""


@pytest.fixture(scope="module")
def raid(project, victim, data_directory):
    yaml = LINES.format(data=data_directory, half=CANARY[:4], rest=CANARY[4:], mark=MARK)
    yield project.build(_dot_readthedocs_dot_yaml=yaml)
    # The next module finds the project as it was.
    assert project.build(_dot_readthedocs_dot_yaml=None).state == State.SUCCESS


def test_nothing_that_is_not_its_own_is_read(raid):
    assert raid.state == State.SUCCESS, raid.log
    assert CANARY not in raid.log


def test_only_its_own_places_are_written_to(raid, project, data_directory):
    builds = sandbox.build_directory()
    key = project.repository.pk
    own = (
        str(builds / "versions" / str(project.repository.default_version.pk) / "source"),
        str(builds / "environments" / f"repository-{key}-"),
        str(builds / "environments" / f"cache-repository-{key}"),
    )

    marked = [str(path) for path in data_directory.rglob(MARK)]

    assert marked, "the lines were not even run"
    assert [path for path in marked if not path.startswith(own)] == []
