"""Converts text of a file to typed values, strictly, rounding half up if a unit changes.

Each function takes the text of a cell and raises ValueError, saying what was expected.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, time
from decimal import ROUND_HALF_UP, Decimal

# A missing value in nycflights13.
NA = "NA"

_INTEGER = re.compile(r"-?[0-9]{1,18}")
# Few enough digits that no product with a factor exceeds the 28 that Decimal keeps.
_DECIMAL = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,25})?([eE][+-]?[0-9])?")
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")


def text(value: str) -> str:
    """Returns the stripped text."""
    return value.strip()


def required(value: str) -> str:
    """Returns the stripped text, which must not be empty or missing."""
    if not (value := value.strip()) or value == NA:
        raise ValueError("a value is needed")
    return value


def integer(value: str) -> int:
    if not _INTEGER.fullmatch(value):
        raise ValueError("a whole number is expected")
    return int(value)


def count(value: str) -> int:
    """Returns a whole number, zero or more."""
    if (number := integer(value)) < 0:
        raise ValueError("a number of zero or more is expected")
    return number


def decimal(value: str) -> Decimal:
    if not _DECIMAL.fullmatch(value):
        raise ValueError("a number is expected")
    return Decimal(value)


def longitude(value: str) -> float:
    return _degrees(value, 180)


def latitude(value: str) -> float:
    return _degrees(value, 90)


def _degrees(value: str, most: int) -> float:
    number = decimal(value)
    if abs(number) > most:
        raise ValueError(f"degrees between -{most} and {most} are expected")
    return float(number)


def instant(value: str) -> datetime:
    """Returns an ISO 8601 instant in UTC, such as 2013-01-01T10:00:00Z."""
    if not _INSTANT.fullmatch(value):
        raise ValueError("an instant such as 2013-01-01T10:00:00Z is expected")
    return datetime.fromisoformat(value).astimezone(UTC)


def clock(value: str) -> time:
    """Returns a time of day written as hours and minutes without a colon: 517 is 05:17.

    2400, the end of the day, is 00:00.
    """
    hours, minutes = divmod(count(value), 100)
    if minutes > 59 or hours > 24 or (hours == 24 and minutes):
        raise ValueError("a time of day such as 517 or 2359 is expected")
    return time(hours % 24, minutes)


def optional[T](convert: Callable[[str], T], missing: str = "") -> Callable[[str], T | None]:
    """Returns the same conversion with None for `missing`."""

    def converted(value: str) -> T | None:
        return None if value == missing else convert(value)

    return converted


def scaled(factor: str, places: int) -> Callable[[str], Decimal]:
    """Returns a number times `factor`, rounded half up to `places`; the product is exact."""
    exact = Decimal(factor)

    def converted(value: str) -> Decimal:
        return half_up(decimal(value) * exact, places)

    return converted


def half_up(value: Decimal, places: int) -> Decimal:
    """Returns the value at `places` decimal places, halves away from zero, never -0."""
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP) + 0
