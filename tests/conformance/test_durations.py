"""Durations summed, averaged and compared, to the microsecond, against Python's timedelta."""

from collections.abc import Callable
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from django.db import models
from django.db.models import F, Q, Value

from reports.expressions import (
    Avg,
    Coalesce,
    Greatest,
    Least,
    Max,
    Microseconds,
    Min,
    Sum,
    Window,
)
from tests.conformance.harness import Row, by_group, by_row, entries, groups
from tests.hostile.models import Entry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("hostile")]

MICROSECOND = timedelta(microseconds=1)
NOTHING = timedelta()


def spans(rows: list[Row], where: Callable[[Row], bool] = lambda row: True) -> list[timedelta]:
    return [row["span"] for row in rows if row["span"] is not None and where(row)]


def total(durations: list[timedelta]) -> timedelta | None:
    return sum(durations, NOTHING) if durations else None


def mean(durations: list[timedelta]) -> timedelta | None:
    """Rounded half up (away from zero) to a microsecond."""
    if not durations:
        return None
    exact = Decimal(sum(durations, NOTHING) // MICROSECOND) / len(durations)
    return int(exact.to_integral_value(ROUND_HALF_UP)) * MICROSECOND


def positive(row: Row) -> bool:
    return row["rank"] is not None and row["rank"] > 0


CASES: dict[str, tuple[Any, Callable[[list[Row]], timedelta | None]]] = {
    "Sum": (Sum("span"), lambda rows: total(spans(rows))),
    "Sum of different": (
        Sum("span", distinct=True),
        lambda rows: total(list(set(spans(rows)))),
    ),
    "Sum with a default": (
        Sum("span", filter=Q(rank__gt=0), default=timedelta(hours=1)),
        lambda rows: total(spans(rows, positive)) if spans(rows, positive) else timedelta(hours=1),
    ),
    "Sum by keyword": (
        Sum(expression="span", output_field=models.DurationField()),
        lambda rows: total(spans(rows)),
    ),
    "Avg": (Avg("span"), lambda rows: mean(spans(rows))),
    "Min": (Min("span"), lambda rows: min(spans(rows), default=None)),
    "Max": (
        Max("span", filter=Q(rank__gt=0)),
        lambda rows: max(spans(rows, positive), default=None),
    ),
    "Coalesce": (
        Coalesce(Sum("span"), timedelta(0)),
        lambda rows: total(spans(rows)) or NOTHING,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_group_has_the_duration_that_python_says(name: str) -> None:
    expression, oracle = CASES[name]
    by_group(
        Microseconds(expression),
        lambda rows: None if (found := oracle(rows)) is None else found // MICROSECOND,
    )


@pytest.mark.parametrize("name", CASES)
def test_the_driver_gives_a_timedelta(name: str) -> None:
    expression, oracle = CASES[name]
    asked = Entry.objects.order_by().values("owner_id").annotate(found=expression)
    found = dict(asked.values_list("owner_id", "found"))
    assert found == {owner: oracle(rows) for owner, rows in groups().items()}


DJANGO: dict[str, tuple[Any, Callable[[list[Row]], timedelta | None]]] = {
    "Sum": (models.Sum("span"), CASES["Sum"][1]),
    "Min": (models.Min("span"), CASES["Min"][1]),
    "Avg": (models.Avg("span"), CASES["Avg"][1]),
    "Max": (models.Max("span"), lambda rows: max(spans(rows), default=None)),
    "Sum of a difference": (
        models.Sum(F("at") - F("at")),
        lambda rows: total([NOTHING for row in rows if row["at"] is not None]),
    ),
}


@pytest.mark.parametrize("name", DJANGO)
def test_djangos_own_is_answered(name: str) -> None:
    expression, oracle = DJANGO[name]
    by_group(
        Microseconds(expression),
        lambda rows: None if (found := oracle(rows)) is None else found // MICROSECOND,
    )


def test_the_difference_of_moments_is_a_duration() -> None:
    for name, of in (("day", "day"), ("clock", "clock"), ("at", "at")):
        shifted = F(name) - F(of)
        by_row(Microseconds(shifted), lambda row, name=name: None if row[name] is None else 0)
    since = F("at") - Value(min(row["at"] for row in entries() if row["at"] is not None))
    first = min(row["at"] for row in entries() if row["at"] is not None)
    by_row(
        Microseconds(since),
        lambda row: None if row["at"] is None else (row["at"] - first) // MICROSECOND,
    )


def test_the_longer_and_the_shorter() -> None:
    hour = timedelta(hours=1)
    by_row(
        Microseconds(Greatest("span", hour)),
        lambda row: max(row["span"] or hour, hour) // MICROSECOND,
    )
    by_row(
        Microseconds(Least("span", hour)),
        lambda row: (hour if row["span"] is None else min(row["span"], hour)) // MICROSECOND,
    )


def test_a_running_sum() -> None:
    running, found = timedelta(), {}
    for row in entries():
        running += row["span"] or NOTHING
        found[row["id"]] = running
    by_row(
        Microseconds(Window(Coalesce(Sum("span"), NOTHING), order_by="id")),
        lambda row: found[row["id"]] // MICROSECOND,
    )
