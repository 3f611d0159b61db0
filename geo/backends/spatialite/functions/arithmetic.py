"""Numbers that SQLite would answer approximately, or otherwise than a decimal database."""

from decimal import ROUND_HALF_UP, Context, Decimal
from operator import add, sub

from geo.backends.spatialite.functions.decimals import EXACT_DIGITS, Number, exact, stored, units_of

# As the expressions for the other databases have it: see reports/expressions/rounding.py.
SIGNIFICANT = Context(prec=12, rounding=ROUND_HALF_UP)
WIDE = Context(prec=400, rounding=ROUND_HALF_UP)
LIMIT = Decimal(10) ** 35


def isoline_significant(number: float | None, places: int) -> float | None:
    """A float's 12 significant digits, rounded half up to `places`; ValueError past 1e35."""
    if number is None:
        return None
    decimal = SIGNIFICANT.create_decimal(repr(float(number)))
    if not abs(decimal) < LIMIT:
        raise ValueError(f"not a number that a report can show: {number}")
    return float(decimal.quantize(Decimal(1).scaleb(-places), context=WIDE))


def isoline_exact(number: float | None, places: int) -> float | int | None:
    """The result of an exact calculation; ValueError where SQLite's is no longer exact.

    An integer past 63 bits has become a float; a decimal of more than 15 digits is one that stands
    for its neighbours too.
    """
    if number is None or (isinstance(number, int) and not places):
        return number
    decimal = WIDE.create_decimal(repr(number)).quantize(Decimal(1).scaleb(-places), context=WIDE)
    if not places or len(decimal.as_tuple().digits) > EXACT_DIGITS:
        raise ValueError(f"more digits than SQLite keeps: {number}")
    return float(decimal)


def isoline_combine(
    lhs: Number | None, connector: str, rhs: Number | None, places: int
) -> Number | None:
    """The exact sum, difference or product of numbers of any size."""
    if lhs is None or rhs is None:
        return None
    if connector == "*":
        scales = _scale(lhs), _scale(rhs)
        product = units_of(lhs, scales[0]) * units_of(rhs, scales[1])
        return stored(product * 10 ** max(0, places - sum(scales)), max(places, sum(scales)))
    combine = add if connector == "+" else sub
    return stored(combine(units_of(lhs, places), units_of(rhs, places)), places)


def _scale(number: Number) -> int:
    """Its decimal places."""
    return max(0, -int(exact(number).normalize().as_tuple().exponent))


FUNCTIONS = (isoline_significant, isoline_exact, isoline_combine)
