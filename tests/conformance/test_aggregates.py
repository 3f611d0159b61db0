"""Aggregates, against plain Python."""

import pytest

from reports.expressions import Count, Max, Min
from reports.expressions.rounding import significant
from tests.conformance.harness import by_group, by_row

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("hostile")]


@pytest.mark.parametrize("field", ["text", "number", "amount", "day"])
def test_count(field):
    by_group(Count(field), lambda rows: sum(row[field] is not None for row in rows))


@pytest.mark.parametrize("field", ["text", "note", "owner__name", "price", "uid", "at", "ratio"])
def test_count_of_different_values(field):
    """Texts differ by code point, floats by their 12 digits."""
    form = significant if field == "ratio" else lambda value: value
    by_group(
        Count(field, distinct=True),
        lambda rows: len({form(row[field]) for row in rows if row[field] is not None}),
    )


@pytest.mark.parametrize("field", ["text", "note", "number", "price", "day", "at", "uid"])
@pytest.mark.parametrize(("aggregate", "of"), [(Min, min), (Max, max)], ids=["least", "greatest"])
def test_least_and_greatest(aggregate, of, field):
    key = str if field == "uid" else None
    by_group(
        aggregate(field),
        lambda rows: of(
            (row[field] for row in rows if row[field] is not None), key=key, default=None
        ),
    )


def test_a_plain_column():
    by_row("owner__name", lambda row: row["owner__name"])
