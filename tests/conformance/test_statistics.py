"""Sums, means, variances, against Python's integers, Decimal, Fraction and statistics."""

import math
import statistics
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

import pytest
from django.db import connection
from django.db.models import F, Q, Value

from geo.backends.spatialite.functions.decimals import isoline_sort_key
from reports.columns import Key
from reports.errors import DeclarationError, NotPortable, StatementFailed
from reports.expressions import Avg, Median, Percentile, StdDev, Sum, Variance
from reports.values.numbers import round_half_up
from tests import capabilities
from tests.conformance.harness import answers, by_group, groups, statement
from tests.hostile.models import Entry, Width

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("hostile")]

EXACT = ("rank", "number", "big", "huge", "amount", "price")
SCALES = {"amount": 6, "price": 2}
FILTERS = {
    "all": (None, lambda row: True),
    "positive": (Q(number__gt=0), lambda row: (row["number"] or 0) > 0),
    "flag": (Q(flag=True), lambda row: row["flag"] is True),
    "joined": (Q(owner__name__isnull=True), lambda row: row["owner__name"] is None),
    "none": (Q(rank=99), lambda row: False),
}


def values(rows, field, kept=lambda row: True):
    return [row[field] for row in rows if row[field] is not None and kept(row)]


def half_up(fraction, places):
    """The oracle's own rounding, by whole numbers."""
    units = abs(Fraction(fraction)) * 10**places
    whole = (2 * units.numerator + units.denominator) // (2 * units.denominator)
    return Decimal(whole if fraction >= 0 else -whole).scaleb(-places, Context(prec=200))


def float_value(number, places):
    digits = Context(prec=12, rounding=ROUND_HALF_UP).create_decimal(repr(number))
    return round_half_up(digits, places)


def total(found, field):
    if not found:
        return None
    if field in SCALES:
        return sum(found, Decimal(0)).quantize(
            Decimal(1).scaleb(-SCALES[field]), context=Context(prec=60)
        )
    return sum(found)


@pytest.mark.parametrize("filtered", FILTERS)
@pytest.mark.parametrize("field", EXACT)
def test_sum(field, filtered):
    condition, kept = FILTERS[filtered]
    by_group(Sum(field, filter=condition), lambda rows: total(values(rows, field, kept), field))


@pytest.mark.parametrize("field", EXACT)
def test_sum_of_different_values(field):
    by_group(Sum(field, distinct=True), lambda rows: total(set(values(rows, field)), field))


@pytest.mark.parametrize("field", ["rank", "huge"])
def test_sum_default(field):
    by_group(
        Sum(field, filter=Q(flag=True), default=7),
        lambda rows: (
            total(values(rows, field, FILTERS["flag"][1]), field)
            or (7 if not values(rows, field, FILTERS["flag"][1]) else 0)
        ),
    )


def test_sum_of_decimals_default():
    by_group(Sum("price", filter=Q(rank=99), default=Decimal("0.50")), lambda rows: Decimal("0.50"))


def test_sum_passes_64_bits():
    sums = [abs(sum(values(rows, "huge"))) for rows in groups().values()]
    assert max(sums) > 2**63


@pytest.mark.parametrize("sign", ["", "-"])
@pytest.mark.parametrize("field", ["huge", "price", "big", "amount"])
def test_sums_order_by_value(field, sign):
    found = answers(
        {"found": Sum(field)}, group_by={"owner": "owner__name"}, ordering=[f"{sign}found", "owner"]
    )
    sums = [row[1] for row in found if row[1] is not None]
    assert sums == sorted(sums, reverse=bool(sign))
    assert [row[1] for row in found[len(sums) :]] == [None] * (len(found) - len(sums))


def test_sum_of_floats():
    by_group(
        Sum("ratio", filter=Q(ratio__gt=-1000, ratio__lt=1000)),
        lambda rows: (
            float_value(math.fsum(v for v in values(rows, "ratio") if -1000 < v < 1000), 6)
            if any(-1000 < v < 1000 for v in values(rows, "ratio"))
            else None
        ),
        places=6,
    )


def test_sum_of_arithmetic():
    by_group(
        Sum(F("number") * F("rank")),
        lambda rows: (
            sum(found)
            if (
                found := [
                    row["number"] * row["rank"]
                    for row in rows
                    if None not in (row["number"], row["rank"])
                ]
            )
            else None
        ),
    )


@pytest.mark.parametrize("places", [0, 1, 6, 9])
@pytest.mark.parametrize("field", EXACT)
def test_avg(field, places):
    by_group(
        Avg(field),
        lambda rows: (
            half_up(Fraction(sum(map(Fraction, found))) / len(found), places)
            if (found := values(rows, field))
            else None
        ),
        places=places,
    )


