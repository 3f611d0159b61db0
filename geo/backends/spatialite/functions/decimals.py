"""Exact numbers, which SQLite holds as INTEGER or REAL where these are exact, else as TEXT.

A number is given by its value, or as integer units and the scale (units / 10**scale). None is NULL.
"""

from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from math import isqrt

type Number = int | float | str

EXACT_DIGITS = 15
WIDEST = Context(prec=2000, rounding=ROUND_HALF_UP)
EXPONENT_ZERO = 5000  # added to exponents in keys, of four digits


def exact(number: Number) -> Decimal:
    """The decimal that a number stands for: of a float, its shortest text."""
    return Decimal(repr(number) if isinstance(number, float) else number)


def units_of(number: Number, scale: int) -> int:
    """The number in units of its last place, rounded half up (away from zero)."""
    if isinstance(number, int):
        return half_up(number, int(10**-scale)) if scale < 0 else number * int(10**scale)
    return int(exact(number).scaleb(scale, WIDEST).to_integral_value(ROUND_HALF_UP))


def stored(units: int, scale: int) -> Number:
    """What SQLite holds for `units` / 10**`scale`: INTEGER, REAL, or digits where neither will."""
    if scale <= 0:
        units *= int(10**-scale)
        return units if -(2**63) <= units < 2**63 else str(units)
    if abs(units) < 10**EXACT_DIGITS:
        return units / int(10**scale)
    value = Decimal(units).scaleb(-scale, WIDEST)
    return float(value) if exact(float(value)) == value else f"{value:f}"


def half_up(numerator: int, denominator: int) -> int:
    """The quotient as the nearest integer, half away from zero."""
    if denominator < 0:
        numerator, denominator = -numerator, -denominator
    rounded = (2 * abs(numerator) + denominator) // (2 * denominator)
    return rounded if numerator >= 0 else -rounded


def isoline_units(number: Number | None, scale: int) -> Number | None:
    """A number in units of its last place."""
    return None if number is None else stored(units_of(number, scale), 0)


def isoline_decimal(units: Number | None, scale: int) -> Number | None:
    """The number that `units` are."""
    return None if units is None else stored(int(units), scale)


def isoline_total(high: int | None, low: int | None) -> Number | None:
    """A sum from those of the high and low 32-bit halves."""
    if high is None or low is None:
        return None
    return stored((high << 32) + low, 0)


def isoline_quotient(units: Number | None, scale: int, count: int, places: int) -> Number | None:
    """`units` / 10**`scale` / `count`, rounded half up (away from zero) to `places`."""
    if units is None or not count:
        return None
    return stored(half_up(int(units) * 10**places, count * 10**scale), places)


def isoline_divide(
    number: Number | None, divisor: Number | None, scale: int, places: int
) -> Number | None:
    """`number` / `divisor`, both of `scale` at most, rounded to `places`; NULL by zero."""
    if number is None or divisor is None or not (units := units_of(divisor, scale)):
        return None
    return stored(half_up(units_of(number, scale) * 10**places, units), places)


def isoline_integer_division(
    number: Number | None, divisor: Number | None, scale: int
) -> Number | None:
    """The quotient's integer part; NULL by zero."""
    if number is None or divisor is None or not (by := units_of(divisor, scale)):
        return None
    units = units_of(number, scale)
    quotient = abs(units) // abs(by)
    return stored(quotient if (units < 0) == (by < 0) else -quotient, 0)


def isoline_mod(number: Number | None, divisor: Number | None, scale: int) -> Number | None:
    """The remainder, of the dividend's sign; NULL by zero."""
    if number is None or divisor is None or not (by := units_of(divisor, scale)):
        return None
    units = units_of(number, scale)
    rest = abs(units) % abs(by)
    return stored(rest if units >= 0 else -rest, scale)


def isoline_round(number: Number | None, places: int) -> Number | None:
    """The number rounded half up (away from zero) to `places`."""
    return None if number is None else stored(units_of(number, places), places)


def isoline_floor(number: Number | None) -> Number | None:
    """The greatest integer that is not greater."""
    return None if number is None else stored(exact(number).__floor__(), 0)


def isoline_ceil(number: Number | None) -> Number | None:
    """The least integer that is not less."""
    return None if number is None else stored(exact(number).__ceil__(), 0)


def isoline_abs(number: Number | None) -> Number | None:
    """The number without its sign."""
    return number.removeprefix("-") if isinstance(number, str) else number and abs(number)


def isoline_sign(number: Number | None) -> int | None:
    """-1, 0 or 1."""
    return None if number is None else (exact(number) > 0) - (exact(number) < 0)


def isoline_sort_key(number: Number | None) -> str | None:
    """A text whose order by code point is the numeric order; equal numbers have equal keys."""
    if number is None:
        return None
    value = exact(number)
    if not value.is_finite():
        return "2" if value > 0 else ""
    if not value:
        return "1"
    digits = "".join(map(str, value.as_tuple().digits)).rstrip("0")
    exponent = EXPONENT_ZERO + value.adjusted()
    if value > 0:
        return f"1{exponent:04}{digits}"
    complement = str.maketrans("0123456789", "9876543210")
    # What ends first is the greater one below zero, and ~ comes behind every digit.
    return f"0{f'{exponent:04}{digits}'.translate(complement)}~"


class Sum:
    """The exact sum of INTEGERs and digits."""

    name = "isoline_sum"

    def __init__(self) -> None:
        self.total = self.count = 0

    def step(self, units: Number | None) -> None:
        if isinstance(units, float):
            raise OverflowError("an integer of more than 64 bits became a float")
        if units is not None:
            self.total += int(units)
            self.count += 1

    def inverse(self, units: Number | None) -> None:
        """Take out a row that has left the window's frame."""
        if units is not None:
            self.total -= int(units)
            self.count -= 1

    def value(self) -> Number | None:
        return stored(self.total, 0) if self.count else None

    finalize = value


class Moments:
    """The count, the sum and the sum of squares of integers, as a text of three numbers."""

    name = "isoline_moments"

    def __init__(self) -> None:
        self.count = self.total = self.squares = 0

    def step(self, units: Number | None) -> None:
        if isinstance(units, float):
            raise OverflowError("an integer of more than 64 bits became a float")
        if units is not None:
            number = int(units)
            self.count += 1
            self.total += number
            self.squares += number * number

    def finalize(self) -> str:
        return f"{self.count} {self.total} {self.squares}"


def isoline_variance(
    moments: str | None, scale: int, less: int, places: int, is_root: int
) -> Number | None:
    """The variance (by count - `less`) or its root, of units, rounded half up to `places`."""
    # An aggregate without a row is NULL.
    count, total, squares = map(int, (moments or "0 0 0").split())
    if count <= less:
        return None
    variance = Fraction(count * squares - total * total, count * (count - less) * 100**scale)
    if is_root:
        return stored((isqrt(int(4 * 100**places * variance)) + 1) // 2, places)
    variance *= 10**places
    return stored(half_up(variance.numerator, variance.denominator), places)


FUNCTIONS = (
    isoline_abs,
    isoline_ceil,
    isoline_decimal,
    isoline_divide,
    isoline_floor,
    isoline_integer_division,
    isoline_mod,
    isoline_quotient,
    isoline_round,
    isoline_sign,
    isoline_sort_key,
    isoline_total,
    isoline_units,
    isoline_variance,
)
AGGREGATES = (Sum, Moments)
