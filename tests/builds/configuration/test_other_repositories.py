"""What `.yaydoc.yml` says of other repositories and of the branch gh-pages."""

from pathlib import PurePosixPath

import pytest

from builds.configuration.config import PagesBranch, Subproject
from builds.configuration.reading import read_config
from builds.errors import BuildFailed

URL = "https://github.com/fossasia/susi_android"


@pytest.fixture
def read(tmp_path):
    def read(text):
        (tmp_path / ".yaydoc.yml").write_text(text)
        return read_config(tmp_path)

    return read


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("build: {}", ()),
        (f"build:\n  subproject:\n    - url: {URL}\n", (Subproject(URL),)),
        (f"build:\n  subproject: {{url: {URL}, source: doc}}\n", (Subproject(URL, PurePosixPath("doc")),)),
        (f"build:\n  subproject: [{URL}]\n", (Subproject(URL),)),
        (f"metadata:\n  subproject:\n    - url: {URL}\n", (Subproject(URL),)),
        (f"metadata: {{subproject: [a]}}\nbuild: {{subproject: [{URL}]}}\n", (Subproject(URL),)),
    ],
)
def test_subprojects_are_read_from_both_places(read, text, expected):
    config = read(text)

    assert config.build.subprojects == expected
    assert ["better write build.subproject" in note for note in config.notes] == [True] * ("metadata" in text)


@pytest.mark.parametrize(
    ("text", "expected", "notes"),
    [
        ("build: {}", None, 0),
        ("publish: {ghpages: false}", None, 0),
        ("publish: {ghpages: true}", PagesBranch(), 0),
        ("publish:\n  ghpages:\n", PagesBranch(), 0),
        ("publish: {ghpages: {url: dev.example.org}}", PagesBranch("dev.example.org"), 0),
        ("publish: {ghpages: {url: 'https://Dev.Example.org/docs/'}}", PagesBranch("dev.example.org"), 0),
        ("publish: {ghpages: {docurl: dev.example.org}}", PagesBranch("dev.example.org"), 1),
        ("publish: {ghpages: {url: fossasia.github.io/yaydoc}}", PagesBranch(), 1),
        ("build: {publish: {ghpages: {url: dev.example.org}}}", PagesBranch("dev.example.org"), 1),
    ],
)
def test_the_branch_of_pages_is_read_from_where_it_stands_in_the_wild(read, text, expected, notes):
    config = read(text)

    assert (config.pages_branch, len(config.notes)) == (expected, notes)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("build: {subproject: [{source: docs}]}", "build.subproject: url is expected"),
        ("build: {subproject: [{url: ''}]}", "build.subproject.url: the address of a repository is expected"),
        (f"build: {{subproject: [{{url: {URL}, source: ../..}}]}}", "a folder inside the other repository"),
        (f"build: {{subproject: [{{url: {URL}, source: /etc}}]}}", "a folder inside the other repository"),
        (f"build: {{subproject: [{{url: {URL}, path: docs}}]}}", 'unknown key "build.subproject.path"'),
        (f"build: {{subproject: [{','.join([URL] * 51)}]}}", "build.subproject: at most 50 are allowed"),
        ("publish: {ghpages: {url: 'http://['}}", "publish.ghpages.url: the name of a domain is expected"),
        ("publish: {ghpages: {url: 'a b'}}", "publish.ghpages.url: the name of a domain is expected"),
        ("publish: {ghpages: {uri: a.org}}", '(did you mean "publish.ghpages.url"?)'),
    ],
)
def test_what_is_wrong_is_told_with_its_line(read, text, message):
    with pytest.raises(BuildFailed) as failed:
        read(text)

    assert failed.value.reason.startswith(".yaydoc.yml, line 1: ")
    assert message in failed.value.reason
