"""Every argument of Django's signatures, given to Isoline's expression of the same name.

`CALLS` has a call of each name that the two share, with a value for every argument that Django's
class takes, and what plain Python says of it. An argument that a later Django adds is missing
there, and fails the test.
"""

import inspect
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from fractions import Fraction
from statistics import pstdev, pvariance
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.gis.db.models import (
    BooleanField,
    GeometryField,
    LineStringField,
    PointField,
)
from django.contrib.gis.db.models import aggregates as spatial_aggregates
from django.contrib.gis.db.models import functions as spatial_functions
from django.db import models
from django.db.models import (
    CharField,
    DateField,
    DateTimeField,
    DecimalField,
    F,
    Field,
    FloatField,
    IntegerField,
    Q,
    RowRange,
    TextField,
    TimeField,
    Value,
    aggregates,
    functions,
)

from geo.backends.letters import LOWER, UPPER
from reports import Column, expressions
from reports.columns import Key
from reports.errors import DeclarationError, NotPortable
from reports.expressions.rounding import significant
from reports.values.numbers import round_half_up
from tests.conformance import support_shapes
from tests.conformance.harness import Row, answers, entries, groups, same, statement

ZONE = ZoneInfo("America/New_York")
PLACES = 6
# Modules of Django's whose names are those of reports.expressions, and what tells a name of one
# from the same name of another.
MODULES = {
    "": (functions, aggregates, models),
    "spatial ": (spatial_functions,),
    "group's ": (spatial_aggregates,),
}


@dataclass(frozen=True, kw_only=True)
class Call:
    """A call with every argument that Django takes.

    positional  those that stand first, for a signature of *expressions or by their names
    named       the others, by keyword; None where Django allows nothing but its default
    """

    oracle: Callable[[Any], Any]
    positional: tuple[Any, ...] = ()
    named: dict[str, Any] = field(default_factory=dict)
    places: int | None = None
    wrapped: Callable[[Any], Any] = lambda expression: expression


# What Python says of a row, or of a group's rows.


def of(name: str, function: Callable[[Any], Any]) -> Callable[[Row], Any]:
    return lambda row: None if row[name] is None else function(row[name])


def real(number: float | None) -> Decimal | None:
    return None if number is None else round_half_up(significant(number), PLACES)


def real_of(name: str, function: Callable[[Any], Any]) -> Callable[[Row], Any]:
    return of(name, lambda value: real(function(value)))


def sign(number: Any) -> int:
    return (number > 0) - (number < 0)


def padded(text: str, length: int, fill: str, *, left: bool) -> str:
    missing = (fill * length)[: max(length - len(text), 0)]
    return (missing + text if left else text + missing)[:length]


def local(row: Row) -> datetime | None:
    return None if row["at"] is None else row["at"].astimezone(ZONE)


def of_local(function: Callable[[datetime], Any]) -> Callable[[Row], Any]:
    return lambda row: None if row["at"] is None else function(local(row))


def instant(day: date) -> datetime:
    return datetime.combine(day, time(), ZONE).astimezone(UTC)


def since(at: datetime, **zero: int) -> datetime:
    """The instant at which the local period began, which may be the second of two."""
    wall = at.replace(tzinfo=None)
    return (at.astimezone(UTC) - (wall - wall.replace(**zero))).astimezone(UTC)


def numbers(rows: list[Row], name: str = "rank", where: Any = None) -> list[Any]:
    return [r[name] for r in rows if r[name] is not None and (where is None or where(r))]


def positive(row: Row) -> bool:
    return row["rank"] is not None and row["rank"] > 0


def exact_mean(values: list[int], places: int) -> Decimal | None:
    if not values:
        return None
    mean = Fraction(sum(values), len(values))
    return round_half_up(Decimal(mean.numerator) / Decimal(mean.denominator), places)


# The calls.


