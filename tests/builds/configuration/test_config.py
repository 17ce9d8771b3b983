"""What a repository asks for in its `.yaydoc.yml`."""

import os
import time
from pathlib import PurePosixPath

import pytest

from builds.configuration.config import (
    Autoindex,
    BuildOptions,
    Buttons,
    Config,
    Metadata,
    Part,
    Ribbon,
    Swagger,
    Theme,
)
from builds.configuration.reading import read_config
from builds.errors import BuildFailed
from tests.builds.configuration.bad_configs import BAD_CONFIGS


@pytest.fixture
def checkout(tmp_path):
    source = tmp_path / "checkout"
    (source / "docs" / "images").mkdir(parents=True)
    (source / "docs" / "images" / "logo.svg").write_text("<svg/>")
    return source


def read(checkout, text, name=".yaydoc.yml"):
    (checkout / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_config(checkout)


def refusal(checkout, text):
    with pytest.raises(BuildFailed) as caught:
        read(checkout, text)
    return caught.value.reason


@pytest.mark.parametrize(
    ("text", "line", "part"), [case[1:] for case in BAD_CONFIGS], ids=[c[0] for c in BAD_CONFIGS]
)
def test_a_bad_file_fails_the_build_with_file_line_and_reason(checkout, text, line, part):
    started = time.process_time()

    reason = refusal(checkout, text)

    assert reason.startswith(f".yaydoc.yml, line {line}: " if line else ".yaydoc.yml: ")
    assert part in reason
    assert time.process_time() - started < 1


def test_without_a_file_everything_has_its_default(checkout):
    assert read_config(checkout) == Config()


def test_an_empty_file_changes_nothing(checkout):
    assert read(checkout, "") == Config(file=".yaydoc.yml")


def test_all_that_is_supported_is_read(checkout):
    config = read(
        checkout,
        """
metadata:
  projectname: "Query Server"
  author: FOSSASIA
  version: 1.2
build:
  source: ./docs/
  theme:
    name: sphinx_rtd_theme
    options: {show_logo: true, links: [a, b], depth: 4}
  logo: images/logo.svg
  mock:
    - numpy
    - scipy.linalg
""",
    )

    assert config == Config(
        file=".yaydoc.yml",
        metadata=Metadata("Query Server", "FOSSASIA", "1.2"),
        build=BuildOptions(
            source=PurePosixPath("docs"),
            theme=Theme("sphinx_rtd_theme", {"show_logo": True, "links": ["a", "b"], "depth": 4}),
            logo=PurePosixPath("docs/images/logo.svg"),
            mock=("numpy", "scipy.linalg"),
        ),
    )


def test_a_theme_may_be_a_bare_name_and_a_list_a_single_value(checkout):
    config = read(checkout, "build: {theme: alabaster, mock: numpy}")

    assert config.build.theme == Theme("alabaster")
    assert config.build.mock == ("numpy",)


def test_the_repository_itself_may_be_the_source(checkout):
    assert read(checkout, "build: {source: .}").build.source == PurePosixPath(".")


def test_a_key_without_a_value_is_as_good_as_none(checkout):
    config = read(checkout, "metadata:\n  author:\nbuild:\n  theme:\n  source:\n  logo:\n  mock:\n")

    assert config == Config(file=".yaydoc.yml")


def test_old_names_of_keys_are_read_and_noted(checkout):
    config = read(checkout, "build:\n  doctheme: alabaster\n  docpath: docs\n")

    assert (config.build.theme, config.build.source) == (Theme("alabaster"), PurePosixPath("docs"))
    assert config.notes == (
        ".yaydoc.yml, line 2: build.doctheme: an old name, still read: better write theme",
        ".yaydoc.yml, line 3: build.docpath: an old name, still read: better write source",
    )


def test_the_present_name_of_a_key_counts_where_the_old_one_stands_too(checkout):
    assert read(checkout, "build: {theme: furo, doctheme: alabaster}").build.theme == Theme("furo")


def test_all_sections_of_the_first_yaydoc_are_read(checkout):
    (checkout / "README.md").touch()
    (checkout / "src").mkdir()
    config = read(
        checkout,
        """metadata:
  debug: true
  inline_math: true
  autoindex:
    include: README.md
    toc: {show: false}
    apidoc: {heading: The API, swagger: {show: false}, javadoc: {show: true}}
build:
  github_ribbon: {color: green}
  github_button:
    buttons: {watch: false, follow: false}
    large: false
  autoapi:
    - {language: python, source: src}
    - language: java
extras:
  swagger: {url: "https://api.example.org/swagger.json", ui: swagger}
""",
    )

    assert config.metadata == Metadata(
        debug=True,
        inline_math=True,
        autoindex=Autoindex(
            include=(PurePosixPath("README.md"),),
            toc=Part(show=False, heading="Contents"),
            apidoc=Part(heading="The API"),
            shows_swagger=False,
        ),
    )
    assert config.build.github_ribbon == Ribbon("right", "green")
    assert config.build.github_button == Buttons(("star", "fork", "issues"), large=False)
    assert config.build.autoapi == (PurePosixPath("src"),)
    assert config.swagger == Swagger(url="https://api.example.org/swagger.json")
    assert config.notes == (".yaydoc.yml, line 15: build.autoapi: pages are made of Python only; left out: java",)


def test_buttons_and_ribbon_need_no_more_than_their_key(checkout):
    config = read(checkout, "build:\n  github_button:\n  github_ribbon:\n")

    assert config.build.github_button == Buttons(("star", "watch", "fork", "follow", "issues"), large=True)
    assert config.build.github_ribbon == Ribbon("right", "red")


def test_parts_of_the_index_that_stand_beside_it_are_read_and_noted(checkout):
    config = read(checkout, "metadata: {toc: {heading: Pages}, autoindex: {apidoc: {show: false}}}")

    assert config.metadata.autoindex == Autoindex(
        toc=Part(heading="Pages"), apidoc=Part(show=False, heading="API Documentation")
    )
    assert config.notes == (
        ".yaydoc.yml, line 1: metadata.toc: an old name, still read: better write autoindex.toc",
    )


def test_the_description_of_a_web_api_may_be_a_file(checkout):
    (checkout / "api.yaml").touch()

    assert read(checkout, "extras: {swagger: api.yaml}").swagger == Swagger(file=PurePosixPath("api.yaml"))
    assert read(checkout, "apidocs: {url: api.yaml}").swagger == Swagger(file=PurePosixPath("api.yaml"))


def test_what_is_gone_or_not_there_yet_is_noted_with_its_line(checkout):
    config = read(
        checkout,
        """metadata:
  autoindex:
    rss: {url: "https://example.org/feed", heading: News}
    twitter: {query: fossasia}
build:
  markdown_flavour: markdown_github
  github_button: {show_count: true}
publish:
  heroku: {app_name: docs}
extras:
  javadoc: {path: src/}
social: {twitter: fossasia}
""",
    )

    assert [note.split(": ")[:2] for note in config.notes] == [
        [f".yaydoc.yml, line {line}", key]
        for line, key in [
            (3, "metadata.autoindex.rss"),
            (4, "metadata.autoindex.twitter"),
            (6, "build.markdown_flavour"),
            (7, "build.github_button.show_count"),
            (9, "publish.heroku"),
            (11, "extras.javadoc"),
            (12, "social"),
        ]
    ]
    assert any("Yaydoc serves the pages itself" in note for note in config.notes)


def test_a_logo_may_be_written_from_the_repository_and_a_missing_one_is_left_out(checkout):
    found = read(checkout, "build: {source: docs, logo: docs/images/logo.svg}")
    missing = read(checkout, "build: {source: docs, logo: images/none.png}")

    assert found.build.logo == PurePosixPath("docs/images/logo.svg")
    assert missing.build.logo is None
    assert missing.notes == (
        ".yaydoc.yml, line 1: build.logo: there is no such file (docs/images/none.png): left out",
    )


def test_yaydoc_yaml_is_read_too_but_yaydoc_yml_counts_and_the_others_are_named(checkout):
    assert read(checkout, "metadata: {author: b}", ".yaydoc.yaml").metadata.author == "b"

    (checkout / ".readthedocs.yaml").write_text("version: 2")
    config = read(checkout, "metadata: {author: a}")

    assert (config.file, config.metadata.author) == (".yaydoc.yml", "a")
    assert config.notes == (".yaydoc.yml is read; not read besides: .yaydoc.yaml, .readthedocs.yaml",)


def test_a_source_that_is_a_link_within_the_repository_is_followed(checkout):
    (checkout / "manual").symlink_to("docs")

    assert read(checkout, "build: {source: manual}").build.source == PurePosixPath("manual")


@pytest.mark.parametrize("target", ["/", "..", "/etc", "docs/../.."])
def test_a_source_that_is_a_link_out_of_the_repository_is_refused(checkout, target):
    (checkout / "manual").symlink_to(target)

    assert refusal(checkout, "build: {source: manual}") == (
        ".yaydoc.yml, line 1: build.source: symbolic link leaves the repository"
    )


def test_a_source_that_is_a_circle_of_links_is_refused(checkout):
    (checkout / "manual").symlink_to("manual")

    assert refusal(checkout, "build: {source: manual}").endswith("build.source: does not exist")


def test_a_logo_that_is_a_link_out_of_the_repository_is_refused(checkout):
    (checkout / "docs" / "logo.png").symlink_to("/etc/passwd")

    assert refusal(checkout, "build: {logo: logo.png}").endswith("build.logo: symbolic link leaves the repository")


@pytest.mark.parametrize("file", [".yaydoc.yml", ".readthedocs.yaml"])
def test_a_file_that_is_a_link_is_refused_without_showing_where_it_leads(checkout, file):
    secret = checkout.parent / "secret"
    secret.write_text("password: hunter2")
    (checkout / file).symlink_to(secret)

    with pytest.raises(BuildFailed) as caught:
        read_config(checkout)

    assert caught.value.reason == f"{file}: the config file must be a regular file of at most 64 KB."


@pytest.mark.parametrize("file", [".yaydoc.yml", ".readthedocs.yaml"])
@pytest.mark.parametrize("kind", ["directory", "pipe", "giant"])
def test_what_is_no_regular_file_of_64_kb_is_refused_at_once(checkout, kind, file):
    path = checkout / file
    if kind == "directory":
        path.mkdir()
    if kind == "pipe":
        os.mkfifo(path)
    if kind == "giant":
        with path.open("wb") as file:
            file.truncate(5 * 1024**3)
    started = time.process_time()

    with pytest.raises(BuildFailed, match="must be a regular file of at most 64 KB"):
        read_config(checkout)

    assert time.process_time() - started < 1


def test_the_commands_of_a_hostile_file_never_ran(checkout, tmp_path):
    mark = tmp_path / "mark"

    refusal(checkout, f'!!python/object/apply:os.system ["touch {mark}"]')

    assert not mark.exists()
