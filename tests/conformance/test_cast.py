"""Casts, against plain Python."""

from datetime import UTC, date, datetime, time
from decimal import ROUND_DOWN, Decimal
from fractions import Fraction

import pytest
from django.db import connection
from django.db.models import (
    BigIntegerField,
    BooleanField,
    CharField,
    DateField,
    DateTimeField,
    DecimalField,
    DurationField,
    F,
    FloatField,
    IntegerField,
    JSONField,
    PositiveIntegerField,
    Q,
    SmallIntegerField,
    TextField,
    TimeField,
    UUIDField,
    Value,
)

from reports.columns import Key
from reports.errors import DeclarationError, NotPortable
from reports.expressions import AsText, Avg, Count, Max, Sum
from reports.expressions.conversion.cast import Cast
from reports.expressions.rounding import significant
from tests.conformance.casts import BIG, INT, alone, held, quantized, to_decimal, to_integer
from tests.conformance.harness import answers, by_group, by_row, entries
from tests.hostile.models import Entry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("hostile")]


# From numbers


@pytest.mark.parametrize("field", ["rank", "number", "big", "huge"])
@pytest.mark.parametrize(("target", "limits"), [(IntegerField(), INT), (BigIntegerField(), BIG)])
def test_integer_to_integer(field, target, limits):
    by_row(
        Cast(field, target),
        lambda row: (
            row[field] if row[field] is not None and limits[0] <= row[field] <= limits[1] else None
        ),
    )


@pytest.mark.parametrize("field", ["amount", "price"])
@pytest.mark.parametrize(("target", "limits"), [(IntegerField(), INT), (BigIntegerField(), BIG)])
def test_decimal_to_integer(field, target, limits):
    by_row(
        Cast(field, target),
        lambda row: (
            int(row[field])
            if row[field] is not None and limits[0] <= int(row[field]) <= limits[1]
            else None
        ),
    )


@pytest.mark.parametrize(("target", "limits"), [(IntegerField(), INT), (BigIntegerField(), BIG)])
def test_float_to_integer(target, limits):
    def oracle(row):
        if row["ratio"] is None:
            return None
        number = int(significant(row["ratio"]).to_integral_value(ROUND_DOWN))
        return number if limits[0] <= number <= limits[1] else None

    by_row(Cast("ratio", target), oracle)


@pytest.mark.parametrize("number", [0.0, -0.5, 2147483647.9, 2147483648.0, -2147483648.9, 1e30])
def test_a_float_at_the_limits_of_an_integer(number):
    value = int(number)
    wanted = value if INT[0] <= value <= INT[1] else None
    assert alone(Cast(Value(number), IntegerField())) == wanted


@pytest.mark.parametrize("number", ["2147483647.9", "2147483648", "-2147483648.9", "-2147483649"])
def test_a_decimal_at_the_limits_of_an_integer(number):
    value = int(Decimal(number))
    wanted = value if INT[0] <= value <= INT[1] else None
    assert alone(Cast(Value(Decimal(number)), IntegerField())) == wanted


@pytest.mark.parametrize("target", [IntegerField(), BigIntegerField()])
def test_boolean_to_integer(target):
    by_row(Cast("flag", target), lambda row: None if row["flag"] is None else int(row["flag"]))


@pytest.mark.parametrize("field", ["rank", "number", "amount", "price"])
@pytest.mark.parametrize(("digits", "places"), [(15, 2), (15, 6), (15, 1), (4, 1), (3, 0), (2, 2)])
def test_number_to_decimal(field, digits, places):
    by_row(
        Cast(field, DecimalField(max_digits=digits, decimal_places=places)),
        lambda row: None if row[field] is None else held(row[field], digits, places),
    )


@pytest.mark.parametrize(("digits", "places"), [(15, 2), (15, 6), (15, 0), (4, 1), (3, 0)])
def test_float_to_decimal(digits, places):
    by_row(
        Cast("ratio", DecimalField(max_digits=digits, decimal_places=places)),
        lambda row: (
            None if row["ratio"] is None else held(significant(row["ratio"]), digits, places)
        ),
    )


@pytest.mark.parametrize(
    "text", ["0.005", "-0.005", "2.675", "1.005", "999.995", "-999.995", "0.0049"]
)
def test_halves_go_up(text):
    wanted = held(Decimal(text), 5, 2)
    found = alone(Cast(Value(Decimal(text)), DecimalField(max_digits=5, decimal_places=2)))
    assert str(found) == str(wanted)


@pytest.mark.parametrize("field", ["rank", "number", "amount", "price", "ratio", "big"])
def test_number_to_float(field):
    by_row(
        Cast(field, FloatField()),
        lambda row: None if row[field] is None else quantized(significant(float(row[field])), 4),
        places=4,
    )


