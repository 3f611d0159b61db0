"""Medians and percentiles, against sorted lists and Fraction."""

from decimal import Decimal
from fractions import Fraction

import pytest
from django.db.models import F, Q, Value

from reports.columns import Key
from reports.errors import DeclarationError, NotPortable
from reports.expressions import Median, Percentile, StdDev, Sum
from tests.conformance.harness import answers, by_group, groups, statement
from tests.conformance.test_statistics import FILTERS, SCALES, float_value, half_up, values

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("hostile")]

EXACT = ("rank", "number", "big", "huge", "amount", "price")
SHARES = {
    "0": Fraction(0),
    "0.07": Fraction(7, 100),
    "0.25": Fraction(1, 4),
    "0.333": Fraction(333, 1000),
    "0.5": Fraction(1, 2),
    "0.9": Fraction(9, 10),
    "0.999999": Fraction(999999, 1000000),
    "1": Fraction(1),
}


def interpolated(found, share):
    ordered = sorted(map(Fraction, found))
    at = share * (len(ordered) - 1)
    low = int(at)
    if at == low:
        return ordered[low]
    return ordered[low] + (ordered[low + 1] - ordered[low]) * (at - low)


def discrete(found, share):
    ordered = sorted(found)
    for number, value in enumerate(ordered, 1):
        if Fraction(number, len(ordered)) >= share:
            return value
    return None


def as_stored(value, field):
    return (
        half_up(Fraction(value), SCALES[field]) if value is not None and field in SCALES else value
    )


@pytest.mark.parametrize("filtered", FILTERS)
@pytest.mark.parametrize("field", EXACT)
def test_median(field, filtered):
    condition, kept = FILTERS[filtered]
    by_group(
        Median(field, filter=condition),
        lambda rows: (
            half_up(interpolated(found, Fraction(1, 2)), 1)
            if (found := values(rows, field, kept))
            else None
        ),
        places=1,
    )


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("field", EXACT)
@pytest.mark.parametrize("places", [0, 7])
def test_percentile(field, share, places):
    by_group(
        Percentile(field, share),
        lambda rows: (
            half_up(interpolated(found, SHARES[share]), places)
            if (found := values(rows, field))
            else None
        ),
        places=places,
    )


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("field", [*EXACT, "day", "at", "clock"])
def test_discrete_percentile(field, share):
    by_group(
        Percentile(field, share, discrete=True),
        lambda rows: as_stored(discrete(values(rows, field), SHARES[share]), field),
    )


@pytest.mark.parametrize("filtered", FILTERS)
@pytest.mark.parametrize("field", ["number", "at", "price"])
def test_discrete_percentile_of_some(field, filtered):
    condition, kept = FILTERS[filtered]
    by_group(
        Percentile(field, "0.3", discrete=True, filter=condition),
        lambda rows: as_stored(discrete(values(rows, field, kept), Fraction(3, 10)), field),
    )


@pytest.mark.parametrize("share", ["0", "0.25", "0.5", "0.999999"])
@pytest.mark.parametrize("is_discrete", [False, True])
def test_percentile_of_floats(share, is_discrete):
    function = discrete if is_discrete else interpolated
    by_group(
        Percentile("ratio", share, is_discrete, filter=Q(ratio__lt=10**6)),
        lambda rows: (
            float_value(float(function(found, SHARES[share])), 4)
            if (found := [value for value in values(rows, "ratio") if value < 10**6])
            else None
        ),
        places=4,
    )


@pytest.mark.parametrize("share", [0.07, Decimal("0.07"), "0.07", Fraction(7, 100)])
def test_a_share_is_read_as_it_is_written(share):
    by_group(
        Percentile("number", share, discrete=True),
        lambda rows: discrete(values(rows, "number"), Fraction(7, 100)),
    )


def test_thirds():
    by_group(
        Percentile("number", Fraction(1, 3)),
        lambda rows: (
            half_up(interpolated(found, Fraction(1, 3)), 5)
            if (found := values(rows, "number"))
            else None
        ),
        places=5,
    )


def test_median_of_arithmetic():
    by_group(
        Median(F("number") + F("rank") * 2),
        lambda rows: (
            half_up(interpolated(found, Fraction(1, 2)), 1)
            if (
                found := [
                    row["number"] + row["rank"] * 2
                    for row in rows
                    if None not in (row["number"], row["rank"])
                ]
            )
            else None
        ),
        places=1,
    )


def test_default():
    by_group(
        Median("number", filter=Q(rank=99), default=Decimal(3)),
        lambda rows: Decimal("3.0"),
        places=1,
    )


@pytest.mark.parametrize("sign", ["", "-"])
@pytest.mark.parametrize("field", ["number", "huge", "price"])
def test_medians_order_groups(field, sign):
    found = answers(
        {"found": Median(field, places=2), "total": Sum(field)},
        group_by={"owner": Key(F("owner_id"))},
        ordering=[f"{sign}found", "-total"],
    )
    known = [row[1] for row in found if row[1] is not None]
    assert known == sorted(known, reverse=bool(sign))
    assert len(found) == len(groups())
    assert [row[1] for row in found[len(known) :]] == [None] * (len(found) - len(known))


@pytest.mark.parametrize(
    "expression", [Median("number", places=1), StdDev("big", places=2), Sum("huge")]
)
def test_pages_of_groups(expression):
    """The next page is found by the value itself, in HAVING."""
    asked = statement(
        {"found": expression}, group_by={"owner": Key(F("owner_id"))}, ordering=["-found"]
    )
    everything = [asked.canonical(row) for row in asked.queryset]
    token, seen = None, []
    while page := list((asked.queryset if token is None else asked.after(token))[:5]):
        seen += [asked.canonical(row) for row in page]
        token = asked.cursor(page[-1])
    assert seen == everything
    assert len(seen) == len(groups())


@pytest.mark.parametrize("field", ["text", "span", "flag", "uid", "data"])
def test_what_has_no_order_of_numbers_is_refused(field):
    for expression in (Median(field, places=1), Percentile(field, "0.5", discrete=True)):
        with pytest.raises(NotPortable, match=r"(Median|Percentile) takes integers, floats and"):
            answers({"found": expression}, group_by={"owner": Key(F("owner_id"))})


@pytest.mark.parametrize("field", ["day", "at", "clock"])
def test_times_are_not_interpolated(field):
    with pytest.raises(NotPortable, match=r"Median cannot interpolate a .*discrete=True"):
        answers({"found": Median(field, places=1)}, group_by={"owner": Key(F("owner_id"))})


@pytest.mark.parametrize(
    "share", [-0.1, 1.1, "x", None, float("nan"), float("inf"), 50, True, "0.1234567891", "1/3x"]
)
def test_no_share_is_refused(share):
    with pytest.raises(DeclarationError, match="a number from 0 to 1"):
        Percentile("number", share)


@pytest.mark.parametrize("condition", [None, Q(number__gt=0)])
def test_what_is_the_same_for_all_rows_is_refused(condition):
    with pytest.raises(DeclarationError, match=r"Median takes a value that rows have, not Value"):
        answers(
            {"found": Median(Value(3), filter=condition, places=1)},
            group_by={"owner": Key(F("owner_id"))},
        )


def test_places_are_demanded():
    with pytest.raises(DeclarationError, match="Median needs its decimal places"):
        answers({"found": Median("number")}, group_by={"owner": Key(F("owner_id"))})
