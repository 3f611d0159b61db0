"""Booleans and numbers."""

from decimal import ROUND_HALF_UP, Context
from decimal import Decimal as Exact
from types import ModuleType
from typing import ClassVar, Self

from django.db import models
from django.utils.translation import gettext as _

from geo.backends.compat import ModelField
from reports.errors import DeclarationError
from reports.values.base import Kind
from reports.values.page_texts import grouped

# Significant decimal digits that every float keeps.
EXACT_DIGITS = 15
# All integers up to here are distinct floats; 2**53 + 1 is not.
LAST_EXACT_INTEGER = 2**53
FLOAT_DIGITS = Context(prec=12, rounding=ROUND_HALF_UP)
ARROW_DIGITS = 38  # of a 128-bit decimal
# More decimal places are not in the number format of a spreadsheet.
MOST_PLACES = 30


class Boolean(Kind[object, bool]):
    """A truth value."""

    name = noun = family = "boolean"
    fields = (models.BooleanField,)
    python = bool
    code = "b"
    column_type = "BIGINT"

    def value(self, given: object) -> bool:
        return bool(given)

    def text(self, value: bool) -> str:
        return "true" if value else "false"

    def parsed(self, text: str) -> bool:
        return text not in ("false", "f", "0")

    def json(self, value: bool) -> str:
        return self.text(value)

    def shown(self, value: bool) -> str:
        return _("yes") if value else _("no")

    def arrow(self, pyarrow: ModuleType) -> object:
        return pyarrow.bool_()


class Number[Given, Value](Kind[Given, Value]):
    """Base of the kinds of numbers."""

    family = "number"
    is_number = True
    cell = "number"

    def json(self, value: Value) -> str:
        text = self.text(value)
        return text if is_exact(text) else f'"{text}"'

    def shown(self, value: Value) -> str:
        return grouped(self.text(value))

    @property
    def number_format(self) -> str:
        """Returns the number format of a spreadsheet: with all places, and never 1E+15."""
        return f"0.{'0' * min(self.places, MOST_PLACES)}" if self.places else "0"


class Integer(Number[int | str | float | Exact, int]):
    """An integer of any size."""

    name = noun = "integer"
    fields = (models.IntegerField,)
    python = int
    code = "i"
    column_type = "BIGINT"

    def value(self, given: int | str | float | Exact) -> int:
        return int(given)

    def text(self, value: int) -> str:
        return str(value)

    def parsed(self, text: str) -> int:
        return int(Exact(text))

    def json(self, value: int) -> str:
        return str(value) if abs(value) <= LAST_EXACT_INTEGER else f'"{value}"'

    def arrow(self, pyarrow: ModuleType) -> object:
        return pyarrow.int64()


class Decimal(Number[int | str | float | Exact, Exact]):
    """A number of so many decimal places."""

    name = noun = "decimal"
    fields: ClassVar[tuple[type[ModelField], ...]] = (models.DecimalField,)
    python: ClassVar[type] = Exact
    code = "n"
    column_type = "DECIMAL({digits}, {places})"

    def __init__(self, places: int | None) -> None:
        if places is None:
            raise DeclarationError("A decimal without declared places: say places= in the column.")
        self.places = places

    @classmethod
    def of(cls, field: ModelField, places: int | None) -> Self:
        return cls(getattr(field, "decimal_places", None) if places is None else places)

    def value(self, given: int | str | float | Exact) -> Exact:
        if isinstance(given, float):
            given = FLOAT_DIGITS.create_decimal_from_float(given)
            if not given.is_finite():
                raise ValueError(f"{given} is not a number that a report can show.")
        return round_half_up(Exact(given), self.places)

    def parsed(self, text: str) -> Exact:
        return Exact(text)

    def text(self, value: Exact) -> str:
        return f"{value:f}"

    def arrow(self, pyarrow: ModuleType) -> object:
        return pyarrow.decimal128(ARROW_DIGITS, self.places)


class Float(Decimal):
    """A float, shown as a decimal of the places that its column declares."""

    name = noun = "float"
    fields = (models.FloatField,)
    python = float
    code = ""
    column_type = "DOUBLE"

    @classmethod
    def of(cls, field: ModelField, places: int | None) -> Self:
        if places is None:
            raise DeclarationError(
                "A float has no natural number of digits: say places= in the column."
            )
        return cls(places)


def is_exact(number: str) -> bool:
    """Whether a float returns all digits of a number's text."""
    return len(number.lstrip("-0.").replace(".", "")) <= EXACT_DIGITS


def round_half_up(number: Exact, places: int) -> Exact:
    """Returns `number` rounded half up (away from zero) to `places`; zero has no sign."""
    rounded = number.quantize(Exact(1).scaleb(-places), ROUND_HALF_UP, Context(prec=1000))
    return abs(rounded) if rounded == 0 else rounded
