"""SQL functions that Isoline's expressions use on SQLite, which has no decimal numbers."""

import json
from decimal import Decimal
from typing import Any

EXACT_DIGITS = 15


def register(connection: Any) -> None:
    """Make the functions known to one connection."""
    for function in (isoline_decimal, isoline_quotient, isoline_join):
        connection.create_function(
            function.__name__, function.__code__.co_argcount, function, deterministic=True
        )


def isoline_decimal(units: int | None, scale: int) -> float | None:
    """`units` / 10**`scale`, the float that stands for that decimal.

    Raises ValueError past 15 digits, where a float no longer tells neighbours apart.
    """
    return None if units is None else _as_float(Decimal(units).scaleb(-scale))


def isoline_quotient(units: int | None, scale: int, count: int, places: int) -> float | None:
    """`units` / 10**`scale` / `count`, rounded half up (away from zero) to `places`."""
    if units is None or not count:
        return None
    numerator, denominator = abs(units) * 10**places, count * 10**scale
    rounded = (2 * numerator + denominator) // (2 * denominator)
    return _as_float(Decimal(rounded if units >= 0 else -rounded).scaleb(-places))


def isoline_join(values: str | None, delimiter: str) -> str | None:
    """The strings of a JSON list joined by `delimiter`, NULLs left out; NULL for none."""
    strings = [value for value in json.loads(values or "[]") if value is not None]
    return delimiter.join(strings) if strings else None


def _as_float(value: Decimal) -> float:
    if len(value.as_tuple().digits) > EXACT_DIGITS and value != Decimal(repr(float(value))):
        raise ValueError(f"more than {EXACT_DIGITS} digits: {value}")
    return float(value.normalize())
