"""Computed decimals, compared: in filters, in conditions, and as keys of an order."""

import operator
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Case, DecimalField, F, Value, When

from reports.expressions import (
    Abs,
    AsText,
    Cast,
    Coalesce,
    Greatest,
    Least,
    Mod,
    NullIf,
    Quotient,
    Round,
)
from tests.conformance.harness import answers, statement
from tests.hostile.models import Entry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("hostile")]


def _decimal(digits: int, places: int) -> Any:
    return DecimalField(max_digits=digits, decimal_places=places)


COMPUTED: dict[str, Any] = {
    "of an integer": Cast("number", _decimal(12, 2)),
    "of fewer places": Cast("price", _decimal(15, 1)),
    "of more places": Cast("price", _decimal(15, 3)),
    "of a float": Cast("ratio", _decimal(15, 2)),
    "of a text": Cast(AsText("price"), _decimal(15, 2)),
    "Coalesce": Coalesce("price", "amount"),
    "Greatest": Greatest("price", "amount"),
    "Least": Least("price", "amount"),
    "NullIf": NullIf("price", Value(Decimal("0.05"))),
    "Abs": Abs("price"),
    "Round": Round("price", 1),
    "Mod": Mod("price", Value(Decimal("0.2"))),
    "Quotient": Quotient("price", Value(3), places=2),
    "Case": Case(When(flag=True, then=F("price")), default=F("amount")),
    "+": F("price") + F("price"),
}
COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "exact": operator.eq,
    "gt": operator.gt,
    "lte": operator.le,
}
# Without the rows of the greatest decimals, whose sum no 15 digits hold.
SMALL = Entry.objects.filter(pk__lt=900)


@pytest.mark.parametrize("name", COMPUTED)
def test_a_filter_and_a_condition(name: str) -> None:
    queryset = SMALL.annotate(made=COMPUTED[name])
    values = dict(answers({"id": "pk", "made": "made"}, queryset=queryset))
    present = sorted(value for value in values.values() if value is not None)
    number = present[len(present) // 2]
    for lookup, compare in COMPARISONS.items():
        wanted = {
            key for key, value in values.items() if value is not None and compare(value, number)
        }
        condition = {f"made__{lookup}": number}
        assert {key for (key,) in answers({"id": "pk"}, queryset=queryset.filter(**condition))} == (
            wanted
        )
        chosen = Case(When(**condition, then=1), default=0)
        found = dict(answers({"id": "pk", "chosen": chosen}, queryset=queryset))
        assert {key for key, value in found.items() if value} == wanted
    listed = answers({"id": "pk"}, queryset=queryset.filter(made__in=[number, Decimal(-7777)]))
    assert {key for (key,) in listed} == {key for key, value in values.items() if value == number}


@pytest.mark.parametrize("name", COMPUTED)
@pytest.mark.parametrize("sign", ["", "-"])
def test_places(name: str, sign: str) -> None:
    asked = statement({"made": COMPUTED[name]}, queryset=SMALL, ordering=[f"{sign}made"])
    rows = list(asked.queryset)
    for number in (0, len(rows) // 3, len(rows) - 2):
        assert list(asked.after(asked.cursor(rows[number]))) == rows[number + 1 :]
