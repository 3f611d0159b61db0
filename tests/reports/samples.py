"""A result with every kind of column, and functions that write and read formats in tests."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib.gis.db.models import GeometryField
from django.contrib.gis.geos import GEOSGeometry
from django.db import models

from reports.formats import FORMATS
from reports.formats.base import Document
from reports.queries.result import ResultColumn
from reports.values.kinds import kind_of

PLACE = GeometryField(srid=4326)
FACTS = {"report": "samples", "version": "7", "parameter of": "=1+1"}


def columns(**fields: Any) -> list[ResultColumn]:
    """Returns columns by id, from a field, or a field and its places."""
    pairs = {
        name: each if isinstance(each, tuple) else (each, None) for name, each in fields.items()
    }
    return [
        ResultColumn(id=name, label=name.upper(), unit="m", kind=kind_of(field, places))
        for name, (field, places) in pairs.items()
    ]


def written(
    name: str,
    made: Sequence[ResultColumn],
    rows: Iterable[Any],
    dialect: str | None = None,
    facts: Mapping[str, str] = FACTS,
) -> bytes:
    """Returns a file of the format with these columns and canonical rows."""
    document = Document(title="Sämples", columns=made, rows=rows, facts=facts)
    pieces = FORMATS[name].dialect(dialect)(document)
    return b"".join(each.encode() if isinstance(each, str) else each for each in pieces)


def geometry(wkt: str) -> GEOSGeometry:
    """Returns a geometry in longitude and latitude."""
    return GEOSGeometry(wkt, srid=4326)


ALL = columns(
    text=models.TextField(),
    shape=PLACE,
    integer=models.IntegerField(),
    big=models.BigIntegerField(),
    decimal=models.DecimalField(decimal_places=2),
    long=models.DecimalField(decimal_places=10),
    number=(models.FloatField(), 3),
    flag=models.BooleanField(),
    day=models.DateField(),
    at=models.DateTimeField(),
    clock=models.TimeField(),
    uid=models.UUIDField(),
    other=(PLACE, 1),
)
ROWS: list[tuple[Any, ...]] = [
    (
        'Zürich, "=1+1"\n\\ \u2028 😀',
        geometry("POINT (8.5417 47.3769)"),
        -7,
        2**53,
        Decimal("12.50"),
        Decimal("123456.0000000001"),
        Decimal("-0.125"),
        True,
        date(905, 1, 2),
        datetime(2013, 7, 4, 12, 30, tzinfo=UTC),
        time(1, 2, 3),
        UUID("00112233-4455-6677-8899-aabbccddeeff"),
        geometry("LINESTRING (0.25 0, 9 9.04)"),
    ),
    (
        "",
        geometry("POLYGON ((0 0, 0 9, 9 9, 9 0, 0 0), (1 1, 2 1, 2 2, 1 2, 1 1))"),
        0,
        999_999_999_999_999,
        Decimal("0.00"),
        Decimal("12345.0123456789"),
        Decimal("1000.000"),
        False,
        None,
        datetime(2013, 7, 4, 12, 30, 0, 5, UTC),
        time(1, 2, 3, 5),
        None,
        geometry("POINT (190 1)"),
    ),
    (None,) * len(ALL),
]
