"""`Cast`: conversion of values to other types.

A value that the other type cannot hold is NULL, never an error and never a guess: a text that is
not a number, a day that no month has, an integer beyond the type's limits.
"""

from typing import Unpack

from django.db.models import Expression, Func, JSONField
from django.db.models.sql import Query

from geo.backends.compat import ModelField
from reports.compat import Resolving
from reports.errors import NotPortable
from reports.expressions.base import OfGivenType, listed
from reports.expressions.conversion.between_types import (
    BooleanToInteger,
    Conversion,
    Cut,
    DateToInstant,
    DecimalToDecimal,
    DecimalToInteger,
    InstantToDate,
    InstantToTime,
    IntegerToBoolean,
    IntegerToDecimal,
    IntegerToInteger,
    NumberToFloat,
    Same,
    ToDecimal,
)
from reports.expressions.conversion.from_text import (
    TextToDate,
    TextToDecimal,
    TextToFloat,
    TextToInteger,
    TextToUUID,
)
from reports.expressions.rounding import Significant
from reports.expressions.text.code_point import by_code_point
from reports.values.base import AnyKind
from reports.values.kinds import kind_class
from reports.values.numbers import Boolean, Decimal, Float, Integer
from reports.values.temporal import Date, Instant, Time
from reports.values.texts import UUID, Text


class Cast(OfGivenType, Func):
    """`Cast(expression, output_field)`: the value converted to that type, NULL if impossible.

    To an integer: the integer part of a number; 1 or 0 for a boolean; a text of at most 100
    characters with an optional sign and digits 0-9 only. To a decimal: rounded half up (away from
    zero) to its places; a text may have a point between digits. A float counts as the decimal that
    it stands for, of 12 significant digits. To a boolean: whether an integer is not 0. To a date:
    the day of an instant in UTC; a text `YYYY-MM-DD` of an existing day. To an instant: midnight of
    a date in UTC. To a time: the time of day of an instant in UTC. To a UUID: a text of 32
    hexadecimal digits, with all four hyphens or none. To text: the result of AsText, cut to the
    field's `max_length`.

    Raises NotPortable for every other pair of types.
    """

    arity = 1

    def __init__(self, expression: object, output_field: ModelField) -> None:
        super().__init__(expression, output_field=output_field)

    def resolved(self, query: Query | None = None, **context: Unpack[Resolving]) -> Expression:
        (source,) = super().resolved(query, **context).get_source_expressions()
        return cast(source, self.output_field)


def cast(source: Expression, target: ModelField) -> Expression:
    """Returns a resolved expression converted to the type `target`."""
    have, want = kind_class(source.output_field), kind_class(target)
    if want is Text and have in CONVERTED:
        return _text(source, target)
    conversion = CONVERSIONS.get((have, want)) if have and want else None
    if conversion is None:
        raise NotPortable(_refusal(source.output_field, have, target))
    if have is Text:
        source = by_code_point(source)
    if have is Float and want in (Integer, Decimal):
        source = Significant(source, getattr(target, "decimal_places", None))
    return conversion(source, output_field=target)


def _refusal(field: ModelField, have: type[AnyKind] | None, target: object) -> str:
    if isinstance(field, JSONField):
        instead = "Read it with reports.expressions.JSONText, JSONInteger, JSONDecimal or"
        instead += " JSONBoolean."
    elif have is not None and have in CONVERTED:
        wanted = [want.noun for had, want in CONVERSIONS if had is have]
        article = "an" if have.noun[0] in "aeio" else "a"
        instead = f"From {article} {have.noun} it makes a {listed([*wanted, Text.noun])}."
    else:
        instead = f"It takes a {listed(kind.noun for kind in CONVERTED)}."
    return (
        f"Cast has no common way from a {type(field).__name__} to a {type(target).__name__}."
        f" {instead}"
    )


def _text(source: Expression, target: ModelField) -> Expression:
    from reports.expressions.conversion.to_text import AsText

    text = source if kind_class(source.output_field) is Text else AsText(source)
    length = getattr(target, "max_length", None)
    if length is None:
        return Same(by_code_point(text), output_field=target)
    return Cut(by_code_point(text), output_field=target)


CONVERSIONS: dict[tuple[type[AnyKind], type[AnyKind]], type[Conversion]] = {
    (Integer, Integer): IntegerToInteger,
    (Decimal, Integer): DecimalToInteger,
    (Float, Integer): DecimalToInteger,
    (Boolean, Integer): BooleanToInteger,
    (Text, Integer): TextToInteger,
    (Integer, Decimal): IntegerToDecimal,
    (Decimal, Decimal): DecimalToDecimal,
    (Float, Decimal): ToDecimal,
    (Text, Decimal): TextToDecimal,
    (Integer, Float): NumberToFloat,
    (Decimal, Float): NumberToFloat,
    (Float, Float): Same,
    (Text, Float): TextToFloat,
    (Integer, Boolean): IntegerToBoolean,
    (Boolean, Boolean): Same,
    (Text, Date): TextToDate,
    (Instant, Date): InstantToDate,
    (Date, Date): Same,
    (Date, Instant): DateToInstant,
    (Instant, Instant): Same,
    (Instant, Time): InstantToTime,
    (Time, Time): Same,
    (Text, UUID): TextToUUID,
    (UUID, UUID): Same,
}
CONVERTED = tuple(dict.fromkeys(have for have, _ in CONVERSIONS))
