"""Conditions in a project's querysets, outside reports."""

from itertools import product

import pytest
from django.db.models import Q

from tests.hostile.models import Entry

CASES = list(product([None, 1, 2], repeat=3))


@pytest.fixture
def cases(db: None) -> None:
    Entry.objects.bulk_create(
        Entry(id=30_000_000 + n, rank=rank, number=number, big=big)
        for n, (rank, number, big) in enumerate(CASES)
    )


@pytest.mark.parametrize("several", [2, 3])
def test_exclusive_or_of_nulls(several: int, cases: None) -> None:
    names = ["rank", "number", "big"][:several]
    condition = Q()
    for name in names:
        condition ^= Q(**{name: 1})
    found = Entry.objects.filter(condition, pk__gte=30_000_000)
    assert sorted(found.values_list("rank", "number", "big"), key=str) == sorted(
        (case for case in CASES if case[:several].count(1) % 2), key=str
    )
