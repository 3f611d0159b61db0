"""Functions of numbers, against Python's integers, Decimal, Fraction and math."""

import math
from decimal import Decimal
from fractions import Fraction

import pytest
from django.db.models import F, Q, Value

from reports.columns import Column, Key
from reports.errors import DeclarationError, NotPortable, StatementFailed
from reports.expressions import (
    Abs,
    ACos,
    ASin,
    ATan,
    ATan2,
    Avg,
    Ceil,
    Cos,
    Cot,
    Count,
    Degrees,
    Exp,
    Floor,
    IntegerDivision,
    Ln,
    Log,
    Max,
    Median,
    Mod,
    NullIf,
    Pi,
    Power,
    Quotient,
    Radians,
    Round,
    Sign,
    Sin,
    Sqrt,
    StdDev,
    Sum,
    Tan,
)
from tests import capabilities
from tests.conformance.harness import answers, by_group, by_row, entries, groups
from tests.conformance.test_statistics import float_value, half_up, values

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("hostile")]

INTEGERS = ("rank", "number", "big", "huge")
DECIMALS = {"amount": 6, "price": 2}
EXACT = (*INTEGERS, *DECIMALS)
NUMBERS = (*EXACT, "ratio")


def exact(value):
    """A float stands for its shortest text."""
    return Fraction(repr(value) if isinstance(value, float) else value)


def of(function, *fields):
    """The oracle of a function of a row's numbers, NULL where one is."""

    def oracle(row):
        found = [row[field] for field in fields]
        return None if None in found else function(*found)

    return oracle


def typed(fraction, places, *fields):
    """An integer of integers, else a decimal of so many places."""
    return int(fraction) if set(fields) <= set(INTEGERS) else half_up(fraction, places)


@pytest.mark.parametrize("places", [-19, -3, -1, 0, 1, 2, 5, 9])
@pytest.mark.parametrize("field", NUMBERS)
def test_round(field, places):
    def oracle(value):
        rounded = half_up(
            exact(value) / 10**-places if places < 0 else exact(value), max(places, 0)
        )
        rounded = Fraction(rounded) * 10 ** -min(places, 0)
        return typed(rounded, max(places, 0), field)

    by_row(Round(field, places), of(oracle, field))


@pytest.mark.parametrize("field", NUMBERS)
def test_round_to_integers_is_the_default(field):
    by_row(Round(field), of(lambda value: typed(half_up(exact(value), 0), 0, field), field))


@pytest.mark.parametrize("field", NUMBERS)
@pytest.mark.parametrize(
    ("expression", "function"), [(Floor, math.floor), (Ceil, math.ceil)], ids=["floor", "ceil"]
)
def test_floor_and_ceil(expression, function, field):
    by_row(expression(field), of(lambda value: function(exact(value)), field))


@pytest.mark.parametrize("field", EXACT)
def test_abs(field):
    by_row(Abs(field), of(lambda v: typed(abs(exact(v)), DECIMALS.get(field, 0), field), field))


def test_abs_of_floats():
    by_row(Abs("ratio"), of(lambda value: float_value(abs(value), 6), "ratio"), places=6)


@pytest.mark.parametrize("field", NUMBERS)
def test_sign(field):
    by_row(Sign(field), of(lambda value: (value > 0) - (value < 0), field))


PAIRS = [
    ("number", "rank"),
    ("rank", "number"),
    ("huge", "number"),
    ("huge", "rank"),
    ("big", "huge"),
    ("amount", "price"),
    ("price", "amount"),
    ("price", "rank"),
    ("number", "price"),
    ("amount", "number"),
    ("rank", "amount"),
    ("big", "price"),
]


def places_of(*fields):
    return max(DECIMALS.get(field, 0) for field in fields)


@pytest.mark.parametrize(("a", "b"), PAIRS)
def test_mod(a, b):
    def oracle(left, right):
        if not right:
            return None
        left, right = Fraction(left), Fraction(right)
        rest = abs(left) % abs(right)
        return typed(rest if left >= 0 else -rest, places_of(a, b), a, b)

    by_row(Mod(a, b), of(oracle, a, b))


