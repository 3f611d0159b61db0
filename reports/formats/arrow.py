"""Canonical values as columns of Arrow. It takes pyarrow, which is an extra: import it late."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from reports.engine import ResultColumn
from reports.errors import FormatOverflow

DIGITS = 38  # as many as a decimal of 128 bits has
TYPES = {
    "boolean": pa.bool_(),
    "integer": pa.int64(),
    "date": pa.date32(),
    "time": pa.time64("us"),
    "datetime": pa.timestamp("us", "UTC"),
    "geometry": pa.binary(),
}


def field(column: ResultColumn) -> Any:
    """The column's name, its type, and what people call it."""
    kind, about = column.kind, {"label": column.label, "unit": column.unit}
    default = pa.decimal128(DIGITS, kind.places) if kind.is_number else pa.string()
    return pa.field(column.id, TYPES.get(kind.name, default), metadata=about)


def array(of: Any, values: Sequence[Any]) -> Any:
    """The values of a field. Raises FormatOverflow for a number that its type does not hold."""
    try:
        return pa.array(values, of.type)
    except (pa.ArrowInvalid, OverflowError) as error:
        raise FormatOverflow(
            f"Column {of.name!r} has a number that Parquet's {of.type} does not hold."
            " Take another format, such as CSV."
        ) from error