@pytest.mark.parametrize("field", ["rank", "price", "huge"])
def test_avg_of_different_values(field):
    by_group(
        Avg(field, distinct=True),
        lambda rows: (
            half_up(Fraction(sum(map(Fraction, found))) / len(found), 3)
            if (found := set(values(rows, field)))
            else None
        ),
        places=3,
    )


def test_avg_of_floats():
    by_group(
        Avg("ratio", filter=Q(ratio__gt=0)),
        lambda rows: (
            float_value(math.fsum(found) / len(found), 3)
            if (found := [v for v in values(rows, "ratio") if v > 0])
            else None
        ),
        places=3,
    )


def test_avg_default():
    by_group(
        Avg("number", filter=Q(rank=99), default=Decimal("1.5")),
        lambda rows: Decimal("1.50"),
        places=2,
    )


def spread(found, less, places, is_root):
    if len(found) <= less:
        return None
    found = [Fraction(value) for value in found]
    mean = sum(found, Fraction(0)) / len(found)
    variance = sum(((value - mean) ** 2 for value in found), Fraction(0)) / (len(found) - less)
    if not is_root:
        return half_up(variance, places)
    # The greatest integer whose half-step below does not pass the root.
    units = math.isqrt(int(variance * 100**places))
    if (2 * units + 1) ** 2 <= variance * 4 * 100**places:
        units += 1
    return Decimal(units).scaleb(-places, Context(prec=200))


@pytest.mark.parametrize("filtered", ["all", "positive", "none"])
@pytest.mark.parametrize("places", [0, 2, 6])
@pytest.mark.parametrize("sample", [False, True])
@pytest.mark.parametrize("aggregate", [Variance, StdDev])
@pytest.mark.parametrize("field", EXACT)
def test_spread(field, aggregate, sample, places, filtered):
    condition, kept = FILTERS[filtered]
    by_group(
        aggregate(field, sample=sample, filter=condition),
        lambda rows: spread(values(rows, field, kept), sample, places, aggregate is StdDev),
        places=places,
    )


# Bits of the numbers that a column may have: MySQL's positive ones have as many without a sign.
WIDTHS = {
    "small": 16,
    "small_positive": 16,
    "medium": 32,
    "positive": 32,
    "big": 64,
    "big_positive": 64,
}


@pytest.fixture
def extremes():
    """Rows with the least and the greatest numbers of each type, and their numbers by column."""
    found = {}
    for name, bits in WIDTHS.items():
        kind = Width._meta.get_field(name).get_internal_type()
        least, greatest = connection.ops.integer_field_range(kind)
        least, greatest = max(least, -(2 ** (bits - 1))), min(greatest, 2**bits - 1, 2**63 - 1)
        found[name] = [least, greatest, least, greatest - 1, None, 0, greatest]
    rows = zip(*found.values(), strict=True)
    Width.objects.bulk_create(
        Width(id=number, **dict(zip(found, row, strict=True))) for number, row in enumerate(rows)
    )
    return {name: [v for v in numbers if v is not None] for name, numbers in found.items()}


@pytest.mark.parametrize("name", WIDTHS)
def test_the_widest_integers(name, extremes):
    found = extremes[name]
    names = {
        "sum": Sum(name),
        "mean": Avg(name, places=3),
        "variance": Variance(name, places=3),
        "deviation": StdDev(name, sample=True, places=3),
        "median": Median(name, places=3),
        "ninth": Percentile(name, "0.9", places=3),
        "value": Percentile(name, "0.3", discrete=True),
    }
    # In the test's own transaction, which has the rows.
    asked = statement(names, queryset=Width.objects.all(), group_by={"all": Value(1)})
    ((_, *answered),) = map(asked.canonical, asked.queryset)
    assert answered == [
        sum(found),
        half_up(Fraction(sum(found), len(found)), 3),
        spread(found, 0, 3, is_root=False),
        spread(found, 1, 3, is_root=True),
        half_up(statistics.median(map(Fraction, found)), 3),
        half_up(sorted(found)[4] * Fraction(1, 2) + sorted(found)[5] * Fraction(1, 2), 3),
        sorted(found)[1],
    ]


@pytest.mark.parametrize("places", range(8, 31, 2))
@pytest.mark.parametrize("aggregate", [Variance, StdDev])
@pytest.mark.parametrize("field", ["number", "amount", "huge"])
def test_as_many_digits_as_can_be(field, aggregate, places, request):
    """What the digits of a decimal do not hold is an error and no other number."""
    if places > most_places(aggregate, field):
        request.applymarker(
            pytest.mark.xfail(
                raises=StatementFailed,
                reason=f"more than {capabilities.decimal_digits()} digits are needed on the way",
            )
        )
    by_group(
        aggregate(field),
        lambda rows: spread(values(rows, field), 0, places, aggregate is StdDev),
        places=places,
    )


