"""What is believed of the runner's report of warnings: the project's own code may have written it."""

import json

import pytest

from builds.errors import FencedOut
from builds.models import Build
from builds.rendering.reports import MOST_WARNINGS, record_told

WARNING = {
    "level": "warning",
    "kind": "ref.ref",
    "file": "docs/one.rst",
    "line": 4,
    "text": "undefined label: 'x'",
}


@pytest.fixture
def told(execution, tmp_path):
    """The stored warnings after a report of these."""

    def told(report):
        path = tmp_path / "warnings.json"
        path.write_text(report if isinstance(report, str) else json.dumps(report))
        record_told(execution, path)
        return list(execution.build.warnings.all())

    return told


def test_a_warning_is_stored_with_its_place(told, execution):
    (warning,) = told({"total": 1, "warnings": [WARNING]})

    assert (warning.level, warning.kind, warning.file, warning.line, warning.text) == tuple(WARNING.values())
    assert execution.build.warning_count == 1


@pytest.mark.parametrize("report", ["", "[]", "{", '{"total": 3}', '{"warnings": 7}', "[" * 100_000])
def test_of_a_report_that_is_none_nothing_is_known(told, execution, report):
    assert told(report) == []
    assert execution.build.warning_count is None


@pytest.mark.parametrize(
    ("field", "value", "stored"),
    [
        ("file", "/etc/passwd", ""),
        ("file", "docs/../../x", ""),
        ("file", 7, ""),
        ("line", -1, None),
        ("line", True, None),
        ("line", 10**40, 10_000_000),
        ("line", "4", None),
        ("level", "critical", "warning"),
        ("kind", "k" * 1_000, "k" * 60),
        ("text", "t" * 100_000, "t" * 500),
        ("text", "\x1b[31mred\x1b[0m\nand\0 \ud800more", "red and ?more"),
        ("text", "https://bot:hunter2@git.example.org", "https://[secret]@git.example.org"),
        ("text", "", "(no text)"),
        ("text", {}, "(no text)"),
    ],
)
def test_each_field_is_what_it_should_be_whatever_is_told(told, field, value, stored):
    (warning,) = told({"total": 1, "warnings": [WARNING | {field: value}]})

    assert getattr(warning, field) == stored


def test_i8_a_report_of_very_many_is_cut_and_counted(told, execution):
    assert len(told({"total": 5_000, "warnings": [WARNING] * 3_000})) == MOST_WARNINGS
    assert execution.build.warning_count == 5_000


def test_a_total_that_is_less_than_what_is_listed_is_not_believed(told, execution):
    told({"total": -3, "warnings": [WARNING, "no warning"]})

    assert execution.build.warning_count == 1


def test_a_secret_of_the_repository_is_masked(told, execution):
    secret = execution.build.repository.webhook_secret

    (warning,) = told({"total": 1, "warnings": [WARNING | {"text": f"Found {secret}."}]})

    assert warning.text == "Found [secret]."


def test_i3_of_an_attempt_that_was_given_up_on_nothing_is_stored(told, execution):
    Build.objects.update(attempt=9)

    with pytest.raises(FencedOut):
        told({"total": 1, "warnings": [WARNING]})


def test_a_stage_says_how_many_pages_were_read(told, execution):
    told({"total": 0, "warnings": [], "pages": 40, "read": 2, "reused": True})

    assert (execution.noted.note, execution.noted.reused) == ("2 of 40 pages read", True)


@pytest.mark.parametrize(
    ("facts", "note"),
    [
        ({}, ""),
        ({"pages": "many"}, ""),
        ({"pages": 1, "read": 1}, "1 of 1 page read"),
        ({"pages": 3, "read": 9, "reused": 1}, "3 of 3 pages read"),
    ],
)
def test_what_a_render_says_of_its_pages_is_bounded(told, execution, facts, note):
    told({"total": 0, "warnings": []} | facts)

    assert (execution.noted.note, execution.noted.reused) == (note, False)
