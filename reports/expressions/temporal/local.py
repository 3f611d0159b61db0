"""Conversions between instants and local times.

A local time is a DateTimeField here, as if it were an instant of UTC, so that everything for
instants works with it. Outside the years 1 to 9999 all results are NULL.
"""

from datetime import datetime, tzinfo

from django.db.models import DateField, DateTimeField, Expression, Func

from geo.backends.compat import Compiler, Connection, ModelField, Sql
from reports.expressions.base import Portable
from reports.expressions.exact import composed
from reports.expressions.temporal.zones import (
    FIRST_YEAR,
    LAST_YEAR,
    Offset,
    Typed,
    local_offsets,
    offsets,
)

# The last moment before the year 1, the first after the year 9999.
POSTGRESQL_YEARS = {
    "date": ("date '0001-12-31 BC'", "date '10000-01-01'"),
    "instant": (
        "timestamptz '0001-12-31 23:59:59.999999+00 BC'",
        "timestamptz '10000-01-01 00:00:00+00'",
    ),
}
# The server itself returns NULL after the year 9999, but allows the year 0.
MYSQL_YEARS = {
    "date": "CAST('0000-12-31' AS DATE)",
    "instant": "CAST('0000-12-31 23:59:59.999999' AS DATETIME(6))",
}


class _Later(Portable, Func):
    """A moved moment; NULL outside the years. The moment's SQL, which may be long, occurs once."""

    @property
    def kind(self) -> str:
        return "instant" if isinstance(self.output_field, DateTimeField) else "date"

    def _postgresql(self, compiler: Compiler, template: str) -> Sql:
        below, above = POSTGRESQL_YEARS[self.kind]
        within = f"NULLIF(NULLIF(LEAST(GREATEST({template}, {below}), {above}), {below}), {above})"
        return composed(self, compiler, within)

    def _mysql(self, compiler: Compiler, template: str) -> Sql:
        below = MYSQL_YEARS[self.kind]
        return composed(self, compiler, f"NULLIF(GREATEST({template}, {below}), {below})")


class _LocalOffset(Offset):
    """The zone's offset from UTC at a local time."""

    @property
    def changes(self) -> tuple[tuple[datetime, int], ...]:
        return local_offsets(self.zone)

    def as_sqlite(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        if len(self.changes) == 1:
            return str(self.changes[0][1]), ()
        within = f"MIN(MAX({{0}}, '{FIRST_YEAR}-01-01'), '{LAST_YEAR + 1}-01-01')"
        return composed(self, compiler, f"isoline_local_offset({within}, '{self.zone}')")


class _Ahead(_Later):
    """A moment plus an offset."""

    arity = 2
    sign = "+"
    output_field = DateTimeField()

    def __init__(self, moment: object, offset: object) -> None:
        super().__init__(Typed(moment), offset)

    def as_postgresql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        return self._postgresql(compiler, f"{{0}} {self.sign} {{1}}")

    def as_mysql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        return self._mysql(compiler, f"{{0}} {self.sign} INTERVAL {{1}} MICROSECOND")

    def as_sqlite(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        return composed(self, compiler, f"isoline_shift({{0}}, {self.sign}({{1}}) * 1000000)")


class _Back(_Ahead):
    """A moment minus an offset."""

    sign = "-"


class MonthsLater(_Later):
    """A date or local time so many months later: the same day, or the month's last."""

    arity = 1

    def __init__(self, moment: object, months: int) -> None:
        super().__init__(Typed(moment))
        self.months = months

    def inferred_field(self) -> ModelField | None:
        (moment,) = self.get_source_expressions()
        is_instant = isinstance(moment.output_field, DateTimeField)
        return DateTimeField() if is_instant else DateField()

    def as_postgresql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        by = f"INTERVAL '{self.months} months'"
        if self.kind == "date":
            return self._postgresql(compiler, f"CAST({{0}} + {by} AS date)")
        # Independent of the session's zone.
        shown = f"({{0}} AT TIME ZONE 'UTC' + {by}) AT TIME ZONE 'UTC'"
        return self._postgresql(compiler, shown)

    def as_mysql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        return self._mysql(compiler, f"{{0}} + INTERVAL {self.months} MONTH")

    def as_sqlite(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        return composed(self, compiler, f"isoline_shift_months({{0}}, {self.months})")


def local(instant: Expression, zone: tzinfo) -> Expression:
    """Returns the zone's local time at a resolved instant."""
    if _is_utc(zone):
        return instant
    return _Ahead(instant, Offset(instant, zone)).resolve_expression()


def instant(shown: Expression, zone: tzinfo) -> Expression:
    """The resolved instant at which the zone's clocks show `shown`."""
    if _is_utc(zone):
        return shown
    return _Back(shown, _LocalOffset(shown, zone)).resolve_expression()


def _is_utc(zone: tzinfo) -> bool:
    return all(offset == 0 for _, offset in offsets(zone, None))
