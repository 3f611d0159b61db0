"""Values in order, and as canonical texts."""

from decimal import Decimal
from fractions import Fraction
from typing import Any


class _Descending:
    """What sorts the other way round."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __lt__(self, other: "_Descending") -> bool:
        return bool(other.value < self.value)

    def __le__(self, other: "_Descending") -> bool:
        return not self.value < other.value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Descending) and bool(other.value == self.value)

    def __hash__(self) -> int:
        return hash(self.value)


def place(value: Any, descending: bool = False) -> tuple[Any, ...]:
    """Where a value is in an order: NULLs last, either way."""
    if value is None:
        return (1,)
    return (0, _Descending(value) if descending else value)


def text(value: Any, places: int | None = None) -> str:
    """A value as canonical text; a mean is rounded half up to its places."""
    if value is None:
        return "NULL"
    if isinstance(value, Fraction):
        scaled = abs(value) * 10 ** (places or 0)
        value = Decimal(int(scaled + Fraction(1, 2))).scaleb(-(places or 0)) * (
            1 if value >= 0 else -1
        )
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | Decimal):
        return f"{Decimal(value).normalize() + 0:f}"
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
