"""Periods and parts of instants, dates and times of day, against Python's zoneinfo."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from django.db.models import Case, DateField, DateTimeField, F, Q, TimeField, Value, When

from reports.errors import NotPortable
from reports.expressions import (
    Count,
    Extract,
    ExtractDay,
    ExtractHour,
    ExtractIsoWeekDay,
    ExtractIsoYear,
    ExtractMinute,
    ExtractMonth,
    ExtractQuarter,
    ExtractSecond,
    ExtractWeek,
    ExtractWeekDay,
    ExtractYear,
    LocalDate,
    Max,
    Min,
    Shifted,
    Trunc,
    TruncDate,
    TruncDay,
    TruncHour,
    TruncMinute,
    TruncMonth,
    TruncQuarter,
    TruncSecond,
    TruncTime,
    TruncWeek,
    TruncYear,
)
from tests.conformance.harness import answers, by_group, by_row, entries, same, statement
from tests.hostile.fixture import ZONES as FIXTURE_ZONES
from tests.hostile.fixture import rows
from tests.hostile.models import Entry, Instant

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("hostile")]

ZONES = (
    *FIXTURE_ZONES,
    "UTC",
    "Europe/Amsterdam",  # mean time with seconds till 1937
    "Asia/Kolkata",  # half an hour
    "Australia/Lord_Howe",  # summers of half an hour
    "America/St_Johns",  # changes at one minute past midnight; mean time with seconds till 1935
    "Europe/Dublin",  # the winter is what is daylight saving there
    "Africa/Monrovia",  # 44 minutes and a half till 1972
    "Asia/Tehran",
    "America/Sao_Paulo",  # days that begin at one o'clock
    "Pacific/Chatham",
    "Antarctica/Troll",
    "Etc/GMT+12",
    "Pacific/Kiritimati",
)
PARTS = {
    "year": (ExtractYear, lambda at: at.year),
    "iso_year": (ExtractIsoYear, lambda at: at.isocalendar().year),
    "quarter": (ExtractQuarter, lambda at: (at.month + 2) // 3),
    "month": (ExtractMonth, lambda at: at.month),
    "week": (ExtractWeek, lambda at: at.isocalendar().week),
    "day": (ExtractDay, lambda at: at.day),
    "week_day": (ExtractWeekDay, lambda at: at.isoweekday() % 7 + 1),
    "iso_week_day": (ExtractIsoWeekDay, lambda at: at.isoweekday()),
    "hour": (ExtractHour, lambda at: at.hour),
    "minute": (ExtractMinute, lambda at: at.minute),
    "second": (ExtractSecond, lambda at: at.second),
}
CALENDAR = {
    "year": (TruncYear, lambda day: day.replace(month=1, day=1)),
    "quarter": (TruncQuarter, lambda day: day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)),
    "month": (TruncMonth, lambda day: day.replace(day=1)),
    "week": (TruncWeek, lambda day: day - timedelta(days=day.weekday())),
    "day": (TruncDay, lambda day: day),
}
CLOCK = {
    "hour": (TruncHour, {"minute": 0, "second": 0, "microsecond": 0}),
    "minute": (TruncMinute, {"second": 0, "microsecond": 0}),
    "second": (TruncSecond, {"microsecond": 0}),
}
OF_DATES = ("year", "iso_year", "quarter", "month", "week", "day", "week_day", "iso_week_day")
NAMES = (
    *(f"extract_{name}" for name in PARTS),
    *(f"trunc_{name}" for name in (*CALENDAR, *CLOCK)),
    "date",
    "time",
)


def _expression(name, of, zone):
    verb, _, kind = name.partition("_")
    if verb == "extract":
        return PARTS[kind][0](of, tzinfo=zone)
    if verb == "trunc":
        return (CALENDAR | CLOCK)[kind][0](of, tzinfo=zone)
    return {"date": TruncDate, "time": TruncTime}[verb](of, tzinfo=zone)


def _expected(name, at, zone):
    return None if at is None else _of_local(name, at, at.astimezone(zone))


def _of_local(name, at, local):
    """The same of an instant whose local time is known."""
    verb, _, kind = name.partition("_")
    if verb == "extract":
        return PARTS[kind][1](local)
    if kind in CALENDAR:
        return CALENDAR[kind][1](local.date())
    if kind in CLOCK:
        wall = local.replace(tzinfo=None)
        return at - (wall - wall.replace(**CLOCK[kind][1]))
    return {"date": local.date(), "time": local.time()}[verb]


def _instants(zone_name):
    """All of them for the zones that they were made for, every fifth for the others."""
    every = rows().instants
    return every if zone_name in FIXTURE_ZONES else every[::5]


@cache
def _of_instants(zone_name):
    """What the database says of these instants, for each name."""
    zone = ZoneInfo(zone_name)
    columns = {name: _expression(name, "at", zone) for name in NAMES}
    wanted = [row["id"] for row in _instants(zone_name)]
    queryset = Instant.objects.all()
    if zone_name not in FIXTURE_ZONES:
        queryset = queryset.filter(pk__in=wanted)
    found = answers(columns, queryset=queryset)
    return dict(zip(NAMES, zip(*found, strict=True), strict=True))


@cache
def _with_local(zone_name):
    """These instants, each with its local time."""
    zone = ZoneInfo(zone_name)
    return [(row["at"], row["at"].astimezone(zone)) for row in _instants(zone_name)]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("zone_name", ZONES)
def test_every_hostile_instant(zone_name, name):
    found = _of_instants(zone_name)[name]
    for value, (at, local) in zip(found, _with_local(zone_name), strict=True):
        same(value, _of_local(name, at, local), at)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("zone", [UTC, ZoneInfo("Asia/Kathmandu"), ZoneInfo("Europe/Dublin")])
def test_microseconds_and_nulls(zone, name):
    by_row(_expression(name, "at", zone), lambda row: _expected(name, row["at"], zone))


@pytest.mark.parametrize("name", NAMES)
def test_an_instant_that_is_no_column(name):
    """Its SQL is long, or Python's, so that the search for the offset goes another way."""
    zone = ZoneInfo("America/New_York")
    shift = timedelta(days=-20_000, microseconds=1)
    by_row(
        _expression(name, Shifted("at", shift), zone),
        lambda row: _expected(name, row["at"] and row["at"] + shift, zone),
    )


