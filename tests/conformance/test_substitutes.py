"""Django's own expressions and lookups, wherever an author writes them, against plain Python."""

import math
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import models
from django.db.models import (
    Case,
    Count,
    DateField,
    DecimalField,
    Exists,
    ExpressionWrapper,
    F,
    IntegerField,
    OuterRef,
    Q,
    RowRange,
    StringAgg,
    Subquery,
    TextField,
    Value,
    When,
    Window,
)
from django.db.models import functions as django

from geo.backends.letters import LOWER, UPPER
from reports import Column, expressions
from reports.columns import Key
from reports.expressions.rounding import significant
from reports.values.numbers import round_half_up
from tests.conformance.harness import Row, answers, by_group, by_row, entries, groups, same
from tests.hostile.fixture import rows
from tests.hostile.models import Entry, Instant, Owner

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("hostile")]

BERLIN = ZoneInfo("Europe/Berlin")


def of(name: str, function: Callable[[Any], Any]) -> Callable[[Row], Any]:
    return lambda row: None if row[name] is None else function(row[name])


def real(function: Callable[[Any], Any], name: str = "rank") -> Callable[[Row], Any]:
    def oracle(value: Any) -> Any:
        found = function(value)
        return None if found is None else round_half_up(significant(found), 6)

    return of(name, oracle)


def sign(number: Any) -> int:
    return (number > 0) - (number < 0)


