"""Floats and arithmetic: what is shown is what is compared, ordered and grouped by."""

import operator
import random
import re
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

import pytest
from django.db import connection
from django.db.models import Case, F, FloatField, Q, Value, When

from reports import Column
from reports.errors import StatementFailed
from reports.expressions import Count, Max, Min, StringAgg, Sum
from reports.expressions.rounding import significant
from tests.conformance.harness import Row, answers, by_group, by_row, entries
from tests.hostile.models import Entry
from tests.hostile.oracle import rounded

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("hostile")]


def shown(value: float | None, places: int) -> Decimal | None:
    """12 significant digits of the shortest text, then half up."""
    if value is None:
        return None
    if value == 0:
        return _decimal(0, places)
    text = Fraction(repr(value))
    magnitude = 0
    while abs(text) >= Fraction(10) ** (magnitude + 1):
        magnitude += 1
    while abs(text) < Fraction(10) ** magnitude:
        magnitude -= 1
    unit = Fraction(10) ** (magnitude - 11)
    whole = abs(text) / unit
    digits = (2 * whole.numerator + whole.denominator) // (2 * whole.denominator)
    scaled = digits * unit * 10**places
    return _decimal(
        (2 * scaled.numerator + scaled.denominator)
        // (2 * scaled.denominator)
        * (1 if text > 0 else -1),
        places,
    )


def _decimal(units: int, places: int) -> Decimal:
    return Decimal((int(units < 0), tuple(map(int, str(abs(units)))), -places))


@pytest.mark.parametrize("places", range(16))
def test_a_float_is_shown_by_its_12_digits(places: int) -> None:
    by_row("ratio", lambda row: shown(row["ratio"], places), places=places)


def _floats() -> list[float]:
    source = random.Random(12)
    made = [source.uniform(-1, 1) * 10.0 ** source.randrange(-12, 20) for _ in range(140)]
    ties = [0.5, 1.5, 2.5, 0.125, 1e15 + 0.5, 123456789012.5, 99999999999.95, 999999999999.5]
    powers = [10.0**n for n in range(-12, 21)] + [9.999999999995 * 10.0**n for n in range(-9, 9)]
    return [*made, *ties, *powers, 0.1 + 0.2, 1 / 3, 2 / 3, 1e-30, -1e-30, 5e-324, 1e34]


@pytest.mark.parametrize("places", [0, 1, 3, 9])
def test_literals_of_every_magnitude(places: int) -> None:
    floats = _floats()
    columns = {
        f"f{number}": Column(Value(value, output_field=FloatField()), places=places)
        for number, value in enumerate(floats)
    }
    (found,) = answers(columns, queryset=Entry.objects.filter(pk=0))
    for value, answer in zip(floats, found, strict=True):
        assert answer == shown(value, places), value
        assert answer == rounded(significant(value), places)


@pytest.mark.parametrize("places", [0, 1, 4, 12])
@pytest.mark.parametrize("sign", ["", "-"])
def test_floats_are_ordered_by_what_is_shown(places: int, sign: str) -> None:
    found = answers(
        {"id": "pk", "ratio": Column("ratio", places=places)}, ordering=[f"{sign}ratio"]
    )
    down = -1 if sign else 1

    def key(row: Row) -> tuple[bool, Any, int]:
        value = shown(row["ratio"], places)
        return (value is None, 0 if value is None else down * value, row["id"])

    assert [number for number, _ in found] == [row["id"] for row in sorted(entries(), key=key)]


@pytest.mark.parametrize("places", [0, 2])
def test_floats_are_grouped_by_what_is_shown(places: int) -> None:
    from reports.columns import Key

    found = dict(answers({"rows": Count("pk")}, group_by={"ratio": Key(F("ratio"), places=places)}))
    wanted: dict[Any, int] = {}
    for row in entries():
        value = shown(row["ratio"], places)
        wanted[value] = wanted.get(value, 0) + 1
    assert found == wanted