EDGES = [
    *(datetime(year, 1, 1, tzinfo=UTC) + step
      for year in (1900, 1970, 2000, 2010, 2038, 2100, 2200)
      for step in (-timedelta(microseconds=1), timedelta())),
    datetime(1000, 1, 1, 23, 59, 59, 999_999, UTC),
    datetime(1847, 12, 1, 0, 1, 14, tzinfo=UTC),
    datetime(1883, 11, 18, 16, 59, 59, 999_999, UTC),
    datetime(1969, 12, 31, 23, 59, 59, 999_999, UTC),
    datetime(2200, 12, 31, 12, 59, 59, 999_999, UTC),
]  # fmt: skip


@pytest.mark.parametrize("zone_name", ["UTC", "America/New_York", "Europe/London"])
@pytest.mark.parametrize("at", EDGES, ids=str)
def test_the_edges_of_years(at, zone_name):
    """As literals: a literal is text to MySQL, and of no type at all to PostgreSQL."""
    zone = ZoneInfo(zone_name)
    literal = Value(at, DateTimeField())
    columns = {name: _expression(name, literal, zone) for name in NAMES}
    first, *_ = answers(columns, queryset=Entry.objects.filter(pk=0))
    assert first == tuple(_expected(name, at, zone) for name in NAMES)


@pytest.mark.parametrize("field", [DateTimeField(), DateField(), TimeField()], ids=repr)
def test_nothing(field):
    of_date = [*OF_DATES] if not isinstance(field, TimeField) else []
    of_clock = [*CLOCK] if type(field) is not DateField else []
    columns = {part: Extract(Value(None, field), part) for part in of_date + of_clock}
    columns |= {
        f"trunc_{kind}": Trunc(Value(None, field), kind)
        for kind in [*CALENDAR] * bool(of_date) + of_clock
    }
    (found,) = answers(columns, queryset=Entry.objects.filter(pk=0))
    assert set(found) == {None}


@pytest.mark.parametrize("kind", OF_DATES)
def test_parts_of_dates(kind):
    extract, part = PARTS[kind]
    by_row(extract("day"), lambda row: row["day"] and part(row["day"]))


@pytest.mark.parametrize("kind", CALENDAR)
def test_periods_of_dates(kind):
    trunc, begin = CALENDAR[kind]
    by_row(trunc("day"), lambda row: row["day"] and begin(row["day"]))


