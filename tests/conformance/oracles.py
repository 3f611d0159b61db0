"""What plain Python says of the hostile rows: texts and orders."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from tests.conformance.harness import Row

PLACES = {"amount": Decimal("0.000001"), "price": Decimal("0.01")}
# Columns whose values have one text, and one order, on every database.
FIELDS = (
    *("text", "note", "rank", "number", "big", "huge", "amount", "price", "flag", "uid", "day"),
    *("clock", "at", "id", "owner_id", "owner__name"),
)


def shown(value: Any, field: str = "") -> Any:
    """A value as a report has it: decimals with their column's places."""
    return (
        value.quantize(PLACES[field]) if isinstance(value, Decimal) and field in PLACES else value
    )


def canonical(value: Any, field: str = "") -> str | None:
    """A value as raw CSV has it."""
    match shown(value, field):
        case None:
            return None
        case str() as text:
            return text
        case bool() as truth:
            return "true" if truth else "false"
        case Decimal() as decimal:
            return f"{decimal:f}"
        case datetime() as at:
            return at.replace(tzinfo=None).isoformat() + "Z"
        case date() | time() as day:
            return day.isoformat()
        case other:
            return str(other)


@dataclass(frozen=True, slots=True)
class _Descending:
    """A value of a key that descends."""

    value: Any

    def __lt__(self, other: "_Descending") -> bool:
        return bool(other.value < self.value)


def order(*keys: str) -> Callable[[Row], tuple[Any, ...]]:
    """A key for sorted(): `-name` descends, and NULLs are last in either direction."""
    names = [(key.removeprefix("-"), key.startswith("-")) for key in keys]

    def key_of(row: Row) -> tuple[Any, ...]:
        found: list[Any] = []
        for name, descends in names:
            value = row[name]
            found.append(value is None)
            found.append(_Descending(value) if descends and value is not None else value)
        return tuple(found)

    return key_of


def values(rows: list[Row], field: str, *keys: str, where: Any = None) -> list[Any]:
    """The values that are not NULL, ordered by the keys, then by themselves."""
    kept = [row for row in rows if row[field] is not None and (where is None or where(row))]
    return [shown(row[field], field) for row in sorted(kept, key=order(*keys, field))]
