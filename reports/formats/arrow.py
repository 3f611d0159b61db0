"""Canonical values as columns of Arrow. Import it late: pyarrow is an optional dependency."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from reports.errors import FormatOverflow
from reports.queries.result import ResultColumn


def field(column: ResultColumn) -> Any:
    """Returns the column's Arrow field: name, type and label."""
    about = {"label": column.label, "unit": column.unit}
    return pa.field(column.id, column.kind.arrow(pa), metadata=about)


def array(of: Any, values: Sequence[Any]) -> Any:
    """Returns the values of a field. Raises FormatOverflow if a number exceeds its type."""
    try:
        return pa.array(values, of.type)
    except (pa.ArrowInvalid, OverflowError) as error:
        raise FormatOverflow(
            f"Column {of.name!r} has a number that Parquet's {of.type} cannot hold. Use another"
            " format, such as CSV."
        ) from error
