"""Aggregates of a group's values as a whole, in order."""

from math import fsum
from typing import Any

from geo.backends.spatialite.functions.decimals import Number, half_up, stored


class _Collected:
    def __init__(self) -> None:
        self.values: list[Any] = []
        self.rest: tuple[Any, ...] = ()

    def collect(self, value: Any, *rest: Any) -> None:
        if value is not None:
            self.values.append(value)
            self.rest = rest


class PercentileDisc(_Collected):
    """The first value at which the share of the values up to it is numerator/denominator."""

    name = "isoline_percentile_disc"

    def step(self, value: Any, numerator: int, denominator: int) -> None:
        self.collect(value, numerator, denominator)

    def finalize(self) -> Any:
        if not self.values:
            return None
        numerator, denominator = self.rest
        rank = -(-numerator * len(self.values) // denominator)
        return sorted(self.values)[max(rank, 1) - 1]


class PercentileUnits(PercentileDisc):
    """The same of integer units, some of them digits."""

    name = "isoline_percentile_units"

    def collect(self, value: Number | None, *rest: Any) -> None:
        super().collect(None if value is None else int(value), *rest)

    def finalize(self) -> Number | None:
        units = super().finalize()
        return None if units is None else stored(units, 0)


class PercentileCont(_Collected):
    """The percentile of integer units, interpolated exactly, rounded half up to `places`."""

    name = "isoline_percentile_cont"

    def step(
        self, units: Number | None, numerator: int, denominator: int, scale: int, places: int
    ) -> None:
        if isinstance(units, float):
            raise OverflowError("an integer of more than 64 bits became a float")
        self.collect(units, numerator, denominator, scale, places)

    def finalize(self) -> Number | None:
        if not self.values:
            return None
        numerator, denominator, scale, places = self.rest
        at, rest = divmod(numerator * (len(self.values) - 1), denominator)
        ordered = sorted(map(int, self.values))
        units = ordered[at] * (denominator - rest)
        if rest:
            units += ordered[at + 1] * rest
        return stored(half_up(units * 10**places, denominator * 10**scale), places)


class PercentileReal(_Collected):
    """The percentile of floats, interpolated."""

    name = "isoline_percentile_real"

    def step(self, value: float | None, numerator: int, denominator: int) -> None:
        self.collect(value, numerator, denominator)

    def finalize(self) -> float | None:
        if not self.values:
            return None
        numerator, denominator = self.rest
        at, rest = divmod(numerator * (len(self.values) - 1), denominator)
        ordered = sorted(self.values)
        low: float = ordered[at]
        return low + (ordered[at + 1] - low) * rest / denominator if rest else low


class VarianceReal(_Collected):
    """The variance of floats, by the count less `less`."""

    name = "isoline_variance_real"

    def step(self, value: float | None, less: int) -> None:
        self.collect(value, less)

    def finalize(self) -> float | None:
        count = len(self.values)
        if not count or count <= self.rest[0]:
            return None
        mean = fsum(self.values) / count
        less: int = self.rest[0]
        return fsum((value - mean) ** 2 for value in self.values) / (count - less)


FUNCTIONS = ()
AGGREGATES = (PercentileDisc, PercentileUnits, PercentileCont, PercentileReal, VarianceReal)