def texts() -> dict[str, Call]:
    text = {"output_field": TextField()}

    def call(oracle: Any, *more: Any, **named: Any) -> Call:
        return Call(oracle=of("text", oracle), positional=("text", *more), named=named or text)

    number = {"output_field": IntegerField()}
    return {
        "Lower": call(lambda t: t.translate(LOWER)),
        "Upper": call(lambda t: t.translate(UPPER)),
        "Left": call(lambda t: t[:2], 2),
        "Right": call(lambda t: t[-2:], 2),
        "Substr": call(lambda t: t[1:4], 2, 3),
        "Replace": call(lambda t: t.replace("a", "bc"), Value("a"), Value("bc")),
        "Trim": call(lambda t: t.strip(" ")),
        "LTrim": call(lambda t: t.lstrip(" ")),
        "RTrim": call(lambda t: t.rstrip(" ")),
        "LPad": call(lambda t: padded(t, 5, "ab", left=True), 5, Value("ab")),
        "RPad": call(lambda t: padded(t, 5, "ab", left=False), 5, Value("ab")),
        "Repeat": call(lambda t: t * 2, 2),
        "Reverse": call(lambda t: t[::-1]),
        "Length": call(len, **number),
        "StrIndex": call(lambda t: t.find("a") + 1, Value("a"), **number),
        "Ord": call(lambda t: ord(t[0]) if t else None, **number),
        "Concat": Call(
            oracle=lambda row: (row["text"] or "") + "-" + (row["note"] or ""),
            positional=("text", Value("-"), "note"),
            named={"output_field": CharField()},
        ),
    }


def arithmetic() -> dict[str, Call]:
    def call(oracle: Any, *operands: Any, places: int | None = None) -> Call:
        kind = FloatField() if places else None
        return Call(
            oracle=oracle,
            positional=operands or ("rank",),
            named={"output_field": kind},
            places=places,
        )

    def floats(function: Any, *operands: Any) -> Call:
        return call(real_of("rank", function), *operands, places=PLACES)

    of_sign = expressions.Sign("rank")
    size = expressions.Abs("rank")
    return {
        "Abs": call(of("rank", abs)),
        "Sign": call(of("rank", sign)),
        "Ceil": call(of("amount", math.ceil), "amount"),
        "Floor": call(of("amount", math.floor), "amount"),
        "Round": call(of("amount", lambda x: round_half_up(x, 2)), "amount", 2),
        "Mod": call(of("number", lambda x: int(math.fmod(x, 7))), "number", Value(7)),
        "Sqrt": floats(lambda x: math.sqrt(abs(x)), size),
        "Exp": floats(lambda x: math.exp(sign(x)), of_sign),
        "Ln": floats(lambda x: math.log(abs(x)) if x else None, size),
        "Log": floats(lambda x: math.log(abs(x), 2) if x else None, Value(2), size),
        "Power": floats(lambda x: float(x**2), "rank", Value(2)),
        "Sin": floats(math.sin),
        "Cos": floats(math.cos),
        "Tan": floats(math.tan),
        "Cot": floats(lambda x: 1 / math.tan(x) if x else None),
        "ASin": floats(lambda x: math.asin(sign(x)), of_sign),
        "ACos": floats(lambda x: math.acos(sign(x)), of_sign),
        "ATan": floats(math.atan),
        "ATan2": floats(lambda x: math.atan2(x, 2), "rank", Value(2)),
        "Degrees": floats(math.degrees),
        "Radians": floats(math.radians),
        "Pi": Call(
            oracle=lambda row: real(math.pi), named={"output_field": FloatField()}, places=PLACES
        ),
    }


def comparisons() -> dict[str, Call]:
    def known(row: Row) -> list[Any]:
        return [row[name] for name in ("rank", "number") if row[name] is not None]

    pair = {"positional": ("rank", "number"), "named": {"output_field": IntegerField()}}
    return {
        "Cast": Call(oracle=of("amount", int), positional=("amount", IntegerField())),
        "Coalesce": Call(oracle=lambda row: next(iter(known(row)), None), **pair),
        "Greatest": Call(oracle=lambda row: max(known(row), default=None), **pair),
        "Least": Call(oracle=lambda row: min(known(row), default=None), **pair),
        "NullIf": Call(
            oracle=lambda row: None if row["rank"] == row["number"] else row["rank"], **pair
        ),
    }


