"""What reports must answer, computed in plain Python from the same rows: no SQL, no ORM, nothing
of reports/. It groups with dictionaries, sorts with `sorted`, divides with Fraction, tells local
time with zoneinfo, and writes its own CSV.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from fractions import Fraction
from functools import cache, cmp_to_key
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from tests.hostile.fixture import rows

type Row = dict[str, Any]
type Table = tuple[list[str], Iterable[Sequence[Any]]]


# CSV


def csv(table: Table) -> Iterator[str]:
    """Lines of the raw dialect."""
    header, records = table
    for record in (header, *records):
        yield ",".join(cell(value) for value in record) + "\r\n"


def cell(value: Any) -> str:
    """One value as the raw dialect writes it."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case date() | time():
            return value.isoformat()
        case int() | UUID():
            return str(value)
        case Decimal():
            return format(value, "f")
    assert isinstance(value, str)
    if value == "" or any(character in value for character in ',"\r\n'):
        return '"' + value.replace('"', '""') + '"'
    return value


# Numbers


def rounded(number: Fraction | Decimal | int, places: int) -> Decimal:
    """To so many places, halves away from zero."""
    scaled = abs(Fraction(number)) * 10**places
    units = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Decimal(-units if number < 0 else units).scaleb(-places)


def total(values: Iterable[Any]) -> Any:
    """The sum of what is not missing; None for nothing."""
    present = _present(values)
    return sum(present[1:], present[0]) if present else None


def mean(values: Iterable[Any], places: int) -> Decimal | None:
    """The mean of what is not missing, rounded; None for nothing."""
    present = _present(values)
    return (
        rounded(Fraction(sum(map(Fraction, present))) / len(present), places) if present else None
    )


def placed(value: Any, places: int) -> Decimal | None:
    """A number at its places, None for none."""
    return None if value is None else rounded(value, places)


# Texts and order


def joined(
    group: Iterable[Row], column: str, delimiter: str, *order: str, distinct: bool = False
) -> str | None:
    """The texts of a column, joined in the order of columns ("-" before one for descending)."""
    present = [row for row in group if row[column] is not None]
    by_text = sorted(present, key=lambda row: str(row[column]))
    texts = [str(row[column]) for row in ordered(by_text, *order)]
    if distinct:
        texts = list(dict.fromkeys(texts))
    return delimiter.join(texts) if texts else None


def ordered(group: Iterable[Row], *columns: str) -> list[Row]:
    """By code point, descending for "-", what is missing always last; otherwise as they were."""

    def compare(one: Row, other: Row) -> int:
        for column in columns:
            left, right = one[column.lstrip("-")], other[column.lstrip("-")]
            if left is None or right is None:
                result = (left is None) - (right is None)
            else:
                result = (left > right) - (left < right)
                result = -result if column.startswith("-") else result
            if result:
                return result
        return 0

    return sorted(group, key=cmp_to_key(compare))


def grouped(records: Iterable[Row], key: Callable[[Row], Hashable]) -> dict[Any, list[Row]]:
    """The rows under each key."""
    groups = defaultdict(list)
    for record in records:
        groups[key(record)].append(record)
    return groups


def least(values: Iterable[Any]) -> Any:
    """The least of what is not missing."""
    return min(_present(values), default=None)


def greatest(values: Iterable[Any]) -> Any:
    """The greatest of what is not missing."""
    return max(_present(values), default=None)


def _present(values: Iterable[Any]) -> list[Any]:
    return [value for value in values if value is not None]


def _of(group: Iterable[Row], column: str) -> list[Any]:
    return [row[column] for row in group]


def tabled(records: Iterable[Row], *columns: str) -> Table:
    """Those columns of the records, in that order."""
    return list(columns), [[record[column] for column in columns] for record in records]


# The hostile reports


def hostile_values() -> Table:
    names = {owner["id"]: owner["name"] for owner in rows().owners}
    records = [
        entry
        | {
            "owner": names.get(entry["owner_id"]),
            "rounded": placed(entry["price"], 1),
            "whole": placed(entry["price"], 0),
            "amount": placed(entry["amount"], 6),
        }
        for entry in rows().entries
    ]
    columns = "text owner note rank big amount rounded whole flag uid day clock at"
    return tabled(ordered(records, "-rank", "text", "id"), *columns.split())


def hostile_texts() -> Table:
    records = []
    for text, group in grouped(rows().entries, lambda entry: entry["text"]).items():
        notes = _of(group, "note")
        low = [entry["note"] for entry in group if entry["rank"] is not None and entry["rank"] < 0]
        records.append(
            {
                "text": text,
                "entries": len(group),
                "least": least(notes),
                "greatest": greatest(notes),
                "some": least(notes),
                "some_low": least(low),
                "notes": joined(group, "note", "|", distinct=True),
                "first_day": least(_of(group, "day")),
                "last_amount": placed(greatest(_of(group, "amount")), 6),
            }
        )
    return tabled(ordered(records, "-entries", "-greatest", "text"), *records[0])


