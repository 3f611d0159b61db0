"""Dates and times of day: the periods that they belong to, and their parts.

Instants (DateTimeField) are converted to a time zone: `tzinfo=` takes any `zoneinfo.ZoneInfo` or
`datetime.timezone`, and is UTC if it is omitted or None. Unlike in Django, the current user's time
zone has no effect: a report reads the same for everyone. Local times are those of Python's
`zoneinfo` until the end of the year 2200; after that the offset stays the same. A DateField and a
TimeField have no zone. Fractions of a second are ignored.
"""

from datetime import UTC, tzinfo
from typing import Any, Unpack

from django.db.models import DateField, DateTimeField, Expression, Func, IntegerField, TimeField
from django.db.models.sql import Query

from geo.backends.compat import Compiler, Connection, ModelField, Sql
from reports.compat import Resolving
from reports.errors import NotPortable
from reports.expressions.base import Portable, require
from reports.expressions.conversion.cast import Cast
from reports.expressions.temporal.local import instant, local
from reports.expressions.temporal.zones import YEAR_ONE, LocalTime, Offset, checked

DAY = 24 * 60 * 60
# The clock's periods in seconds, and the calendar's; weeks begin on Mondays.
CLOCK = {"hour": 60 * 60, "minute": 60, "second": 1}
CALENDAR = ("year", "quarter", "month", "week", "day")


class OfMoment(Portable, Func):
    """A property of an instant in a zone's local time, of a date, or of a time of day."""

    arity = 1

    def __init__(self, expression: object, zone: tzinfo | None, **options: object) -> None:
        self.tzinfo = UTC if zone is None else checked(zone)
        super().__init__(expression, **options)

    @property
    def fields(self) -> tuple[type[ModelField], ...]:
        """Returns the types of fields that it supports."""
        raise NotImplementedError

    def resolved(self, query: Query | None = None, **context: Unpack[Resolving]) -> Expression:
        resolved = super().resolved(query, **context)
        assert isinstance(resolved, OfMoment)
        field = require(self, resolved.source, *self.fields)
        if not isinstance(field, DateTimeField) and self.tzinfo is not UTC:
            raise NotPortable(
                f"{type(self).__name__} of a {type(field).__name__}: it has no time zone. Leave"
                " tzinfo= out."
            )
        return resolved

    @property
    def source(self) -> Any:
        return self.get_source_expressions()[0]

    def _wall(self, compiler: Compiler, cycle: int | None = None) -> Sql:
        sql, params = compiler.compile(LocalTime(self.source, self.tzinfo, cycle))
        return sql, tuple(params)