@pytest.mark.parametrize(("a", "b"), PAIRS)
def test_integer_division(a, b):
    by_row(
        IntegerDivision(a, b),
        of(lambda left, right: int(Fraction(left) / Fraction(right)) if right else None, a, b),
    )


@pytest.mark.parametrize("places", [0, 2, 9])
@pytest.mark.parametrize(("a", "b"), PAIRS)
def test_quotient(a, b, places):
    by_row(
        Quotient(a, b),
        of(
            lambda left, right: (
                half_up(Fraction(left) / Fraction(right), places) if right else None
            ),
            a,
            b,
        ),
        places=places,
    )


@pytest.mark.parametrize("literal", [3, -7, Decimal("0.3"), Decimal("-12.345")])
@pytest.mark.parametrize("field", ["number", "amount", "huge"])
def test_literals(field, literal):
    places = max(DECIMALS.get(field, 0), 0 if isinstance(literal, int) else 3)
    found = answers(
        {
            "id": "pk",
            "rest": Column(Mod(field, Value(literal)), places=places),
            "whole": IntegerDivision(field, Value(literal)),
            "quotient": Column(Quotient(field, Value(literal)), places=4),
            "inverse": Column(Quotient(Value(literal), field), places=4),
        },
        ordering=["id"],
    )
    divisor = Fraction(literal)
    for row, (pk, rest, whole, quotient, inverse) in zip(entries(), found, strict=True):
        assert row["id"] == pk
        if row[field] is None:
            assert (rest, whole, quotient, inverse) == (None,) * 4
            continue
        number = Fraction(row[field])
        remainder = abs(number) % abs(divisor)
        assert Fraction(rest) == (remainder if number >= 0 else -remainder)
        assert whole == int(number / divisor)
        assert quotient == half_up(number / divisor, 4)
        assert inverse == (half_up(divisor / number, 4) if number else None)


@pytest.mark.parametrize("field", ["number", "huge", "price", "amount"])
def test_quotient_of_aggregates(field):
    by_group(
        Quotient(Sum(field), Count("rank")),
        lambda rows: (
            half_up(sum(map(Fraction, values(rows, field))) / len(values(rows, "rank")), 3)
            if values(rows, field) and values(rows, "rank")
            else None
        ),
        places=3,
    )


def test_quotient_of_rows():
    """MySQL must not take an aggregate without a column for one of a sub-query's rows."""
    by_group(
        Quotient(Sum("rank"), Count("*")),
        lambda rows: (
            half_up(Fraction(sum(values(rows, "rank")), len(rows)), 3)
            if values(rows, "rank")
            else None
        ),
        places=3,
    )
    by_group(
        Quotient(Sum(Value(2)) * 3, Count("number")),
        lambda rows: (
            half_up(Fraction(6 * len(rows), len(values(rows, "number"))), 3)
            if values(rows, "number")
            else None
        ),
        places=3,
    )


@pytest.mark.parametrize("ordering", [(), ("found",), ("-rows",)], ids="".join)
def test_quotient_by_what_may_be_nothing(ordering):
    """MariaDB loses NULLIF of an aggregate in a sub-query."""
    total = {owner: sum(values(rows, "rank")) for owner, rows in groups().items()}
    least = min(total.values())
    found = answers(
        {
            "rows": Count("pk"),
            "found": Column(Quotient(Count("rank"), NullIf(Sum("rank"), least)), places=3),
        },
        group_by={"owner": Key(F("owner_id"))},
        ordering=ordering,
    )
    for owner, _, quotient in found:
        count = len(values(groups()[owner], "rank"))
        assert quotient == (
            half_up(Fraction(count, total[owner]), 3) if total[owner] not in (0, least) else None
        )


