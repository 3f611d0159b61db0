"""Dates, times of day, instants and durations."""

import datetime as dt
from datetime import UTC, timedelta, tzinfo
from types import ModuleType

from django.db import models
from django.utils.dateparse import parse_date, parse_datetime, parse_time
from django.utils.duration import duration_iso_string

from reports.values.base import Kind
from reports.values.page_texts import hours

# Day 0 of spreadsheets. They count a 29 February 1900, so their days before the 61st are wrong.
EPOCH, FIRST_DAY = dt.datetime(1899, 12, 30), 61
DAY = timedelta(days=1)
LAST_DAY = dt.datetime(9999, 12, 31) - EPOCH
# Spreadsheets round to milliseconds: the end of a day would be shown as the next day.
LAST_TIME = DAY - timedelta(milliseconds=1)


class Date(Kind[dt.date | str, dt.date]):
    """A day."""

    name = noun = family = "date"
    fields = (models.DateField,)
    python = dt.date
    cell = "instant"
    pattern = "yyyy-mm-dd"
    code = "d"
    column_type = "DATE"

    def value(self, given: dt.date | str) -> dt.date:
        if isinstance(given, dt.datetime):
            return given.date()
        return dt.date.fromisoformat(given) if isinstance(given, str) else given

    def text(self, value: dt.date) -> str:
        return value.isoformat()

    def parsed(self, text: str) -> dt.date:
        return _known(parse_date(text), text)

    def days(self, value: dt.date) -> timedelta | None:
        return _since_epoch(dt.datetime.combine(value, dt.time()))

    def arrow(self, pyarrow: ModuleType) -> object:
        return pyarrow.date32()


class Time(Kind[dt.time, dt.time]):
    """A time of day."""

    name = noun = family = "time"
    fields = (models.TimeField,)
    python = dt.time
    cell = "instant"
    pattern = "hh:mm:ss"
    code = "t"
    column_type = "TIME(6)"

    def value(self, given: dt.time) -> dt.time:
        return given

    def text(self, value: dt.time) -> str:
        return value.isoformat()

    def parsed(self, text: str) -> dt.time:
        return _known(parse_time(text), text)

    def days(self, value: dt.time) -> timedelta | None:
        since = dt.datetime.combine(EPOCH, value) - EPOCH
        return since if since <= LAST_TIME else None

    def arrow(self, pyarrow: ModuleType) -> object:
        return pyarrow.time64("us")


class Instant(Kind[dt.datetime, dt.datetime]):
    """An instant in UTC."""

    name = "datetime"
    noun = family = "instant"
    fields = (models.DateTimeField,)
    python = dt.datetime
    cell = "instant"
    pattern = "yyyy-mm-dd hh:mm:ss"
    code = "a"
    column_type = "DATETIME(6)"

    def value(self, given: dt.datetime) -> dt.datetime:
        return given.replace(tzinfo=UTC) if given.tzinfo is None else given.astimezone(UTC)

    def text(self, value: dt.datetime) -> str:
        return value.replace(tzinfo=None).isoformat() + "Z"

    def parsed(self, text: str) -> dt.datetime:
        return self.value(_known(parse_datetime(text), text))

    def days(self, value: dt.datetime) -> timedelta | None:
        return _since_epoch(value.replace(tzinfo=None))

    def arrow(self, pyarrow: ModuleType) -> object:
        return pyarrow.timestamp("us", getattr(self.zone, "key", None) or "UTC")

    def local(self, zone: tzinfo) -> "LocalInstant":
        return LocalInstant(self, zone)


class LocalInstant(Instant):
    """An instant in a zone's local time, with the offset from UTC.

    An instant whose local time is outside the years 1 to 9999 stays in UTC.
    """

    def __init__(self, instant: Instant, zone: tzinfo) -> None:
        self.zone: tzinfo = zone
        self.takes_null = instant.takes_null
        self._instant = instant

    def value(self, given: dt.datetime) -> dt.datetime:
        instant = self._instant.value(given)
        try:
            return instant.astimezone(self.zone)
        except OverflowError:
            return instant

    def text(self, value: dt.datetime) -> str:
        return super().text(value) if value.tzinfo is UTC else value.isoformat()

    def days(self, value: dt.datetime) -> timedelta | None:
        return super().days(value) if value.tzinfo is self.zone else None


class Duration(Kind[timedelta, timedelta]):
    """A duration, with its sign."""

    name = noun = family = "duration"
    fields = (models.DurationField,)
    python = timedelta
    cell = "number"
    pattern = "[h]:mm:ss"

    def value(self, given: timedelta) -> timedelta:
        return given

    def text(self, value: timedelta) -> str:
        return duration_iso_string(value)

    def shown(self, value: timedelta) -> str:
        return hours(value)

    def days(self, value: timedelta) -> timedelta | None:
        # Spreadsheets show a duration only if the same number is a valid day.
        return value if timedelta() <= value <= LAST_DAY else None

    def arrow(self, pyarrow: ModuleType) -> object:
        return pyarrow.duration("us")


def _known[T](value: T | None, text: str) -> T:
    if value is None:
        raise ValueError(text)
    return value


def _since_epoch(moment: dt.datetime) -> timedelta | None:
    """Returns the time since EPOCH; None if a spreadsheet would show another moment.

    The end of a day would become the next day, which does not exist after 9999.
    """
    since = moment - EPOCH
    return since if since.days >= FIRST_DAY and since % DAY <= LAST_TIME else None
