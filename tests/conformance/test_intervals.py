"""Durations between moments, and moments so much later, against Python's datetime."""

import itertools
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from time import sleep

import pytest
from django.db.models import Case, DateField, DateTimeField, F, Q, TimeField, Value, When

from reports.errors import NotPortable
from reports.expressions import (
    Count,
    DurationBetween,
    Max,
    Microseconds,
    Min,
    Now,
    Seconds,
    Shifted,
    Sum,
    TruncDate,
    TruncMonth,
    YearsBetween,
)
from reports.expressions.temporal.intervals import UNITS
from tests.conformance.harness import answers, by_group, by_row, entries, same, statement
from tests.hostile.fixture import rows
from tests.hostile.models import Entry, Instant

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("hostile")]

MICROSECOND = timedelta(microseconds=1)
SHIFTS = (
    timedelta(),
    MICROSECOND,
    -MICROSECOND,
    timedelta(milliseconds=1),
    timedelta(seconds=1),
    -timedelta(seconds=1),
    timedelta(seconds=59, microseconds=999_999),
    timedelta(minutes=-90),
    timedelta(hours=25),
    timedelta(days=1),
    timedelta(days=-1, microseconds=1),
    timedelta(days=365),
    timedelta(days=-36_525),
    timedelta(days=366, hours=23, minutes=59, seconds=59, microseconds=999_999),
    timedelta(weeks=52),
    timedelta(days=1_000_000, microseconds=500_001),
    timedelta(days=-700_000, microseconds=499_999),
)


def later(moment, shift):
    """`moment + shift`; None where there is no such year."""
    if moment is None or shift is None:
        return None
    try:
        return moment + shift
    except OverflowError:
        return None


def between(end, start, unit):
    if end is None or start is None:
        return None
    if isinstance(end, time):
        end, start = (datetime.combine(date(1, 1, 1), clock) for clock in (end, start))
    return (end - start) // MICROSECOND // UNITS[unit]


def years(end, start):
    """Birthdays so far, or, backwards, those to come."""
    if end is None or start is None:
        return None
    return end.year - start.year - ((end.month, end.day) < (start.month, start.day))


# Now


def test_now_is_this_second():
    before = datetime.now(UTC).replace(microsecond=0)
    # In a snapshot of its own: on some databases it is when that began.
    found = {at for (at,) in statement({"now": Now()}).stream()}
    after = datetime.now(UTC)
    assert len(found) == 1
    (now,) = found
    # The clocks of a server and of this machine may differ by a little.
    assert before - timedelta(seconds=2) <= now <= after + timedelta(seconds=2)
    assert now.microsecond == 0


def test_now_is_one_in_a_statement():
    late = Case(When(rank__gt=0, then=Now()), default=Now(), output_field=DateTimeField())
    found = answers({"first": Now(), "late": late, "shifted": Shifted(Now(), days=1)})
    assert len({first for first, _, _ in found}) == 1
    assert all(late == first for first, late, _ in found)
    assert all(shifted == first + timedelta(days=1) for first, _, shifted in found)


def test_now_does_not_go_on_from_row_to_row():
    late = Case(When(pk__gt=10_000, then=Now()), default=Now(), output_field=DateTimeField())
    rows = statement({"now": Now(), "late": late}, queryset=Instant.objects.all()).stream()
    ((first, _),) = itertools.islice(rows, 1)
    sleep(1.1)
    assert all(row == (first, first) for row in rows)


def test_now_in_a_filter():
    past = answers({"id": "pk"}, queryset=Entry.objects.filter(at__lt=Now()))
    now = datetime.now(UTC)
    assert len(past) == sum(row["at"] is not None and row["at"] < now for row in entries())


def test_age_till_now():
    seconds = {row["id"]: row["at"] for row in entries()}
    now = datetime.now(UTC).timestamp()
    for pk, found in answers({"id": "pk", "age": DurationBetween(Now(), "at")}):
        at = seconds[pk]
        assert (found is None) == (at is None)
        if at is not None:
            assert abs(found - (now - at.timestamp())) < 30


# Shifted


@pytest.mark.parametrize("shift", SHIFTS, ids=str)
def test_an_instant_later(shift):
    by_row(Shifted("at", shift), lambda row: later(row["at"], shift))


@pytest.mark.parametrize("shift", SHIFTS, ids=str)
def test_every_instant_later(shift):
    found = answers({"later": Shifted("at", shift)}, queryset=Instant.objects.all())
    for row, (moment,) in zip(rows().instants, found, strict=True):
        same(moment, later(row["at"], shift), row)


