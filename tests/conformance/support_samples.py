"""A use of everything that Django has, with Isoline's equal of it; see support.py."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Case, F, Value, When
from django.db.models import functions as django
from django.db.models.expressions import RawSQL

from reports import expressions as isoline
from tests.conformance.support import NEW_YORK, Sample

ZONED = {"tzinfo": NEW_YORK}


def _pair(name: str, *args: Any, places: int | None = None, **options: Any) -> Sample:
    """Both of this name, called alike; Isoline's is None where it has none."""
    ours = getattr(isoline, name) if name in isoline.__all__ else None
    return Sample(getattr(django, name)(*args, **options), ours and ours(*args, **options), places)


def functions() -> dict[str, Sample]:
    """Every database function."""
    found = {
        "Cast": _pair("Cast", "amount", models.IntegerField()),
        "Coalesce": _pair("Coalesce", "text", "text", Value("-")),
        "Collate": _pair("Collate", "text", "C"),
        "Greatest": _pair("Greatest", "rank", "number"),
        "JSONArray": Sample(django.JSONArray("rank", "text"), None),
        "JSONObject": Sample(django.JSONObject(rank="rank", text="text"), None),
        "Least": _pair("Least", "rank", "number"),
        "NullIf": _pair("NullIf", "text", Value("a")),
        "Extract": _pair("Extract", "at", "month", **ZONED),
        "Now": Sample(
            django.ExtractYear(django.Now(), **ZONED), isoline.ExtractYear(isoline.Now(), **ZONED)
        ),
        "Trunc": _pair("Trunc", "at", "month", output_field=models.DateField(), **ZONED),
        "TruncDate": _pair("TruncDate", "at", **ZONED),
        "TruncTime": _pair("TruncTime", "at", **ZONED),
        "Random": Sample(django.Random(), None),
        "Concat": _pair("Concat", "text", "text"),
        "Left": _pair("Left", "text", 1),
        "Right": _pair("Right", "text", 1),
        "LPad": _pair("LPad", "text", 3, Value("ab")),
        "RPad": _pair("RPad", "text", 3, Value("ab")),
        "Repeat": _pair("Repeat", "text", 2),
        "Replace": _pair("Replace", "text", Value("a"), Value("b")),
        "StrIndex": _pair("StrIndex", "text", Value("a")),
        "Substr": _pair("Substr", "text", 2, 1),
        "Chr": _pair("Chr", Value(233)),
        "Log": _pair("Log", Value(2), Value(10), places=6),
        "Mod": _pair("Mod", "number", Value(7), places=0),
        "Power": _pair("Power", "rank", Value(3), places=6),
        "ATan2": _pair("ATan2", "rank", "number", places=6),
        "Pi": _pair("Pi", places=6),
        "Round": Sample(django.Round("price", precision=1), isoline.Round("price", 1), places=1),
        "Sqrt": _pair("Sqrt", "ratio", places=6),
        "Ln": _pair("Ln", "ratio", places=6),
        "Ceil": _pair("Ceil", "amount", places=0),
        "Floor": _pair("Floor", "amount", places=0),
    }
    for part in (
        *("Year", "IsoYear", "Quarter", "Month", "Week", "Day", "WeekDay", "IsoWeekDay"),
        *("Hour", "Minute", "Second"),
    ):
        found[f"Extract{part}"] = _pair(f"Extract{part}", "at", **ZONED)
    for part in ("Hour", "Minute", "Second"):
        found[f"Trunc{part}"] = _pair(f"Trunc{part}", "at", **ZONED)
    for part in ("Year", "Quarter", "Month", "Week", "Day"):
        found[f"Trunc{part}"] = _pair(
            f"Trunc{part}", "at", output_field=models.DateField(), **ZONED
        )
    for name in ("Length", "Lower", "Upper", "LTrim", "RTrim", "Trim", "Ord", "Reverse"):
        found[name] = _pair(name, "text")
    for name in ("MD5", "SHA1", "SHA224", "SHA256", "SHA384", "SHA512"):
        found[name] = _pair(name, "text")
    for name in ("Abs", "Sign"):
        found[name] = _pair(name, "number", places=0)
    for name in ("Cos", "Sin", "Tan", "Cot", "ATan", "Degrees", "Radians", "Exp"):
        found[name] = _pair(name, "rank", places=6)
    for name in ("ACos", "ASin"):
        found[name] = _pair(name, Value(0.5), places=6)
    for name in {"UUID4", "UUID7"} & set(django.__all__):
        found[name] = Sample(getattr(django, name)(), None)
    return found


