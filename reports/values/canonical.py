"""Canonical values: the form in which a value leaves Isoline, the same for every database.

A column's `Kind` converts the driver's value to a Python value (`value`), and that to the text of
machine formats (`text`). None stays None: formats decide how NULL is written.
"""

import json
import re
import uuid
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, tzinfo
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

from django.contrib.gis.db.models import GeometryField
from django.db import models
from django.utils.duration import duration_iso_string

from geo.formats.wkt import wkt
from reports.errors import DeclarationError
from reports.expressions.stored import named
from reports.expressions.text.code_point import TEXT_FIELDS

# Decimal places of a coordinate: in degrees, a tenth of a metre.
PRECISION = 6
# Decimal places that a float in degrees has.
FINEST_PRECISION = 15
FLOAT_DIGITS = Context(prec=12, rounding=ROUND_HALF_UP)
# Integers that every database stores exactly in JSON; some store others as floats.
JSON_INTEGERS = range(-(2**63), 2**64)
LONE_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """How the values of one column are read and written.

    places      decimal places of a number
    precision   decimal places of a geometry's coordinates
    srid        of a geometry's coordinates
    zone        the time zone in which an instant is shown; None for UTC
    for_people  the kind of the values that people read, if it differs
    takes_null  whether NULL may have a value, which an author's own field may give it
    """

    name: str
    value: Callable[[Any], Any]
    text: Callable[[Any], str]
    is_number: bool = False
    places: int = 0
    precision: int = PRECISION
    srid: int | None = None
    zone: tzinfo | None = None
    for_people: "Kind | None" = None
    takes_null: bool = False

    @property
    def is_free_text(self) -> bool:
        """Whether the text may be anything, including formulas and markup."""
        return self.name in ("text", "json")


def kind_of(field: "models.Field[Any, Any]", places: int | None = None) -> Kind:
    """Returns the kind of an expression's output field.

    `places` are the decimal places that the column declares: required for floats, optional for
    decimals, which have their own, and for the coordinates of geometries. Raises DeclarationError
    for a type without a canonical form.
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
        case models.DurationField():
            return Kind(name="duration", value=_same, text=duration_iso_string)
        case models.JSONField():
            return Kind(name="json", value=json_text, text=str)
        case _ if isinstance(field, TEXT_FIELDS):
            return Kind(name="text", value=str, text=str)
        case GeometryField():
            return _geometry(field, PRECISION if places is None else places)
    raise DeclarationError(
        f"{named(field)} has no canonical form: take text, numbers, dates or booleans of it."
    )


def local(kind: Kind, zone: tzinfo) -> Kind:
    """Returns the kind of instants that are shown in a zone's local time, with the offset from UTC.

    An instant whose local time is outside the years 1 to 9999 stays in UTC.
    """
    if kind.name != "datetime":
        raise DeclarationError(f"zone= is for instants, and this is a {kind.name}.")

    def value(given: datetime) -> datetime:
        try:
            return _utc(given).astimezone(zone)
        except OverflowError:
            return _utc(given)

    return replace(kind, value=value, text=_local_text, zone=zone)


def labelled(kind: Kind, choices: Iterable[tuple[Any, Any]]) -> Kind:
    """Returns a kind whose labels people read, in the current language.

    As in Django's get_FOO_display(), a value that is not among the `choices` is shown unchanged.
    """
    labels = {getattr(value, "value", value): str(label) for value, label in choices}
    if not labels:
        raise DeclarationError("labels=True is for a field with choices, and this one has none.")

    def label(value: Any) -> str:
        return labels[value] if value in labels else kind.text(value)

    return replace(kind, for_people=Kind(name="text", value=kind.value, text=label))


def round_half_up(number: Decimal, places: int) -> Decimal:
    """Returns `number` rounded half up (away from zero) to `places`; zero has no sign."""
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


def _local_text(value: datetime) -> str:
    return _datetime_text(value) if value.tzinfo is UTC else value.isoformat()


def json_text(given: Any) -> str:
    """Returns the canonical text of a JSON document, given as text or as Python objects.

    Keys are ordered by code point, without blanks. Databases store JSON numbers in different ways:
    an integer of at most 64 bits is written with its digits, any other number as the shortest text
    of a float. A whole float has the digits of that text, as in a database that stores decimals.
    """
    if isinstance(given, str | bytes):
        with suppress(ValueError):  # a text that a path found has no quotes
            given = json.loads(given)
    text = json.dumps(
        _json_value(given),
        allow_nan=False,
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
    )
    return LONE_SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _json_value(value: Any) -> Any:
    match value:
        case dict():
            return {key: _json_value(each) for key, each in value.items()}
        case list():
            return [_json_value(each) for each in value]
        case float() if (
            value.is_integer() and (digits := int(Decimal(repr(value)))) in JSON_INTEGERS
        ):
            return digits
        case bool() | float() | str() | None:
            return value
        case int():
            return value if value in JSON_INTEGERS else float(value)
    raise ValueError(f"A {type(value).__name__} is no part of a JSON document.")


def _datetime_text(value: datetime) -> str:
    return value.replace(tzinfo=None).isoformat() + "Z"


def _date(value: Any) -> date:
    if isinstance(value, datetime):
        return value.date()
    return date.fromisoformat(value) if isinstance(value, str) else value


def _uuid(value: Any) -> uuid.UUID:
    return value if isinstance(value, uuid.UUID) else uuid.UUID(value)
