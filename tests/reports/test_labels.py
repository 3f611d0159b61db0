"""Labels that a group shows instead of its key, and the grouping that they need."""

from collections import Counter
from operator import itemgetter
from typing import Any

import pytest
from django.db import connection

from reports import Column, Key, Report
from reports.errors import DeclarationError
from reports.expressions import Count
from reports.queries.statement import Statement
from tests.hostile.models import Entry, Owner


def _statement(**attributes: Any) -> Statement:
    declared = {"queryset": Entry.objects.all(), "entries": Column(Count("pk")), **attributes}
    return Statement(type("Probe", (Report,), declared)(), {}, "default")


def _grouped(statement: Statement) -> str:
    sql = str(statement.queryset.query)
    return sql.split(" GROUP BY ")[1].split(" ORDER BY ")[0]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "group_by",
    [
        {"owner": Key("owner", shows="owner__name")},
        {"owner": Key("owner__pk", shows="owner__name")},
        {"entry": Key("pk", shows="owner__name")},
        {"entry": Key("pk", shows="text")},
    ],
    ids=["a relation", "its key", "a row's relation", "a row"],
)
def test_a_label_that_depends_on_its_key_is_not_grouped_by(group_by: dict[str, Any]) -> None:
    """The database need not compare the name of one row a hundred thousand times."""
    assert _grouped(_statement(group_by=group_by)) in {"1", "3"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("queryset", "key", "label"),
    [
        (Entry.objects.all(), "owner", "text"),
        (Entry.objects.all(), "rank", "owner__name"),
        (Owner.objects.all(), "pk", "entry__text"),
        (Owner.objects.all(), "name", "pk"),
    ],
    ids=["another row's", "no key", "to many", "not unique"],
)
def test_a_label_that_may_differ_within_its_key_is_refused(
    queryset: Any, key: str, label: str
) -> None:
    with pytest.raises(DeclarationError, match=f"shows='{label}' does not depend"):
        _statement(queryset=queryset, group_by={"group": Key(key, shows=label)})


@pytest.mark.django_db
@pytest.mark.parametrize("ordering", [["owner"], ["-owner"], ["-entries", "-owner"]])
def test_labels_are_in_order_and_pages_follow_it(ordering: list[str], hostile: None) -> None:
    """Some owners share a name, some have none, and some entries have no owner."""
    meta = type("Meta", (), {"ordering": ordering})
    statement = _statement(group_by={"owner": Key("owner", shows="owner__name")}, Meta=meta)
    names = {owner.pk: owner.name for owner in Owner.objects.all()}
    counts = Counter(Entry.objects.values_list("owner_id", flat=True))
    groups: list[Any] = [(names.get(owner), owner, count) for owner, count in counts.items()]
    for term in reversed(ordering):
        for place in (1, 0) if term.endswith("owner") else (2,):
            known = [group for group in groups if group[place] is not None]
            known.sort(key=itemgetter(place), reverse=term.startswith("-"))
            groups = known + [group for group in groups if group[place] is None]
    expected = [(name, count) for name, _, count in groups]
    rows = list(statement.queryset)
    assert [statement.canonical(row) for row in rows] == expected
    for place, row in enumerate(rows[:-1], start=1):
        assert list(statement.after(statement.cursor(row))) == rows[place:]


@pytest.mark.django_db
def test_an_order_does_not_repeat_what_is_selected() -> None:
    """A database would compute it again for every row."""
    meta = type("Meta", (), {"ordering": ["rank", "-entries"]})
    statement = _statement(group_by={"rank": "rank"}, Meta=meta)
    sql = str(statement.queryset.query)
    assert connection.ops.quote_name("rank") not in sql.split(" ORDER BY ")[1]