@pytest.mark.parametrize("days", [0, 1, -1, 28, 365, -365, 36_525, 700_000, -700_000, 3_000_000])
def test_a_date_later(days):
    by_row(Shifted("day", days=days), lambda row: later(row["day"], timedelta(days=days)))


@pytest.mark.parametrize(
    "units",
    [
        {"weeks": 1},
        {"days": -2, "hours": 5},
        {"minutes": 30, "seconds": 15},
        {"milliseconds": 1},
        {"microseconds": -1},
    ],
    ids=str,
)
def test_units(units):
    by_row(Shifted("at", **units), lambda row: later(row["at"], timedelta(**units)))


def test_a_date_some_weeks_later():
    by_row(Shifted("day", weeks=-3), lambda row: later(row["day"], timedelta(weeks=-3)))


def test_an_instant_later_by_a_column():
    by_row(Shifted("at", F("span")), lambda row: later(row["at"], row["span"]))
    by_row(Shifted("at", "span"), lambda row: later(row["at"], row["span"]))


FIRST = datetime(1, 1, 1, tzinfo=UTC)
LAST = datetime(9999, 12, 31, 23, 59, 59, 999_999, UTC)


@pytest.mark.parametrize(
    ("moment", "shift"),
    [
        (FIRST, LAST - FIRST),
        (LAST, FIRST - LAST),
        (FIRST, -MICROSECOND),
        (LAST, MICROSECOND),
        (FIRST, LAST - FIRST + MICROSECOND),
        (LAST, FIRST - LAST - MICROSECOND),
        (FIRST, timedelta(days=3_652_500)),
        (LAST, timedelta(days=-3_652_500)),
        (datetime(1000, 1, 1, tzinfo=UTC), -MICROSECOND),
        (datetime(1582, 10, 15, tzinfo=UTC), timedelta(days=-1)),
        (datetime(1969, 12, 31, 23, 59, 59, 999_999, UTC), MICROSECOND),
        (datetime(2000, 2, 28, tzinfo=UTC), timedelta(days=1)),
        (datetime(2100, 2, 28, tzinfo=UTC), timedelta(days=1)),
    ],
    ids=str,
)
def test_the_edges_of_the_calendar(moment, shift):
    literal = Value(moment, DateTimeField())
    shifted = Shifted(literal, shift)
    # What a driver makes None of need not be NULL.
    found = answers(
        {"later": shifted, "by": DurationBetween(shifted, literal, "microsecond")},
        queryset=Entry.objects.filter(pk=0),
    )
    wanted = later(moment, shift)
    assert found == [(wanted, between(wanted, moment, "microsecond"))]


@pytest.mark.parametrize(
    ("day", "days"),
    [
        (date(1, 1, 1), -1),
        (date(1, 1, 1), 3_652_058),
        (date(1, 1, 1), 3_652_059),
        (date(9999, 12, 31), 1),
        (date(9999, 12, 31), -3_652_058),
        (date(9999, 12, 31), -3_652_059),
        (date(1999, 12, 31), 1),
    ],
    ids=str,
)
def test_the_edges_of_dates(day, days):
    ((found,),) = answers(
        {"later": Shifted(Value(day, DateField()), days=days)},
        queryset=Entry.objects.filter(pk=0),
    )
    assert found == later(day, timedelta(days=days))


def test_shifted_twice():
    by_row(
        Shifted(Shifted("at", hours=5, microseconds=7), hours=-5, microseconds=-7),
        lambda row: row["at"],
    )


def test_shifted_in_aggregates():
    by_group(
        Max(Shifted("at", microseconds=1), filter=Q(rank__gt=0)),
        lambda group: max(
            (row["at"] + MICROSECOND for row in group if row["at"] and (row["rank"] or 0) > 0),
            default=None,
        ),
    )
    by_group(
        Shifted(Min("at"), days=1),
        lambda group: later(
            min((row["at"] for row in group if row["at"]), default=None), timedelta(days=1)
        ),
    )


def test_shifted_as_a_key():
    found = answers({"entries": Count("pk")}, group_by={"key": Shifted("at", hours=1)})
    assert dict(found) == Counter(later(row["at"], timedelta(hours=1)) for row in entries())


def test_shifted_in_the_order():
    found = answers({"key": Shifted("at", seconds=1), "id": "pk"}, ordering=["key"])
    wanted = [(later(row["at"], timedelta(seconds=1)), row["id"]) for row in entries()]
    assert found == sorted(wanted, key=lambda pair: (pair[0] is None, pair[0] or FIRST, pair[1]))