def most_places(aggregate, field):
    """The decimal places for which the digits of a decimal suffice over the hostile rows."""
    if capabilities.decimal_digits() is None:
        return math.inf
    amount = 22 if capabilities.counts_places_of_products() else 24
    return {
        (StdDev, "number"): 28,
        (StdDev, "amount"): amount,
        (StdDev, "huge"): 12,
        (Variance, "huge"): 26,
    }.get((aggregate, field), math.inf)


@pytest.mark.parametrize("sample", [False, True])
def test_spread_of_one_value_in_all_rows(sample):
    by_group(
        StdDev(Value(3), sample=sample, places=2),
        lambda rows: spread([3] * len(rows), sample, 2, is_root=True),
    )
    by_group(
        Variance(Value(3), sample=sample, filter=Q(rank__gt=0), places=2),
        lambda rows: spread(
            [3 for row in rows if (row["rank"] or 0) > 0], sample, 2, is_root=False
        ),
    )


@pytest.mark.parametrize("sample", [False, True])
@pytest.mark.parametrize("aggregate", [Variance, StdDev])
def test_spread_of_floats(aggregate, sample):
    function = {
        (Variance, False): statistics.pvariance,
        (Variance, True): statistics.variance,
        (StdDev, False): statistics.pstdev,
        (StdDev, True): statistics.stdev,
    }[aggregate, sample]
    by_group(
        aggregate("ratio", sample=sample, filter=Q(ratio__lt=1000, ratio__gt=-1000)),
        lambda rows: (
            float_value(function(found), 4)
            if len(found := [v for v in values(rows, "ratio") if -1000 < v < 1000]) > sample
            else None
        ),
        places=4,
    )


def test_spread_of_one_row():
    found = answers(
        {
            "deviation": StdDev("number", places=2),
            "sampled": StdDev("number", True, places=2),
            "variance": Variance("huge", True, places=2),
            "total": Sum("number"),
        },
        queryset=Entry.objects.filter(owner=23),
        group_by={"owner": Key(F("owner_id"))},
    )
    assert found == [(23, Decimal("0.00"), None, None, 2**31 - 1)]


@pytest.mark.parametrize("sign", ["", "-"])
def test_spreads_order_groups(sign):
    found = answers(
        {"found": StdDev("number", places=3)},
        group_by={"owner": "owner__name"},
        ordering=[f"{sign}found", "owner"],
    )
    deviations = [row[1] for row in found if row[1] is not None]
    assert deviations == sorted(deviations, reverse=bool(sign))


@pytest.mark.parametrize(
    ("aggregate", "field"),
    [
        (aggregate, field)
        for aggregate in (Sum, Avg, StdDev, Variance)
        for field in ("text", "day", "at", "span", "flag", "uid", "data")
        if field != "span" or aggregate not in (Sum, Avg)  # those of durations are durations
    ],
)
def test_what_is_no_number_is_refused(aggregate, field):
    with pytest.raises(NotPortable, match=f"{aggregate.__name__} takes integers, floats and"):
        answers({"found": aggregate(field)}, group_by={"owner": Key(F("owner_id"))})


@pytest.mark.parametrize("aggregate", [Avg, StdDev, Variance])
def test_places_are_demanded(aggregate):
    with pytest.raises(DeclarationError, match=f"{aggregate.__name__} needs its decimal places"):
        answers({"found": aggregate("number")}, group_by={"owner": Key(F("owner_id"))})


NUMBERS = sorted(
    {
        *(0, 1, -1, 9, 10, 11, 99, 100, -9, -10, -11, 2**63, -(2**63), 2**53, 2**53 + 1, 10**40),
        *map(Decimal, ("0.5", "-0.5", "0.05", "-0.05", "1.25", "-1.25", "1e-9", "-1e-9")),
        *map(Decimal, ("123456789012345678.91", "123456789012345678.92", "-123456789012345678.9")),
    }
)


@pytest.mark.parametrize("position", range(len(NUMBERS) - 1))
def test_sort_keys_order_as_numbers(position):
    low, high = NUMBERS[position : position + 2]
    assert isoline_sort_key(str(low)) < isoline_sort_key(str(high))
    assert isoline_sort_key(str(low)) == isoline_sort_key(f"{Decimal(low):.12f}")


@pytest.mark.parametrize("number", [0, 1, -1, 12, -250])
def test_sort_keys_of_one_number_are_one(number):
    assert isoline_sort_key(number) == isoline_sort_key(float(number))
    assert isoline_sort_key(number) == isoline_sort_key(f"{number}.00")


def test_sort_key_of_null_is_null():
    assert isoline_sort_key(None) is None
