"""JSON, RFC 8259: one array with an object a row, one line each, by column id, in UTF-8.

Integers, decimals and truth values are JSON's own; NULL is null; dates, instants and texts are
strings; JSON stays JSON. An integer past 2**53 and a decimal of more than 15 digits are strings
too, because programs read JSON numbers as floats, which lose further digits. A geometry of SRID
4326 is a GeoJSON object; others are well-known text.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib.gis.geos import GEOSException
from django.utils.translation import gettext_lazy as _

from geo.formats.geojson import geojson
from reports.errors import StatementFailed
from reports.formats.base import PROGRAMS, Document, Format, Offer, is_exact
from reports.queries.result import ResultColumn, Row
from reports.values.canonical import Kind

SRID = 4326
NOTHING = "null"
# All integers up to here are distinct floats; 2**53 + 1 is not.
LAST_EXACT_INTEGER = 2**53


def array(document: Document) -> Iterator[str]:
    """Yields the document, a piece a row."""
    separator = ""
    yield "["
    for text in objects(document):
        yield f"{separator}\n{text}"
        separator = ","
    yield "\n]\n"


def objects(document: Document) -> Iterator[str]:
    """Yields the rows as objects, each on one line."""
    names = keys(document.columns)
    for row in document.rows:
        pairs = zip(names, values(document.columns, row), strict=True)
        yield f"{{{','.join([name + value for name, value in pairs])}}}"


def keys(columns: Sequence[ResultColumn]) -> list[str]:
    """Returns the text before the value of each column."""
    return [f"{json.dumps(column.id)}:" for column in columns]


def values(columns: Sequence[ResultColumn], row: Row) -> list[str]:
    """Yields the values of a canonical row."""
    return [
        NOTHING if value is None else _value(column.kind, value)
        for column, value in zip(columns, row, strict=True)
    ]


def _value(kind: Kind, value: Any) -> str:
    if kind.name == "geometry" and kind.srid == SRID:
        try:
            return geojson(value, kind.precision)
        except GEOSException as error:
            raise StatementFailed(
                "A polygon that crosses the antimeridian is invalid, and cannot be cut there for"
                f" GeoJSON ({error}). Use CSV, which does not cut it."
            ) from error
    text = kind.text(value)
    return text if _is_json(kind, value, text) else json.dumps(text, ensure_ascii=False)


def _is_json(kind: Kind, value: Any, text: str) -> bool:
    """Whether a value's text is a JSON value that programs read as the same value."""
    if kind.name == "integer":
        return bool(abs(value) <= LAST_EXACT_INTEGER)
    return kind.name in ("boolean", "json") or (kind.is_number and is_exact(text))


FORMAT = Format(
    name="json",
    content_type="application/json",
    dialects={"rfc8259": array},
    offers=[Offer(PROGRAMS, _("JSON"), _("An array of objects, one per row"))],
)