@pytest.mark.parametrize("places", range(8, 31, 2))
@pytest.mark.parametrize("field", ["number", "amount", "huge"])
def test_quotients_of_as_many_digits_as_can_be(field, places, request):
    """What the digits of a decimal do not hold is an error and no other number."""
    if (digits := capabilities.decimal_digits()) and field == "huge" and places > 26:
        request.applymarker(
            pytest.mark.xfail(
                raises=StatementFailed, reason=f"more than {digits} digits are needed on the way"
            )
        )
    by_group(
        Quotient(Sum(field) * Sum("huge"), Count("rank")),
        lambda rows: (
            half_up(
                sum(map(Fraction, values(rows, field)))
                * sum(values(rows, "huge"))
                / len(values(rows, "rank")),
                places,
            )
            if values(rows, field) and values(rows, "huge") and values(rows, "rank")
            else None
        ),
        places=places,
    )


def test_quotient_of_deviation_and_mean():
    def oracle(rows):
        found = values(rows, "big")
        if not found:
            return None
        mean = half_up(Fraction(sum(found), len(found)), 1)
        units = sum((Fraction(v) - Fraction(sum(found), len(found))) ** 2 for v in found)
        root = (math.isqrt(int(units / len(found) * 400)) + 1) // 2
        return half_up(Fraction(root, 10) / Fraction(mean), 4) if mean else None

    by_group(Quotient(StdDev("big", places=1), Avg("big", places=1)), oracle, places=4)


@pytest.mark.parametrize(
    "divisor", [Count("big"), Sum("rank", default=0), Median("number", places=1)]
)
@pytest.mark.parametrize(
    "dividend",
    [
        Count("number"),
        Avg("number", places=1),
        Median("price", places=3),
        StdDev("number", places=2),
        Quotient(Avg("big", places=1), Count("rank"), places=2),
        IntegerDivision(Sum("amount"), Count("rank")),
    ],
)
def test_quotients_of_anything(dividend, divisor):
    """Against the parts, which the other tests prove."""
    found = answers(
        {
            "dividend": Column(dividend),
            "divisor": Column(divisor),
            "quotient": Column(Quotient(dividend, divisor), places=3),
        },
        group_by={"owner": Key(F("owner_id"))},
    )
    for _, left, right, quotient in found:
        none = None in (left, right) or not right
        assert quotient == (None if none else half_up(Fraction(left) / Fraction(right), 3))
    assert any(quotient for *_, quotient in found)


@pytest.mark.parametrize("field", ["number", "price", "amount"])
def test_rounded_sums(field):
    by_group(
        Round(Sum(field), -1),
        lambda rows: (
            typed(Fraction(half_up(sum(map(Fraction, found)) / 10, 0)) * 10, 0, field)
            if (found := values(rows, field))
            else None
        ),
    )


@pytest.mark.parametrize("field", ["huge", "price"])
@pytest.mark.parametrize("expression", [Abs, Sign, Floor, Ceil, Round])
def test_of_long_sums(expression, field):
    """Sums of `huge` pass 64 bits, and two of `price` are of 15 digits."""
    function = {
        Abs: abs,
        Sign: lambda total: (total > 0) - (total < 0),
        Floor: math.floor,
        Ceil: math.ceil,
        Round: lambda total: half_up(total, 0),
    }[expression]

    def oracle(rows):
        if not (found := values(rows, field)):
            return None
        result = function(sum(map(Fraction, found)))
        if field == "huge" or expression in (Sign, Floor, Ceil):
            return int(result)
        return half_up(Fraction(result), 2 if expression is Abs else 0)

    by_group(expression(Sum(field)), oracle)


@pytest.mark.parametrize("expression", [Floor, Ceil, Round])
@pytest.mark.parametrize("condition", [Q(price__gt=0), Q(price__lt=0)], ids=["+", "-"])
@pytest.mark.parametrize("factor", ["1", "98765.43"])
def test_of_sums_past_15_digits(expression, condition, factor):
    """And of values computed from such sums, past 53 bits."""
    function = {Floor: math.floor, Ceil: math.ceil, Round: lambda total: half_up(total, 0)}
    made = expression(Sum("price", filter=condition) * Value(Decimal(factor)))
    found = answers({"found": made}, group_by={"flag": Key(F("flag"))})
    is_positive = condition == Q(price__gt=0)
    totals = {}
    for row in entries():
        if row["price"] is not None and (row["price"] > 0) == is_positive:
            totals[row["flag"]] = totals.get(row["flag"], Fraction(0)) + Fraction(row["price"])
    assert max(map(abs, totals.values())) > 10**13
    assert dict(found) == {
        flag: int(function[expression](total * Fraction(factor))) for flag, total in totals.items()
    }


