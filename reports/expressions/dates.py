"""Local dates of instants.

The servers' own time zone tables are often missing, and where they are there they end too soon.
So the offsets are Python's (zoneinfo), handed to the SQL as a search tree over the instants at
which they change: about ten comparisons a row.
"""

from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import DateField, DateTimeField, Func, Value
from django.db.models.expressions import Case, When
from django.db.models.lookups import LessThan

# Offsets hold from the first of these years to the last; before and after, the nearest one's.
FIRST_YEAR, LAST_YEAR = 1900, 2200


@lru_cache(maxsize=64)
def transitions(zone: tzinfo) -> tuple[tuple[datetime, int], ...]:
    """When the zone's offset changes: (first instant of the offset in UTC, seconds east of UTC).

    The first entry's instant is the beginning of FIRST_YEAR. Offsets of consecutive entries
    differ.
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
    offset = at.astimezone(zone).utcoffset()
    assert offset is not None
    return round(offset.total_seconds())


def _change(zone: tzinfo, before: datetime, after: datetime) -> tuple[datetime, int]:
    """The first whole second after `before` with the offset of `after`."""
    offset = _offset(zone, after)
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        before, after = (before, middle) if _offset(zone, middle) == offset else (middle, after)
    return after, offset


class _Trunc(Func):
    """The first day of the local period that holds an instant."""

    arity = 2
    output_field = DateField()
    # Of an ISO date's ten characters, how many stay, and what completes them.
    kept: int
    completion: str
    period: str

    def __init__(self, expression: Any, *, tzinfo: tzinfo) -> None:
        if not isinstance(tzinfo, ZoneInfo) and tzinfo is not UTC:
            raise TypeError("tzinfo is a zoneinfo.ZoneInfo, or datetime.UTC.")
        self.tzinfo = tzinfo
        super().__init__(expression, Value(0))

    def resolve_expression(self, *args: Any, **kwargs: Any) -> Any:
        resolved = super().resolve_expression(*args, **kwargs)
        instant, _ = resolved.get_source_expressions()
        if not isinstance(instant.output_field, DateTimeField):
            raise TypeError(
                f"{type(self).__name__} takes a date and time, not a"
                f" {type(instant.output_field).__name__}."
            )
        offset = _offset_tree(instant, transitions(self.tzinfo))
        resolved.set_source_expressions([instant, offset.resolve_expression(*args, **kwargs)])
        return resolved

    def as_postgresql(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, Any]:
        return self.as_sql(
            compiler,
            connection,
            template=f"CAST(DATE_TRUNC('{self.period}', %(expressions)s) AS date)",
            arg_joiner=" AT TIME ZONE 'UTC' + INTERVAL '1 second' * ",
        )

    def as_mysql(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, Any]:
        return self.as_sql(
            compiler,
            connection,
            template=f"CAST(CONCAT(LEFT(%(expressions)s SECOND, {self.kept}),"
            f" '{self.completion}') AS date)",
            arg_joiner=" + INTERVAL ",
        )

    def as_sqlite(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, Any]:
        return self.as_sql(
            compiler,
            connection,
            template=f"SUBSTR(DATETIME(%(expressions)s || ' seconds'), 1, {self.kept})"
            f" || '{self.completion}'",
            arg_joiner=", ",
        )


def _offset_tree(instant: Any, changes: tuple[tuple[datetime, int], ...]) -> Any:
    """Seconds east of UTC at `instant`, by binary search over the changes."""
    if len(changes) == 1:
        return Value(changes[0][1])
    middle = len(changes) // 2
    return Case(
        When(
            LessThan(instant, Value(changes[middle][0], output_field=DateTimeField())),
            then=_offset_tree(instant, changes[:middle]),
        ),
        default=_offset_tree(instant, changes[middle:]),
    )


class TruncYear(_Trunc):
    """`TruncYear(instant, tzinfo=)`: the first of January of its local year, as a date."""

    kept, completion, period = 4, "-01-01", "year"


class TruncMonth(_Trunc):
    """`TruncMonth(instant, tzinfo=)`: the first day of its local month, as a date."""

    kept, completion, period = 7, "-01", "month"


class TruncDay(_Trunc):
    """`TruncDay(instant, tzinfo=)`: its local day, as a date."""

    kept, completion, period = 10, "", "day"
