"""Aggregates of texts without a greatest length, against Python.

MariaDB keeps such values apart from their rows.
"""

import statistics
from decimal import Decimal
from fractions import Fraction

import pytest
from django.db.models import Case, Q, Value, When

from reports.expressions import Avg, Count, First, Length, Max, Median, Min, Sum, Variance
from reports.expressions.comparison import NullIf
from tests.conformance.harness import by_group
from tests.conformance.oracles import values

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("hostile")]


def lengths(rows):
    return [len(note) for note in values(rows, "note")]


def rounded(exact):
    def oracle(rows):
        if not (found := [Fraction(length) for length in lengths(rows)]):
            return None
        units = exact(found) * 1000
        return Decimal(int(units + Fraction(1, 2))).scaleb(-3)

    return oracle


def mean_of_known(rows):
    found = [length for length in lengths(rows) if length != 1]
    return rounded(statistics.mean)([{"note": "x" * length} for length in found])


CASES = {
    "sum": (Sum(Length("note")), lambda rows: sum(lengths(rows)) if lengths(rows) else None),
    "mean": (Avg(Length("note")), rounded(statistics.mean)),
    "variance": (Variance(Length("note")), rounded(statistics.pvariance)),
    "median": (Median(Length("note")), rounded(statistics.median)),
    "greatest": (Max("note"), lambda rows: max(values(rows, "note"), default=None)),
    "least": (Min("note"), lambda rows: min(values(rows, "note"), default=None)),
    "different": (Count("note", distinct=True), lambda rows: len(set(values(rows, "note")))),
    "first": (
        First("note", order_by="-id"),
        lambda rows: next((row["note"] for row in rows[::-1] if row["note"] is not None), None),
    ),
    "nothing for one": (Avg(NullIf(Length("note"), 1)), mean_of_known),
    "compared": (
        Avg(Case(When(Q(note__contains="a"), then=Value(1)), default=Value(0))),
        lambda rows: rounded(statistics.mean)(
            [{"note": "x" * ("a" in (row["note"] or ""))} for row in rows]
        ),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_group_has_all_its_rows_values(case):
    expression, oracle = CASES[case]
    places = 3 if type(expression) in (Avg, Variance, Median) else None
    by_group(expression, oracle, places=places)