def test_shifted_in_a_filter():
    since = datetime(2000, 1, 1, 23, 59, 59, tzinfo=UTC)
    queryset = Entry.objects.alias(later=Shifted("at", days=1)).filter(later__gt=since)
    found = [pk for (pk,) in answers({"id": "pk"}, queryset=queryset)]
    day = timedelta(days=1)
    assert found == [row["id"] for row in entries() if row["at"] and row["at"] + day > since]


def test_a_month_that_ends_later():
    by_row(
        TruncMonth(Shifted("day", days=1)),
        lambda row: row["day"] and (row["day"] + timedelta(days=1)).replace(day=1),
    )


# DurationBetween


REFERENCE = datetime(2000, 2, 29, 12, 34, 56, 789_012, UTC)


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize(
    "reference", [REFERENCE, datetime(1970, 1, 1, 23, 59, 59, 1, UTC), FIRST, LAST], ids=str
)
def test_between_instants(reference, unit):
    literal = Value(reference, DateTimeField())
    by_row(DurationBetween("at", literal, unit), lambda row: between(row["at"], reference, unit))
    by_row(DurationBetween(literal, "at", unit), lambda row: between(reference, row["at"], unit))


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("shift", SHIFTS[:14], ids=str)
def test_between_an_instant_and_another(shift, unit):
    by_row(
        DurationBetween(Shifted("at", shift), "at", unit),
        lambda row: None if row["at"] is None else shift // MICROSECOND // UNITS[unit],
    )


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize(("first", "last"), [(FIRST, LAST), (LAST, FIRST), (LAST, LAST)])
def test_between_the_edges_of_the_calendar(first, last, unit):
    ((found,),) = answers(
        {
            "duration": DurationBetween(
                Value(last, DateTimeField()), Value(first, DateTimeField()), unit
            )
        },
        queryset=Entry.objects.filter(pk=0),
    )
    assert found == between(last, first, unit)


@pytest.mark.parametrize("unit", ["day", "week"])
def test_between_dates(unit):
    reference = date(2000, 2, 29)
    literal = Value(reference, DateField())
    by_row(DurationBetween("day", literal, unit), lambda row: between(row["day"], reference, unit))
    by_row(DurationBetween(literal, "day", unit), lambda row: between(reference, row["day"], unit))
    by_row(
        DurationBetween("day", TruncDate("at"), unit),
        lambda row: between(row["day"], row["at"] and row["at"].date(), unit),
    )


@pytest.mark.parametrize("unit", [unit for unit in UNITS if unit not in ("day", "week")])
@pytest.mark.parametrize("reference", [time(), time(12, 30, 0, 500_000), time.max], ids=str)
def test_between_times(reference, unit):
    literal = Value(reference, TimeField())
    by_row(
        DurationBetween("clock", literal, unit),
        lambda row: between(row["clock"], reference, unit),
    )
    by_row(
        DurationBetween(literal, "clock", unit),
        lambda row: between(reference, row["clock"], unit),
    )


@pytest.mark.parametrize("unit", UNITS)
def test_the_sum_of_durations(unit):
    literal = Value(REFERENCE, DateTimeField())
    by_group(
        Sum(DurationBetween("at", literal, unit), filter=Q(rank__gte=0)),
        lambda group: _sum(
            between(row["at"], REFERENCE, unit)
            for row in group
            if row["rank"] is not None and row["rank"] >= 0
        ),
    )


def _sum(values):
    values = [value for value in values if value is not None]
    return sum(values) if values else None


def test_between_aggregates():
    def oracle(group):
        instants = [row["at"] for row in group if row["at"] is not None]
        return between(max(instants), min(instants), "second") if instants else None

    by_group(DurationBetween(Max("at"), Min("at")), oracle)


# Durations


@pytest.mark.parametrize(
    ("expression", "unit"), [(Microseconds("span"), "microsecond"), (Seconds("span"), "second")]
)
def test_durations(expression, unit):
    by_row(
        expression,
        lambda row: None if row["span"] is None else row["span"] // MICROSECOND // UNITS[unit],
    )


