"""Canonical values as columns of Arrow. Import it late: pyarrow is an optional dependency."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from reports.errors import FormatOverflow
from reports.queries.result import ResultColumn
from reports.values.canonical import Kind

DIGITS = 38  # of a 128-bit decimal
TYPES = {
    "boolean": pa.bool_(),
    "integer": pa.int64(),
    "date": pa.date32(),
    "time": pa.time64("us"),
    "duration": pa.duration("us"),
    "geometry": pa.binary(),
}


def field(column: ResultColumn) -> Any:
    """Returns the column's Arrow field: name, type and label."""
    kind, about = column.kind, {"label": column.label, "unit": column.unit}
    return pa.field(column.id, _type(kind), metadata=about)


def _type(kind: Kind) -> Any:
    if kind.name == "datetime":
        return pa.timestamp("us", getattr(kind.zone, "key", None) or "UTC")
    default = pa.decimal128(DIGITS, kind.places) if kind.is_number else pa.string()
    return TYPES.get(kind.name, default)


def array(of: Any, values: Sequence[Any]) -> Any:
    """Returns the values of a field. Raises FormatOverflow if a number exceeds its type."""
    try:
        return pa.array(values, of.type)
    except (pa.ArrowInvalid, OverflowError) as error:
        raise FormatOverflow(
            f"Column {of.name!r} has a number that Parquet's {of.type} cannot hold. Use another"
            " format, such as CSV."
        ) from error
