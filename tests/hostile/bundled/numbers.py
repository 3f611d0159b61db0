"""Quotients, percentiles and deviations, exact and rounded once; and what is most frequent."""

from collections import Counter
from collections.abc import Iterable
from decimal import Context, Decimal
from fractions import Fraction
from typing import Any

from tests.hostile.oracle import rounded


def quotient(dividend: Any, divisor: Any, places: int) -> Decimal | None:
    """None by zero."""
    return rounded(Fraction(dividend) / Fraction(divisor), places) if divisor else None


def percentage(part: int, whole: int, places: int) -> Decimal | None:
    """How many per cent of the whole a part is."""
    return quotient(100 * part, whole, places)


def percentile(values: Iterable[Any], share: str, places: int) -> Decimal | None:
    """The value below which that share of them is, between the two nearest; None for none."""
    numbers = sorted(values)
    if not numbers:
        return None
    at = Fraction(share) * (len(numbers) - 1)
    before = int(at)
    low, high = map(Fraction, (numbers[before], numbers[min(before + 1, len(numbers) - 1)]))
    return rounded(low + (high - low) * (at - before), places)


def deviation(values: Iterable[Any], places: int) -> Decimal:
    """The root of the mean square distance from the mean."""
    numbers = [Fraction(value) for value in values]
    middle = sum(numbers) / len(numbers)
    variance = sum((number - middle) ** 2 for number in numbers) / len(numbers)
    context = Context(prec=60)
    root = context.divide(Decimal(variance.numerator), Decimal(variance.denominator)).sqrt(context)
    return rounded(root, places)


def usual(values: Iterable[Any]) -> Any:
    """The most frequent value, of several the least."""
    counts = Counter(values)
    return min(counts, key=lambda value: (-counts[value], value))
