"""What each key of a .readthedocs.yaml that has lines, tools or packages does to a build of a real repository."""

import pytest

from builds import pipeline, places, sandbox
from builds.errors import BuildFailed
from builds.models import Build, Trigger
from pages.formats import stored_file
from tests.builds.checkouts.git_server import GitRepository
from tests.builds.small_projects import CONF, log_of, start

PAGE = "Small\n=====\n\nWords.\n"
SPHINX = "sphinx:\n  configuration: docs/conf.py\n"
SKELETON = 'version: 2\nbuild:\n  os: ubuntu-24.04\n  tools:\n    python: "3.11"\n'
HTML = "mkdir -p $READTHEDOCS_OUTPUT/html && cp ~/order $READTHEDOCS_OUTPUT/html/index.html"


@pytest.fixture
def build_of(repository, version, tmp_path, settings):
    """Builds a commit of these files, or the last one again: the execution, and the folder of the release."""
    settings.CLONE_PROTOCOLS = ["https", "file"]
    tmp_path.chmod(0o755)
    origin = GitRepository(tmp_path / "origin")
    repository.clone_url = origin.url
    repository.save()
    executions = []

    def build(yaml="", **files):
        if yaml:
            origin.commit(_dot_readthedocs_dot_yaml=yaml, **files)
        build = Build.objects.request(version, trigger=Trigger.PERSON)
        Build.objects.filter(version=version).exclude(pk=build.pk).update(state="cancelled")
        execution = start(build)
        executions.append(execution)
        try:
            return execution, pipeline.produce(execution).directory
        finally:
            sandbox.remove(execution.scratch)

    build.origin = origin
    yield build
    for execution in executions:
        execution.log.close()
    for folder in (places.git_mirror(repository.pk), places.version_directory(version)):
        sandbox.remove(folder)
    for folder in places.environments().glob(f"repository-{repository.pk}-*"):
        sandbox.remove(folder)


def jobs(**lines):
    """The text of build.jobs, each with one line."""
    return "  jobs:\n" + "".join(f"    {job}:\n      - {line}\n" for job, line in lines.items())


def test_the_jobs_are_run_in_the_order_of_read_the_docs(build_of):
    before = (
        *("post_checkout", "pre_system_dependencies", "post_system_dependencies"),
        *("pre_create_environment", "create_environment", "post_create_environment"),
        *("pre_install", "install", "post_install", "pre_build"),
    )
    yaml = SKELETON + jobs(**{job: f"echo {job} >> ~/order" for job in reversed(before)})
    yaml += f"    build:\n      html:\n        - echo html >> ~/order; {HTML}\n"
    yaml += "    post_build:\n      - echo post_build >> $READTHEDOCS_OUTPUT/html/index.html\n"

    execution, pages = build_of(yaml)

    assert (pages / "index.html").read_text().split() == [*before, "html", "post_build"]
    assert "The lines of .readthedocs.yaml make the pages." in log_of(execution)


def test_commands_are_the_whole_build(build_of):
    yaml = SKELETON + f"  commands:\n    - pip --version > ~/order\n    - {HTML}\n"

    _, pages = build_of(yaml, docs__conf_dot_py="1 / 0\n")

    assert "pip" in (pages / "index.html").read_text()
    assert str(places.environments()) in (pages / "index.html").read_text()


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("'true'", "The lines of .readthedocs.yaml wrote no pages."),
        ("ln -s /etc _readthedocs", "The lines of .readthedocs.yaml wrote no pages."),
        ("mkdir _readthedocs && ln -s /etc _readthedocs/html", "The lines of .readthedocs.yaml wrote no pages."),
        ("mkdir -p _readthedocs/html && touch _readthedocs/html/a.html", "index.html is missing in the output."),
    ],
)
def test_lines_without_pages_fail(build_of, line, sentence):
    with pytest.raises(BuildFailed) as failed:
        build_of(SKELETON + f"  commands:\n    - {line}\n")

    assert failed.value.reason == sentence


def test_an_overridden_install_is_all_that_is_installed(build_of):
    lines = jobs(install="pip install --quiet alabaster sphinx==8.1.3")
    yaml = SKELETON + lines + SPHINX + "python:\n  install:\n    - requirements: docs/requirements.txt\n"
    conf = f"import sphinx\n{CONF}rst_epilog = '.. |v| replace:: ' + sphinx.__version__\n"

    _, pages = build_of(
        yaml,
        docs__requirements_dot_txt="no-package-of-this-name-at-all\n",
        docs__conf_dot_py=conf,
        docs__index_dot_rst=PAGE + "\nBy |v|.\n",
    )

    assert "By 8.1.3." in (pages / "index.html").read_text()


def test_a_line_may_write_the_conf_py_that_the_configuration_names(build_of):
    yaml = SKELETON + jobs(pre_build="""echo "project = 'Made'; html_title = 'By a line'" > book/conf.py""")
    yaml += "sphinx:\n  configuration: book/conf.py\n"

    _, pages = build_of(yaml, book__index_dot_rst="One\n===\n")

    assert "By a line</title>" in (pages / "index.html").read_text()

    with pytest.raises(BuildFailed, match=r"^sphinx\.configuration: there is no none/conf\.py\.$"):
        build_of(yaml.replace("configuration: book", "configuration: none"))


def test_lines_after_the_build_change_what_is_published_and_not_what_the_next_one_builds_upon(build_of):
    yaml = SKELETON + jobs(post_build="echo '<!-- by a line -->' >> $READTHEDOCS_OUTPUT/html/index.html") + SPHINX
    files = {"docs__conf_dot_py": CONF, "docs__index_dot_rst": PAGE, "docs__other_dot_rst": "Other\n=====\n"}

    build_of(yaml, **files)
    execution, pages = build_of(yaml, docs__other_dot_rst="Another\n=======\n")

    assert (pages / "index.html").read_text().count("by a line") == 1
    assert "0 added, 1 changed, 0 removed" in log_of(execution)