@pytest.mark.parametrize("value", [0.3, 0.30000000000000004, 0.1, 2.675, 1 / 3, 0.0, -0.0, 1e15])
@pytest.mark.parametrize("lookup", ["exact", "gt", "gte", "lt", "lte"])
def test_floats_are_compared_by_their_12_digits(lookup: str, value: float) -> None:
    compare = {
        "exact": Decimal.__eq__,
        "gt": Decimal.__gt__,
        "gte": Decimal.__ge__,
        "lt": Decimal.__lt__,
        "lte": Decimal.__le__,
    }[lookup]
    found = {
        n
        for (n,) in answers(
            {"id": "pk"}, queryset=Entry.objects.filter(**{f"ratio__{lookup}": value})
        )
    }
    assert found == {
        row["id"]
        for row in entries()
        if row["ratio"] is not None and compare(significant(row["ratio"]), significant(value))
    }


def test_floats_in_a_list_a_range_and_against_each_other() -> None:
    def found(where: Any) -> set[int]:
        return {n for (n,) in answers({"id": "pk"}, queryset=Entry.objects.filter(where))}

    present = [row for row in entries() if row["ratio"] is not None]
    assert found(Q(ratio__in=[0.3, 1 / 3, 0.0])) == {
        row["id"]
        for row in present
        if significant(row["ratio"]) in {Decimal("0.3"), significant(1 / 3), Decimal(0)}
    }
    assert found(Q(ratio__range=(0.3, 2.675))) == {
        row["id"]
        for row in present
        if Decimal("0.3") <= significant(row["ratio"]) <= Decimal("2.675")
    }
    assert found(Q(ratio__gt=F("ratio"))) == set()
    assert found(Q(ratio=F("ratio"))) == {row["id"] for row in present}


OPERATIONS: dict[str, tuple[Any, Any]] = {
    "rank + number": (
        F("rank") + F("number"),
        lambda r: _null(r, "rank", "number", lambda a, b: a + b),
    ),
    "rank - number": (
        F("rank") - F("number"),
        lambda r: _null(r, "rank", "number", lambda a, b: a - b),
    ),
    "rank * number": (
        F("rank") * F("number"),
        lambda r: _null(r, "rank", "number", lambda a, b: a * b),
    ),
    "number * 1000000000": (
        F("number") * 1_000_000_000,
        lambda r: _null(r, "number", "number", lambda a, _: a * 10**9),
    ),
    "1 - rank": (1 - F("rank"), lambda r: _null(r, "rank", "rank", lambda a, _: 1 - a)),
    "price + price": (
        F("price") + F("price"),
        lambda r: _null(r, "price", "price", lambda a, b: a + b),
    ),
    "price * rank": (
        F("price") * F("rank"),
        lambda r: _null(r, "price", "rank", lambda a, b: a * b),
    ),
    "rank - price": (
        F("rank") - F("price"),
        lambda r: _null(r, "rank", "price", lambda a, b: a - b),
    ),
    "price * 0.1": (
        F("price") * Decimal("0.1"),
        lambda r: _null(r, "price", "price", lambda a, _: a * Decimal("0.1")),
    ),
    "price + 0.015": (
        F("price") + Decimal("0.015"),
        lambda r: _null(r, "price", "price", lambda a, _: a + Decimal("0.015")),
    ),
    "(price + 1) * 3 - rank": (
        (F("price") + 1) * 3 - F("rank"),
        lambda r: _null(r, "price", "rank", lambda a, b: (a + 1) * 3 - b),
    ),
}
# Of few digits: the owners of few entries have prices of 15.
FEW = Entry.objects.filter(pk__lt=900)


def _null(row: Row, first: str, second: str, made: Any) -> Any:
    if row[first] is None or row[second] is None:
        return None
    return made(row[first], row[second]) or abs(made(row[first], row[second]))  # no -0


