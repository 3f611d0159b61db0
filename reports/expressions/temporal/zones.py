"""Time zone offsets of instants.

The servers' own time zone tables are often missing, or end too soon. The offsets are therefore
Python's (zoneinfo), passed in SQL as the instants at which they change; each database finds the one
in force by a binary search.
"""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Any, cast
from zoneinfo import ZoneInfo

from django.db.models import DateField, DateTimeField, Func, IntegerField, TimeField
from django.db.models.expressions import Col

from geo.backends.compat import Compiler, Connection, Sql
from reports.expressions.base import Portable

# No zone's offset changes before the first of these years (it is the local mean time); after the
# last the offset stays the same.
FIRST_YEAR, LAST_YEAR = 1800, 2200
# SQLite searches these years in SQL, others in Python: most reports are about the present.
PRESENT = ("1970-01-01", "2038-01-01")
# The beginning of Python's and the databases' calendar, a Monday, in seconds before 1970.
YEAR_ONE = 62_135_596_800
MICROSECONDS = 1_000_000  # of a second


def checked(zone: tzinfo) -> tzinfo:
    """Returns the zone if its changes can be determined. Raises TypeError if not."""
    if isinstance(zone, timezone) and not zone.utcoffset(None) % timedelta(seconds=1):
        return UTC if zone == UTC else zone
    if isinstance(zone, ZoneInfo) and re.fullmatch(r"[\w+/-]+", zone.key or ""):
        return zone
    raise TypeError("tzinfo is a zoneinfo.ZoneInfo, or a datetime.timezone of whole seconds.")


@lru_cache(maxsize=64)
def transitions(zone: tzinfo) -> tuple[tuple[datetime, int], ...]:
    """Returns the changes of offset: (first instant of the offset in UTC, seconds east of UTC).

    The first entry's instant is the beginning of FIRST_YEAR. Consecutive entries have different
    offsets.
    """
    step = timedelta(days=1)
    at, end = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC), datetime(LAST_YEAR + 1, 1, 1, tzinfo=UTC)
    found = [(at, _offset(zone, at))]
    while at < end:
        if _offset(zone, at + step) != found[-1][1]:
            found.append(_change(zone, at, at + step))
        at += step
    return tuple(found)


def _offset(zone: tzinfo, at: datetime) -> int:
    # A ZoneInfo has an offset for every instant.
    offset = cast("timedelta", at.astimezone(zone).utcoffset())
    return round(offset.total_seconds())


def _change(zone: tzinfo, before: datetime, after: datetime) -> tuple[datetime, int]:
    """Returns the first whole second after `before` with the offset of `after`."""
    offset = _offset(zone, after)
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        before, after = (before, middle) if _offset(zone, middle) == offset else (middle, after)
    return after, offset


@lru_cache(maxsize=128)
def offsets(zone: tzinfo, cycle: int | None) -> tuple[tuple[datetime, int], ...]:
    """Returns the transitions modulo `cycle` seconds: often none, if offsets are whole hours."""
    found: list[tuple[datetime, int]] = []
    for at, offset in transitions(zone):
        reduced = offset % cycle if cycle else offset
        if not found or found[-1][1] != reduced:
            found.append((at, reduced))
    return tuple(found)


@lru_cache(maxsize=64)
def local_offsets(zone: tzinfo) -> tuple[tuple[datetime, int], ...]:
    """Returns the same as `offsets` by the local time of each change, as if that were UTC.

    As in Python (PEP 495, fold=0), a repeated local time means the first, and a skipped one uses
    the offset before the change.
    """
    first, *changes = transitions(zone)
    found = [first]
    for at, offset in changes:
        later = max(found[-1][1], offset)
        found.append((at + timedelta(seconds=later), offset))
    return tuple(found)


