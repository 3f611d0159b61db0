"""GeoJSON, RFC 7946: a FeatureCollection, one line a row, in UTF-8.

The first geometry of a row is its feature's; the other columns are properties by column id.
Integers, decimals and truth values are JSON's own; NULL is null; dates, instants and texts are
text. A decimal of more than 15 digits is text as well: programs read JSON's decimals as floats,
which do not keep the sixteenth.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib.gis.geos import GEOSException

from geo.geojson import geojson
from reports.canonical import Kind
from reports.engine import ResultColumn, Row
from reports.errors import StatementFailed
from reports.formats.base import Document, Format

SRID = 4326
EXACT_DIGITS = 15
# Kinds whose texts are JSON as they stand.
PLAIN = frozenset({"boolean", "integer"})
NOTHING = "null"


def missing(columns: Sequence[ResultColumn]) -> str:
    """What keeps a result of these columns from being a map."""
    kinds = [column.kind for column in columns if column.kind.name == "geometry"]
    if not kinds:
        return "no column with a geometry"
    others = {str(kind.srid) for kind in kinds if kind.srid != SRID}
    if others:
        return f"geometries of SRID {', '.join(sorted(others))}, and GeoJSON is of SRID {SRID}"
    return ""


def collection(document: Document) -> Iterator[str]:
    """The document, a piece a row."""
    at = next(n for n, column in enumerate(document.columns) if column.kind.name == "geometry")
    names = [f"{json.dumps(column.id)}:" for column in document.columns]
    separator = ""
    yield '{"type":"FeatureCollection","features":['
    for row in document.rows:
        values = _values(document.columns, row)
        properties = ",".join(
            name + value
            for n, (name, value) in enumerate(zip(names, values, strict=True))
            if n != at
        )
        yield (
            f'{separator}\n{{"type":"Feature","geometry":{values[at]},'
            f'"properties":{{{properties}}}}}'
        )
        separator = ","
    yield "\n]}\n"


def _values(columns: Sequence[ResultColumn], row: Row) -> list[str]:
    return [
        NOTHING if value is None else _value(column.kind, value)
        for column, value in zip(columns, row, strict=True)
    ]


def _value(kind: Kind, value: Any) -> str:
    if kind.name == "geometry":
        try:
            return geojson(value, kind.precision)
        except GEOSException as error:
            raise StatementFailed(
                "A polygon that passes the meridian of 180 degrees is not valid, so that it cannot"
                f" be cut there for GeoJSON ({error}). CSV has it as it is."
            ) from error
    text = kind.text(value)
    if kind.name in PLAIN or (kind.is_number and _is_exact(text)):
        return text
    return json.dumps(text, ensure_ascii=False)


def _is_exact(number: str) -> bool:
    """Whether a float gives all the digits back."""
    return len(number.lstrip("-0.").replace(".", "")) <= EXACT_DIGITS


FORMAT = Format(
    name="geojson",
    content_type="application/geo+json",
    dialects={"rfc7946": collection},
    missing=missing,
)
