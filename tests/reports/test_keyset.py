"""Keyset pages: together they are the report, each row once."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.test import Client

from reports import registry
from reports.errors import ParameterError
from reports.formats.base import Document
from reports.formats.csv import Delimited
from reports.queries.parameters import read
from reports.queries.statement import Statement
from reports.report import Report
from reports.web import query
from tests.hostile import bundled, oracle

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
        page = list(statement.after(statement.cursor(rows[-1]))[:size])
        assert page
        rows += page
    assert rows == whole


@pytest.mark.django_db
@pytest.mark.parametrize(
    "table",
    # Ordered by a count, by an area that is NULL for some, and beside a spatial join.
    [bundled.airports_by_time_zone, bundled.country_shapes, bundled.neighbours_on_the_map],
    ids=lambda table: table.__name__,
)
def test_pages_behind_places_have_the_rows_of_plain_python(
    table: Callable[[], oracle.Table], client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every page but the first is requested by `?after=`, as in its link."""
    monkeypatch.setattr(query, "LAST_NUMBERED_PAGE", 1)
    slug = table.__name__.replace("_", "-")
    rows: list[Any] = []
    address, places = f"/reports/{slug}/", 0
    while address:
        response = client.get(address)
        rows += response.context["page"].rows
        following = re.search(r'rel="next"\s+href="([^"]+)"', response.text)
        address = f"/reports/{slug}/{unescape(following[1])}" if following else ""
        places += "?after=" in address
    assert places
    statement = _statement(registry.get(slug))
    document = Document(title="", columns=statement.columns, rows=iter(rows))
    assert "".join(Delimited(for_people=False)(document)) == "".join(oracle.csv(table()))


@pytest.mark.django_db
def test_a_place_of_another_report_is_refused(hostile: None) -> None:
    planes = _statement(registry.get("planes-by-model"))
    token = planes.cursor(planes.queryset[0])
    with pytest.raises(ParameterError, match="not valid for this report"):
        _statement(registry.get("airports-by-country")).after(token)
