"""What helps: said of what uv and Sphinx answer, word by word as they answered."""

import time

import pytest

from builds.rendering.hints import OF_SPHINX, OF_UV, hint_about


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (
            "  cause: Because sphinx-nothing was not found in the package registry and you require sphinx-nothing,"
            " we can conclude that your requirements are unsatisfiable.",
            "Is sphinx-nothing spelled as on the package index?",
        ),
        (
            "  cause: Because there is no version of sphinx==99.1 and you require sphinx==99.1, we can conclude "
            "that your requirements are unsatisfiable.",
            "There is no such release of sphinx==99.1:",
        ),
        (
            "  cause: Because you require sphinx<3 and sphinx>4, we can conclude that your requirements are "
            "unsatisfiable.",
            "Two requirements exclude each other",
        ),
        (
            "  cause: Because the current Python version (3.11.7) does not satisfy Python>=3.14 and p==1 depends "
            "on Python>=3.14, we can conclude that p==1 cannot be used.",
            "Builds run on Python 3.11.7: allow a release that does without Python>=3.14.",
        ),
        (
            "error: The build backend returned an error\n  cause: Call to "
            "`setuptools.build_meta:__legacy__.get_requires_for_build_wheel` failed (exit status: 3)",
            "no ready-made wheel",
        ),
        ("error: File not found: missing.txt", "Is missing.txt committed"),
        ("error: Failed to fetch: connection reset", ""),
    ],
)
def test_what_uv_complains_of_has_a_hint(answer, hint):
    told = hint_about(answer, OF_UV)
    assert told.startswith(hint) or hint in told
    assert bool(told) == bool(hint)


@pytest.mark.parametrize(
    ("message", "hint"),
    [
        ("ModuleNotFoundError: No module named 'pkg_resources'", "require setuptools<81"),
        ("LookupError: setuptools-scm was unable to detect version for /x.", "taken from git's tags"),
        ("nbclient.exceptions.CellExecutionError: An error occurred", "nbsphinx_execute = 'never'"),
        ("Pandoc wasn't found.\nPlease check", "The program Pandoc is not installed on this server"),
        ("No such file or directory: 'dot'", "The program dot is not installed"),
        ("TypeError: argument of type '_JavaScript' is not iterable", "require sphinx<7, or a newer theme"),
        ("KeyError: 'lower_case'", ""),
        ("No module named 'sphinx_rtd_theme'", ""),
        ("cannot import name 'x' from 'sphinx_design' (/y)", ""),
    ],
)
def test_what_sphinx_complains_of_has_a_hint_where_one_is_known(message, hint):
    told = hint_about(message, OF_SPHINX)
    assert hint in told
    assert bool(told) == bool(hint)


@pytest.mark.parametrize("hints", [OF_SPHINX, OF_UV])
@pytest.mark.parametrize(
    "piece", ["a", "No such file or directory: '", "KeyError: 'A", "a.b-", "cannot import name '"]
)
def test_a_hostile_message_takes_no_time(hints, piece):
    began = time.process_time()
    hint_about((piece * 20_000)[:20_000], hints)
    assert time.process_time() - began < 0.5


def test_what_a_message_holds_cannot_fill_in_anything_else():
    assert hint_about("No such file or directory: '{0}{9}'", OF_SPHINX).startswith("Is {0}{9} committed?")
