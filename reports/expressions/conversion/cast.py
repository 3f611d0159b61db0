"""Values as values of another type.

What the other type cannot hold is NULL, never an error of the statement and never a guess: a text
that is no number, a day that no month has, an integer past the type's limits.
"""

from typing import Any

from django.db.models import (
    BooleanField,
    DateField,
    DateTimeField,
    DecimalField,
    Field,
    FloatField,
    Func,
    IntegerField,
    JSONField,
    TimeField,
    UUIDField,
)

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
    """`Cast(expression, output_field)`: the value as one of that type, NULL if it has none there.

    To an integer: from a number its integer part, from a boolean 1 or 0, from a text the one that
    it is: a sign perhaps, then digits 0-9 and nothing else, at most 100 characters. To a decimal:
    half up (away from zero) to its places; a text may have a point between digits. A float is taken
    as the decimal that it stands for, of 12 significant digits. To a boolean: from an integer
    whether it is not 0. To a date: from an instant its day in UTC, from a text `YYYY-MM-DD` a day
    that there is. To an instant: from a date its midnight in UTC. To a time: from an instant its
    time of day in UTC. To a UUID: from a text of 32 hexadecimal digits, with the four hyphens or
    none. To text: what AsText gives, cut to the field's `max_length`.

    Raises NotPortable for every other pair of types.
    """

    arity = 1

    def __init__(self, expression: Any, output_field: "Field[Any, Any]") -> None:
        super().__init__(expression, output_field=output_field)

    def resolved(self, *args: Any, **kwargs: Any) -> Any:
        (source,) = super().resolved(*args, **kwargs).get_source_expressions()
        return cast(source, self.output_field)


def cast(source: Any, target: "Field[Any, Any]") -> Any:
    """A resolved expression as one of the type `target`."""
    have, want = kind_of(source.output_field), kind_of(target)
    if want == "text" and have:
        return _text(source, have, target)
    conversion = CONVERSIONS.get((have, want))
    if conversion is None:
        raise NotPortable(_refusal(source.output_field, have, target))
    if have == "text":
        source = by_code_point(source)
    if have == "float" and want in ("integer", "decimal"):
        source = Significant(source, target.decimal_places if want == "decimal" else None)
    return conversion(source, output_field=target)


def kind_of(field: Any) -> str:
    """What a field's values are to Cast, "" for what it does not take."""
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


def _refusal(field: Any, have: str, target: Any) -> str:
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


def _text(source: Any, have: str, target: Any) -> Any:
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