# By name: Django's expression, what Python says of a row, and places.
ROWWISE: dict[str, tuple[Any, Callable[[Row], Any], int | None]] = {
    "Lower": (django.Lower("text"), of("text", lambda t: t.translate(LOWER)), None),
    "Upper": (django.Upper("text"), of("text", lambda t: t.translate(UPPER)), None),
    "Left": (django.Left("text", 2), of("text", lambda t: t[:2]), None),
    "Right": (django.Right("text", 2), of("text", lambda t: t[-2:]), None),
    "Substr": (django.Substr("text", 2, 3), of("text", lambda t: t[1:4]), None),
    "slice": (F("text")[1:4], of("text", lambda t: t[1:4]), None),
    "Replace": (
        django.Replace("text", Value("a"), Value("bc")),
        of("text", lambda t: t.replace("a", "bc")),
        None,
    ),
    "Trim": (django.Trim("text"), of("text", lambda t: t.strip(" ")), None),
    "LPad": (
        django.LPad("text", 300, Value("-")),
        of("text", lambda t: "-" * (300 - len(t)) + t),
        None,
    ),
    "Repeat": (django.Repeat("text", 2), of("text", lambda t: t * 2), None),
    "Reverse": (django.Reverse("text"), of("text", lambda t: t[::-1]), None),
    "Length": (django.Length("text"), of("text", len), None),
    "StrIndex": (django.StrIndex("text", Value("a")), of("text", lambda t: t.find("a") + 1), None),
    "Ord": (django.Ord("text"), of("text", lambda t: ord(t[0]) if t else None), None),
    "Concat": (
        django.Concat("text", Value("-"), "note", output_field=TextField()),
        lambda row: f"{row['text'] or ''}-{row['note'] or ''}",
        None,
    ),
    "Concat of a number": (
        django.Concat("rank", Value("-"), "text", output_field=TextField()),
        lambda row: f"{'' if row['rank'] is None else row['rank']}-{row['text'] or ''}",
        None,
    ),
    "Coalesce of days": (
        django.Coalesce("day", date(2000, 1, 1)),
        lambda row: row["day"] or date(2000, 1, 1),
        None,
    ),
    "Coalesce of instants": (
        django.Coalesce("at", datetime(2000, 1, 1, tzinfo=UTC)),
        lambda row: row["at"] or datetime(2000, 1, 1, tzinfo=UTC),
        None,
    ),
    "NullIf": (
        django.NullIf("text", Value("a")),
        lambda row: None if row["text"] == "a" else row["text"],
        None,
    ),
    "Cast of an integer": (
        django.Cast("rank", DecimalField(max_digits=12, decimal_places=2)),
        of("rank", lambda n: Decimal(n).quantize(Decimal("0.01"))),
        None,
    ),
    "Cast to text": (django.Cast("rank", TextField()), of("rank", str), None),
    "Abs": (django.Abs("rank"), of("rank", abs), None),
    "Ceil": (django.Ceil("amount"), of("amount", math.ceil), None),
    "Floor": (django.Floor("amount"), of("amount", math.floor), None),
    "Sign": (django.Sign("rank"), of("rank", sign), None),
    "Mod": (django.Mod("number", Value(7)), of("number", lambda n: int(math.fmod(n, 7))), None),
    "%": (F("number") % 7, of("number", lambda n: int(math.fmod(n, 7))), None),
    "Sqrt": (django.Sqrt(django.Abs("rank")), real(lambda n: math.sqrt(abs(n))), 6),
    "Power": (django.Power("rank", 2), real(lambda n: float(n**2)), 6),
    "Exp": (django.Exp(django.Sign("rank")), real(lambda n: math.exp(sign(n))), 6),
    "Ln": (django.Ln(django.Abs("rank")), real(lambda n: math.log(abs(n)) if n else None), 6),
    "ATan2": (django.ATan2("rank", Value(2)), real(lambda n: math.atan2(n, 2)), 6),
    "Pi": (django.Pi(), lambda row: round_half_up(significant(math.pi), 6), 6),
    "instant + timedelta": (
        F("at") + timedelta(hours=36),
        of("at", lambda at: _later(at, timedelta(hours=36))),
        None,
    ),
    "instant - timedelta": (
        F("at") - timedelta(days=31),
        of("at", lambda at: _later(at, -timedelta(days=31))),
        None,
    ),
    "instant + duration": (
        F("at") + F("span"),
        lambda row: None if None in (row["at"], row["span"]) else _later(row["at"], row["span"]),
        None,
    ),
    "TruncMonth of a day": (
        django.TruncMonth("day"),
        of("day", lambda day: day.replace(day=1)),
        None,
    ),
    "nested": (
        django.Length(django.Concat(django.Lower("text"), Value("!"))),
        lambda row: len(f"{(row['text'] or '').translate(LOWER)}!"),
        None,
    ),
    "in a Case": (
        Case(When(rank__gt=0, then=django.Upper("text")), default=django.Lower("text")),
        lambda row: (
            None
            if row["text"] is None
            else row["text"].translate(UPPER if (row["rank"] or 0) > 0 else LOWER)
        ),
        None,
    ),
    "a condition": (
        ExpressionWrapper(
            Q(rank__gt=0) & ~Q(text__startswith="a"), output_field=models.BooleanField()
        ),
        # Where there is no text, it does not begin so.
        lambda row: (
            False
            if (row["text"] or "").startswith("a")
            else None
            if row["rank"] is None
            else row["rank"] > 0
        ),
        None,
    ),
}


def _later(at: datetime, by: timedelta) -> datetime | None:
    try:
        return at + by
    except OverflowError:
        return None


@pytest.mark.parametrize("name", ROWWISE)
def test_in_a_column(name: str) -> None:
    expression, oracle, places = ROWWISE[name]
    by_row(expression, oracle, places=places)


@pytest.mark.parametrize("name", ROWWISE)
def test_in_an_annotation_that_a_column_names(name: str) -> None:
    expression, oracle, places = ROWWISE[name]
    by_row(F("made"), oracle, places=places, queryset=Entry.objects.annotate(made=expression))


@pytest.mark.parametrize("name", [name for name, case in ROWWISE.items() if case[2] is None])
def test_in_a_filter_on_an_alias(name: str) -> None:
    expression, oracle, _ = ROWWISE[name]
    queryset = Entry.objects.alias(made=expression)
    found = {pk for (pk,) in answers({"id": "pk"}, queryset=queryset.filter(made__isnull=True))}
    assert found == {row["id"] for row in entries() if oracle(row) is None}