def moments() -> dict[str, Call]:
    parts: dict[str, Callable[[datetime], Any]] = {
        "Year": lambda at: at.year,
        "IsoYear": lambda at: at.isocalendar().year,
        "Quarter": lambda at: (at.month + 2) // 3,
        "Month": lambda at: at.month,
        "Week": lambda at: at.isocalendar().week,
        "Day": lambda at: at.day,
        "WeekDay": lambda at: at.isoweekday() % 7 + 1,
        "IsoWeekDay": lambda at: at.isoweekday(),
        "Hour": lambda at: at.hour,
        "Minute": lambda at: at.minute,
        "Second": lambda at: at.second,
    }
    days: dict[str, Callable[[date], date]] = {
        "Year": lambda day: day.replace(month=1, day=1),
        "Quarter": lambda day: day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1),
        "Month": lambda day: day.replace(day=1),
        "Week": lambda day: date.fromordinal(day.toordinal() - day.weekday()),
        "Day": lambda day: day,
    }
    clock = {
        "Hour": {"minute": 0, "second": 0, "microsecond": 0},
        "Minute": {"second": 0, "microsecond": 0},
        "Second": {"microsecond": 0},
    }
    number, at = {"tzinfo": ZONE, "output_field": IntegerField()}, DateTimeField()

    def begin(function: Callable[[date], date]) -> Callable[[Row], Any]:
        return of_local(lambda moment: instant(function(moment.date())))

    return {
        **{
            f"Extract{name}": Call(
                oracle=of_local(part),
                positional=("at",),
                # Django's own name of the part may be given again.
                named=number | {"lookup_name": _snake(name)},
            )
            for name, part in parts.items()
        },
        "Extract": Call(oracle=of_local(parts["Week"]), positional=("at", "week"), named=number),
        **{
            f"Trunc{name}": Call(
                oracle=begin(function),
                positional=("at",),
                named={"output_field": at, "tzinfo": ZONE},
            )
            for name, function in days.items()
        },
        **{
            f"Trunc{name}": Call(
                oracle=of_local(lambda moment, zero=zero: since(moment, **zero)),
                positional=("at",),
                named={"output_field": at, "tzinfo": ZONE},
            )
            for name, zero in clock.items()
        },
        "Trunc": Call(
            oracle=begin(days["Month"]), positional=("at", "month", at), named={"tzinfo": ZONE}
        ),
        "TruncDate": Call(
            oracle=of_local(lambda moment: moment.date()),
            positional=("at", DateField()),
            named={"tzinfo": ZONE},
        ),
        "TruncTime": Call(
            oracle=of_local(lambda moment: moment.time()),
            positional=("at", TimeField()),
            named={"tzinfo": ZONE},
        ),
        "Now": Call(
            oracle=lambda row: datetime.now(UTC).year,
            named={"output_field": at},
            wrapped=expressions.ExtractYear,
        ),
    }


def _snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).removeprefix("_")


def windows() -> dict[str, Call]:
    """Over the rows of a rank, by id."""

    def of_rank(function: Callable[[list[Row], int], Any]) -> Callable[[Row], Any]:
        def oracle(row: Row) -> Any:
            rows = [each for each in entries() if each["rank"] == row["rank"]]
            return function(rows, next(n for n, each in enumerate(rows) if each is row))

        return oracle

    def over(expression: Any) -> Any:
        return expressions.Window(expression, partition_by="rank", order_by="id")

    def call(function: Any, *operands: Any, places: int | None = None, **named: Any) -> Call:
        return Call(
            oracle=of_rank(function),
            positional=operands,
            named={"output_field": FloatField() if places else IntegerField()} | named,
            places=places,
            wrapped=over,
        )

    def at(rows: list[Row], place: int) -> Any:
        return rows[place]["number"] if 0 <= place < len(rows) else -1

    return {
        "RowNumber": call(lambda rows, n: n + 1),
        "Rank": call(lambda rows, n: n + 1),
        "DenseRank": call(lambda rows, n: n + 1),
        "PercentRank": call(
            lambda rows, n: real(n / (len(rows) - 1) if len(rows) > 1 else 0.0), places=PLACES
        ),
        "CumeDist": call(lambda rows, n: real((n + 1) / len(rows)), places=PLACES),
        "Ntile": call(lambda rows, n: _part(len(rows), 3, n), 3),
        "Lag": call(lambda rows, n: at(rows, n - 2), "number", 2, -1),
        "Lead": call(lambda rows, n: at(rows, n + 2), "number", 2, -1),
        "FirstValue": call(lambda rows, n: at(rows, 0), "number"),
        "LastValue": call(lambda rows, n: at(rows, n), "number"),
        "NthValue": call(lambda rows, n: at(rows, 1) if n >= 1 else None, "number", 2),
        "Window": Call(
            oracle=of_rank(lambda rows, n: min(n, 1) + 1),
            positional=(expressions.Count("id"), "rank", "id", RowRange(-1, 0), IntegerField()),
        ),
    }