def note_of_environment(execution):
    """Without how much of it was found in a cache, which depends on what other tests left there."""
    notes = (stage["note"] for stage in execution.build.stages if stage["name"] == "environment")
    return next(notes).partition(",")[0]


def test_an_environment_is_kept_that_no_line_changed_and_made_anew_otherwise(build_of):
    files = {"docs__conf_dot_py": CONF, "docs__index_dot_rst": PAGE}
    quiet = SKELETON + jobs(pre_build="echo nothing") + SPHINX
    changing = SKELETON + jobs(pre_build="touch $READTHEDOCS_VIRTUALENV_PATH/lib/mark") + SPHINX
    installing = SKELETON + jobs(post_install="pip --version") + SPHINX

    def notes(yaml):
        execution, _ = build_of(yaml, **files)
        return note_of_environment(execution)

    assert [notes(quiet), notes(quiet)] == ["made", "reused"]
    assert [notes(changing), notes(changing)] == ["made", "made"]
    assert [notes(installing), notes(installing)] == ["made", "made"]


def test_an_environment_is_not_used_again_after_a_line_failed(build_of):
    files = {"docs__conf_dot_py": CONF, "docs__index_dot_rst": PAGE}
    line = "touch $READTHEDOCS_VIRTUALENV_PATH/mark; [ -e docs/other.rst ]"
    yaml = SKELETON + jobs(pre_build=line) + SPHINX

    with pytest.raises(BuildFailed):
        build_of(yaml, **files)
    execution, _ = build_of(yaml, docs__other_dot_rst="Other\n=====\n")

    assert "── Environment: " in log_of(execution)
    assert note_of_environment(execution) == "made"


def test_pages_are_built_upon_the_last_ones_if_the_environment_turned_out_the_same(build_of):
    files = {"docs__conf_dot_py": CONF, "docs__index_dot_rst": PAGE, "number": "1"}
    yaml = SKELETON + jobs(install="cp number $READTHEDOCS_VIRTUALENV_PATH/lib/") + SPHINX

    build_of(yaml, **files)
    same, _ = build_of(yaml)
    other, _ = build_of(yaml, number="2")

    assert "Rendering everything" not in log_of(same)
    assert "Rendering everything: the environment changed." in log_of(other)


def test_lines_that_fail_in_a_kept_environment_are_tried_again_from_nothing(build_of):
    tried = "$UV_CACHE_DIR/tried"
    line = f"mkdir ~/once && [ ! -e late -o -e {tried} ] || (touch {tried}; python -c 'import no')"
    yaml = SKELETON + jobs(pre_build=line) + SPHINX

    build_of(yaml, docs__conf_dot_py=CONF, docs__index_dot_rst=PAGE)
    execution, _ = build_of(yaml, late="")
    sandbox.remove(places.environments() / f"cache-repository-{execution.build.repository_id}" / "tried")

    assert "pre_build, line 1, ended with exit code 1" in log_of(execution)
    assert "once more from nothing" in log_of(execution)


def test_files_that_a_line_left_in_the_checkout_are_gone_at_the_next_build(build_of):
    yaml = SKELETON + f"  commands:\n    - '[ ! -e left ] && touch left && touch ~/order && {HTML}'\n"

    build_of(yaml)
    _, pages = build_of(yaml)

    assert (pages / "index.html").exists()


def test_formats_run_their_own_lines_only_where_they_are_asked_for(build_of):
    lines = "  jobs:\n    build:\n      html:\n        - touch ~/order\n"
    write = "mkdir -p $READTHEDOCS_OUTPUT/pdf && echo %PDF > $READTHEDOCS_OUTPUT/pdf/small.pdf"
    lines += f"      pdf:\n        - echo pdf >> ~/order; {write}\n      epub:\n        - echo epub >> ~/order\n"
    lines += f"    post_build:\n      - {HTML}\n"

    _, pages = build_of(SKELETON + lines + "formats: [pdf]\n")

    assert (pages / "index.html").read_text() == "pdf\n"
    assert stored_file(pages, "pdf").read_text() == "%PDF\n"


def test_what_build_commands_write_for_formats_is_taken_and_what_has_another_name_is_said(build_of):
    write = "cd $READTHEDOCS_OUTPUT && mkdir epub pdf && echo epub > epub/a.epub && echo tex > pdf/a.tex"
    yaml = SKELETON + f"  commands:\n    - touch ~/order; {HTML}\n    - {write}\n"

    execution, pages = build_of(yaml)

    assert stored_file(pages, "epub").read_text() == "epub\n"
    assert "pdf: there is no file that ends in .pdf, so it cannot be downloaded." in log_of(execution)


def test_another_python_is_named_in_the_log(build_of):
    yaml = SKELETON.replace("3.11", "3.99") + f"  commands:\n    - touch ~/order; {HTML}\n"

    execution, _ = build_of(yaml)

    assert "Python 3.99 is asked for; 3." in log_of(execution)
    assert " is the nearest here." in log_of(execution)


def test_packages_of_the_system_are_named_unless_the_operator_says_that_they_are_here(build_of, settings):
    settings.SYSTEM_PACKAGES = ["graphviz"]
    yaml = SKELETON + "  apt_packages: [graphviz, cowsay]\n" + f"  commands:\n    - touch ~/order; {HTML}\n"

    execution, _ = build_of(yaml)

    assert "needs them fails: cowsay." in log_of(execution)