@pytest.mark.parametrize("field", ["number", "huge", "amount"])
def test_sums_of_functions(field):
    by_group(
        Sum(Round(field, -1), filter=Q(flag=True)),
        lambda rows: (
            typed(sum(Fraction(half_up(Fraction(v) / 10, 0)) * 10 for v in found), 0, field)
            if (found := values(rows, field, lambda row: row["flag"]))
            else None
        ),
    )


@pytest.mark.parametrize("field", ["number", "price"])
def test_greatest_of_functions(field):
    by_group(
        Max(Mod(field, 7)),
        lambda rows: (
            max(typed(Fraction(math.fmod(v, 7)).limit_denominator(100), 2, field) for v in found)
            if (found := values(rows, field))
            else None
        ),
    )


@pytest.mark.parametrize("expression", [Floor("price"), Round("price", 1), Mod("number", 5)])
def test_groups_and_order(expression):
    found = answers(
        {"entries": Count("pk")}, group_by={"key": expression}, ordering=["-key", "entries"]
    )
    keys = [row[0] for row in found]
    known = [key for key in keys if key is not None]
    assert known == sorted(set(known), reverse=True)
    assert keys[len(known) :] == [None]
    assert sum(row[1] for row in found) == len(entries())


def test_over_a_join():
    by_row(
        Quotient("owner__id", 7),
        of(lambda owner: half_up(Fraction(owner, 7), 5), "owner__id"),
        places=5,
    )


def test_in_a_filter():
    by_row(
        "number",
        lambda row: row["number"],
        queryset=__import__("tests.hostile.models", fromlist=["Entry"])
        .Entry.objects.alias(rest=Mod("number", 5))
        .filter(rest=3),
        where=lambda row: row["number"] is not None and math.fmod(row["number"], 5) == 3,
    )


# Floats.


def maybe(function):
    """None where Python has no value either."""

    def value(*numbers):
        try:
            found = function(*map(float, numbers))
        except (ValueError, OverflowError, ZeroDivisionError):
            return None
        return float_value(found, 6) if isinstance(found, float) else None

    return value


FLOATS = {
    "sqrt": (Sqrt, math.sqrt),
    "ln": (Ln, math.log),
    "sin": (Sin, math.sin),
    "cos": (Cos, math.cos),
    "atan": (ATan, math.atan),
    "asin": (ASin, math.asin),
    "acos": (ACos, math.acos),
    "degrees": (Degrees, math.degrees),
    "radians": (Radians, math.radians),
}


@pytest.mark.parametrize("field", ["rank", "number", "price", "amount", "ratio"])
@pytest.mark.parametrize("name", FLOATS)
def test_functions_of_floats(name, field):
    expression, function = FLOATS[name]
    by_row(expression(field), of(maybe(function), field), places=6)


@pytest.mark.parametrize(
    ("expression", "function"), [(Tan, math.tan), (Cot, lambda x: 1 / math.tan(x))]
)
@pytest.mark.parametrize("field", ["rank", "price"])
def test_tangents(expression, function, field):
    by_row(expression(field), of(maybe(function), field), places=6)


@pytest.mark.parametrize("field", ["rank", "price"])
def test_exp(field):
    by_row(Exp(field), of(maybe(math.exp), field), places=6)


@pytest.mark.parametrize("field", ["number", "huge"])
def test_exp_beyond_doubles(field):
    """By its logarithm: a report shows no float of more than 35 digits."""
    by_row(
        Ln(Exp(field)),
        of(lambda number: float_value(float(number), 6) if -700 <= number <= 709 else None, field),
        places=6,
    )