class TruncBase(OfMoment):
    """The beginning of the period of an instant, a date or a time of day; NULL for NULL.

    For days and longer periods it is a date: the first day of the zone's year, quarter, month or
    week (Mondays), or the day. With `output_field=DateTimeField()`, as in Django for instants, it
    is the instant at which that day began. For hours and shorter periods it has the same type: of a
    time of day a time, of an instant the instant at which the zone's hour, minute or second began,
    so that a repeated hour counts twice; with `output_field=TimeField()` it is the time of day.
    Raises NotPortable for another `output_field`.
    """

    kind: str
    # Whether DateTimeField is allowed as the output field.
    has_instants = True

    def __init__(
        self,
        expression: object,
        output_field: object = None,
        tzinfo: tzinfo | None = None,
        **options: object,
    ) -> None:
        super().__init__(expression, tzinfo, output_field=output_field, **options)

    @property
    def fields(self) -> tuple[type[ModelField], ...]:
        return (DateTimeField, TimeField if self.kind in CLOCK else DateField)

    def resolved(self, query: Query | None = None, **context: Unpack[Resolving]) -> Expression:
        resolved = super().resolved(query, **context)
        assert isinstance(resolved, TruncBase)
        if not isinstance(resolved.source.output_field, DateTimeField):
            return resolved
        if isinstance(self.wanted_field, TimeField) and self.kind in CLOCK:
            time = TruncTime(resolved.source, tzinfo=self.tzinfo)
            return Trunc(time, self.kind).resolve_expression()
        if isinstance(self.wanted_field, DateTimeField) and self.has_instants:
            return resolved.as_instant()
        return resolved

    def as_instant(self) -> Expression:
        """Returns the instant at which the period began; of a day or longer, its first midnight."""
        if self.kind in CLOCK:
            return self
        begin = Trunc(local(self.source, self.tzinfo), self.kind)
        return instant(Cast(begin, DateTimeField()).resolve_expression(), self.tzinfo)

    def inferred_field(self) -> ModelField | None:
        if self.kind not in CLOCK:
            return DateField()
        return TimeField() if isinstance(self.source.output_field, TimeField) else DateTimeField()

    @property
    def _is_instant(self) -> bool:
        return isinstance(self.output_field, DateTimeField)

    def _wall_and_offset(self, compiler: Compiler) -> tuple[str, str, tuple[Any, ...]]:
        """Returns the local time, its offset from UTC, and the parameters of both.

        For periods of the clock the offset only matters modulo the period.
        """
        cycle = CLOCK.get(self.kind)
        wall, params = self._wall(compiler, cycle)
        if not self._is_instant:
            return wall, "0", params
        offset, offset_params = compiler.compile(Offset(self.source, self.tzinfo, cycle))
        return wall, offset, (*params, *offset_params)

    def as_postgresql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        wall, offset, params = self._wall_and_offset(compiler)
        begin = f"DATE_TRUNC('{self.kind}', {wall})"
        if self._is_instant:
            return f"({begin} AT TIME ZONE {offset})", params
        return f"CAST({begin} AS {'time' if self.kind in CLOCK else 'date'})", params

    def as_mysql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        wall, offset, params = self._wall_and_offset(compiler)
        if self.kind == "day":
            return f"CAST({wall} AS DATE)", params
        if self.kind in CLOCK and not self._is_instant:
            seconds = CLOCK[self.kind]
            return f"SEC_TO_TIME(TIME_TO_SEC({wall}) DIV {seconds} * {seconds})", params
        # The first day of the calendar begins all periods, including weeks.
        first = "TIMESTAMP'0001-01-01 00:00:00'" if self._is_instant else "DATE'0001-01-01'"
        begin = f"{first} + INTERVAL TIMESTAMPDIFF({self.kind}, {first}, {wall}) {self.kind}"
        return (begin if offset == "0" else f"{begin} - INTERVAL {offset} MICROSECOND"), params

    def as_sqlite(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        wall, offset, params = self._wall_and_offset(compiler)
        if self.kind in CLOCK:
            seconds = CLOCK[self.kind]
            begin = f"({wall} + {YEAR_ONE}) / {seconds} * {seconds} - {YEAR_ONE} - {offset}"
            return f"{'DATETIME' if self._is_instant else 'TIME'}({begin}, 'unixepoch')", params
        if self.kind == "quarter":
            month = f"STRFTIME('%%m', {wall}, 'unixepoch')"
            back = f"'start of month', '-' || (({month} - 1) %% 3) || ' months'"
            return f"DATE({wall}, 'unixepoch', {back})", params * 2
        modifiers = {
            "year": ", 'start of year'",
            "month": ", 'start of month'",
            "week": ", '-6 days', 'weekday 1'",
            "day": "",
        }
        return f"DATE({wall}, 'unixepoch'{modifiers[self.kind]})", params


class Trunc(TruncBase):
    """`Trunc(expression, kind, tzinfo=)`: as the class of that kind, such as TruncMonth."""

    def __init__(
        self,
        expression: object,
        kind: str,
        output_field: object = None,
        tzinfo: tzinfo | None = None,
        **options: object,
    ) -> None:
        self.kind = _known("Trunc", kind, (*CALENDAR, *CLOCK))
        super().__init__(expression, output_field, tzinfo, **options)


class TruncYear(TruncBase):
    """`TruncYear(expression, tzinfo=)`: the first of January of its year."""

    kind = "year"


class TruncQuarter(TruncBase):
    """`TruncQuarter(expression, tzinfo=)`: the first of January, April, July or October."""

    kind = "quarter"


class TruncMonth(TruncBase):
    """`TruncMonth(expression, tzinfo=)`: the first day of its month."""

    kind = "month"


class TruncWeek(TruncBase):
    """`TruncWeek(expression, tzinfo=)`: the Monday of its week."""

    kind = "week"


class TruncDay(TruncBase):
    """`TruncDay(expression, tzinfo=)`: its day, as a date."""

    kind = "day"


class TruncHour(TruncBase):
    """`TruncHour(expression, tzinfo=)`: the beginning of its hour, as an instant or a time."""

    kind = "hour"


class TruncMinute(TruncBase):
    """`TruncMinute(expression, tzinfo=)`: the beginning of its minute, as an instant or a time."""

    kind = "minute"


class TruncSecond(TruncBase):
    """`TruncSecond(expression, tzinfo=)`: the beginning of its second, as an instant or a time."""

    kind = "second"


class TruncDate(TruncBase):
    """`TruncDate(instant, tzinfo=)`: the local date of an instant."""

    kind = "day"
    fields = (DateTimeField,)
    has_instants = False


class LocalDate(TruncDate):
    """`LocalDate(instant, tzinfo=)`: another name of TruncDate."""

    def __init__(self, expression: object, tzinfo: tzinfo | None = None) -> None:
        super().__init__(expression, tzinfo=tzinfo)


class TruncTime(OfMoment):
    """`TruncTime(instant, tzinfo=)`: the local time of day, to the microsecond."""

    output_field = TimeField()
    fields = (DateTimeField,)

    def __init__(
        self,
        expression: object,
        output_field: object = None,
        tzinfo: tzinfo | None = None,
        **options: object,
    ) -> None:
        super().__init__(expression, tzinfo, output_field=output_field, **options)

    def as_postgresql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        wall, params = self._wall(compiler)
        return f"CAST({wall} AS time)", params

    def as_mysql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        wall, params = self._wall(compiler)
        return f"CAST({wall} AS TIME(6))", params

    def as_sqlite(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        wall, params = self._wall(compiler)
        text, text_params = compiler.compile(self.source)
        return f"TIME({wall}, 'unixepoch') || SUBSTR({text}, 20)", (*params, *text_params)


# Parts of a local time ({}), for each database.
POSTGRESQL = {
    "year": "DATE_PART('year', {})",
    "iso_year": "DATE_PART('isoyear', {})",
    "quarter": "DATE_PART('quarter', {})",
    "month": "DATE_PART('month', {})",
    "week": "DATE_PART('week', {})",
    "day": "DATE_PART('day', {})",
    "week_day": "DATE_PART('dow', {}) + 1",
    "iso_week_day": "DATE_PART('isodow', {})",
    "hour": "DATE_PART('hour', {})",
    "minute": "DATE_PART('minute', {})",
    "second": "FLOOR(DATE_PART('second', {}))",
}
MYSQL = {
    "year": "YEAR({})",
    "iso_year": "(YEARWEEK({}, 3) DIV 100)",
    "quarter": "QUARTER({})",
    "month": "MONTH({})",
    "week": "WEEK({}, 3)",
    "day": "DAYOFMONTH({})",
    "week_day": "DAYOFWEEK({})",
    "iso_week_day": "(WEEKDAY({}) + 1)",
    "hour": "HOUR({})",
    "minute": "MINUTE({})",
    "second": "SECOND({})",
}
# Its days are counted from a Monday.
_SECONDS = f"({{}} + {YEAR_ONE})"
SQLITE = {
    "year": "CAST(STRFTIME('%%Y', {}, 'unixepoch') AS INTEGER)",
    "iso_year": "CAST(STRFTIME('%%G', {}, 'unixepoch') AS INTEGER)",
    "quarter": "((STRFTIME('%%m', {}, 'unixepoch') + 2) / 3)",
    "month": "CAST(STRFTIME('%%m', {}, 'unixepoch') AS INTEGER)",
    "week": "CAST(STRFTIME('%%V', {}, 'unixepoch') AS INTEGER)",
    "day": "CAST(STRFTIME('%%d', {}, 'unixepoch') AS INTEGER)",
    "week_day": f"(({_SECONDS} / {DAY} + 1) %% 7 + 1)",
    "iso_week_day": f"({_SECONDS} / {DAY} %% 7 + 1)",
    "hour": f"({_SECONDS} / {CLOCK['hour']} %% 24)",
    "minute": f"({_SECONDS} / {CLOCK['minute']} %% 60)",
    "second": f"({_SECONDS} %% 60)",
}


class Extract(OfMoment):
    """`Extract(expression, lookup_name, tzinfo=)`: a part of an instant, a date or a time of day.

    It is an integer; NULL for NULL. The classes below define the parts. A date has the parts of the
    calendar, a time of day those of the clock; raises NotPortable for others.
    """

    lookup_name = ""
    output_field = IntegerField()

    def __init__(
        self,
        expression: object,
        lookup_name: str | None = None,
        tzinfo: tzinfo | None = None,
        **options: object,
    ) -> None:
        # As in Django, only Extract itself takes the name.
        self.lookup_name = _known("Extract", self.lookup_name or lookup_name, POSTGRESQL)
        super().__init__(expression, tzinfo, **options)

    @property
    def fields(self) -> tuple[type[ModelField], ...]:
        return (DateTimeField, TimeField if self.lookup_name in CLOCK else DateField)

    def _part(self, compiler: Compiler, templates: dict[str, str]) -> Sql:
        # Whole hours of an offset do not change the minutes.
        cycle = {"minute": 60 * 60, "second": 60}.get(self.lookup_name)
        wall, params = self._wall(compiler, cycle)
        return templates[self.lookup_name].format(wall), params

    def as_postgresql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        sql, params = self._part(compiler, POSTGRESQL)
        return f"CAST({sql} AS integer)", params

    def as_mysql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        return self._part(compiler, MYSQL)

    def as_sqlite(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        return self._part(compiler, SQLITE)


class ExtractYear(Extract):
    """`ExtractYear(expression, tzinfo=)`."""

    lookup_name = "year"


class ExtractIsoYear(Extract):
    """`ExtractIsoYear(expression, tzinfo=)`: the year that its ISO 8601 week belongs to."""

    lookup_name = "iso_year"


class ExtractQuarter(Extract):
    """`ExtractQuarter(expression, tzinfo=)`: 1 to 4."""

    lookup_name = "quarter"


class ExtractMonth(Extract):
    """`ExtractMonth(expression, tzinfo=)`: 1 to 12."""

    lookup_name = "month"


class ExtractWeek(Extract):
    """`ExtractWeek(expression, tzinfo=)`: the ISO 8601 week, 1 to 53."""

    lookup_name = "week"


class ExtractDay(Extract):
    """`ExtractDay(expression, tzinfo=)`: the day of the month, 1 to 31."""

    lookup_name = "day"


class ExtractWeekDay(Extract):
    """`ExtractWeekDay(expression, tzinfo=)`: 1 (Sunday) to 7 (Saturday)."""

    lookup_name = "week_day"


class ExtractIsoWeekDay(Extract):
    """`ExtractIsoWeekDay(expression, tzinfo=)`: 1 (Monday) to 7 (Sunday)."""

    lookup_name = "iso_week_day"


class ExtractHour(Extract):
    """`ExtractHour(expression, tzinfo=)`: 0 to 23."""

    lookup_name = "hour"


class ExtractMinute(Extract):
    """`ExtractMinute(expression, tzinfo=)`: 0 to 59."""

    lookup_name = "minute"


class ExtractSecond(Extract):
    """`ExtractSecond(expression, tzinfo=)`: 0 to 59, whole."""

    lookup_name = "second"


def _known(name: str, kind: str | None, kinds: Any) -> str:
    if kind is not None and kind in kinds:
        return kind
    raise NotPortable(f"{name} knows no {kind!r}: use one of {', '.join(kinds)}.")