@pytest.mark.parametrize("name", OPERATIONS)
def test_arithmetic_is_exact(name: str) -> None:
    expression, oracle = OPERATIONS[name]
    by_row(expression, oracle, queryset=FEW, where=lambda row: row["id"] < 900)


@pytest.mark.parametrize("name", OPERATIONS)
def test_arithmetic_within_aggregates(name: str) -> None:
    expression, oracle = OPERATIONS[name]
    kept = {"queryset": FEW, "where": lambda row: row["id"] < 900}

    def over(aggregate: Any) -> Any:
        def oracle_of(rows: list[Row]) -> Any:
            values = [value for row in rows if (value := oracle(row)) is not None]
            return aggregate(values) if values else None

        return oracle_of

    by_group(Sum(expression), over(sum), **kept)
    by_group(Min(expression), over(min), **kept)
    by_group(Max(expression, filter=Q(pk__gte=0)), over(max), **kept)


@pytest.mark.parametrize("name", OPERATIONS)
def test_arithmetic_in_the_order_and_in_groups(name: str) -> None:
    expression, oracle = OPERATIONS[name]
    rows = [row for row in entries() if row["id"] < 900]
    found = answers({"id": "pk", "made": expression}, queryset=FEW, ordering=["-made"])
    ordered = sorted(rows, key=lambda r: (oracle(r) is None, -(oracle(r) or 0), r["id"]))
    assert [number for number, _ in found] == [row["id"] for row in ordered]
    counted = dict(answers({"rows": Count("pk")}, queryset=FEW, group_by={"made": expression}))
    wanted: dict[Any, int] = {}
    for row in rows:
        wanted[oracle(row)] = wanted.get(oracle(row), 0) + 1
    assert counted == wanted


@pytest.mark.parametrize("name", OPERATIONS)
def test_arithmetic_in_a_filter(name: str) -> None:
    expression, oracle = OPERATIONS[name]
    queryset = FEW.annotate(made=expression).filter(made__gt=F("rank"))
    found = {number for (number,) in answers({"id": "pk"}, queryset=queryset)}
    assert found == {
        row["id"]
        for row in entries()
        if row["id"] < 900 and None not in (oracle(row), row["rank"]) and oracle(row) > row["rank"]
    }


def test_a_product_of_integers_past_64_bits_is_an_error() -> None:
    """On every database, as in Django: it has the type of its factors."""
    assert any(row["huge"] is not None and row["huge"] ** 2 >= 2**63 for row in entries())
    with pytest.raises(StatementFailed, match="failed to answer 'probe'") as caught:
        answers({"made": F("huge") * F("huge")}, queryset=Entry.objects.filter(huge__isnull=False))
    assert re.search("out of range|user-defined function", str(caught.value.__cause__))


def test_a_product_of_decimals_past_15_digits_is_exact(request: pytest.FixtureRequest) -> None:
    if digits := connection.features.exact_decimal_digits:
        request.applymarker(
            pytest.mark.xfail(
                raises=StatementFailed,
                reason=f"decimals are kept in floats, which hold {digits} digits of them",
            )
        )
    wanted = {
        row["price"] * Decimal("1.23456789")
        for row in entries()
        if row["price"] and row["price"] > 10**12
    }
    assert max(len(value.as_tuple().digits) for value in wanted) > 15
    queryset = Entry.objects.filter(price__gt=10**12)
    found = answers({"made": F("price") * Decimal("1.23456789")}, queryset=queryset)
    assert {value for (value,) in found} == wanted


@pytest.mark.parametrize("field", ["huge", "price", "number", "amount"])
@pytest.mark.parametrize("connector", ["+", "-", "*"])
def test_sums_of_any_size_in_arithmetic(field: str, connector: str) -> None:
    combine = {"+": operator.add, "-": operator.sub, "*": operator.mul}[connector]
    scale = {"price": 2, "amount": 6}.get(field, 0) * (1 + (connector == "*"))

    def over(calculate: Any) -> Any:
        def oracle(rows: list[Row]) -> Any:
            values = [row[field] for row in rows if row[field] is not None]
            if not values:
                return None
            with localcontext(prec=100):
                found = calculate(sum(values), min(values))
                return (
                    found if isinstance(found, int) else found.quantize(Decimal(10) ** -scale) + 0
                )

        return oracle

    by_group(combine(Sum(field), Min(field)), over(combine))
    twice = combine(Sum(field), Sum(field)) - Sum(field)
    by_group(twice, over(lambda total, _: combine(total, total) - total))