def _part(rows: int, parts: int, place: int) -> int:
    """Which of the parts, the first ones larger, a place is in."""
    sizes = [rows // parts + (number < rows % parts) for number in range(parts)]
    return next(number for number in range(1, parts + 1) if place < sum(sizes[:number]))


def of_groups() -> dict[str, Call]:
    """Aggregates of an owner's entries."""
    condition = Q(rank__gt=0)
    base = {"distinct": False, "filter": condition, "default": -1, "order_by": None}
    number = base | {"output_field": IntegerField()}

    def call(function: Any, *more: Any, **named: Any) -> Call:
        return Call(
            oracle=lambda rows: function(numbers(rows, where=positive)) if _some(rows) else -1,
            positional=("rank", *more),
            named=named or number,
        )

    def _some(rows: list[Row]) -> bool:
        return bool(numbers(rows, where=positive))

    def tenth(function: Any) -> Call:
        ten = DecimalField(max_digits=12, decimal_places=1)
        return Call(
            oracle=lambda rows: (
                round_half_up(Decimal(repr(function(numbers(rows, where=positive)))), 1)
                if _some(rows)
                else Decimal("-1.0")
            ),
            positional=("rank",),
            named=base | {"output_field": ten},
        )

    found = {
        "Sum": call(lambda ns: sum(set(ns)), **(number | {"distinct": True})),
        "Min": call(min),
        "Max": call(max),
        "AnyValue": call(min),
        "Avg": Call(
            oracle=lambda rows: (
                exact_mean(list(set(numbers(rows, where=positive))), 1)
                if _some(rows)
                else Decimal("-1.0")
            ),
            positional=("rank",),
            named=base
            | {
                "distinct": True,
                "output_field": DecimalField(max_digits=12, decimal_places=1),
            },
        ),
        "Count": Call(
            oracle=lambda rows: len(set(numbers(rows, where=positive))),
            positional=("rank", condition),
            named={
                "distinct": True,
                "default": None,
                "order_by": None,
                "output_field": IntegerField(),
            },
        ),
        "StringAgg": Call(
            oracle=lambda rows: (
                ";".join(sorted({row["text"] for row in rows if positive(row) and row["text"]}))
                or "none"
            ),
            positional=(expressions.NullIf("text", Value("")), Value(";")),
            named=base
            | {
                "distinct": True,
                "default": "none",
                "order_by": (),
                "output_field": CharField(),
            },
        ),
    }
    for name, function in (("StdDev", pstdev), ("Variance", pvariance)):
        call_ = tenth(function)
        found[name] = Call(
            oracle=call_.oracle,
            positional=("rank", False),
            named=call_.named,
        )
    return found


CALLS = texts() | arithmetic() | comparisons() | moments() | windows() | of_groups()
GROUPED = set(of_groups())


def spatial() -> dict[str, Call]:
    """Of the shapes that support_shapes makes; what the plain call says is proven elsewhere."""
    shape, point = GeometryField(srid=4326), PointField(srid=4326)

    def call(*operands: Any, places: int | None = None, **named: Any) -> Call:
        return Call(oracle=None, positional=operands, named=named, places=places)

    polygon, pair = ("a_polygon",), ("a_polygon", "b_polygon")
    measure = {"places": 3, "output_field": FloatField()}
    return {
        **{name: call(*polygon, output_field=shape) for name in ("Envelope",)},
        **{name: call(*polygon, output_field=point) for name in ("Centroid", "PointOnSurface")},
        **{name: call(*polygon, output_field=BooleanField()) for name in ("IsValid", "IsEmpty")},
        **{
            name: call(*pair, output_field=shape)
            for name in ("Difference", "Intersection", "SymDifference", "Union")
        },
        "NumDimensions": call(*polygon, output_field=IntegerField()),
        "GeometryType": call(*polygon, output_field=CharField()),
        "Area": call(*polygon, **measure),
        "Perimeter": call(*polygon, **measure),
        "Length": call("a_linestring", True, **measure),
        "Distance": call("a_point", "b_point", True, **measure),
        "Azimuth": call("a_point", "b_point", **measure),
        "GeoHash": call("a_point", 7, output_field=CharField()),
        "Transform": call("a_point", 3857, output_field=GeometryField(srid=3857)),
    }


def of_geometries() -> dict[str, Call]:
    """Aggregates of a country's cities."""
    condition = Q(population__gte=support_shapes.FIRST)
    shape = GeometryField(srid=4326)
    base = {"distinct": False, "filter": condition, "default": None, "order_by": None}

    def call(**named: Any) -> Call:
        return Call(oracle=None, positional=("location",), named=base | named)

    return {
        **{name: call(output_field=shape) for name in ("Collect", "Union", "Extent")},
        "MakeLine": call(order_by="population", output_field=LineStringField(srid=4326)),
    }


TABLES = {"": CALLS, "spatial ": spatial(), "group's ": of_geometries()}
# Names that mean something else in Django, and one whose unit is another.
OTHERS = {("", "Transform"), ("spatial ", "Reverse"), ("spatial ", "Rotate")}


def shared() -> Iterator[tuple[str, str]]:
    """The kind and the name of every class of Django's that reports.expressions has too."""
    for kind, modules in MODULES.items():
        for name in expressions.__all__:
            found = next((vars(m)[name] for m in modules if name in vars(m)), None)
            is_own = found is not None and ("contrib.gis" in found.__module__) == bool(kind)
            if is_own and not issubclass(found, Field) and (kind, name) not in OTHERS:
                yield kind, name


def of_django(kind: str, name: str) -> Any:
    return next(vars(module)[name] for module in MODULES[kind] if name in vars(module))


def signature(cls: type) -> inspect.Signature:
    """What a class of Django's takes, also by the `**extra` that it hands to its bases."""
    found: dict[str, inspect.Parameter] = {}
    for base in cls.__mro__:
        if "__init__" not in vars(base):
            continue
        own = list(inspect.signature(vars(base)["__init__"]).parameters.values())[1:]
        for parameter in own if not found else _by_keyword(own):
            if parameter.kind is not parameter.VAR_KEYWORD:
                found.setdefault(parameter.name, parameter)
        if not any(parameter.kind is parameter.VAR_KEYWORD for parameter in own):
            break
    return inspect.Signature(sorted(found.values(), key=lambda each: each.kind))


def _by_keyword(parameters: list[inspect.Parameter]) -> Iterator[inspect.Parameter]:
    """Those that reach a base in `**extra`."""
    for parameter in parameters:
        if parameter.kind is not parameter.VAR_POSITIONAL:
            is_extra = parameter.kind is parameter.VAR_KEYWORD
            yield parameter if is_extra else parameter.replace(kind=parameter.KEYWORD_ONLY)


def both(kind: str, name: str) -> list[Any]:
    """The call by position, and by the names that Django's arguments have."""
    call, ours = TABLES[kind][name], getattr(expressions, name)
    named = {key: value for key, value in call.named.items() if key != "places"}
    bound = signature(of_django(kind, name)).bind(*call.positional, **named)
    takes_any = "expressions" in bound.arguments or not call.positional
    calls = [ours(*call.positional, **named)]
    if not takes_any:
        calls.append(ours(**bound.arguments))
    return [Column(call.wrapped(each), places=call.places) for each in calls]


@pytest.mark.parametrize(("kind", "name"), list(shared()))
def test_a_call_has_every_argument_of_django(kind: str, name: str) -> None:
    call = TABLES[kind][name]
    wanted = signature(of_django(kind, name))
    bound = wanted.bind(*call.positional, **call.named)
    assert bound.arguments.keys() >= wanted.parameters.keys() - {"expressions"}


@pytest.mark.django_db
@pytest.mark.usefixtures("hostile")
@pytest.mark.parametrize("name", sorted(CALLS.keys() - GROUPED))
def test_a_row_has_the_value_that_python_says(name: str) -> None:
    columns = {f"found_{n}": column for n, column in enumerate(both("", name))}
    found = {number: values for number, *values in answers({"id": "pk", **columns})}
    assert found.keys() == {row["id"] for row in entries()}
    for row in entries():
        for value in found[row["id"]]:
            same(value, CALLS[name].oracle(row), row)


@pytest.mark.django_db
@pytest.mark.usefixtures("hostile")
@pytest.mark.parametrize("name", sorted(GROUPED))
def test_a_group_has_the_value_that_python_says(name: str) -> None:
    columns = {f"found_{n}": column for n, column in enumerate(both("", name))}
    found = {
        owner: values for owner, *values in answers(columns, group_by={"owner": Key(F("owner_id"))})
    }
    assert found.keys() == groups().keys()
    for owner, rows in groups().items():
        for value in found[owner]:
            same(value, CALLS[name].oracle(rows), owner)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "name"), [(kind, name) for kind, name in shared() if kind and TABLES[kind]]
)
def test_a_geometry_is_that_of_the_plain_call(kind: str, name: str) -> None:
    support_shapes.make()
    call, is_group = TABLES[kind][name], kind == "group's "
    sample = support_shapes.Sample(None, None, is_aggregate=is_group, is_spatial=True)
    plain = {"geodesic": True} if name in ("Length", "Distance") else {}
    plain |= {"order_by": "population"} if name == "MakeLine" else {}
    operands = [each for each in call.positional if each is not True]
    columns = [
        Column(getattr(expressions, name)(*operands, **plain), places=call.places),
        *both(kind, name),
    ]
    asked = statement(
        {f"found_{n}": column for n, column in enumerate(columns)},
        queryset=support_shapes.rows(sample),
        group_by={"of": "country"} if is_group else None,
    )
    (row,) = [asked.canonical(row) for row in asked.queryset]
    wanted, *found = row[1:] if is_group else row
    assert wanted is not None
    assert found
    assert all(each == wanted for each in found)


