"""The kind of a column whose field converts stored values by itself.

Only its code says what such a field returns: the declared return type of from_db_value(), or else
its results for samples. Every value is checked against that: one of another type is an error of its
row, never another figure.
"""

import typing
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Union
from uuid import UUID

from django.db import models
from django.db.models import Expression

from geo.backends.compat import Connection, ModelField
from reports.errors import DeclarationError, RowFailed
from reports.values.base import AnyKind
from reports.values.kinds import KINDS, named
from reports.values.texts import JSON, Text

# The kinds that a Python value has by its class.
BY_CLASS = tuple(kind for kind in KINDS if kind.family not in ("", "text"))
type Convert = Callable[[object], object]
INTEGERS = (1, 10, 7, 1_234_567)
SAMPLES: tuple[tuple[type[ModelField], tuple[object, ...]], ...] = (
    (models.BooleanField, (True, False)),
    (models.IntegerField, INTEGERS),
    (models.FloatField, tuple(map(float, INTEGERS))),
    (models.DateTimeField, (datetime(2001, 2, 3, 4, 5, 6, 7, UTC),)),
    (models.DateField, (date(2001, 2, 3),)),
    (models.TimeField, (time(1, 2, 3, 4),)),
    (models.DurationField, (timedelta(days=1, microseconds=1),)),
    (models.UUIDField, (UUID(int=1),)),
    (models.JSONField, ("{}", "[]", '{"a": 1}')),
    (models.BinaryField, (b"a",)),
)
TEXTS = ("a", "a,b", "1", "[]", "{}", "2001-02-03", "")
# A longer fraction comes from a division, and its author must round it.
MOST_PLACES = 15


def kind_of_returned(
    expression: Expression, connection: Connection, places: int | None = None
) -> AnyKind:
    """Returns the kind of a resolved expression whose output field is `shown_by` a field.

    Raises DeclarationError for values without a canonical form.
    """
    stored = expression.output_field
    field: ModelField = stored.shown_by  # type: ignore[attr-defined]  # see stored()
    converters = field.get_db_converters(connection)

    def convert(value: object) -> object:
        for converter in converters:
            value = converter(value, expression, connection)
        return value.value if isinstance(value, Enum) else value

    samples = list(_samples(stored, convert))
    found = _declared_type(field) or _type_of(samples)
    is_exact = places is None and found is not None and issubclass(found, Decimal)
    if is_exact:
        places = _places(field, samples)
    kind = _kind(field, stored, found, places)

    def value(raw: object) -> object:
        returned = convert(raw)
        if returned is None:
            return None
        if not _fits(kind, found, returned):
            raise RowFailed(_misfit(field, kind, returned))
        shown = kind.value(returned)
        if is_exact and shown != returned:
            raise RowFailed(
                f"{named(field)} returned {returned}, which has more than {kind.places} decimal"
                " places: say places= in the column."
            )
        return shown

    return kind.read_by(value, takes_null=_returns(convert, None) is not None)


def _samples(stored: ModelField, convert: Convert) -> Iterator[object]:
    """Yields what a field makes of values that it could have stored, without NULL and errors."""
    raw: Iterable[object] = TEXTS
    for kind, some in SAMPLES:
        if isinstance(stored, kind):
            raw = some
            break
    if isinstance(stored, models.DecimalField):
        raw = [Decimal(n).scaleb(-(stored.decimal_places or 0)) for n in INTEGERS]
    chosen = [value.value if isinstance(value, Enum) else value for value, _ in stored.flatchoices]
    for value in (*chosen, *raw):
        if (found := _returns(convert, value)) is not None:
            yield found


def _returns(convert: Convert, value: object) -> object:
    with suppress(Exception):  # a sample need not be a value of the field
        return convert(value)
    return None


def _declared_type(field: ModelField) -> type | None:
    """Returns the one class, besides None, that from_db_value() is declared to return."""
    try:
        hint = typing.get_type_hints(getattr(field, "from_db_value", None)).get("return", Any)
    except (NameError, TypeError, AttributeError):
        return None
    hints = typing.get_args(hint) if typing.get_origin(hint) in (Union, UnionType) else (hint,)
    found = {typing.get_origin(each) or each for each in hints} - {NoneType}
    (one,) = found if len(found) == 1 else (None,)
    if not isinstance(one, type) or one in (Any, object):
        return None
    if issubclass(one, Enum):
        return _type_of([member.value for member in one])
    return one


def _type_of(samples: Sequence[object]) -> type | None:
    """Returns the class of all samples; None if there are none or they differ."""
    types = {type(each) for each in samples}
    return types.pop() if len(types) == 1 else None


def _places(field: ModelField, samples: Sequence[object]) -> int:
    exponents = [int(each.as_tuple().exponent) for each in samples if isinstance(each, Decimal)]
    places = max(0, -min(exponents, default=-MOST_PLACES - 1))
    if places > MOST_PLACES:
        raise DeclarationError(
            f"{named(field)} returns decimals of no natural number of places: say places= in the"
            " column."
        )
    return places


def _kind(field: ModelField, stored: ModelField, found: type | None, places: int | None) -> AnyKind:
    if found is None:
        return Text().read_by(_text)
    for kind in BY_CLASS:
        if issubclass(found, kind.python):
            return kind.of(kind.fields[0](), places)
    if _has_text(found):
        return Text().read_by(_text)
    if isinstance(stored, models.JSONField) and issubclass(found, dict | list):
        return JSON()
    raise DeclarationError(
        f"{named(field)} returns a {found.__name__}, which has no canonical form: give it a"
        " __str__() or take text, numbers or dates of it."
    )


def _has_text(kind: type) -> bool:
    """Whether str() of a value describes the value, not its address in memory."""
    has_own = any("__str__" in vars(each) for each in kind.__mro__[:-1])
    return has_own and not issubclass(kind, bytes | bytearray)


def _text(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}"
    for kind in BY_CLASS:
        if isinstance(value, kind.python):
            own = kind.of(kind.fields[0](), None)
            return own.text(own.value(value))
    return str(value)


def _fits(kind: AnyKind, found: type | None, value: object) -> bool:
    """Whether a value has the type that the kind was found for."""
    if isinstance(kind, JSON):
        return True
    classes = (each.python for each in BY_CLASS)
    of_value = next((each for each in classes if isinstance(value, each)), None)
    if isinstance(kind, Text):
        is_text = of_value is not None or _has_text(type(value))
        return is_text and (found is None or isinstance(value, found))
    return found is not None and of_value is not None and issubclass(found, of_value)


def _misfit(field: ModelField, kind: AnyKind, value: object) -> str:
    return (
        f"{named(field)} returned a {type(value).__name__} in a column of the kind {kind.name!r}."
        " Declare the type that its from_db_value() returns."
    )
