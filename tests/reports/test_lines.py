"""The lines that a database writes are those that Python writes."""

import pytest

from reports import Report, registry
from reports.engine import Statement
from reports.formats.base import Document
from reports.formats.csv import Delimited
from reports.lines import Lines, refusal
from reports.parameters import read

REPORTS = list(registry.every())
WRITERS = [
    Delimited(for_people=False),
    Delimited(for_people=True),
    Delimited(for_people=True, separator=";", end="\n"),
    Delimited(for_people=False, separator="\t"),
]


def _statement(report: Report) -> Statement:
    return Statement(report, dict(read(report, {}, "default").values), "default")


def _one_by_one(statement: Statement, writer: Delimited) -> str:
    document = Document(title="", columns=statement.columns, rows=statement.stream())
    return "".join(writer(document))


def _by_line(statement: Statement, writer: Delimited) -> str:
    return b"".join(Lines(statement, writer).pieces()).decode()


@pytest.mark.django_db
@pytest.mark.parametrize("writer", WRITERS, ids=repr)
@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.slug)
def test_every_report_has_the_same_lines_either_way(
    report: Report, writer: Delimited, hostile: None
) -> None:
    statement = _statement(report)
    if refusal(statement, writer):
        return
    assert _by_line(statement, writer) == _one_by_one(statement, writer)