@pytest.mark.parametrize("field", ["rank", "number", "huge"])
def test_integer_to_boolean(field):
    by_row(Cast(field, BooleanField()), lambda row: None if row[field] is None else row[field] != 0)


# From days and times


def test_instant_to_date():
    by_row(Cast("at", DateField()), lambda row: row["at"] and row["at"].date())


def test_instant_to_time():
    by_row(Cast("at", TimeField()), lambda row: row["at"] and row["at"].time())


def test_date_to_instant():
    by_row(
        Cast("day", DateTimeField()),
        lambda row: row["day"] and datetime.combine(row["day"], time(), UTC),
    )


@pytest.mark.parametrize(
    ("constant", "target", "wanted"),
    [
        (datetime(2020, 1, 2, 23, 59, 59, 999_999, UTC), DateField(), date(2020, 1, 2)),
        (datetime(2020, 1, 2, 23, 59, 59, 999_999, UTC), TimeField(), time(23, 59, 59, 999_999)),
        (datetime(2020, 1, 2, tzinfo=UTC), TimeField(), time(0)),
        (date(2020, 1, 2), DateTimeField(), datetime(2020, 1, 2, tzinfo=UTC)),
        (5, DecimalField(max_digits=5, decimal_places=2), Decimal("5.00")),
        (5, BooleanField(), True),
        (True, IntegerField(), 1),
        (5, TextField(), "5"),
    ],
)
def test_a_literal(constant, target, wanted):
    found = alone(Cast(Value(constant), target))
    assert found == wanted
    assert str(found) == str(wanted)


@pytest.mark.parametrize(
    ("field", "target"),
    [
        ("day", DateField()),
        ("at", DateTimeField()),
        ("clock", TimeField()),
        ("flag", BooleanField()),
        ("uid", UUIDField()),
        ("text", TextField()),
        ("number", IntegerField()),
        ("price", DecimalField(max_digits=15, decimal_places=2)),
    ],
)
def test_the_same_type_is_the_same_value(field, target):
    by_row(Cast(field, target), lambda row: row[field])


# To text


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("number", str),
        ("huge", str),
        ("flag", lambda value: "true" if value else "false"),
        ("day", str),
        ("uid", str),
        ("price", str),
    ],
)
def test_to_text(field, text):
    by_row(Cast(field, TextField()), lambda row: None if row[field] is None else text(row[field]))


@pytest.mark.parametrize("length", [1, 2, 7, 100])
def test_to_cut_text(length):
    by_row(
        Cast("day", CharField(max_length=length)),
        lambda row: row["day"] and str(row["day"])[:length],
    )


# In context


def test_nested():
    by_row(
        Cast(
            Cast(Cast("amount", IntegerField()), TextField()),
            DecimalField(max_digits=15, decimal_places=1),
        ),
        lambda row: None if row["amount"] is None else quantized(int(row["amount"]), 1),
    )


def test_more_digits_than_a_database_keeps_are_refused_within_too(hostile):
    wide = AsText(Cast("rank", DecimalField(max_digits=20, decimal_places=2)))
    digits = connection.features.exact_decimal_digits
    if digits is None:
        by_row(wide, lambda row: None if row["rank"] is None else f"{row['rank']}.00")
        return
    with pytest.raises(NotPortable, match=f"keeps {digits} digits of a decimal"):
        answers({"wide": wide})


def test_within_arithmetic():
    by_row(
        Cast("price", IntegerField()) * 2 + F("rank"),
        lambda row: (
            None
            if row["price"] is None or row["rank"] is None
            else int(row["price"]) * 2 + row["rank"]
        ),
    )


def test_within_an_aggregate():
    def oracle(rows):
        values = [n for row in rows if (n := to_integer(row["text"], *INT)) is not None]
        return sum(values) if values else None

    by_group(Sum(Cast("text", IntegerField())), oracle)


def test_within_a_filtered_aggregate():
    def oracle(rows):
        days = [row["at"].date() for row in rows if row["at"] and row["flag"]]
        return max(days, default=None)

    by_group(Max(Cast("at", DateField()), filter=Q(flag=True)), oracle)


def test_within_an_average():
    def oracle(rows):
        values = [quantized(row["amount"], 1) for row in rows if row["amount"] is not None]
        if not values:
            return None
        mean = Fraction(sum(values)) / len(values)
        return quantized(Decimal(mean.numerator) / Decimal(mean.denominator), 2)

    by_group(Avg(Cast("amount", DecimalField(max_digits=15, decimal_places=1)), places=2), oracle)


