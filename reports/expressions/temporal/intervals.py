"""Durations: between two moments, and added to a moment."""

import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Unpack

from django.db.models import (
    BigIntegerField,
    DateField,
    DateTimeField,
    DurationField,
    Expression,
    Func,
    IntegerField,
    TimeField,
    Value,
)
from django.db.models.sql import Query

from geo.backends.compat import Compiler, Connection, ModelField, Sql
from reports.compat import Resolving
from reports.errors import DeclarationError, NotPortable
from reports.expressions.base import Portable, listed, require
from reports.expressions.temporal.dates import OfMoment
from reports.expressions.temporal.local import MonthsLater, instant, local
from reports.expressions.temporal.zones import Typed

# In microseconds.
UNITS = {
    "microsecond": 1,
    "millisecond": 1_000,
    "second": 1_000_000,
    "minute": 60_000_000,
    "hour": 3_600_000_000,
    "day": 86_400_000_000,
    "week": 604_800_000_000,
}
# Longer than between any two instants.
LONGEST = timedelta(days=3_652_500)
MOST_MONTHS = 120_000


class Now(Portable, Func):
    """The instant at which the statement began, without the fraction of the second.

    It is one instant within a statement. (In a transaction of several statements PostgreSQL uses
    the transaction's beginning for all of them; a report is one statement.)
    """

    arity = 0
    output_field = DateTimeField()

    def as_postgresql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        # Not the statement's: for a server-side cursor each FETCH is another statement.
        return "DATE_TRUNC('second', CURRENT_TIMESTAMP)", ()

    def as_mysql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        return "UTC_TIMESTAMP()", ()

    def as_sqlite(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        # SQLite's own 'now' changes from row to row.
        return "%s", (str(datetime.now(UTC).replace(microsecond=0, tzinfo=None)),)


class Shifted(Portable, Func):
    """`Shifted(expression, by)`, or `Shifted(expression, months=1, days=-2)`: a later moment.

    `by` is a timedelta, or, for an instant, a DurationField; alternatively units: weeks, days,
    hours, minutes, seconds, milliseconds, microseconds. It is exact to the microsecond: a day is 24
    hours. A date is shifted by whole days.

    `months=` and `years=` (of 12 months) come first, and keep the local day and time of day in
    `tzinfo=`, by default UTC. If the month does not have that day, it is the last: 31 January plus
    a month is 28 or 29 February, 29 February plus a year 28 February. A local time that is skipped
    or repeated is treated as in Python (PEP 495, fold=0).

    NULL if the moment or the duration is, and if the result is outside the years 1 to 9999.
    """

    arity = 2

    def __init__(
        self,
        expression: object,
        by: object = None,
        *,
        months: int = 0,
        years: int = 0,
        tzinfo: tzinfo | None = None,
        **units: int,
    ) -> None:
        months += 12 * years
        if by is None and not units and not months:
            raise TypeError("Shifted takes a duration, or units such as days=1 or months=1.")
        if by is not None and units:
            raise TypeError("Shifted takes a duration or units, not both.")
        if tzinfo is not None and not months:
            raise DeclarationError(
                "Shifted takes tzinfo= with months= or years=: other units are exact in every zone."
            )
        by = timedelta(**units) if by is None else by
        if isinstance(by, timedelta):
            if abs(by) > LONGEST or abs(months) > MOST_MONTHS:
                moved = f"{months} months" if months else by
                raise NotPortable(f"Shifted moves by 10,000 years at most, not by {moved}.")
            by = Value(by, DurationField())
        super().__init__(_MonthsLater(expression, months, tzinfo) if months else expression, by)
        self.has_months = bool(months)

    def resolved(self, query: Query | None = None, **context: Unpack[Resolving]) -> Expression:
        resolved = super().resolved(query, **context)
        moment: Expression
        moment, by = resolved.get_source_expressions()
        if self.has_months and isinstance(by, Value) and not by.value:
            return moment
        field = require(self, moment, DateTimeField, DateField)
        require(self, by, DurationField)
        if not isinstance(field, DateTimeField) and not (
            isinstance(by, Value) and by.value % timedelta(days=1) == timedelta()
        ):
            raise NotPortable(
                "Shifted moves a DateField by a timedelta of whole days; cut an instant instead"
                " (TruncDate(Shifted(...)))."
            )
        return resolved

    def inferred_field(self) -> ModelField | None:
        field = self.get_source_expressions()[0].output_field
        return DateTimeField() if isinstance(field, DateTimeField) else DateField()

    def as_postgresql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        return self._within_years(compiler, "({0} + {1})", "timestamptz", "+00")

    def as_mysql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        return self._within_years(compiler, "({0} + INTERVAL {1} MICROSECOND)", "timestamp", "")

    def _within_years(self, compiler: Compiler, later: str, instant: str, utc: str) -> Sql:
        moment, by = self.get_source_expressions()
        if isinstance(self.output_field, DateTimeField):
            first = f"{instant} '0001-01-01 00:00:00{utc}'"
            last = f"{instant} '9999-12-31 23:59:59.999999{utc}'"
        else:
            later = f"CAST({later} AS date)"
            first, last = "date '0001-01-01'", "date '9999-12-31'"
        template = f"CASE WHEN {later} BETWEEN {first} AND {last} THEN {later} END"
        return _filled(compiler, template, Typed(moment), by)

    def as_sqlite(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        return self.as_sql(compiler, connection, function="isoline_shift")


class _MonthsLater(OfMoment):
    """An instant or a date, so many months later in the zone's calendar."""

    fields = (DateTimeField, DateField)

    def __init__(self, expression: object, months: int, zone: tzinfo | None) -> None:
        super().__init__(expression, zone)
        self.months = months

    def resolved(self, query: Query | None = None, **context: Unpack[Resolving]) -> Expression:
        (moment,) = super().resolved(query, **context).get_source_expressions()
        if not isinstance(moment.output_field, DateTimeField):
            return MonthsLater(moment, self.months).resolve_expression()
        shown = local(moment, self.tzinfo)
        later = MonthsLater(shown, self.months).resolve_expression()
        return instant(later, self.tzinfo)


class DurationBetween(Portable, Func):
    """`DurationBetween(later, earlier, unit="second")`: whole units from `earlier` to `later`.

    The later moment comes first, as in `later - earlier`: an order placed at `placed` and sent at
    `sent` took `DurationBetween("sent", "placed", "hour")`.

    It is an integer, rounded down (towards minus infinity: one second too early is -1 days); NULL
    if either is. The unit is microsecond, millisecond, second, minute, hour, day (24 hours) or
    week. It takes two instants, two dates (in days and weeks) or two times of day (up to hours);
    raises NotPortable for anything else.
    """

    arity = 2
    output_field = BigIntegerField()

    def __init__(self, later: object, earlier: object, unit: str = "second") -> None:
        if unit not in UNITS:
            raise NotPortable(f"DurationBetween counts no {unit!r}; its units are {listed(UNITS)}.")
        super().__init__(later, earlier)
        self.unit = unit

    def resolved(self, query: Query | None = None, **context: Unpack[Resolving]) -> Expression:
        resolved = super().resolved(query, **context)
        later, earlier = resolved.get_source_expressions()
        field = require(self, later, DateTimeField, DateField, TimeField)
        kind = _kind(field)
        if _kind(require(self, earlier, DateTimeField, DateField, TimeField)) is not kind:
            raise NotPortable(
                f"DurationBetween takes two of a kind, not a {kind.__name__} and a"
                f" {_kind(earlier.output_field).__name__}; the date of an instant is"
                " TruncDate(instant, tzinfo=)."
            )
        is_long = self.unit in ("day", "week")
        if (kind is DateField and not is_long) or (kind is TimeField and is_long):
            raise NotPortable(
                f"DurationBetween of two {kind.__name__}s counts"
                f" {'days or weeks' if kind is DateField else 'hours or less'}, not {self.unit}s."
            )
        return resolved

    def _whole(self, compiler: Compiler, microseconds: str, divide: str) -> Sql:
        template = _floored(microseconds, UNITS[self.unit], divide)
        return _filled(compiler, template, *map(Typed, self.get_source_expressions()))

    def as_postgresql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        is_of_dates = _kind(self.get_source_expressions()[0].output_field) is DateField
        # The difference of two dates is an integer there.
        later = "CAST({0} AS timestamp)" if is_of_dates else "{0}"
        microseconds = f"CAST(EXTRACT(EPOCH FROM {later} - {{1}}) * 1000000 AS bigint)"
        return self._whole(compiler, microseconds, "/")

    def as_mysql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        return self._whole(compiler, "TIMESTAMPDIFF(MICROSECOND, {1}, {0})", "DIV")

    def as_sqlite(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        is_of_times = isinstance(self.get_source_expressions()[0].output_field, TimeField)
        whole = 8 if is_of_times else 19

        def microseconds(text: str) -> str:
            fraction = f"SUBSTR(SUBSTR({text}, {whole + 2}) || '000000', 1, 6)"
            return f"(UNIXEPOCH(SUBSTR({text}, 1, {whole})) * 1000000 + {fraction})"

        return self._whole(compiler, f"({microseconds('{0}')} - {microseconds('{1}')})", "/")


def _kind(field: ModelField) -> type:
    for kind in (DateTimeField, DateField):
        if isinstance(field, kind):
            return kind
    return TimeField


def _floored(sql: str, divisor: int, divide: str) -> str:
    """Returns a quotient of integers, rounded down; databases round it towards zero."""
    if divisor == 1:
        return sql
    below = f"CASE WHEN {sql} %% {divisor} < 0 THEN 1 ELSE 0 END"
    return f"({sql} {divide} {divisor} - {below})"


def _filled(compiler: Compiler, template: str, *sources: Any) -> Sql:
    """Returns the template with the sources' SQL for {0}, {1} ..., and the parameters in order."""
    compiled = [compiler.compile(source) for source in sources]
    places = re.findall(r"{(\d)}", template)
    params = [param for place in places for param in compiled[int(place)][1]]
    return template.format(*(sql for sql, _ in compiled)), tuple(params)


class Microseconds(Portable, Func):
    """`Microseconds(duration)`: the length of a DurationField as an integer; NULL for NULL."""

    arity = 1
    output_field = BigIntegerField()
    unit = "microsecond"

    def resolved(self, query: Query | None = None, **context: Unpack[Resolving]) -> Expression:
        resolved = super().resolved(query, **context)
        require(self, *resolved.get_source_expressions(), DurationField)
        return resolved

    def _whole(self, compiler: Compiler, template: str, divide: str) -> Sql:
        floored = _floored(template, UNITS[self.unit], divide)
        return _filled(compiler, floored, *self.get_source_expressions())

    def as_postgresql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        return self._whole(compiler, "CAST(EXTRACT(EPOCH FROM {0}) * 1000000 AS bigint)", "/")

    def as_mysql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        return self._whole(compiler, "{0}", "DIV")

    def as_sqlite(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        return self._whole(compiler, "{0}", "/")


class Duration(Portable, Func):
    """`Duration(microseconds)`: a DurationField of this length; NULL for NULL."""

    arity = 1
    output_field = DurationField()

    def as_postgresql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        # An interval is multiplied by a float, which holds either part exactly.
        day = UNITS["day"]
        days, rest = f"DIV(({{0}})::numeric, {day})", f"MOD(({{0}})::numeric, {day})"
        sql = f"({days}::float8 * INTERVAL '1 day' + {rest}::float8 * INTERVAL '1 microsecond')"
        return _filled(compiler, sql, *self.get_source_expressions())

    def as_mysql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        return _filled(compiler, "CAST({0} AS SIGNED)", *self.get_source_expressions())

    def as_sqlite(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        return _filled(compiler, "CAST({0} AS INTEGER)", *self.get_source_expressions())


class Seconds(Microseconds):
    """`Seconds(duration)`: the whole seconds of a DurationField, rounded down; NULL for NULL.

    Down is towards minus infinity: minus half a second is -1.
    """

    unit = "second"


class YearsBetween(Portable, Func):
    """`YearsBetween(later, earlier)`: whole years from one date to another, such as an age.

    A person born on 29 February is a year older on 1 March of a common year. Negative, and rounded
    down, if `later` is the earlier date; NULL if either is.
    """

    arity = 2
    output_field = IntegerField()

    def resolved(self, query: Query | None = None, **context: Unpack[Resolving]) -> Expression:
        resolved = super().resolved(query, **context)
        for source in resolved.get_source_expressions():
            require(self, source, DateField)
        return resolved

    def _years(self, compiler: Compiler, number: str, divide: str) -> Sql:
        """Returns the difference of the dates as numbers, 20260131, which begins with years."""
        difference = f"({number.format('{0}')} - {number.format('{1}')})"
        template = _floored(difference, 10_000, divide)
        return _filled(compiler, template, *map(Typed, self.get_source_expressions()))

    def as_postgresql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        return self._years(compiler, "CAST(TO_CHAR({}, 'YYYYMMDD') AS integer)", "/")

    def as_mysql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        return self._years(compiler, "CAST({} + 0 AS SIGNED)", "DIV")

    def as_sqlite(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        return self._years(compiler, "CAST(REPLACE({}, '-', '') AS INTEGER)", "/")