@pytest.mark.parametrize("name", [name for name, case in ROWWISE.items() if case[2] is None])
def test_as_a_group(name: str) -> None:
    expression, oracle, _ = ROWWISE[name]
    wanted: dict[Any, int] = {}
    for row in entries():
        wanted[oracle(row)] = wanted.get(oracle(row), 0) + 1
    found = answers({"n": Column(Count("pk"))}, group_by={"made": Key(expression)})
    assert dict(found) == wanted


# Instants: Django looks at them in TIME_ZONE.


@pytest.fixture(params=["UTC", "Europe/Berlin", "America/New_York"])
def zone(request: pytest.FixtureRequest, settings: Any) -> ZoneInfo:
    """The zone that the settings name."""
    settings.TIME_ZONE = request.param
    return ZoneInfo(request.param)


def test_parts_and_periods_are_those_of_time_zone(zone: ZoneInfo) -> None:
    asked = {
        "year": django.ExtractYear("at"),
        "week": django.Extract("at", "week"),
        "hour": django.ExtractHour("at"),
        "date": django.TruncDate("at"),
        "time": django.TruncTime("at"),
        "day": django.TruncDay("at"),
        "month": django.TruncMonth("at"),
        "month_as_a_day": django.TruncMonth("at", output_field=DateField()),
        "hour_began": django.TruncHour("at"),
        "told": django.TruncDay("at", tzinfo=BERLIN),
        "by_kind": django.Trunc("at", "year"),
    }
    wanted = {row["id"]: row["at"] for row in rows().instants[::5]}
    queryset = Instant.objects.filter(pk__in=wanted)
    for number, *found in answers({"id": "pk", **asked}, queryset=queryset):
        at = wanted[number].astimezone(zone)
        day, wall = at.date(), at.replace(tzinfo=None)
        hour = wall.replace(minute=0, second=0, microsecond=0)
        expected = [
            *(at.year, at.isocalendar().week, at.hour, day, at.time()),
            *(_midnight(day, zone), _midnight(day.replace(day=1), zone), day.replace(day=1)),
            wanted[number] - (wall - hour),
            _midnight(wanted[number].astimezone(BERLIN).date(), BERLIN),
            _midnight(day.replace(month=1, day=1), zone),
        ]
        for value, right in zip(found, expected, strict=True):
            same(value, right, (zone, at))


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


LOOKUPS: dict[str, tuple[Any, Callable[[datetime], bool]]] = {
    "at__year": (2000, lambda at: at.year == 2000),
    "at__year__gt": (2000, lambda at: at.year > 2000),
    "at__year__gte": (2000, lambda at: at.year >= 2000),
    "at__year__lt": (2000, lambda at: at.year < 2000),
    "at__year__lte": (2000, lambda at: at.year <= 2000),
    "at__year__in": ([1970, 2000], lambda at: at.year in (1970, 2000)),
    "at__iso_year": (2000, lambda at: at.isocalendar().year == 2000),
    "at__month": (1, lambda at: at.month == 1),
    "at__quarter": (1, lambda at: at.month <= 3),
    "at__week": (52, lambda at: at.isocalendar().week == 52),
    "at__day__gte": (15, lambda at: at.day >= 15),
    "at__week_day": (1, lambda at: at.isoweekday() == 7),
    "at__iso_week_day__in": ([6, 7], lambda at: at.isoweekday() >= 6),
    "at__hour__range": ((8, 17), lambda at: 8 <= at.hour <= 17),
    "at__minute": (59, lambda at: at.minute == 59),
    "at__second__gt": (30, lambda at: at.second > 30),
    "at__date": (date(2000, 1, 1), lambda at: at.date() == date(2000, 1, 1)),
    "at__date__lte": (date(2000, 1, 1), lambda at: at.date() <= date(2000, 1, 1)),
    "at__date__range": (
        (date(1970, 1, 1), date(2000, 1, 1)),
        lambda at: date(1970, 1, 1) <= at.date() <= date(2000, 1, 1),
    ),
    "at__time__gte": (time(12), lambda at: at.time() >= time(12)),
}