@pytest.mark.parametrize(
    ("target", "cast"),
    [
        (DecimalField(max_digits=15, decimal_places=0), lambda total: held(total, 15, 0)),
        (BigIntegerField(), int),
        (IntegerField(), lambda total: int(total) if INT[0] <= int(total) <= INT[1] else None),
    ],
)
def test_of_an_aggregate(target, cast):
    def oracle(rows):
        amounts = [row["amount"] for row in rows if row["amount"] is not None]
        return cast(sum(amounts)) if amounts else None

    by_group(Cast(Sum("amount"), target), oracle)


@pytest.mark.parametrize(
    ("target", "limits"),
    [
        (DecimalField(max_digits=15, decimal_places=0), (1 - 10**15, 10**15 - 1)),
        (BigIntegerField(), BIG),
        (IntegerField(), INT),
    ],
)
@pytest.mark.parametrize("field", ["huge", "big", "number"])
def test_of_a_sum_past_the_limits(field, target, limits):
    def oracle(rows):
        found = [row[field] for row in rows if row[field] is not None]
        if not found or not limits[0] <= sum(found) <= limits[1]:
            return None
        return Decimal(sum(found)) if isinstance(target, DecimalField) else sum(found)

    by_group(Cast(Sum(field), target), oracle)


@pytest.mark.parametrize(
    ("expression", "key"),
    [
        (Cast("at", DateField()), lambda row: row["at"] and row["at"].date()),
        (Cast("text", IntegerField()), lambda row: to_integer(row["text"], *INT)),
        (Cast("text", CharField(max_length=1)), lambda row: row["text"] and row["text"][:1]),
        (
            Cast("amount", DecimalField(max_digits=12, decimal_places=0)),
            lambda row: None if row["amount"] is None else quantized(row["amount"], 0),
        ),
        (
            Cast("rank", BooleanField()),
            lambda row: None if row["rank"] is None else bool(row["rank"]),
        ),
        (Cast("owner__name", IntegerField()), lambda row: to_integer(row["owner__name"], *INT)),
    ],
)
def test_as_a_key(expression, key):
    found = answers({"rows": Count("*")}, group_by={"key": Key(expression)})
    wanted = {}
    for row in entries():
        wanted[key(row)] = wanted.get(key(row), 0) + 1
    assert dict(found) == wanted
    assert len(found) == len(wanted)


@pytest.mark.parametrize("descending", [False, True])
def test_as_an_order(descending):
    found = [
        row[0]
        for row in answers(
            {"id": "pk", "number": Cast("text", DecimalField(max_digits=9, decimal_places=1))},
            ordering=["-number" if descending else "number"],
        )
    ]

    def key(row):
        number = to_decimal(row["text"], 9, 1)
        sign = -1 if descending else 1
        return (number is None, 0 if number is None else sign * number, row["id"])

    assert found == [row["id"] for row in sorted(entries(), key=key)]


def test_in_a_filter():
    by_row(
        "text",
        lambda row: row["text"],
        queryset=Entry.objects.alias(whole=Cast("text", IntegerField())).filter(whole__gte=0),
        where=lambda row: (number := to_integer(row["text"], *INT)) is not None and number >= 0,
    )


# Refusals


@pytest.mark.parametrize(
    ("field", "target", "sentence"),
    [
        ("data", TextField(), "from a JSONField to a TextField. Read it with .*JSONText"),
        ("data", IntegerField(), "from a JSONField to a IntegerField"),
        ("span", TextField(), "from a DurationField to a TextField"),
        (
            "text",
            BooleanField(),
            "From a text it makes a integer, decimal, float, date, UUID or text",
        ),
        ("text", DateTimeField(), "from a StockCharField to a DateTimeField"),
        ("text", TimeField(), "from a StockCharField to a TimeField"),
        (
            "number",
            DateField(),
            "From an integer it makes a integer, decimal, float, boolean or text",
        ),
        ("flag", DecimalField(max_digits=5, decimal_places=1), "from a BooleanField"),
        ("uid", IntegerField(), "from a UUIDField to a IntegerField"),
        ("amount", BooleanField(), "from a DecimalField to a BooleanField"),
        ("ratio", BooleanField(), "from a FloatField to a BooleanField"),
        ("day", TimeField(), "from a DateField to a TimeField"),
        ("clock", DateTimeField(), "from a TimeField to a DateTimeField"),
        ("text", JSONField(), "from a StockCharField to a JSONField"),
        ("number", DurationField(), "from a IntegerField to a DurationField"),
        ("number", SmallIntegerField(), "32 or 64 bits"),
        ("number", PositiveIntegerField(), "not a PositiveIntegerField"),
    ],
)
def test_refused(field, target, sentence):
    with pytest.raises(NotPortable, match=sentence):
        answers({"found": Cast(field, target)})


@pytest.mark.parametrize("target", [DecimalField(), DecimalField(max_digits=65, decimal_places=2)])
def test_a_decimal_without_digits(target):
    with pytest.raises(DeclarationError, match="needs DecimalField"):
        answers({"found": Cast("number", target)})