def test_a_float_in_it_makes_a_float() -> None:
    by_row(
        F("rank") * F("ratio") + Decimal("0.5"),
        lambda row: (
            None
            if None in (row["rank"], row["ratio"])
            else shown(row["rank"] * row["ratio"] + 0.5, 3)
        ),
        places=3,
        queryset=Entry.objects.filter(Q(ratio__gte=-(10**6)) & Q(ratio__lte=10**6) | Q(ratio=None)),
        where=lambda row: row["ratio"] is None or abs(row["ratio"]) <= 10**6,
    )


@pytest.mark.parametrize("infinite", ["1e999", "-1e999"])
def test_what_no_report_can_show_is_an_error(infinite: str) -> None:
    with pytest.raises(ValueError, match="not a number that a report can show"):
        significant(float(infinite))


@pytest.mark.parametrize("sign", ["", "-"])
def test_uuids_are_ordered_by_their_text(sign: str) -> None:
    found = answers({"id": "pk", "uid": "uid"}, ordering=[f"{sign}uid"])
    rows = sorted(entries(), key=lambda row: row["id"])
    present = sorted(
        (row for row in rows if row["uid"]), key=lambda row: str(row["uid"]), reverse=bool(sign)
    )
    absent = [row for row in rows if not row["uid"]]
    assert [number for number, _ in found] == [row["id"] for row in (*present, *absent)]


def test_uuids_as_groups_and_their_places() -> None:
    from tests.conformance.harness import statement

    asked = statement({"rows": Count("pk")}, group_by={"uid": "uid"}, ordering=["rows", "-uid"])
    rows = list(asked.queryset)
    for number in (0, 5, len(rows) // 2, len(rows) - 2):
        assert list(asked.after(asked.cursor(rows[number]))) == rows[number + 1 :]


def test_places_of_floats_and_of_sums() -> None:
    from tests.conformance.harness import statement

    asked = statement(
        {"total": Sum("huge"), "names": StringAgg("text", ",")},
        group_by={"rank": "rank", "flag": "flag"},
        ordering=["-total", "names"],
    )
    rows = list(asked.queryset)
    for number in range(0, len(rows) - 1, 3):
        assert list(asked.after(asked.cursor(rows[number]))) == rows[number + 1 :]
    asked = statement({"id": "pk", "ratio": Column("ratio", places=3)}, ordering=["ratio"])
    rows = list(asked.queryset)
    for number in (0, 200, 500, len(rows) - 2):
        assert list(asked.after(asked.cursor(rows[number]))) == rows[number + 1 :]


@pytest.mark.parametrize("text", ["1.50", "-0.005", "1E+3", "7", "0.0"])
def test_a_literal_has_the_places_that_it_is_written_with(text: str) -> None:
    number = Decimal(text)
    places = max(0, -int(number.as_tuple().exponent))
    (found,) = answers({"found": Value(number)}, queryset=Entry.objects.filter(pk=0))[0]
    assert str(found) == str(rounded(number, places))


@pytest.mark.parametrize(
    ("then", "other", "places"),
    [("price", "amount", 6), ("amount", "number", 6), ("number", "price", 2)],
)
def test_branches_have_the_places_of_the_longest(then: str, other: str, places: int) -> None:
    """Not those of the first, which would round what the others have."""

    def oracle(row: Row) -> Decimal | None:
        value = row[then if row["flag"] else other]
        return None if value is None else rounded(Decimal(value), places)

    by_row(Case(When(flag=True, then=F(then)), default=F(other)), oracle)
