"""Random rows and random expressions over them: what plain Python says, every database says.

ISOLINE_EXAMPLES sets how many of each are tried, 100 unless set; 2,000 take a night on all four.
"""

import os
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import F
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from reports import Column
from reports.columns import Key
from tests.conformance import trees
from tests.conformance.harness import statement
from tests.hostile.models import Entry

FIRST = 10_000_000
EXAMPLES = settings(
    max_examples=int(os.environ.get("ISOLINE_EXAMPLES", "100")) // 4,
    # The same ones each time, so that a run is red for what was changed; a long run draws its own.
    derandomize="ISOLINE_EXAMPLES" not in os.environ,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("hostile")]


def asked(rows: list[trees.Row], columns: dict[str, Any], **options: Any) -> list[tuple[Any, ...]]:
    """What a report over these rows alone answers; nothing stays."""
    with transaction.atomic():
        Entry.objects.bulk_create(Entry(id=FIRST + n, **row) for n, row in enumerate(rows))
        mine = options.pop("queryset", Entry.objects.all()).filter(pk__gte=FIRST)
        found = statement(columns, queryset=mine, **options)
        answered = [found.canonical(row) for row in found.queryset]
        transaction.set_rollback(True)
    return answered


def plain(value: Any) -> Any:
    """Decimals by their value: a tree's places depend on its way."""
    return value.normalize() if isinstance(value, Decimal) else value


def shown(tree: trees.Tree, kind: str) -> Column:
    note(repr(tree))
    return Column(tree.make(), places=6 if kind == "decimals" else None)


@pytest.mark.parametrize("kind", ["texts", "integers", "decimals"])
@EXAMPLES
@given(data=st.data())
def test_a_column(kind: str, data: st.DataObject) -> None:
    rows, tree = data.draw(trees.rows), data.draw(getattr(trees, kind))
    found = asked(rows, {"id": "pk", "made": shown(tree, kind)})
    assert [(n - FIRST, plain(value)) for n, value in found] == [
        (n, plain(tree.value(row))) for n, row in enumerate(rows)
    ]


@EXAMPLES
@given(rows=trees.rows, tree=trees.texts | trees.integers, condition=trees.conditions)
def test_a_filter_and_an_order(rows: Any, tree: trees.Tree, condition: trees.Tree) -> None:
    note(repr(condition))
    queryset = Entry.objects.filter(condition.make())
    columns = {"made": shown(tree, ""), "id": "pk"}
    found = asked(rows, columns, queryset=queryset, ordering=["made"])
    kept = [(tree.value(row), n) for n, row in enumerate(rows) if condition.value(row)]
    kept.sort(
        key=lambda pair: (pair[0] is None, (pair[0],) if pair[0] is not None else (), pair[1])
    )
    assert [(value, n - FIRST) for value, n in found] == kept


@EXAMPLES
@given(rows=trees.rows, key=trees.texts | trees.integers, tree=trees.aggregates)
def test_a_group(rows: Any, key: trees.Tree, tree: trees.Tree) -> None:
    note(repr(key))
    found = dict(asked(rows, {"made": shown(tree, "decimals")}, group_by={"key": key.make()}))
    groups: dict[Any, list[trees.Row]] = {}
    for row in rows:
        groups.setdefault(key.value(row), []).append(row)
    assert {key: plain(value) for key, value in found.items()} == {
        key: plain(tree.value(group)) for key, group in groups.items()
    }


@EXAMPLES
@given(rows=trees.rows, tree=trees.aggregates)
def test_a_group_over_a_join(rows: Any, tree: trees.Tree) -> None:
    from tests.hostile.fixture import OWNERS

    found = dict(
        asked(rows, {"made": shown(tree, "decimals")}, group_by={"name": Key(F("owner__name"))})
    )
    groups: dict[Any, list[trees.Row]] = {}
    for row in rows:
        name = None if row["owner_id"] is None else OWNERS[row["owner_id"]]
        groups.setdefault(name, []).append(row)
    assert {key: plain(value) for key, value in found.items()} == {
        key: plain(tree.value(group)) for key, group in groups.items()
    }


def test_nothing_stayed() -> None:
    assert connection.in_atomic_block
    assert not Entry.objects.filter(pk__gte=FIRST).exists()
