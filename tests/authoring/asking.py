"""What the database under test answers: rows as canonical texts, by pages and from a file too."""

import csv
import io
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from reports import Column, Report
from reports.exports.pipeline import ExportPipeline
from reports.formats import FORMATS
from reports.queries.result import Row
from reports.queries.statement import Statement

PAGE = 3


def statement(
    queryset: QuerySet[Any, Any],
    columns: dict[str, Any],
    *,
    group_by: dict[str, Any] | None = None,
    ordering: Sequence[str] = (),
    values: dict[str, Any] | None = None,
    **filters: Any,
) -> Statement:
    """The statement of a report declared like this, with these filters and parameters."""
    declared = {
        name: column if isinstance(column, Column) else Column(column)
        for name, column in columns.items()
    }
    meta = type("Meta", (), {"ordering": tuple(ordering), "permission": None})
    names: dict[str, Any] = {"queryset": queryset, "Meta": meta} | declared | filters
    if group_by is not None:
        names["group_by"] = group_by
    return Statement(type("Probe", (Report,), names)(), values or {}, "default")


def streamed(found: Statement) -> list[tuple[str, ...]]:
    """Every row, as canonical texts."""
    return [texts(found, row) for row in found.stream()]


def texts(found: Statement, row: Row) -> tuple[str, ...]:
    """A canonical row as texts: as machine formats have them, but for zeros at a number's end."""
    return tuple(
        "NULL" if value is None else _text(column.kind, column.kind.text(value))
        for column, value in zip(found.columns, row, strict=True)
    )


def _text(kind: Any, text: str) -> str:
    if kind.is_number:
        return f"{Decimal(text).normalize() + 0:f}"
    # As Python writes an instant.
    return text.replace("Z", "+00:00") if kind.name == "datetime" else text


def filed(found: Statement) -> list[tuple[str, ...]]:
    """The rows of a CSV file, which the database itself may have written. No text may be empty."""
    data = b"".join(ExportPipeline(found, FORMATS["csv"], "raw").pieces()).decode()
    _, *rows = csv.reader(io.StringIO(data, newline=""))
    return [
        tuple(
            _text(column.kind, text) if text else "NULL"
            for column, text in zip(found.columns, row or [""], strict=True)
        )
        for row in rows  # a NULL alone is an empty line
    ]


def paged(found: Statement, size: int = PAGE) -> list[tuple[str, ...]]:
    """The rows page after page, as a reader gets them: by place, or by number where none is."""
    rows: list[Any] = list(found.queryset[:size])
    while len(rows) % size == 0 and rows:
        token = found.cursor(rows[-1])
        behind = found.after(token)[:size] if token else found.queryset[len(rows) :][:size]
        page = list(behind)
        if not page:
            break
        rows += page
    return [texts(found, found.canonical(row)) for row in rows]


def answer(queryset: QuerySet[Any, Any], columns: dict[str, Any], **options: Any) -> Any:
    """The rows of a report, streamed; its pages and its file must be the same."""
    found = statement(queryset, columns, **options)
    rows = streamed(found)
    assert paged(found) == rows
    assert filed(found) == rows
    return rows
