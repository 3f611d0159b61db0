"""`Cast`: conversion of values to other types.

A value that the other type cannot hold is NULL, never an error and never a guess: a text that is
not a number, a day that no month has, an integer beyond the type's limits.
"""

from typing import Unpack

from django.db.models import (
    BooleanField,
    DateField,
    DateTimeField,
    DecimalField,
    Expression,
    FloatField,
    Func,
    IntegerField,
    JSONField,
    TimeField,
    UUIDField,
)
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
from reports.expressions.text.code_point import TEXT_FIELDS, by_code_point


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
    have, want = kind_of(source.output_field), kind_of(target)
    if want == "text" and have:
        return _text(source, have, target)
    conversion = CONVERSIONS.get((have, want))
    if conversion is None:
        raise NotPortable(_refusal(source.output_field, have, target))
    if have == "text":
        source = by_code_point(source)
    if have == "float" and want in ("integer", "decimal"):
        source = Significant(source, getattr(target, "decimal_places", None))
    return conversion(source, output_field=target)


def kind_of(field: ModelField) -> str:
    """Returns Cast's name for a field's kind of values, "" if it is unsupported."""
    match field:
        case BooleanField():
            return "boolean"
        case IntegerField():
            return "integer"
        case DecimalField():
            return "decimal"
        case FloatField():
            return "float"
        case DateTimeField():
            return "instant"
        case DateField():
            return "date"
        case TimeField():
            return "time"
        case UUIDField():
            return "UUID"
    return "text" if isinstance(field, TEXT_FIELDS) else ""


def _refusal(field: ModelField, have: str, target: object) -> str:
    wanted = [want for had, want in CONVERSIONS if had == have] + ["text"] * bool(have)
    if isinstance(field, JSONField):
        instead = "Read it with reports.expressions.JSONText, JSONInteger, JSONDecimal or"
        instead += " JSONBoolean."
    elif wanted:
        instead = f"From {'an' if have[0] in 'aeio' else 'a'} {have} it makes a {listed(wanted)}."
    else:
        instead = f"It takes a {listed(dict.fromkeys(had for had, _ in CONVERSIONS))}."
    return (
        f"Cast has no common way from a {type(field).__name__} to a {type(target).__name__}."
        f" {instead}"
    )


def _text(source: Expression, have: str, target: ModelField) -> Expression:
    from reports.expressions.conversion.to_text import AsText

    text = source if have == "text" else AsText(source)
    length = getattr(target, "max_length", None)
    if length is None:
        return Same(by_code_point(text), output_field=target)
    return Cut(by_code_point(text), output_field=target)


CONVERSIONS: dict[tuple[str, str], type[Conversion]] = {
    ("integer", "integer"): IntegerToInteger,
    ("decimal", "integer"): DecimalToInteger,
    ("float", "integer"): DecimalToInteger,
    ("boolean", "integer"): BooleanToInteger,
    ("text", "integer"): TextToInteger,
    ("integer", "decimal"): IntegerToDecimal,
    ("decimal", "decimal"): DecimalToDecimal,
    ("float", "decimal"): ToDecimal,
    ("text", "decimal"): TextToDecimal,
    ("integer", "float"): NumberToFloat,
    ("decimal", "float"): NumberToFloat,
    ("float", "float"): Same,
    ("text", "float"): TextToFloat,
    ("integer", "boolean"): IntegerToBoolean,
    ("boolean", "boolean"): Same,
    ("text", "date"): TextToDate,
    ("instant", "date"): InstantToDate,
    ("date", "date"): Same,
    ("date", "instant"): DateToInstant,
    ("instant", "instant"): Same,
    ("instant", "time"): InstantToTime,
    ("time", "time"): Same,
    ("text", "UUID"): TextToUUID,
    ("UUID", "UUID"): Same,
}
