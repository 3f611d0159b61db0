"""Dates, times and instants that an author writes: alone, in a branch, and as another's default."""

from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from django.db.models import Case, F, Value, When

from reports.expressions import Coalesce, Greatest
from tests.conformance.harness import Row, by_row

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("hostile")]

LITERALS: dict[str, Any] = {
    "day": date(2000, 2, 29),
    "clock": time(12, 30, 0, 5),
    "at": datetime(2000, 2, 29, 23, 59, 59, 5, UTC),
}


@pytest.mark.parametrize("field", LITERALS)
def test_alone(field: str) -> None:
    by_row(Value(LITERALS[field]), lambda row: LITERALS[field])


@pytest.mark.parametrize("field", LITERALS)
def test_in_a_branch(field: str) -> None:
    by_row(
        Case(When(flag=True, then=Value(LITERALS[field])), default=F(field)),
        lambda row: LITERALS[field] if row["flag"] else row[field],
    )


@pytest.mark.parametrize("field", LITERALS)
def test_as_a_default(field: str) -> None:
    by_row(
        Coalesce(field, Value(LITERALS[field])),
        lambda row: LITERALS[field] if row[field] is None else row[field],
    )


@pytest.mark.parametrize("field", LITERALS)
def test_as_the_least_that_it_may_be(field: str) -> None:
    def oracle(row: Row) -> Any:
        return LITERALS[field] if row[field] is None else max(row[field], LITERALS[field])

    by_row(Greatest(field, Value(LITERALS[field])), oracle)