@pytest.mark.parametrize("name", LOOKUPS)
def test_lookups_of_instants_are_by_time_zone(name: str, zone: ZoneInfo) -> None:
    value, test = LOOKUPS[name]
    wanted = {row["id"] for row in rows().instants if test(row["at"].astimezone(zone))}
    asked = Instant.objects.filter(**{name: value})
    assert {pk for (pk,) in answers({"id": "pk"}, queryset=asked)} == wanted
    excluded = Instant.objects.exclude(**{name: value})
    everything = {row["id"] for row in rows().instants}
    assert {pk for (pk,) in answers({"id": "pk"}, queryset=excluded)} == everything - wanted


@pytest.mark.parametrize(
    ("name", "value", "test"),
    [
        ("day__year", 2000, lambda day: day.year == 2000),
        ("day__year__lt", 1970, lambda day: day.year < 1970),
        ("day__month__in", [2, 12], lambda day: day.month in (2, 12)),
        ("day__iso_week_day", 6, lambda day: day.isoweekday() == 6),
    ],
)
def test_lookups_of_days(name: str, value: Any, test: Callable[[date], bool]) -> None:
    asked = Entry.objects.filter(**{name: value})
    wanted = {row["id"] for row in entries() if row["day"] and test(row["day"])}
    assert {pk for (pk,) in answers({"id": "pk"}, queryset=asked)} == wanted


def test_the_present_in_a_filter() -> None:
    ago = Entry.objects.filter(at__lt=django.Now() - timedelta(days=1))
    wanted = {row["id"] for row in entries() if row["at"] and row["at"] < datetime.now(UTC)}
    found = {pk for (pk,) in answers({"id": "pk"}, queryset=ago)}
    assert found <= wanted
    assert found


def test_an_expression_of_the_outer_query() -> None:
    inner = Entry.objects.filter(
        pk=OuterRef("pk"), rank__gte=django.Coalesce(OuterRef("number"), 0)
    ).values(made=django.Lower(OuterRef("text")))[:1]
    by_row(
        Subquery(inner),
        lambda row: (
            row["text"].translate(LOWER)
            if row["text"] is not None
            and row["rank"] is not None
            and row["rank"] >= (row["number"] or 0)
            else None
        ),
    )
    same_text = Entry.objects.filter(pk=OuterRef("pk"), note=expressions.Lower(OuterRef("text")))
    found = {
        pk for (pk,) in answers({"id": "pk"}, queryset=Entry.objects.filter(Exists(same_text)))
    }
    assert found == {
        row["id"]
        for row in entries()
        if row["text"] is not None and row["note"] == row["text"].translate(LOWER)
    }


# Aggregates


def numbers(rows: list[Row], name: str, where: Any = None) -> list[Any]:
    return [r[name] for r in rows if r[name] is not None and (where is None or where(r))]


def positive(row: Row) -> bool:
    return row["rank"] is not None and row["rank"] > 0


AGGREGATES: dict[str, tuple[Any, Callable[[list[Row]], Any]]] = {
    "Sum": (models.Sum("number"), lambda rows: _sum(numbers(rows, "number"))),
    "Sum of different": (
        models.Sum("rank", distinct=True),
        lambda rows: sum(set(numbers(rows, "rank"))) if numbers(rows, "rank") else None,
    ),
    "Sum with a default": (
        models.Sum("price", filter=Q(rank__gt=0), default=0),
        lambda rows: Decimal(sum(numbers(rows, "price", positive))).quantize(Decimal("0.01")),
    ),
    "Min": (models.Min("text"), lambda rows: min(numbers(rows, "text"), default=None)),
    "Max": (
        models.Max("text", filter=Q(rank__gt=0)),
        lambda rows: max(numbers(rows, "text", positive), default=None),
    ),
    "Count of different texts": (
        models.Count("text", distinct=True),
        lambda rows: len(set(numbers(rows, "text"))),
    ),
    "AnyValue": (models.AnyValue("rank"), lambda rows: min(numbers(rows, "rank"), default=None)),
    "StringAgg": (
        StringAgg("text", Value("|"), order_by=["-text"]),
        lambda rows: (
            "|".join(sorted(numbers(rows, "text"), reverse=True)) if numbers(rows, "text") else None
        ),
    ),
    "within": (
        models.Max(django.Length("text")),
        lambda rows: max(map(len, numbers(rows, "text")), default=None),
    ),
}