def aggregates() -> dict[str, Sample]:
    """Every aggregate, over the entries of each owner."""

    def pair(name: str, *args: Any, places: int | None = None, **options: Any) -> Sample:
        theirs = getattr(models, name)(*args, **options)
        return Sample(theirs, getattr(isoline, name)(*args, **options), places, is_aggregate=True)

    # Aggregates that a later Django has, and this one may not.
    later = {"BitAnd", "BitOr", "BitXor"} & set(vars(models))
    return {name: pair(name, "number") for name in later} | {
        "AnyValue": pair("AnyValue", "text"),
        "Avg": pair("Avg", "number", places=6),
        "Count": pair("Count", "text", distinct=True),
        "Max": pair("Max", "text"),
        "Min": pair("Min", "text"),
        "StdDev": pair("StdDev", "number", places=6),
        "StringAgg": pair("StringAgg", "text", Value(","), order_by=["rank", "pk"]),
        "Sum": pair("Sum", "huge"),
        "Variance": pair("Variance", "number", places=6),
    }


def windows() -> dict[str, Sample]:
    """Every window function, by owner and rank."""
    over = {"partition_by": "owner_id", "order_by": "rank"}

    def pair(name: str, *args: Any, places: int | None = None, **options: Any) -> Sample:
        return Sample(
            models.Window(getattr(django, name)(*args, **options), **over),
            isoline.Window(getattr(isoline, name)(*args, **options), **over),
            places,
        )

    return {
        "CumeDist": pair("CumeDist", places=6),
        "DenseRank": pair("DenseRank"),
        "FirstValue": pair("FirstValue", "number"),
        "Lag": pair("Lag", "number", 1),
        "LastValue": pair("LastValue", "number"),
        "Lead": pair("Lead", "number", 1),
        "NthValue": pair("NthValue", "number", 2),
        "Ntile": pair("Ntile", 4),
        "PercentRank": pair("PercentRank", places=6),
        "Rank": pair("Rank"),
        "RowNumber": pair("RowNumber"),
    }


def operators() -> dict[str, Sample]:
    """What has no class that an author names."""
    count = F("rank") + F("number")
    return {
        "integer + - *": Sample(count * 2, count * 2),
        "decimal + - *": Sample(F("price") * F("rank"), F("price") * F("rank"), 2),
        "/": Sample(F("number") / F("rank"), None),
        "%": Sample(F("number") % F("rank"), isoline.Mod("number", "rank")),
        "^": Sample(F("number") ** F("rank"), None),
        "bitand() bitor() bitxor()": Sample(F("number").bitand(F("rank")), None),
        "instant + duration": Sample(F("at") + F("span"), isoline.Shifted("at", F("span"))),
        "date + duration": Sample(F("day") + F("span"), None),
        "Case, When": Sample(
            Case(When(text="a", then=1), default=0), Case(When(text="a", then=1), default=0)
        ),
        "RawSQL": Sample(RawSQL("1", ()), None),
        "Func": Sample(models.Func(F("text"), function="SOUNDEX"), None),
        "Window": Sample(
            models.Window(models.Count("pk"), partition_by="text"),
            isoline.Window(isoline.Count("pk"), partition_by="text"),
        ),
    }


def lookups() -> dict[str, Sample]:
    """Every lookup and transform, each on the type that it is for."""

    def portable(**condition: Any) -> Sample:
        return Sample(condition, condition)

    def refused(**condition: Any) -> Sample:
        return Sample(condition, None)

    return {
        "exact": portable(text="a"),
        "iexact": portable(text__iexact="A"),
        "gt": portable(text__gt="a"),
        "gte": portable(text__gte="a"),
        "lt": portable(text__lt="b"),
        "lte": portable(text__lte="a"),
        "in": portable(text__in=["a", "ss"]),
        "contains": portable(text__contains="a"),
        "icontains": portable(text__icontains="\u00c1"),
        "startswith": portable(text__startswith="a"),
        "istartswith": portable(text__istartswith="A"),
        "endswith": portable(text__endswith="a"),
        "iendswith": portable(text__iendswith="A"),
        "range": portable(text__range=("A", "a")),
        "isnull": portable(text__isnull=True),
        "regex": refused(text__regex="^a"),
        "iregex": refused(text__iregex="^a"),
        "year": portable(at__year=2000),
        "iso_year": portable(at__iso_year=2000),
        "quarter": portable(at__quarter=1),
        "month": portable(at__month=1),
        "week": portable(at__week=1),
        "week_day": portable(at__week_day=1),
        "iso_week_day": portable(at__iso_week_day=1),
        "day": portable(at__day=1),
        "hour": portable(at__hour=1),
        "minute": portable(at__minute=1),
        "second": portable(at__second=1),
        "date": portable(at__date=date(2000, 1, 1)),
        "time": portable(at__time__isnull=False),
        "contained_by": refused(data__contained_by={"a": 1}),
        "has_key": refused(data__has_key="a"),
        "has_keys": refused(data__has_keys=["a"]),
        "has_any_keys": refused(data__has_any_keys=["a"]),
        "exact (float)": portable(ratio=0.3),
        "exact (decimal)": portable(price=Decimal("0.05")),
        "exact (JSON)": refused(data={"a": 1}),
        "key (JSON)": refused(data__a=1),
        "contains (JSON)": refused(data__contains={"a": 1}),
        "contains (number)": refused(number__contains="1"),
    }
