"""GeoJSON, RFC 7946: a FeatureCollection, one line a row, in UTF-8.

A row's first geometry is the feature's geometry; the other columns are properties by column id,
with their values in JSON. The row's key is the feature's `id`, if it is a single value.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from reports.formats.base import MAPS, Document, Format, Offer
from reports.formats.json import keys, values
from reports.queries.result import ResultColumn
from reports.values.geometries import DEGREES, Geometry


def missing(columns: Sequence[ResultColumn]) -> str:
    """Returns why a result of these columns is not a map, "" if it is."""
    if not any(isinstance(column.kind, Geometry) for column in columns):
        return "it has no column with a geometry"
    return other_srids(columns, "GeoJSON")


def other_srids(columns: Sequence[ResultColumn], name: str) -> str:
    """Returns why geometries of a result do not fit a format in longitude and latitude."""
    srids = {column.kind.srid for column in columns if isinstance(column.kind, Geometry)} - {
        DEGREES
    }
    others = ", ".join(sorted(map(str, srids)))
    return f"it has geometries of SRID {others}, and {name} is of SRID {DEGREES}" if others else ""


def collection(document: Document) -> Iterator[str]:
    """Yields the document, a piece a row."""
    at = next(n for n, column in enumerate(document.columns) if isinstance(column.kind, Geometry))
    names = keys(document.columns)
    separator = ""
    yield '{"type":"FeatureCollection","features":['
    for row in document.rows:
        feature_id = ""
        if document.key is not None:
            *values_of_row, key = row
            row = tuple(values_of_row)
            feature_id = _id(document.key, key)
        found = values(document.columns, row)
        properties = ",".join(
            name + value
            for n, (name, value) in enumerate(zip(names, found, strict=True))
            if n != at
        )
        yield (
            f'{separator}\n{{"type":"Feature",{feature_id}"geometry":{found[at]},'
            f'"properties":{{{properties}}}}}'
        )
        separator = ","
    yield "\n]}\n"


def _id(column: ResultColumn, key: Any) -> str:
    """Returns the member `id`, a number or a text; a NULL key gives none."""
    if key is None:
        return ""
    (text,) = values([column], (key,))
    return f'"id":{text if column.kind.is_number else json.dumps(column.kind.text(key))},'


FORMAT = Format(
    name="geojson",
    content_type="application/geo+json",
    dialects={"rfc7946": collection},
    missing=missing,
    is_keyed=True,
    has_totals=False,
    offers=[Offer(MAPS, _("GeoJSON"), _("Each row with its geometry"))],
)
