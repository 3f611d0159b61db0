"""Expressions of Isoline's, each with what an author would write with Django's own.

Both are asked in the same statement: an aggregate by carrier, of any other expression the greatest
value over all flights, of texts the greatest length, so that each row's is calculated and the
answer is small.
"""

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import (
    Avg,
    Case,
    CharField,
    Count,
    DateField,
    DateTimeField,
    F,
    IntegerField,
    Max,
    Min,
    Q,
    StdDev,
    StringAgg,
    Sum,
    TextField,
    Value,
    Variance,
    When,
    Window,
)
from django.db.models import functions as django

from reports import expressions as isoline
from reports.expressions.text import case, functions

NEW_YORK = ZoneInfo("America/New_York")
DELAY, DISTANCE, TAIL, LEAVES = "departure_delay", "distance", "tailnum", "scheduled_departure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """`places`, where given, are those to which a mean is rounded before answers are compared."""

    name: str
    ours: Any
    other: Any
    places: int | None = None


def _pair(name: str, ours: Any, other: Any, places: int | None = None) -> Pair:
    return Pair(name=name, ours=ours, other=other, places=places)


def _same(name: str, expression: Any) -> Pair:
    """What a report takes in Django's own words, and may compile otherwise."""
    return _pair(name, expression, expression)


def _counted(name: str, condition: Q) -> Pair:
    return _pair(name, isoline.Count("pk", filter=condition), Count("pk", filter=condition))


AGGREGATES = (
    _pair("Count", isoline.Count("pk"), Count("pk")),
    _pair("Count, distinct", isoline.Count(TAIL, distinct=True), Count(TAIL, distinct=True)),
    _pair("Sum of integers", isoline.Sum(DELAY), Sum(DELAY)),
    _pair("Sum of decimals", isoline.Sum(DISTANCE), Sum(DISTANCE), places=3),
    _pair("Avg of integers", isoline.Avg(DELAY, places=2), Avg(DELAY), places=2),
    _pair("Avg of decimals", isoline.Avg(DISTANCE, places=2), Avg(DISTANCE), places=2),
    _pair("StdDev of integers", isoline.StdDev(DELAY, places=2), StdDev(DELAY), places=2),
    _pair("Variance of integers", isoline.Variance(DELAY, places=2), Variance(DELAY), places=2),
    _pair("Min of integers", isoline.Min(DELAY), Min(DELAY)),
    _pair("Max of texts", isoline.Max(TAIL), Max(TAIL)),
    _pair("Max of instants", isoline.Max(LEAVES), Max(LEAVES)),
    _pair(
        "StringAgg, ordered",
        isoline.StringAgg(TAIL, ",", order_by=LEAVES),
        StringAgg(TAIL, Value(","), order_by=[LEAVES, TAIL]),
    ),
    _pair(
        "StringAgg, distinct",
        isoline.StringAgg(TAIL, ",", distinct=True),
        StringAgg(TAIL, Value(","), distinct=True, order_by=TAIL),
    ),
    _counted("text exact", Q(tailnum="N14228")),
    _counted("text in", Q(tailnum__in=["N14228", "N24211", "N619AA"])),
    _counted("text greater", Q(tailnum__gt="N5")),
    _counted("text contains", Q(tailnum__contains="42")),
    _counted("text icontains", Q(tailnum__icontains="aa")),
    _counted("text startswith", Q(tailnum__startswith="N1")),
    _counted("text istartswith", Q(tailnum__istartswith="n1")),
    _counted("text endswith", Q(tailnum__endswith="AA")),
    _counted("integer range", Q(departure_delay__range=(10, 20))),
    _counted("decimal greater", Q(distance__gt=1000)),
)

LATE = Case(When(departure_delay__gte=15, then=Value("late")), default=Value("on time"))
NEAR = Case(When(distance__lt=500, then=Value(1)), When(distance__lt=1500, then=Value(2)))

