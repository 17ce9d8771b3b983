"""What a build is told of the kind of version that it is of."""

import pytest

from builds.models import Build, Trigger
from builds.rendering.variables import promised
from repositories.models import Version

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("kind", "name", "slug", "told"),
    [
        (Version.Kind.BRANCH, "a/b", "a-b", ("a-b", "a/b", "branch", "a/b")),
        (Version.Kind.TAG, "v1.0", "v1.0", ("v1.0", "v1.0", "tag", "v1.0")),
        (Version.Kind.PULL_REQUEST, "17", "pr-17", ("17", "17", "external", "17")),
    ],
)
def test_a_version_is_told_by_the_names_that_read_the_docs_gives_it(repository, tmp_path, kind, name, slug, told):
    version = Version.objects.create(repository=repository, kind=kind, name=name, slug=slug)
    build = Build.objects.request(version, trigger=Trigger.PERSON, commit="b" * 40)

    variables = promised(build, tmp_path, None)

    names = ("VERSION", "VERSION_NAME", "VERSION_TYPE", "GIT_IDENTIFIER")
    assert tuple(variables[f"READTHEDOCS_{name}"] for name in names) == told
    assert variables["READTHEDOCS_CANONICAL_URL"] == version.docs_url
    assert variables["READTHEDOCS_GIT_COMMIT_HASH"] == "b" * 40
    assert "READTHEDOCS_VIRTUALENV_PATH" not in variables
