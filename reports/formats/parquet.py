"""Apache Parquet by pyarrow, typed; GeoParquet 1.1 for a report with a geometry.

Columns are named by their ids. Decimals and rounded floats are decimals, instants are in UTC, UUIDs
are text, geometries are well-known binary with the report's precision; NULL is null. Rows of a
group are collected as compact Arrow batches, so that memory stays small for any number and size of
rows.
"""

import json
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from io import BytesIO
from typing import Any

from django.utils.translation import gettext_lazy as _

from reports.formats.base import PROGRAMS, Document, Format, Offer
from reports.formats.geojson import other_srids
from reports.formats.geoparquet import Geometries, metadata
from reports.queries.result import ResultColumn, Row
from reports.values.geometries import Geometry
from reports.values.texts import UUID

BATCHES, BATCH_ROWS, BATCH_BYTES = 10, 500, 400_000


def missing(columns: Sequence[ResultColumn]) -> str:
    """Returns why a result of these columns cannot be written, "" if it can."""
    if find_spec("pyarrow") is None:
        return "the package pyarrow is not installed; `pip install 'isoline[parquet]'` installs it"
    return other_srids(columns, "GeoParquet")


def groups(document: Document) -> Iterator[bytes]:
    """Yields the file, a group of batches at a time. Raises FormatOverflow for numbers."""
    from pyarrow import Table, record_batch, schema
    from pyarrow.parquet import ParquetWriter

    from reports.formats.arrow import array, field

    geometries = {c.id: Geometries() for c in document.columns if isinstance(c.kind, Geometry)}
    fields = schema([field(column) for column in document.columns])
    sink = BytesIO()
    with ParquetWriter(sink, fields, compression="zstd") as writer:
        group: list[Any] = []
        for rows in _batches(document, geometries):
            cells = zip(fields, zip(*rows, strict=True), strict=True)
            group.append(record_batch([array(*each) for each in cells], schema=fields))
            if len(group) == BATCHES:
                writer.write_table(Table.from_batches(group))
                group.clear()
                yield _taken(sink)
        if group:
            writer.write_table(Table.from_batches(group))
        facts = {"title": document.title, **document.facts}
        geo = {"geo": json.dumps(metadata(geometries))} if geometries else {}
        writer.add_key_value_metadata(facts | geo)
    yield _taken(sink)


def _taken(sink: BytesIO) -> bytes:
    """Returns what was written since the last call. The writer itself counts all bytes."""
    written = sink.getvalue()
    sink.seek(0)
    sink.truncate()
    return written


def _batches(document: Document, geometries: dict[str, Geometries]) -> Iterator[list[Row]]:
    rows: list[Row] = []
    size = 0
    for row in document.rows:
        cells = [
            None if value is None else _cell(column, value, geometries)
            for column, value in zip(document.columns, row, strict=True)
        ]
        rows.append(tuple(cells))
        size += sum(len(cell) for cell in cells if isinstance(cell, str | bytes))
        if len(rows) == BATCH_ROWS or size >= BATCH_BYTES:
            yield rows
            rows, size = [], 0
    if rows:
        yield rows


def _cell(column: ResultColumn, value: Any, geometries: dict[str, Geometries]) -> Any:
    if isinstance(column.kind, Geometry):
        return geometries[column.id].binary(value, column.kind)
    return str(value) if isinstance(column.kind, UUID) else value


FORMAT = Format(
    name="parquet",
    content_type="application/vnd.apache.parquet",
    dialects={"typed": groups},
    missing=missing,
    is_compressed=True,
    offers=[Offer(PROGRAMS, _("Parquet"), _("Typed columns, shapes included"))],
)
