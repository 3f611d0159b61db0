"""The hostile rows, the same at every call, and their way into a database."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from random import Random
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connections, models, transaction

from tests.hostile.models import Digit, Entry, Instant, Long, Number, Owner
from tests.hostile.texts import TEXTS

ZONES = (
    "America/New_York",
    "Europe/Paris",
    "Asia/Kathmandu",
    "Pacific/Apia",
    "Africa/Casablanca",
)
FIRST_YEAR, LAST_YEAR = 1905, 2190
# Years of which every day's beginning is there, in every zone: whole and half hours, a day that
# was left out (Apia, 2011), two changes in one year's Ramadan (Casablanca, 2026).
WHOLE_YEARS = (1940, 2011, 2026)
OWNERS = (
    *("b", None, "", "a", "A", "a", "\u00e1", "a ", "\u0130", "i\u0307", "\U0001f600", "\uff41"),
    *(None, "-5", "=1+1", "a,b"),
)
ENTRIES = 900
# Owners of few entries: two that make a negative half, two that make a positive one, three of
# which a third is taken, one of 15 digits, one all of NULLs, and one without any.
HALF, OTHER_HALF, THIRD, DIGITS, EMPTY, NOBODY = 20, 21, 22, 23, 24, 25
FLOATS = (
    *(0.0, -0.0, 0.1, 0.2, 0.30000000000000004, 1 / 3, 2 / 3, 2.5, -2.5, 2.675, 1e-9, -1e-9),
    *(999999999999.5, 1234567.891, 1e15, -1e15, 0.5, 1.5, 1e-5, 123456.7890125),
)
JSONS: tuple[Any, ...] = (
    *({}, [], {"a": 1}, {"a": "1"}, {"a": 1.5}, {"a": -0.25}, {"a": True}, {"a": False}),
    *({"a": None}, {"a": ""}, {"a": "a"}, {"a": "A"}, {"a": " a"}, {"a": "\u00e1\U0001f600"}),
    *({"a": {"b": [10, "x", None, {"c": True}]}}, {"a": [1, 2]}, {"b": 2, "a": 7}, {"a": 10**15}),
    *({"a b": 1, 'a"b': "quoted", "a.b": 2, "": 3, "0": "zero", "\u00e9": "accent"}, [0, "one"]),
    *("a", "1", 1, 1.5, True, False, [None], {"a": "null"}, {"a": "true"}, {"a": "'\"\\\n"}),
)
PIECE = '0123456789abcdef\u00e4\u20ac\U0001f600,\n"'


class Rows(NamedTuple):
    """Everything there is, as dictionaries by column."""

    owners: Sequence[dict[str, Any]]
    entries: Sequence[dict[str, Any]]
    longs: Sequence[dict[str, Any]]
    instants: Sequence[dict[str, Any]]
    digits: Sequence[dict[str, Any]]


@cache
def rows() -> Rows:
    """The rows, made without a database."""
    return Rows(
        owners=tuple(_owners()),
        entries=tuple(_entries()),
        longs=tuple(_longs()),
        instants=tuple(
            {"id": number, "at": at} for number, at in enumerate(sorted(_instants()), 1)
        ),
        digits=tuple({"id": digit} for digit in range(10)),
    )


def _owners() -> Iterator[dict[str, Any]]:
    for number, name in enumerate(OWNERS):
        yield {"id": number, "name": name}
    for number in (HALF, OTHER_HALF, THIRD, DIGITS, EMPTY, NOBODY):
        yield {"id": number, "name": "owner"}


def _entries() -> Iterator[dict[str, Any]]:
    random = Random("isoline")
    everything = list(TEXTS) * (ENTRIES // len(TEXTS)) + list(TEXTS)[: ENTRIES % len(TEXTS)]
    random.shuffle(everything)

    def sometimes(value: Any) -> Any:
        return None if random.random() < 0.2 else value

    late = Random("late")  # columns that came later leave the others as they were
    for number, text in enumerate(everything):
        yield {
            "id": number,
            "owner_id": sometimes(random.randrange(len(OWNERS))),
            "text": text,
            "note": sometimes(random.choice(TEXTS)),
            "rank": sometimes(random.randrange(-3, 4)),
            "number": sometimes(random.randrange(-2000, 2001)),
            "big": sometimes(random.randrange(-(2**52), 2**52)),
            "amount": sometimes(Decimal(random.randrange(-(10**12), 10**12)).scaleb(-6)),
            "price": sometimes(Decimal(random.choice((-250, -50, -5, 5, 15, 25, 250))).scaleb(-2)),
            "flag": sometimes(random.random() < 0.5),
            "uid": sometimes(UUID(int=random.getrandbits(128), version=random.choice((1, 4, 5)))),
            "day": sometimes(date(1900, 1, 1) + timedelta(days=random.randrange(100_000))),
            "clock": sometimes(time(random.randrange(24), 59, 59, random.choice((0, 1, 999_999)))),
            "at": sometimes(
                datetime(1970, 1, 1, 23, 59, 59, random.choice((0, 1, 500_000)), UTC)
                + timedelta(days=random.randrange(40_000))
            ),
            **_later(late),
        }
    nothing = dict.fromkeys(field.attname for field in Entry._meta.concrete_fields)
    for owner, number, amount, price in (
        (HALF, -2, "-0.000001", "-1234567890123.45"),
        (HALF, -3, "-0.000002", None),
        (OTHER_HALF, 2, "0.000001", "0.01"),
        (OTHER_HALF, 3, "0.000002", "-0.01"),
        (THIRD, 1, "0.000001", "9999999999999.99"),
        (THIRD, 1, "0", None),
        (THIRD, 0, "0", None),
        (DIGITS, 2**31 - 1, "999999999.999999", "-9999999999999.99"),
        (EMPTY, None, None, None),
        (EMPTY, None, None, None),
    ):
        number_of = len(everything)
        everything.append(None)
        yield nothing | {
            "id": number_of,
            "owner_id": owner,
            "number": number,
            "amount": None if amount is None else Decimal(amount),
            "price": None if price is None else Decimal(price),
            "big": 2**63 - 1 if owner == DIGITS else None,
        }


def _later(random: Random) -> dict[str, Any]:
    def sometimes(value: Any) -> Any:
        return None if random.random() < 0.2 else value

    return {
        "huge": sometimes(random.choice((1, -1)) * (2**63 - 1 - random.randrange(10**6))),
        "ratio": sometimes(random.choice((*FLOATS, random.uniform(-1e6, 1e6), random.random()))),
        "span": sometimes(
            random.choice((1, -1)) * timedelta(random.randrange(400), random.randrange(86_400), 1)
        ),
        "data": sometimes(random.choice(JSONS)),
    }


def _longs() -> Iterator[dict[str, Any]]:
    late = [
        "x" * length + chr(0x61 + (number * 7) % 10)
        for length in (1_100, 5_100)
        for number in range(10)
    ]
    texts: list[tuple[int, str | None]] = [
        *((Long.Kind.OVER_1_MB, f"{number}{PIECE * 50}") for number in range(1_200)),
        *((Long.Kind.OVER_20_MB, f"{PIECE * 400}{number}") for number in range(2_000)),
        *((Long.Kind.LATE, text) for text in late + late[::3]),
        (Long.Kind.LATE, None),
        (Long.Kind.NULL, None),
        (Long.Kind.NULL, None),
    ]
    for number, (kind, text) in enumerate(texts):
        yield {"id": number, "kind": int(kind), "text": text}


def _instants() -> set[datetime]:
    found: set[datetime] = set()
    second = timedelta(seconds=1)
    for name in ZONES:
        zone = ZoneInfo(name)
        days = {midnight for year in WHOLE_YEARS for midnight in _days(year)}
        for change in _changes(zone):
            found |= {change - second, change, change + second}
            local = change.astimezone(zone).date()
            days |= {datetime.combine(local + timedelta(days=n), time()) for n in (0, 1)}
        for midnight in days:
            at = midnight.replace(tzinfo=zone).astimezone(UTC)
            found |= {at - second, at}
    return {at for at in found if FIRST_YEAR <= at.year <= LAST_YEAR}


def _days(year: int) -> Iterator[datetime]:
    first = datetime(year, 1, 1)
    return (first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first.date()).days))


def _changes(zone: ZoneInfo) -> Iterator[datetime]:
    """The instants at which the offset becomes another, to the second."""
    day = timedelta(days=1)
    at = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC)
    offset = _offset(zone, at)
    while at.year <= LAST_YEAR:
        if (next_offset := _offset(zone, at + day)) != offset:
            low, high = 0, 86_400
            while high - low > 1:
                middle = (low + high) // 2
                if _offset(zone, at + timedelta(seconds=middle)) == offset:
                    low = middle
                else:
                    high = middle
            yield at + timedelta(seconds=high)
        at, offset = at + day, next_offset


def _offset(zone: ZoneInfo, at: datetime) -> timedelta | None:
    return at.astimezone(zone).utcoffset()


# Into a database.

TABLES: tuple[tuple[type[models.Model], str], ...] = (
    (Owner, "owners"),
    (Entry, "entries"),
    (Long, "longs"),
    (Instant, "instants"),
    (Digit, "digits"),
)


def create(alias: str) -> None:
    """Make the tables that are not there."""
    connection = connections[alias]
    existing = connection.introspection.table_names()
    with connection.schema_editor() as editor:
        for model in (*(model for model, _ in TABLES), Number):
            if model._meta.db_table not in existing:
                editor.create_model(model)


def load(alias: str) -> None:
    """Fill the tables, save that of a million numbers; committed. What is whole stays."""
    for model, name in TABLES:
        expected = getattr(rows(), name)
        objects = model._default_manager.using(alias)
        if objects.count() == len(expected):
            continue
        with transaction.atomic(using=alias):
            objects.all().delete()
            # 500 rows of the longest texts stay below the smallest packet that a server takes.
            objects.bulk_create([model(**row) for row in expected], batch_size=500)


def load_million(alias: str) -> None:
    """Fill the table of a million numbers, if it is not full; committed."""
    if Number._default_manager.using(alias).count() == 1_000_000:
        return
    digits = Digit._meta.db_table
    number = " + ".join(f"d{n}.id * {10**n}" for n in range(6))
    tables = ", ".join(f"{digits} d{n}" for n in reversed(range(6)))
    with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
        cursor.execute(f"DELETE FROM {Number._meta.db_table}")
        cursor.execute(
            f"INSERT INTO {Number._meta.db_table} (id, text)"
            f" SELECT {number}, 'number, \"' FROM {tables}"
        )
