"""`manage.py check` finds what a report's author got wrong, before anyone asks for it."""

from typing import Any

import pytest
from django.db import models
from django.db.models import Value

from reports import Column, Report, native, registry
from reports.checks import check_lines, check_reports
from tests.hostile.models import Entry


@pytest.fixture
def declared(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes a report with this column the only one there is."""

    def declare(column: Any) -> None:
        report = type("Probe", (Report,), {"queryset": Entry.objects.all(), "found": column})
        monkeypatch.setattr(registry, "_reports", {"probe": report()})

    return declare


def test_every_report_there_is_passes() -> None:
    assert check_reports() == []


def test_lines_that_are_not_compiled_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert check_lines() == []
    monkeypatch.setattr(native, "library", lambda: None)
    (message,) = check_lines()
    assert message.id == "reports.W001"
    assert "lines.c is not compiled" in message.msg
    assert "reports/native.py" in str(message.hint)


@pytest.mark.parametrize(
    ("column", "identifier", "sentence"),
    [
        (Column("nothing"), "reports.E001", "Cannot resolve keyword 'nothing'"),
        (Column(models.F("owner__nothing")), "reports.E001", "nothing"),
        (Column(models.Value(1.5)), "reports.E001", "probe.found: A float has no natural number"),
        (Column(models.Max("text")), "reports.E002", "Use reports.expressions.Max"),
        (
            Column(models.StringAgg("text", Value(","))),
            "reports.E002",
            "Use reports.expressions.StringAgg",
        ),
    ],
)
def test_a_wrong_report_is_named(
    declared: Any, column: Column, identifier: str, sentence: str
) -> None:
    declared(column)
    (message,) = check_reports()
    assert message.id == identifier
    assert sentence in message.msg
    assert str(message.obj).endswith(".Probe")


def test_checking_asks_no_database(declared: Any) -> None:
    # pytest-django blocks every query of a test that has no database.
    declared(Column("text"))
    assert check_reports() == []
