"""What the database under test answers: rows as canonical texts, and the same rows by pages."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet

from reports import Column, Report
from reports.engine import Row, Statement

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
    """A canonical row as the texts of machine formats; numbers without zeros at the end."""
    return tuple(
        "NULL" if value is None else _text(column.kind, value)
        for column, value in zip(found.columns, row, strict=True)
    )


def _text(kind: Any, value: Any) -> str:
    if kind.is_number:
        return f"{value.normalize() + 0:f}" if hasattr(value, "normalize") else str(value)
    # As Python writes an instant.
    return value.isoformat() if kind.name == "datetime" else str(kind.text(value))


def paged(found: Statement, size: int = PAGE) -> list[tuple[str, ...]]:
    """The rows page after page, as a reader gets them: by place, or by number where none is."""
    rows: list[Any] = list(found.queryset[:size])
    while len(rows) % size == 0 and rows:
        token = found.token(rows[-1])
        behind = found.after(token)[:size] if token else found.queryset[len(rows) :][:size]
        page = list(behind)
        if not page:
            break
        rows += page
    return [texts(found, found.canonical(row)) for row in rows]


def answer(queryset: QuerySet[Any, Any], columns: dict[str, Any], **options: Any) -> Any:
    """The rows of a report, streamed; its pages must be the same."""
    found = statement(queryset, columns, **options)
    rows = streamed(found)
    assert paged(found) == rows
    return rows