@pytest.mark.parametrize(
    ("base", "exponent"),
    [
        ("rank", "rank"),
        ("price", "rank"),
        ("rank", "price"),
        ("number", "rank"),
        ("rank", "number"),
        ("number", "number"),
        ("amount", "rank"),
        ("number", "ratio"),
    ],
)
@pytest.mark.parametrize("of_what", [Sign, lambda power: Ln(Abs(power))], ids=["sign", "ln"])
def test_power(base, exponent, of_what):
    def oracle(left, right):
        left, right = float(left), float(right)
        if left:
            size = right * math.log(abs(left))
            if size > 709 or size < -700:
                power = None if size > 709 or (left < 0 and not right.is_integer()) else 0.0
                return sign_or_log(power)
        try:
            return sign_or_log(math.pow(left, right))
        except (ValueError, ZeroDivisionError):
            return None

    def sign_or_log(power):
        if power is None:
            return None
        if of_what is Sign:
            return (power > 0) - (power < 0)
        return float_value(math.log(abs(power)), 6) if power else None

    by_row(
        of_what(Power(base, exponent)),
        of(oracle, base, exponent),
        places=6 if of_what is not Sign else None,
    )


@pytest.mark.parametrize(
    ("base", "exponent"), [("rank", "rank"), ("price", "rank"), ("number", "rank")]
)
def test_power_itself(base, exponent):
    by_row(Power(base, exponent), of(maybe(math.pow), base, exponent), places=6)


@pytest.mark.parametrize(
    ("base", "of_what"), [("rank", "number"), ("price", "amount"), ("number", "ratio")]
)
def test_log(base, of_what):
    by_row(
        Log(base, of_what),
        of(maybe(lambda left, right: math.log(right) / math.log(left)), base, of_what),
        places=6,
    )


def test_atan2():
    by_row(ATan2("rank", "number"), of(maybe(math.atan2), "rank", "number"), places=6)


def test_pi():
    by_row(Pi(), lambda row: Decimal("3.14159265359"), places=11)


@pytest.mark.parametrize("literal", [-1, 0, 4, Decimal("2.25"), -0.5])
def test_functions_of_literals(literal):
    by_row(Sqrt(Value(literal)), lambda row: maybe(math.sqrt)(literal), places=6)
    by_row(Ln(Value(literal)), lambda row: maybe(math.log)(literal), places=6)
    by_row(Power(Value(0), Value(literal)), lambda row: maybe(math.pow)(0, literal), places=6)


@pytest.mark.parametrize("field", ["huge", "price"])
def test_functions_of_long_sums(field):
    by_group(
        Ln(Sum(field)),
        lambda rows: (
            float_value(math.log(sum(found)), 6)
            if (found := values(rows, field)) and sum(found) > 0
            else None
        ),
        places=6,
    )


# Refusals.


@pytest.mark.parametrize("field", ["text", "day", "at", "span", "flag", "uid", "data"])
@pytest.mark.parametrize(
    "expression",
    [Round, Floor, Ceil, Abs, Sign, Sqrt, Ln, Exp, Sin, lambda x: Mod(x, 2), lambda x: Power(2, x)],
)
def test_what_is_no_number_is_refused(expression, field):
    with pytest.raises(NotPortable, match="takes integers, floats and decimals of declared places"):
        answers({"found": Column(expression(field), places=1)})


@pytest.mark.parametrize("expression", [Mod, IntegerDivision, Quotient])
@pytest.mark.parametrize("operands", [("ratio", "rank"), ("rank", "ratio")])
def test_exact_functions_take_no_floats(expression, operands):
    with pytest.raises(NotPortable, match=f"{expression.__name__} is exact and takes no floats"):
        answers({"found": Column(expression(*operands), places=1)})


@pytest.mark.parametrize("places", [31, -31, None, "1", 1.5])
def test_round_takes_a_whole_number_of_places(places):
    with pytest.raises(DeclarationError, match="Round takes a whole number of places"):
        Round("number", places)


def test_round_takes_few_places_of_a_float():
    with pytest.raises(NotPortable, match="Round takes a float to 12 places at most"):
        answers({"found": Round("ratio", 13)})


def test_quotient_demands_places():
    with pytest.raises(DeclarationError, match="Quotient needs its decimal places"):
        answers({"found": Quotient("number", "rank")})