# What Django takes and no two databases mean alike: each is refused by a sentence.
REFUSED: list[tuple[Callable[[], Any], str]] = [
    (
        lambda: expressions.Coalesce("text", "note", template="%(expressions)s"),
        r"Coalesce\(template=\.\.\.\) would change its SQL.*Leave it out",
    ),
    (
        lambda: expressions.Sum("rank", function="TOTAL"),
        r"Sum\(function=\.\.\.\) would change its SQL",
    ),
    (
        lambda: expressions.Lower("text", collation="C"),
        r"Lower\(collation=\.\.\.\) would change its SQL",
    ),
    (
        lambda: expressions.Extent("location", tolerance=0.1),
        r"Extent\(tolerance=\.\.\.\) would change its SQL",
    ),
    (
        lambda: expressions.GeometryType("location", function="X"),
        r"GeometryType\(function=\.\.\.\) would change its SQL",
    ),
    (
        lambda: expressions.Coalesce("text", "note", output_field="text"),
        r"Coalesce's output_field= is a field, such as DecimalField.*, not 'text'",
    ),
    (
        lambda: expressions.Rotate("location", angle=math.pi / 2),
        r"Rotate takes degrees, and Django's angle= is in radians\. Write degrees=90",
    ),
    (
        lambda: expressions.MakeLine("location"),
        "MakeLine takes order_by: the order of the points is the line",
    ),
    *(
        (
            lambda name=name, argument=argument: getattr(expressions, name)("location", **argument),
            f"{name} takes no {next(iter(argument))}=: .* Leave it out",
        )
        for name in ("Collect", "Union", "Extent")
        for argument in ({"distinct": True}, {"default": "x"}, {"order_by": "pk"})
    ),
]