def hostile_owners() -> Table:
    records = []
    for key, name, group in _by_owner():
        high = [entry for entry in group if entry["rank"] is not None and entry["rank"] > 2]
        records.append(
            {
                "owner": name,
                "entries": len(group),
                "texts": joined(group, "text", ", "),
                "by_rank": joined(group, "text", ", ", "rank"),
                "by_rank_down": joined(group, "text", "|", "-rank", "-note", "-id"),
                "by_pk": joined(group, "text", "|", "id"),
                "by_flag": joined(group, "text", "|", "-flag", "number", "-price"),
                "distinct": joined(group, "text", ",", distinct=True),
                "distinct_down": joined(group, "text", '"', "-text", distinct=True),
                "high": joined(high, "text", "", "note"),
                "absent": None,
                "default": "n\u00f8ne",
                "numbers": joined(group, "number", ",", "-number"),
                "ranks": joined(group, "rank", "\\", distinct=True),
                "key": key,
            }
        )
    return tabled(ordered(records, "owner", "key"), *list(records[0])[:-1])


def hostile_numbers() -> Table:
    records = []
    for key, name, group in _by_owner():
        numbers, amounts, prices = (_of(group, c) for c in ("number", "amount", "price"))
        records.append(
            {
                "owner": name,
                "numbers": len(_present(numbers)),
                "total": total(numbers),
                "distinct": total(set(_present(numbers))),
                "positive": total(number for number in _present(numbers) if number > 0),
                "bigs": total(_of(group, "big")),
                "amount": placed(total(amounts), 6),
                "price": placed(total(prices), 2),
                "mean": mean(numbers, 0),
                "mean_6": mean(numbers, 6),
                "mean_amount": mean(amounts, 6),
                "mean_amount_0": mean(amounts, 0),
                "mean_price": mean(set(prices), 1),
                "least": placed(least(amounts), 6),
                "greatest": placed(greatest(prices), 0),
                "key": key,
            }
        )
    return tabled(ordered(records, "-mean", "total", "owner", "key"), *list(records[0])[:-1])


def _by_owner() -> Iterator[tuple[int | None, str | None, list[Row]]]:
    names = {owner["id"]: owner["name"] for owner in rows().owners}
    for key, group in grouped(rows().entries, lambda entry: entry["owner_id"]).items():
        yield key, names.get(key), group


def hostile_long_texts() -> Table:
    groups = grouped(rows().longs, lambda row: row["kind"])
    return ["kind", "texts", "joined"], [
        [kind, len(_present(_of(group, "text"))), joined(group, "text", "\n", "-id")]
        for kind, group in sorted(groups.items())
    ]


def hostile_late_texts() -> Table:
    late = [row for row in rows().longs if row["kind"] == 3]
    groups = [{"text": t, "texts": len(g)} for t, g in grouped(late, lambda r: r["text"]).items()]
    return ["text", "texts", "joined", "greatest"], [
        [group["text"], group["texts"], group["text"], group["text"]]
        for group in ordered(groups, "-text")
    ]


def hostile_late_joined() -> Table:
    groups = grouped(rows().longs, lambda row: row["kind"])
    return ["kind", "distinct", "by_text", "least"], [
        [
            kind,
            joined(groups[kind], "text", ",", distinct=True),
            # Among equal texts the keys decide, by their digits.
            joined(groups[kind], "id", ",", "-text"),
            least(_of(groups[kind], "text")),
        ]
        for kind in (3, 4)
    ]


def hostile_days() -> Table:
    groups = grouped(rows().instants, lambda row: local(row["at"], "America/New_York"))
    return ["day", "instants", "first", "last"], [
        [day, len(group), least(_of(group, "at")), greatest(_of(group, "at"))]
        for day, group in sorted(groups.items(), reverse=True)
    ]


def hostile_months() -> Table:
    def months(row: Row) -> tuple[date, date]:
        return tuple(
            local(row["at"], zone).replace(day=1) for zone in ("Europe/Paris", "Pacific/Apia")
        )

    records = [
        {"paris": paris, "apia": apia, "instants": len(group)}
        for (paris, apia), group in grouped(rows().instants, months).items()
    ]
    return tabled(ordered(records, "-instants", "apia", "paris"), *records[0])


def hostile_calendars() -> Table:
    records = [
        {
            "at": row["at"],
            "apia_day": local(row["at"], "Pacific/Apia"),
            "casablanca_day": local(row["at"], "Africa/Casablanca"),
            "casablanca_month": local(row["at"], "Africa/Casablanca").replace(day=1),
            "kathmandu_day": local(row["at"], "Asia/Kathmandu"),
            "paris_day": local(row["at"], "Europe/Paris"),
            "new_york_year": local(row["at"], "America/New_York").replace(month=1, day=1),
        }
        for row in rows().instants
    ]
    return tabled(records, *records[0])


@cache
def local(at: datetime, zone: str) -> date:
    """The day that a place's clocks show at an instant."""
    return at.astimezone(ZoneInfo(zone)).date()