VALUES = (
    _pair("Left", functions.Left(TAIL, 3), django.Left(TAIL, 3)),
    _pair("Right", functions.Right(TAIL, 3), django.Right(TAIL, 3)),
    _pair("Substr", functions.Substr(TAIL, 2, 3), django.Substr(TAIL, 2, 3)),
    _pair(
        "Concat",
        functions.Concat("carrier_id", Value(" "), TAIL),
        django.Concat("carrier_id", Value(" "), TAIL),
    ),
    _pair(
        "Replace",
        functions.Replace(TAIL, Value("N"), Value("-")),
        django.Replace(TAIL, Value("N"), Value("-")),
    ),
    _pair("Lower", case.Lower(TAIL), django.Lower(TAIL)),
    _pair("Upper", case.Upper("carrier__name"), django.Upper("carrier__name")),
    _pair("Length", functions.Length(TAIL), django.Length(TAIL)),
    _pair("StrIndex", functions.StrIndex(TAIL, Value("A")), django.StrIndex(TAIL, Value("A"))),
    _pair("Trim", functions.Trim(TAIL), django.Trim(TAIL)),
    _pair("LPad", functions.LPad(TAIL, 10, Value("*")), django.LPad(TAIL, 10, Value("*"))),
    _pair(
        "Coalesce of integers",
        isoline.Coalesce(DELAY, Value(0)),
        django.Coalesce(DELAY, Value(0)),
    ),
    _pair(
        "Coalesce of texts",
        isoline.Coalesce(TAIL, Value("none")),
        django.Coalesce(TAIL, Value("none")),
    ),
    _pair(
        "Greatest", isoline.Greatest("number", Value(1000)), django.Greatest("number", Value(1000))
    ),
    _pair("NullIf", isoline.NullIf("number", Value(1)), django.NullIf("number", Value(1))),
    _pair(
        "Cast, integer to text",
        isoline.Cast("number", TextField()),
        django.Cast("number", CharField()),
    ),
    _pair(
        "Cast, text to integer",
        isoline.Cast(functions.Substr(TAIL, 2, 1), IntegerField()),
        django.Cast(django.Substr(TAIL, 2, 1), IntegerField()),
    ),
    _pair("Round", isoline.Round(DISTANCE, 1), django.Round(DISTANCE, 1), places=1),
    _pair("Floor", isoline.Floor(DISTANCE), django.Floor(DISTANCE)),
    _pair("Abs", isoline.Abs(DELAY), django.Abs(DELAY)),
    _pair("Mod", isoline.Mod("number", 7), django.Mod("number", 7)),
    _same("arithmetic of integers", F(DELAY) * 2 + F("arrival_delay") - 5),
    _same("arithmetic of decimals", F(DISTANCE) * 2 + F(DISTANCE)),
    _same("Case, a text", LATE),
    _same("Case, an integer", NEAR),
    _pair("ExtractYear, UTC", isoline.ExtractYear(LEAVES), django.ExtractYear(LEAVES)),
    _pair("ExtractMonth, UTC", isoline.ExtractMonth(LEAVES), django.ExtractMonth(LEAVES)),
    _pair(
        "TruncDay, UTC",
        isoline.TruncDay(LEAVES),
        django.TruncDay(LEAVES, output_field=DateField()),
    ),
    _pair(
        "ExtractHour, New York",
        isoline.ExtractHour(LEAVES, tzinfo=NEW_YORK),
        django.ExtractHour(LEAVES, tzinfo=NEW_YORK),
    ),
    _pair(
        "ExtractMonth, New York",
        isoline.ExtractMonth(LEAVES, tzinfo=NEW_YORK),
        django.ExtractMonth(LEAVES, tzinfo=NEW_YORK),
    ),
    _pair(
        "TruncMonth, New York",
        isoline.TruncMonth(LEAVES, tzinfo=NEW_YORK),
        django.TruncMonth(LEAVES, tzinfo=NEW_YORK, output_field=DateField()),
    ),
    _pair(
        "TruncDay, New York",
        isoline.TruncDay(LEAVES, tzinfo=NEW_YORK),
        django.TruncDay(LEAVES, tzinfo=NEW_YORK, output_field=DateField()),
    ),
    _pair(
        "TruncHour, New York",
        isoline.TruncHour(LEAVES, tzinfo=NEW_YORK),
        django.TruncHour(LEAVES, tzinfo=NEW_YORK, output_field=DateTimeField()),
    ),
    _pair(
        "Rank",
        isoline.Window(isoline.Rank(), "carrier_id", [LEAVES]),
        Window(django.Rank(), "carrier_id", [LEAVES]),
    ),
    _pair(
        "RowNumber",
        isoline.Window(isoline.RowNumber(), "carrier_id", [LEAVES]),
        Window(django.RowNumber(), "carrier_id", [LEAVES, "pk"]),
    ),
    _pair(
        "Lag",
        isoline.Window(isoline.Lag(DISTANCE), "carrier_id", [LEAVES]),
        Window(django.Lag(DISTANCE), "carrier_id", [LEAVES, "pk"]),
    ),
    _pair(
        "running Sum",
        isoline.Window(isoline.Sum("number"), "carrier_id", [LEAVES]),
        Window(Sum("number"), "carrier_id", [LEAVES]),
    ),
)
