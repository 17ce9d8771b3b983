"""The nearest Python, of those that are here."""

from pathlib import Path

import pytest

from builds import sandbox
from builds.errors import BuildError
from builds.rendering.pythons import choose_interpreter, remark

HERE = {
    Path("/ours/python3.11"): (3, 11),
    Path("/usr/bin/python3.14"): (3, 14),
    Path("/usr/bin/python3.12"): (3, 12),
}


@pytest.fixture
def versions(monkeypatch):
    found = dict(HERE)
    monkeypatch.setattr(sandbox, "interpreter_versions", lambda: found)
    return found


@pytest.mark.parametrize(
    ("wanted", "chosen", "said"),
    [
        ("", (3, 11), ""),
        ("3.12", (3, 12), ""),
        ("3.12.4", (3, 12), ""),
        ("3.13", (3, 14), "Python 3.13 is asked for; 3.14 is the nearest here."),
        ("3.9", (3, 11), "Python 3.9 is asked for; 3.11 is the nearest here."),
        ("3.1", (3, 11), "Python 3.1 is asked for; 3.11 is the nearest here."),
        ("3.99", (3, 14), "Python 3.99 is asked for; 3.14 is the nearest here."),
        ("3", (3, 14), ""),
        ("latest", (3, 14), ""),
        ("2.7", (3, 11), "Python 2.7 is asked for; 3.11 is the nearest here."),
        ("miniconda3-4.7", (3, 11), "Python miniconda3-4.7 is asked for; 3.11 is the nearest here."),
    ],
)
def test_the_nearest_is_chosen_and_named(versions, wanted, chosen, said):
    assert versions[choose_interpreter(wanted)] == chosen
    assert remark(wanted) == said


def test_none_at_all_is_our_fault(versions):
    versions.clear()

    with pytest.raises(BuildError, match="no Python that works inside the sandbox"):
        choose_interpreter("3.12")
