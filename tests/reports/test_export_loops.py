"""Every loop of an export respects the limits, whatever writes the rows."""

from typing import Any

import pytest

from geo.backends.wrapper import database_wrapper
from reports import Column, Report
from reports.errors import LimitReached
from reports.exports.pipeline import ExportPipeline
from reports.formats import FORMATS
from reports.limits import ExportLimits
from reports.queries.statement import Statement
from tests.hostile.models import Instant


class Instants(Report):
    """Several thousand rows in several pieces."""

    queryset = Instant.objects.all()
    number = Column("id")
    at = Column("at")


def export(format_: str, **limits: Any) -> ExportPipeline:
    given = {"seconds": None, "statement_seconds": None} | limits
    statement = Statement(Instants(), {}, "default")
    return ExportPipeline(statement, FORMATS[format_], limits=ExportLimits(**given))


@pytest.mark.parametrize("format_", ["csv", "json"])
@pytest.mark.parametrize("what", ["rows", "bytes"])
def test_as_many_as_the_limit_pass_and_no_more(committed: Any, format_: str, what: str) -> None:
    whole = export(format_)
    is_by_line = format_ == "csv" and not database_wrapper("default").bulk_refusal
    assert bool(whole.row_by_row) is not is_by_line
    assert len(list(whole.pieces())) > 1
    most = whole.rows if what == "rows" else whole.size
    just = export(format_, **{what: most})
    assert b"".join(just.pieces())
    assert just.sha256 == whole.sha256
    with pytest.raises(LimitReached, match=f"more {what} than an export may have"):
        list(export(format_, **{what: most - 1}).pieces())