def _sum(values: list[Any]) -> Any:
    return sum(values) if values else None


@pytest.mark.parametrize("name", AGGREGATES)
def test_an_aggregate(name: str) -> None:
    expression, oracle = AGGREGATES[name]
    by_group(expression, oracle)


def test_a_mean_takes_its_places_from_the_field() -> None:
    field = DecimalField(max_digits=12, decimal_places=2)
    by_group(
        models.Avg("rank", output_field=field),
        lambda rows: (
            round_half_up(Decimal(sum(numbers(rows, "rank"))) / len(numbers(rows, "rank")), 2)
            if numbers(rows, "rank")
            else None
        ),
    )


def test_an_annotated_sum_that_is_filtered() -> None:
    owners = Owner.objects.annotate(total=models.Sum("entry__number")).filter(total__gt=0)
    found = {pk for (pk,) in answers({"id": "pk"}, queryset=owners)}
    assert found == {
        owner
        for owner, of_owner in groups().items()
        if owner is not None and sum(numbers(of_owner, "number")) > 0
    }


# Windows


def test_windows() -> None:
    asked = {
        "number": Window(django.RowNumber(), partition_by="rank", order_by=F("id").desc()),
        "before": Window(django.Lag("number", 2, -1), partition_by="rank", order_by="id"),
        "running": Window(
            models.Sum("id"), partition_by="rank", order_by="id", frame=RowRange(None, 0)
        ),
        "parts": Window(django.Ntile(2), partition_by="rank", order_by="id"),
        "second": Window(
            django.NthValue("id", 2), partition_by="rank", order_by="id", frame=RowRange(None, None)
        ),
        "level": Window(django.RowNumber(), partition_by="rank", order_by="number"),
    }
    found = {number: values for number, *values in answers({"id": "pk", **asked})}
    for row in entries():
        of_rank = [each for each in entries() if each["rank"] == row["rank"]]
        place = next(n for n, each in enumerate(of_rank) if each is row)
        level = sorted(
            of_rank, key=lambda each: (each["number"] is None, each["number"] or 0, each["id"])
        )
        wanted = [
            len(of_rank) - place,
            of_rank[place - 2]["number"] if place >= 2 else -1,
            sum(each["id"] for each in of_rank[: place + 1]),
            1 if place < (len(of_rank) + 1) // 2 else 2,
            of_rank[1]["id"] if len(of_rank) > 1 else None,
            level.index(row) + 1,
        ]
        for value, right in zip(found[row["id"]], wanted, strict=True):
            same(value, right, row)


# Conditions


@pytest.mark.parametrize("parts", [2, 3])
@pytest.mark.parametrize("negated", [False, True])
def test_an_odd_number_of_conditions(parts: int, negated: bool) -> None:
    conditions = [
        (Q(rank__gt=0), lambda row: positive(row)),
        (Q(flag=True), lambda row: row["flag"] is True),
        (Q(text__startswith="a"), lambda row: (row["text"] or "").startswith("a")),
    ][:parts]
    condition = conditions[0][0]
    for other, _ in conditions[1:]:
        condition ^= other

    def odd(row: Row) -> bool:
        return sum(test(row) for _, test in conditions) % 2 == 1

    asked = Entry.objects.filter(~condition if negated else condition)
    found = {pk for (pk,) in answers({"id": "pk"}, queryset=asked)}
    assert found == {row["id"] for row in entries() if odd(row) != negated}


def test_a_field_of_truth_values_as_a_condition() -> None:
    flag = ExpressionWrapper(F("flag"), output_field=models.BooleanField())
    by_row(
        Case(When(flag, then=Value(1)), default=Value(0), output_field=IntegerField()),
        lambda row: int(row["flag"] is True),
    )