class Typed(Portable, Func):
    """An instant, a date or a time of day, whose SQL has that type even for a literal."""

    arity = 1

    def _cast(self, compiler: Compiler, instant: str, date: str, time: str) -> Sql:
        (source,) = self.get_source_expressions()
        sql, params = compiler.compile(source)
        if isinstance(source, Col):
            return sql, params
        match source.output_field:
            case DateTimeField():
                return f"CAST({sql} AS {instant})", params
            case DateField():
                return f"CAST({sql} AS {date})", params
        return f"CAST({sql} AS {time})", params

    def as_postgresql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        return self._cast(compiler, "timestamptz", "date", "time")

    def as_mysql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        return self._cast(compiler, "datetime(6)", "date", "time(6)")

    def as_sqlite(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        sql, params = compiler.compile(self.get_source_expressions()[0])
        return sql, params  # dates are texts there


class Offset(Portable, Func):
    """The zone's offset from UTC at an instant, modulo `cycle` seconds.

    It is in seconds on SQLite, microseconds on MySQL and MariaDB, and an interval on PostgreSQL.
    """

    arity = 1
    output_field = IntegerField()

    def __init__(self, instant: object, zone: tzinfo, cycle: int | None = None) -> None:
        super().__init__(instant)
        self.zone, self.cycle = zone, cycle

    @property
    def changes(self) -> tuple[tuple[datetime, int], ...]:
        """Returns the offsets, each with the first moment at which it applies."""
        return offsets(self.zone, self.cycle)

    def as_postgresql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        return self._of_instant(compiler, _postgresql(self.changes))

    def as_mysql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        return self._of_instant(compiler, _mysql(self.changes))

    def as_sqlite(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        # The search repeats the instant in every step.
        is_short = isinstance(self.get_source_expressions()[0], Col)
        return self._of_instant(compiler, _sqlite(self.changes, self.zone, search=is_short))

    def _of_instant(self, compiler: Compiler, template: str) -> Sql:
        if "{at}" not in template:
            return template, ()
        sql, params = compiler.compile(Typed(*self.get_source_expressions()))
        return template.replace("{at}", sql), params * template.count("{at}")


@lru_cache(maxsize=128)
def _postgresql(changes: tuple[tuple[datetime, int], ...]) -> str:
    (_, first), *later = changes
    if not later:
        return f"INTERVAL '{first} seconds'"
    instants = ",".join(f'"{_text(at)}+00"' for at, _ in later)
    seconds = ",".join(f'"{each} seconds"' for each in (first, *(offset for _, offset in later)))
    return (
        f"('{{{seconds}}}'::interval[])[WIDTH_BUCKET({{at}}, '{{{instants}}}'::timestamptz[]) + 1]"
    )


@lru_cache(maxsize=128)
def _mysql(changes: tuple[tuple[datetime, int], ...]) -> str:
    (_, first), *later = changes
    if not later:
        return str(first * MICROSECONDS)
    # TO_SECONDS counts from the beginning of a year 0 of 366 days. INTERVAL searches floats in a
    # quarter of the time of integers. ELT's result is a text for seconds, which may have a
    # fraction, but an integer for microseconds.
    instants = ", ".join(
        str(int(at.timestamp()) + YEAR_ONE + 366 * 24 * 60 * 60) for at, _ in later
    )
    every = (first, *(offset for _, offset in later))
    microseconds = ", ".join(str(offset * MICROSECONDS) for offset in every)
    return f"ELT(INTERVAL(TO_SECONDS({{at}}) + 0e0, {instants}) + 1, {microseconds})"


@lru_cache(maxsize=128)
def _sqlite(changes: tuple[tuple[datetime, int], ...], zone: tzinfo, *, search: bool) -> str:
    if len(changes) == 1:
        return str(changes[0][1])
    within = f"MIN(MAX({{at}}, '{FIRST_YEAR}-01-01'), '{LAST_YEAR + 1}-01-01')"
    called = f"isoline_offset({within}, '{zone}')"
    if not search:
        return called
    first, last = PRESENT
    before = [each for each in changes if _text(each[0]) < first]
    present = [each for each in changes if first <= _text(each[0]) < last]
    return (
        f"CASE WHEN {{at}} < '{first}' OR {{at}} >= '{last}' THEN {called}"
        f" ELSE {_tree([*before[-1:], *present])} END"
    )


def _tree(changes: list[tuple[datetime, int]]) -> str:
    if len(changes) == 1:
        return str(changes[0][1])
    middle = len(changes) // 2
    return (
        f"CASE WHEN {{at}} < '{_text(changes[middle][0])}'"
        f" THEN {_tree(changes[:middle])} ELSE {_tree(changes[middle:])} END"
    )


def _text(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S")


class LocalTime(Portable, Func):
    """The local time of an instant in a zone. A date or a time of day stays as it is.

    The value has the form in which the database computes: a datetime, a date or a time; on
    PostgreSQL a timestamp or a time; on SQLite the seconds from 1970 to the same local time in UTC.
    """

    arity = 1

    def __init__(self, source: object, zone: tzinfo, cycle: int | None = None) -> None:
        super().__init__(source)
        self.zone, self.cycle = zone, cycle

    def _parts(self, compiler: Compiler) -> tuple[Any, str, Any, str, Any]:
        """Returns the source's field, SQL and parameters, and the offset's SQL and parameters."""
        (source,) = self.get_source_expressions()
        sql, params = compiler.compile(Typed(source))
        if not isinstance(source.output_field, DateTimeField):
            return source.output_field, sql, params, "0", ()
        offset = compiler.compile(Offset(source, self.zone, self.cycle))
        return source.output_field, sql, params, *offset

    def as_postgresql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        field, sql, params, offset, offset_params = self._parts(compiler)
        if isinstance(field, DateTimeField):
            return f"({sql} AT TIME ZONE {offset})", (*params, *offset_params)
        # A date would be taken for an instant, by the session's time zone.
        return (sql if isinstance(field, TimeField) else f"CAST({sql} AS timestamp)"), params

    def as_mysql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        _field, sql, params, offset, offset_params = self._parts(compiler)
        if offset == "0":
            return sql, params
        return f"({sql} + INTERVAL {offset} MICROSECOND)", (*params, *offset_params)

    def as_sqlite(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        field, sql, params, offset, offset_params = self._parts(compiler)
        # Without the fraction of the second, which date functions would round.
        seconds = f"UNIXEPOCH(SUBSTR({sql}, 1, {8 if isinstance(field, TimeField) else 19}))"
        if offset == "0":
            return seconds, params
        return f"({seconds} + {offset})", (*params, *offset_params)