@pytest.mark.parametrize(("declared", "sentence"), REFUSED)
def test_an_argument_without_one_meaning_is_refused(declared: Any, sentence: str) -> None:
    with pytest.raises(DeclarationError, match=sentence):
        declared()


@pytest.mark.parametrize(
    ("declared", "error"),
    [
        (lambda: expressions.Max("rank", distinct=True), "Max does not allow distinct"),
        (lambda: expressions.Count("rank", order_by="id"), "Count does not allow order_by"),
        (lambda: expressions.Count("rank", default=1), "Count does not allow default"),
    ],
)
def test_what_django_does_not_take_is_not_taken(declared: Any, error: str) -> None:
    with pytest.raises(TypeError, match=error):
        declared()


# output_field= of another type.


@pytest.mark.django_db
@pytest.mark.usefixtures("hostile")
def test_a_number_becomes_the_one_that_is_asked_for() -> None:
    two = DecimalField(max_digits=12, decimal_places=2)
    asked = {
        "decimal_of_integer": expressions.Coalesce("rank", 0, output_field=two),
        "same_of_integer": expressions.Coalesce("rank", 0, output_field=DecimalField()),
        "fewer_places": expressions.Coalesce("amount", 0, output_field=two),
        "same_places": expressions.Coalesce("price", 0, output_field=DecimalField()),
        "integer_of_decimal": expressions.Coalesce("price", 0, output_field=IntegerField()),
        "float_of_decimal": Column(
            expressions.Coalesce("price", 0, output_field=FloatField()), places=2
        ),
        "decimal_of_float": expressions.Sqrt(expressions.Abs("rank"), output_field=two),
    }
    cent = Decimal("0.01")
    found = {number: values for number, *values in answers({"id": "pk", **asked})}
    for row in entries():
        rank, price = row["rank"] or 0, (row["price"] or Decimal(0)).quantize(cent)
        root = None if row["rank"] is None else round_half_up(Decimal(abs(rank)).sqrt(), 2)
        wanted = [
            *(Decimal(rank).quantize(cent), Decimal(rank)),
            *(round_half_up(row["amount"] or Decimal(0), 2), price, int(price)),
            *(round_half_up(significant(float(price)), 2), root),
        ]
        for value, expected in zip(found[row["id"]], wanted, strict=True):
            same(value, expected, row)


