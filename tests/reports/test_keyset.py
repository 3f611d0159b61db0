"""Pages found by their place: together they are the report, each row once."""

from typing import Any

import pytest

from reports import registry
from reports.engine import Statement
from reports.errors import ParameterError
from reports.parameters import read
from reports.report import Report

# Each page of an aggregate is the whole aggregate again: a few of them will do.
PAGES = 3
ROWS = 40_000
# The bundled ones over many rows have no order that a hostile one has not.
SMALL = ("planes-by-model", "countries-by-continent")
REPORTS = [r for r in registry.every() if r.slug in SMALL or r.slug.startswith("hostile-")]


def _statement(report: Report) -> Statement:
    return Statement(report, dict(read(report, {}, "default").values), "default")


@pytest.mark.django_db
@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.slug)
def test_pages_by_place_are_the_report(report: Report, hostile: None) -> None:
    statement = _statement(report)
    whole: list[Any] = list(statement.queryset[:ROWS])
    if len(whole) == ROWS:
        whole = whole[: 10 * PAGES]  # the million rows, whose first pages stand for all
    size = max(1, len(whole) // PAGES)
    rows = list(statement.queryset[:size])
    while len(rows) < len(whole):
        page = list(statement.after(statement.token(rows[-1]))[:size])
        assert page
        rows += page
    assert rows == whole


@pytest.mark.django_db
def test_a_place_of_another_report_is_refused(hostile: None) -> None:
    planes = _statement(registry.get("planes-by-model"))
    token = planes.token(planes.queryset[0])
    with pytest.raises(ParameterError, match="not valid here"):
        _statement(registry.get("airports-by-country")).after(token)