@cache
def _year_ends():
    """A report of what the ISO calendar makes of the days around every New Year till 2200."""
    first = Entry.objects.filter(pk=0)
    days = [
        date(year, 1, 1) + timedelta(days=n) for year in range(1900, 2201) for n in range(-4, 4)
    ]
    columns = {}
    for number, day in enumerate(days):
        literal = Value(day, DateField())
        columns[f"y{number}"] = ExtractIsoYear(literal)
        columns[f"w{number}"] = ExtractWeek(literal)
        columns[f"d{number}"] = ExtractIsoWeekDay(literal)
        columns[f"m{number}"] = TruncWeek(literal)
    found = []
    items = list(columns.items())
    for at in range(0, len(items), 400):
        (row,) = answers(dict(items[at : at + 400]), queryset=first)
        found.extend(row)
    return days, found


@pytest.mark.parametrize("part", [0, 1, 2])
def test_iso_calendar_around_new_year(part):
    days, found = _year_ends()
    for number, day in enumerate(days):
        assert found[4 * number + part] == day.isocalendar()[part], day


def test_weeks_around_new_year():
    days, found = _year_ends()
    assert found[3::4] == [day - timedelta(days=day.weekday()) for day in days]


@pytest.mark.parametrize("kind", CLOCK)
def test_parts_of_times(kind):
    extract, part = PARTS[kind]
    by_row(extract("clock"), lambda row: part(row["clock"]) if row["clock"] is not None else None)


@pytest.mark.parametrize("kind", CLOCK)
def test_periods_of_times(kind):
    trunc, zeros = CLOCK[kind]
    by_row(
        trunc("clock"),
        lambda row: None if row["clock"] is None else row["clock"].replace(**zeros),
    )


PARIS = ZoneInfo("Europe/Paris")


@pytest.mark.parametrize("kind", PARTS)
def test_extract_by_name(kind):
    by_row(
        Extract("at", kind, tzinfo=PARIS),
        lambda row: _expected(f"extract_{kind}", row["at"], PARIS),
    )


@pytest.mark.parametrize("kind", [*CALENDAR, *CLOCK])
def test_trunc_by_name(kind):
    by_row(
        Trunc("at", kind, tzinfo=PARIS), lambda row: _expected(f"trunc_{kind}", row["at"], PARIS)
    )


@pytest.mark.parametrize("name", NAMES)
def test_without_a_zone_it_is_utc(name):
    verb, _, kind = name.partition("_")
    expression = {
        "extract": lambda: Extract("at", kind),
        "trunc": lambda: Trunc("at", kind),
        "date": lambda: LocalDate("at"),
        "time": lambda: TruncTime("at"),
    }[verb]()
    by_row(expression, lambda row: _expected(name, row["at"], UTC))


# Where they may stand.


@pytest.mark.parametrize("name", [name for name in NAMES if name != "date"])
def test_as_a_key(name):
    zone = ZoneInfo("America/St_Johns")
    found = answers({"entries": Count("pk")}, group_by={"key": _expression(name, "at", zone)})
    assert dict(found) == Counter(_expected(name, row["at"], zone) for row in entries())


def test_two_hours_that_clocks_show_twice():
    zone = ZoneInfo("America/New_York")
    night = (datetime(2026, 11, 1, 4, tzinfo=UTC), datetime(2026, 11, 1, 7, tzinfo=UTC))
    found = answers(
        {"instants": Count("pk"), "shown": Min(ExtractHour("at", tzinfo=zone))},
        queryset=Instant.objects.filter(at__range=night),
        group_by={"hour": TruncHour("at", tzinfo=zone)},
    )
    wanted = Counter(
        (_expected("trunc_hour", at, zone), at.astimezone(zone).hour)
        for at in (row["at"] for row in rows().instants)
        if night[0] <= at <= night[1]
    )
    assert {(hour, shown): instants for hour, instants, shown in found} == wanted
    assert [hour for _, hour in sorted(wanted)].count(1) == 2


def _latest(group, of, where=lambda row: True):
    values = [value for row in group if where(row) and (value := of(row)) is not None]
    return max(values, default=None)


@pytest.mark.parametrize("name", NAMES)
def test_within_an_aggregate(name):
    by_group(
        Max(_expression(name, "at", PARIS)),
        lambda group: _latest(group, lambda row: _expected(name, row["at"], PARIS)),
    )


