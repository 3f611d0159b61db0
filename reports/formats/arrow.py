"""Canonical values as columns of Arrow. It takes pyarrow, which is an extra: import it late."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from reports.errors import FormatOverflow
from reports.queries.result import ResultColumn
from reports.values.canonical import Kind

DIGITS = 38  # as many as a decimal of 128 bits has
TYPES = {
    "boolean": pa.bool_(),
    "integer": pa.int64(),
    "date": pa.date32(),
    "time": pa.time64("us"),
    "duration": pa.duration("us"),
    "geometry": pa.binary(),
}


def field(column: ResultColumn) -> Any:
    """The column's name, its type, and what people call it."""
    kind, about = column.kind, {"label": column.label, "unit": column.unit}
    return pa.field(column.id, _type(kind), metadata=about)


def _type(kind: Kind) -> Any:
    if kind.name == "datetime":
        return pa.timestamp("us", getattr(kind.zone, "key", None) or "UTC")
    default = pa.decimal128(DIGITS, kind.places) if kind.is_number else pa.string()
    return TYPES.get(kind.name, default)


def array(of: Any, values: Sequence[Any]) -> Any:
    """The values of a field. Raises FormatOverflow for a number that its type does not hold."""
    try:
        return pa.array(values, of.type)
    except (pa.ArrowInvalid, OverflowError) as error:
        raise FormatOverflow(
            f"Column {of.name!r} has a number that Parquet's {of.type} does not hold."
            " Take another format, such as CSV."
        ) from error