@pytest.mark.django_db
@pytest.mark.usefixtures("hostile")
def test_a_sum_becomes_a_decimal_and_a_mean_takes_its_places_from_the_field() -> None:
    two = DecimalField(max_digits=12, decimal_places=2)
    asked = {
        "sum": expressions.Sum("number", output_field=two),
        "mean": expressions.Avg("rank", output_field=two),
    }
    found = answers(asked, group_by={"owner": Key(F("owner_id"))})
    for owner, total, mean in found:
        of_owner = groups()[owner]
        values = numbers(of_owner, "number")
        same(total, Decimal(sum(values)).quantize(Decimal("0.01")) if values else None, owner)
        same(mean, exact_mean(numbers(of_owner), 2), owner)


@pytest.mark.parametrize(
    ("expression", "sentence"),
    [
        (
            expressions.Coalesce("text", "note", output_field=IntegerField()),
            "Coalesce gives a TextField here, not a IntegerField. Leave output_field= out, or use"
            " reports.expressions.Cast.",
        ),
        (
            expressions.Max("day", output_field=DateTimeField()),
            "Max gives a DateField here, not a DateTimeField.",
        ),
        (
            expressions.Lower("text", output_field=FloatField()),
            "Lower gives a TextField here, not a FloatField.",
        ),
    ],
)
def test_another_type_is_refused(expression: Any, sentence: str) -> None:
    group_by = {"flag": "flag"} if isinstance(expression, models.Aggregate) else None
    with pytest.raises(NotPortable) as caught:
        statement({"found": expression}, group_by=group_by)
    assert sentence in str(caught.value)