@pytest.mark.parametrize("name", NAMES)
def test_within_a_filtered_aggregate(name):
    by_group(
        Max(_expression(name, "at", PARIS), filter=Q(rank__gt=0)),
        lambda group: _latest(
            group,
            lambda row: _expected(name, row["at"], PARIS),
            lambda row: row["rank"] is not None and row["rank"] > 0,
        ),
    )


@pytest.mark.parametrize("name", NAMES)
def test_of_an_aggregate(name):
    by_group(
        _expression(name, Max("at"), PARIS),
        lambda group: _expected(name, _latest(group, lambda row: row["at"]), PARIS),
    )


@pytest.mark.parametrize("name", NAMES)
def test_of_a_choice(name):
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    chosen = Case(
        When(rank__gt=0, then=F("at")),
        When(rank__lt=0, then=Value(epoch, DateTimeField())),
        output_field=DateTimeField(),
    )

    def choose(row):
        if not row["rank"]:
            return None
        return row["at"] if row["rank"] > 0 else epoch

    by_row(_expression(name, chosen, PARIS), lambda row: _expected(name, choose(row), PARIS))


@pytest.mark.parametrize("kind", ["year", "month", "week", "day"])
def test_a_period_of_a_period(kind):
    trunc, begin = CALENDAR[kind]

    def oracle(row):
        day = _expected("trunc_quarter", row["at"], PARIS)
        return day and begin(day)

    by_row(trunc(TruncQuarter("at", tzinfo=PARIS)), oracle)


@pytest.mark.parametrize("kind", CLOCK)
def test_a_time_cut(kind):
    trunc, zeros = CLOCK[kind]

    def oracle(row):
        clock = _expected("time", row["at"], PARIS)
        return None if clock is None else clock.replace(**zeros)

    by_row(trunc(TruncTime("at", tzinfo=PARIS)), oracle)


@pytest.mark.parametrize("kind", PARTS)
def test_a_part_of_a_cut_instant(kind):
    def oracle(row):
        hour = _expected("trunc_hour", row["at"], PARIS)
        return _expected(f"extract_{kind}", hour, PARIS)

    by_row(Extract(TruncHour("at", tzinfo=PARIS), kind, tzinfo=PARIS), oracle)


@pytest.mark.parametrize("name", NAMES)
def test_in_the_order(name):
    found = answers({"key": _expression(name, "at", PARIS), "id": "pk"}, ordering=["-key"])
    values = [(_expected(name, row["at"], PARIS), row["id"]) for row in entries()]
    known = sorted((pair for pair in values if pair[0] is not None), key=lambda pair: pair[1])
    known.sort(key=lambda pair: pair[0], reverse=True)
    assert found == [*known, *(pair for pair in values if pair[0] is None)]


def test_over_a_join():
    found = answers(
        {"entries": Count("pk")},
        group_by={"name": "owner__name", "year": ExtractYear("at", tzinfo=PARIS)},
    )
    wanted = Counter(
        (row["owner__name"], _expected("extract_year", row["at"], PARIS)) for row in entries()
    )
    assert {(name, year): count for name, year, count in found} == wanted


def test_a_condition():
    by_group(
        Count("pk", filter=Q(at__gte=datetime(2000, 1, 1, tzinfo=UTC))),
        lambda group: sum(row["at"] is not None and row["at"].year >= 2000 for row in group),
    )


# What is refused.


@pytest.mark.parametrize(
    ("expression", "sentence"),
    [
        (ExtractHour("day"), "ExtractHour takes a DateTimeField or TimeField, not a DateField."),
        (ExtractYear("clock"), "ExtractYear takes a DateTimeField or DateField, not a TimeField."),
        (ExtractYear("text"), "takes a DateTimeField or DateField, not a StockCharField."),
        (TruncMonth("number"), "takes a DateTimeField or DateField, not a IntegerField."),
        (TruncHour("day"), "TruncHour takes a DateTimeField or TimeField, not a DateField."),
        (TruncDay("clock"), "TruncDay takes a DateTimeField or DateField, not a TimeField."),
        (TruncDay("span"), "TruncDay takes a DateTimeField or DateField, not a DurationField."),
        (TruncDate("day"), "TruncDate takes a DateTimeField, not a DateField."),
        (LocalDate("clock"), "LocalDate takes a DateTimeField, not a TimeField."),
        (TruncTime("clock"), "TruncTime takes a DateTimeField, not a TimeField."),
        (ExtractYear("day", tzinfo=PARIS), "ExtractYear of a DateField: it has no time zone."),
        (TruncHour("clock", tzinfo=PARIS), "TruncHour of a TimeField: it has no time zone."),
        (
            TruncMonth("day", DateTimeField()),
            "TruncMonth gives a DateField here, not a DateTimeField. Leave output_field= out, or"
            " use reports.expressions.Cast.",
        ),
        (
            TruncDate("at", output_field=DateTimeField()),
            "TruncDate gives a DateField here, not a DateTimeField.",
        ),
        (
            TruncHour("at", output_field=DateField()),
            "TruncHour gives a DateTimeField here, not a DateField",
        ),
        (
            Trunc("clock", "hour", output_field=DateTimeField()),
            "Trunc gives a TimeField here, not a DateTimeField",
        ),
    ],
)  # fmt: skip
def test_refusals(expression, sentence):
    with pytest.raises(NotPortable) as caught:
        statement({"column": expression})
    assert sentence in str(caught.value)