def test_the_greatest_duration():
    by_group(
        Max(Seconds("span")),
        lambda group: max(
            (row["span"] // timedelta(seconds=1) for row in group if row["span"] is not None),
            default=None,
        ),
    )


@pytest.mark.parametrize("span", [*SHIFTS, timedelta(days=106_000_000)], ids=str)
def test_literal_durations(span):
    found = answers(
        {"microseconds": Microseconds(Value(span)), "seconds": Seconds(Value(span))},
        queryset=Entry.objects.filter(pk=0),
    )
    assert found == [(span // MICROSECOND, span // timedelta(seconds=1))]


# YearsBetween


@pytest.mark.parametrize(
    "reference",
    [
        date(1, 1, 1),
        date(1900, 3, 1),
        date(2000, 2, 28),
        date(2000, 2, 29),
        date(2001, 3, 1),
        date(2026, 12, 31),
        date(9999, 12, 31),
    ],
    ids=str,
)
def test_years_between(reference):
    literal = Value(reference, DateField())
    by_row(YearsBetween(literal, "day"), lambda row: years(reference, row["day"]))
    by_row(YearsBetween("day", literal), lambda row: years(row["day"], reference))


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        (date(2000, 2, 29), date(2001, 2, 28), 0),
        (date(2000, 2, 29), date(2001, 3, 1), 1),
        (date(2000, 2, 29), date(2004, 2, 28), 3),
        (date(2000, 2, 29), date(2004, 2, 29), 4),
        (date(2000, 1, 1), date(2000, 1, 1), 0),
        (date(2000, 1, 1), date(1999, 12, 31), -1),
        (date(2000, 1, 1), date(1999, 1, 1), -1),
        (date(2000, 1, 1), date(1998, 12, 31), -2),
        (date(1, 1, 1), date(9999, 12, 31), 9998),
        (date(9999, 12, 31), date(1, 1, 1), -9999),
    ],
)
def test_ages(born, day, age):
    found = answers(
        {"age": YearsBetween(Value(day, DateField()), Value(born, DateField()))},
        queryset=Entry.objects.filter(pk=0),
    )
    assert found == [(age,)]
    assert age == years(day, born)


def test_years_between_columns():
    by_row(
        YearsBetween(TruncDate("at"), "day"),
        lambda row: years(row["at"] and row["at"].date(), row["day"]),
    )


def test_the_oldest_over_a_join():
    literal = Value(date(2200, 1, 1), DateField())
    found = answers({"age": Max(YearsBetween(literal, "day"))}, group_by={"name": "owner__name"})
    wanted: dict[str | None, list[int]] = {}
    for row in entries():
        ages = wanted.setdefault(row["owner__name"], [])
        if row["day"] is not None:
            ages.append(years(date(2200, 1, 1), row["day"]))
    assert dict(found) == {name: max(ages, default=None) for name, ages in wanted.items()}


# What is refused.


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: Shifted("clock", hours=1), "Shifted takes a DateTimeField or DateField, not a T"),
        (lambda: Shifted("text", hours=1), "Shifted takes a DateTimeField or DateField, not a St"),
        (lambda: Shifted("day", hours=1), "Shifted moves a DateField by a timedelta of whole days"),
        (lambda: Shifted("day", "span"), "Shifted moves a DateField by a timedelta of whole days"),
        (lambda: Shifted("at", "number"), "Shifted takes a DurationField, not a IntegerField."),
        (lambda: Shifted("at", timedelta.max), "Shifted moves by 10,000 years at most, not by "),
        (
            lambda: DurationBetween("at", "day", "day"),
            "DurationBetween takes two of a kind, not a DateTimeField and a DateField",
        ),
        (
            lambda: DurationBetween("clock", "at"),
            "DurationBetween takes two of a kind, not a TimeField and a DateTimeField",
        ),
        (
            lambda: DurationBetween("day", "day", "hour"),
            "DurationBetween of two DateFields counts days or weeks, not hours.",
        ),
        (
            lambda: DurationBetween("clock", "clock", "day"),
            "DurationBetween of two TimeFields counts hours or less, not days.",
        ),
        (
            lambda: DurationBetween("number", "at"),
            "DurationBetween takes a DateTimeField, DateField or TimeField, not a IntegerField.",
        ),
        (
            lambda: DurationBetween("at", "at", "month"),
            "DurationBetween counts no 'month'; its units are microsecond, millisecond, second,",
        ),
        (lambda: Seconds("number"), "Seconds takes a DurationField, not a IntegerField."),
        (lambda: Microseconds("clock"), "Microseconds takes a DurationField, not a TimeField."),
        (lambda: YearsBetween("at", "day"), "YearsBetween takes a DateField, not a DateTimeField."),
        (lambda: YearsBetween("day", "number"), "YearsBetween takes a DateField, not a Integer"),
    ],
)
def test_refusals(make, sentence):
    with pytest.raises(NotPortable) as caught:
        statement({"column": make()})
    assert sentence in str(caught.value)


@pytest.mark.parametrize("units", [{}, {"by": timedelta(1), "days": 1}], ids=str)
def test_a_shift_is_said_once(units):
    with pytest.raises(TypeError):
        Shifted("at", **units)
