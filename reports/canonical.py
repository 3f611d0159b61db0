"""Canonical values: the one form in which a value leaves Isoline, whatever database it is from.

A column's `Kind` turns what the driver gave into a Python value (`value`) and that into the text
of machine formats (`text`). None stays None: what NULL looks like is the format's choice.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

from django.contrib.gis.db.models import GeometryField
from django.db import models

from geo.wkt import wkt
from reports.errors import DeclarationError

# Decimal places of a coordinate: of a degree, a tenth of a metre.
PRECISION = 6
# As many as a float of degrees has.
FINEST_PRECISION = 15
FLOAT_DIGITS = Context(prec=12, rounding=ROUND_HALF_UP)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """How the values of one column are read and written.

    places     decimal places of a number
    precision  decimal places of a geometry's coordinates
    srid       what a geometry's coordinates mean
    """

    name: str
    value: Callable[[Any], Any]
    text: Callable[[Any], str]
    is_number: bool = False
    places: int = 0
    precision: int = PRECISION
    srid: int | None = None


def kind_of(field: "models.Field[Any, Any]", places: int | None = None) -> Kind:
    """The kind of an expression's output field.

    `places` are the decimal places that the column declares: mandatory for floats, optional for
    decimals, which have their own, and for the coordinates of geometries. Raises DeclarationError
    for a type that has no canonical form.
    """
    match field:
        case models.BooleanField():
            return Kind(name="boolean", value=bool, text=lambda value: "true" if value else "false")
        case models.IntegerField():
            return Kind(name="integer", value=int, text=str, is_number=True)
        case models.DecimalField():
            if places is None:
                places = field.decimal_places
            return _decimal("decimal", places)
        case models.FloatField():
            if places is None:
                raise DeclarationError(
                    "A float has no natural number of digits: say places= in the column."
                )
            return _decimal("float", places)
        case models.DateTimeField():
            return Kind(name="datetime", value=_utc, text=_datetime_text)
        case models.DateField():
            return Kind(name="date", value=_date, text=date.isoformat)
        case models.TimeField():
            return Kind(name="time", value=_same, text=time.isoformat)
        case models.UUIDField():
            return Kind(name="uuid", value=_uuid, text=str)
        case models.CharField() | models.TextField():
            return Kind(name="text", value=str, text=str)
        case GeometryField():
            return _geometry(field, PRECISION if places is None else places)
    raise DeclarationError(
        f"A {type(field).__name__} has no canonical form yet: take text, numbers, dates or"
        " booleans of it."
    )


def round_half_up(number: Decimal, places: int) -> Decimal:
    """`number` rounded half up (away from zero) to `places`; zero has no sign."""
    rounded = number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, Context(prec=1000))
    return abs(rounded) if rounded == 0 else rounded


def _decimal(name: str, places: int | None) -> Kind:
    if places is None:
        raise DeclarationError("A decimal without declared places: say places= in the column.")

    def value(number: Any) -> Decimal:
        if isinstance(number, float):
            number = FLOAT_DIGITS.create_decimal_from_float(number)
            if not number.is_finite():
                raise ValueError(f"{number} is not a number that a report can show.")
        return round_half_up(Decimal(number), places)

    return Kind(
        name=name,
        value=value,
        text=lambda number: f"{number:f}",
        is_number=True,
        places=places,
    )


def _geometry(field: "GeometryField[Any, Any]", precision: int) -> Kind:
    if field.geography:
        raise DeclarationError("A geography cannot be shown: declare the field without geography=.")
    if field.dim != 2:
        raise DeclarationError(
            f"A geometry of {field.dim} dimensions cannot be shown: MySQL and MariaDB have but two."
        )
    if not 0 <= precision <= FINEST_PRECISION:
        raise DeclarationError(f"A coordinate has 0 to {FINEST_PRECISION} decimal places.")
    return Kind(
        name="geometry",
        value=_same,
        text=lambda geometry: wkt(geometry, precision),
        precision=precision,
        srid=field.srid,
    )


def _same(value: Any) -> Any:
    return value


def _utc(value: datetime) -> datetime:
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _datetime_text(value: datetime) -> str:
    return value.replace(tzinfo=None).isoformat() + "Z"


def _date(value: Any) -> date:
    if isinstance(value, datetime):
        return value.date()
    return date.fromisoformat(value) if isinstance(value, str) else value


def _uuid(value: Any) -> uuid.UUID:
    return value if isinstance(value, uuid.UUID) else uuid.UUID(value)
