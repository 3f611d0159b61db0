"""Casts that SQLite does by guessing: of "12 apples" it makes 12."""

import re
from decimal import ROUND_HALF_UP, Context, Decimal

# As the other databases' expressions have it: reports/expressions/conversion/from_text.py.
INTEGER = re.compile(r"(?=.{1,100}\Z)[+-]?[0-9]+")
NUMBER = re.compile(r"(?=.{1,100}\Z)[+-]?[0-9]+(\.[0-9]+)?")
UUID = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
WIDE = Context(prec=400, rounding=ROUND_HALF_UP)


def isoline_text_integer(text: str | None, low: int, high: int) -> int | None:
    """The integer that a text is, if it is one and lies between the limits."""
    if text is None or not INTEGER.fullmatch(text):
        return None
    number = int(text)
    return number if low <= number <= high else None


def isoline_text_decimal(text: str | None, digits: int, places: int) -> float | None:
    """The decimal that a text is, half up to `places`, if it is one and `digits` hold it."""
    if text is None or not NUMBER.fullmatch(text):
        return None
    return _rounded(Decimal(text), digits, places)


def isoline_text_float(text: str | None) -> float | None:
    """The number that a text is, if it is one."""
    return float(text) if text is not None and NUMBER.fullmatch(text) else None


def isoline_text_uuid(text: str | None) -> str | None:
    """The 32 digits of the UUID that a text is, if it is one."""
    if text is None or not UUID.fullmatch(text.lower()):
        return None
    return text.lower().replace("-", "")


def isoline_truncated(number: float | str | None, low: int, high: int) -> int | None:
    """The integer part, if it lies between the limits."""
    if number is None:
        return None
    integer = int(Decimal(str(number)))
    return integer if low <= integer <= high else None


def isoline_rounded(number: float | str | None, digits: int, places: int) -> float | None:
    """A decimal half up to `places`, if `digits` hold it."""
    return None if number is None else _rounded(Decimal(str(number)), digits, places)


def _rounded(number: Decimal, digits: int, places: int) -> float | None:
    if number and number.adjusted() >= digits - places:
        return None
    rounded = number.quantize(Decimal(1).scaleb(-places), context=WIDE)
    return float(rounded) if abs(rounded) < Decimal(10) ** (digits - places) else None


FUNCTIONS = (
    isoline_text_integer,
    isoline_text_decimal,
    isoline_text_float,
    isoline_text_uuid,
    isoline_truncated,
    isoline_rounded,
)