@pytest.mark.parametrize("kind", ["decade", "", "week_day", None])
def test_an_unknown_period(kind):
    with pytest.raises(NotPortable, match=r"Trunc knows no .*: use one of year, quarter, month"):
        Trunc("at", kind)


@pytest.mark.parametrize("part", ["epoch", "", "doy", None])
def test_an_unknown_part(part):
    with pytest.raises(NotPortable, match=r"Extract knows no .*: use one of year, iso_year"):
        Extract("at", part)


@pytest.mark.parametrize("expression", [ExtractYear, TruncYear, TruncDate, TruncTime, LocalDate])
@pytest.mark.parametrize(
    "zone", ["UTC", timedelta(hours=1), timezone(timedelta(seconds=1, milliseconds=1))]
)
def test_a_zone_that_is_none(expression, zone):
    with pytest.raises(TypeError, match=r"zoneinfo\.ZoneInfo, or a datetime\.timezone"):
        expression("at", tzinfo=zone)


def test_the_output_field_that_it_has_anyway():
    by_row(TruncMonth("day", DateField()), lambda row: row["day"] and row["day"].replace(day=1))
    by_row(
        TruncHour("clock", output_field=TimeField()),
        lambda row: None if row["clock"] is None else time(row["clock"].hour),
    )


@cache
def _begins(zone_name):
    """What the database says of every seventh instant, for each period."""
    zone = ZoneInfo(zone_name)
    columns = {
        kind: trunc("at", output_field=DateTimeField(), tzinfo=zone)
        for kind, (trunc, _) in CALENDAR.items()
    }
    wanted = [row["id"] for row in rows().instants[::7]]
    found = answers({"id": "pk"} | columns, queryset=Instant.objects.filter(pk__in=wanted))
    return {number: dict(zip(CALENDAR, begins, strict=True)) for number, *begins in found}


@pytest.mark.parametrize("kind", CALENDAR)
@pytest.mark.parametrize("zone_name", ZONES)
def test_the_instant_at_which_a_period_began(kind, zone_name):
    zone = ZoneInfo(zone_name)
    found = _begins(zone_name)
    for row in rows().instants[::7]:
        at = row["at"]
        day = CALENDAR[kind][1](at.astimezone(zone).date())
        # Of a midnight that comes twice the first, of one that never comes as if it had.
        midnight = datetime.combine(day, time(), zone).astimezone(UTC)
        same(found[row["id"]][kind], midnight, {"at": at, "kind": kind, "zone": zone_name})


def test_a_zone_of_one_offset():
    ahead = timezone(timedelta(hours=5, minutes=45))
    by_row(ExtractHour("at", tzinfo=ahead), lambda row: row["at"] and _at(row, ahead).hour)
    by_row(TruncDay("at", tzinfo=ahead), lambda row: row["at"] and _at(row, ahead).date())
    by_row(
        TruncDay("at", output_field=DateTimeField(), tzinfo=ahead),
        lambda row: row["at"] and datetime.combine(_at(row, ahead), time(), ahead).astimezone(UTC),
    )


def test_the_local_time_of_day_of_an_instant():
    paris = ZoneInfo("Europe/Paris")
    by_row(
        TruncHour("at", output_field=TimeField(), tzinfo=paris),
        lambda row: None if row["at"] is None else time(_at(row, paris).hour),
    )


def _at(row, zone):
    return row["at"].astimezone(zone)
