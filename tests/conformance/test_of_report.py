"""Shares of a column's total and running totals, in the report's own order, against lists."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import F, Q

from reports import Column
from reports.columns import Key
from reports.errors import DeclarationError
from reports.expressions import (
    Avg,
    Count,
    Max,
    Quotient,
    Rank,
    RunningTotal,
    ShareOfTotal,
    Sum,
    Window,
)
from reports.values.numbers import round_half_up
from tests.conformance.harness import answers, entries, groups, statement
from tests.hostile.models import Entry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("hostile")]

OWNERS = {"owner": Key(F("owner_id"))}


def share(value: Any, total: Any, places: int) -> Decimal | None:
    if value is None or not total:
        return None
    return round_half_up(Decimal(value) / Decimal(total), places)


def running(values: list[Any]) -> list[Any]:
    """The sum of all values up to each; None until there is one."""
    found: list[Any] = []
    for value in values:
        before = found[-1] if found else None
        found.append(before if value is None else value + (before or 0))
    return found


def total(values: list[Any]) -> Any:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


AGGREGATES: dict[str, tuple[Any, Callable[[list[Any]], Any]]] = {
    "rows": (Count("pk"), len),
    "integers": (Sum("number"), lambda rows: total([row["number"] for row in rows])),
    "decimals": (Sum("price"), lambda rows: total([row["price"] for row in rows])),
    "filtered": (
        Sum("rank", filter=Q(rank__gt=0), default=0),
        lambda rows: sum(row["rank"] for row in rows if (row["rank"] or 0) > 0),
    ),
    "a quotient": (
        Column(Quotient(Sum("rank"), Count("pk")), places=2),
        lambda rows: (
            None
            if (found := total([row["rank"] for row in rows])) is None
            else round_half_up(Decimal(found) / len(rows), 2)
        ),
    ),
}


@pytest.mark.parametrize("name", AGGREGATES)
@pytest.mark.parametrize("ordering", [["owner"], ["-value"], ["value", "-owner"]], ids=str)
def test_of_groups(name: str, ordering: list[str]) -> None:
    expression, oracle = AGGREGATES[name]
    found = answers(
        {
            "value": expression,
            "share": Column(ShareOfTotal("value"), places=4),
            "running": RunningTotal("value"),
        },
        group_by=OWNERS,
        ordering=ordering,
    )
    values = {owner: oracle(rows) for owner, rows in groups().items()}
    assert {row[0]: row[1] for row in found} == values
    everything = total(list(values.values()))
    assert [row[2] for row in found] == [share(row[1], everything, 4) for row in found]
    assert [row[3] for row in found] == running([row[1] for row in found])


@pytest.mark.parametrize("ordering", [[], ["-price"], ["rank", "-price"]], ids=str)
def test_of_objects(ordering: list[str]) -> None:
    found = answers(
        {
            "id": "pk",
            "rank": "rank",
            "price": "price",
            "share": Column(ShareOfTotal("price"), places=6),
            "running": RunningTotal("price"),
            "of_rank": RunningTotal("price", partition_by="rank"),
            "share_of_rank": Column(ShareOfTotal("price", partition_by=["rank"]), places=3),
            "by_id": RunningTotal("price", order_by="-id"),
        },
        ordering=ordering,
    )
    assert len(found) == len(entries())
    prices = [row[2] for row in found]
    assert [row[3] for row in found] == [share(price, total(prices), 6) for price in prices]
    assert [row[4] for row in found] == running(prices)
    for rank in {row[1] for row in found}:
        rows = [row for row in found if row[1] == rank]
        of_rank = [row[2] for row in rows]
        assert [row[5] for row in rows] == running(of_rank)
        assert [row[6] for row in rows] == [share(p, total(of_rank), 3) for p in of_rank]
    by_id = sorted(found, key=lambda row: -row[0])
    assert [row[7] for row in by_id] == running([row[2] for row in by_id])


def test_floats_are_taken_as_they_are_shown() -> None:
    found = answers(
        {
            "mean": Column(Avg("ratio", filter=Q(ratio__lt=1e9, ratio__gt=-1e9)), places=3),
            "running": RunningTotal("mean"),
            "share": Column(ShareOfTotal("mean"), places=2),
        },
        group_by=OWNERS,
        ordering=["-mean"],
    )
    means = [row[1] for row in found]
    assert [row[2] for row in found] == running(means)
    assert [row[3] for row in found] == [share(mean, total(means), 2) for mean in means]
    assert total(means)


def test_floats_order_as_they_are_shown() -> None:
    """Those that are shown alike are level, and go by key."""
    found = answers(
        {
            "mean": Column(Avg("ratio", filter=Q(ratio__lt=1, ratio__gt=-1)), places=0),
            "rows": Count("pk"),
            "running": RunningTotal("rows"),
        },
        group_by=OWNERS,
        ordering=["-mean"],
    )
    assert len({row[1] for row in found}) < len(found) - 1
    assert [row[3] for row in found] == running([row[2] for row in found])


@pytest.mark.parametrize("ordering", [["-owner"], []], ids=str)
def test_the_order_of_what_a_key_shows(ordering: list[str]) -> None:
    found = answers(
        {"rows": Count("pk"), "running": RunningTotal("rows")},
        group_by={"owner": Key("owner", shows="owner__name")},
        ordering=ordering,
    )
    assert [row[2] for row in found] == running([row[1] for row in found])


def test_the_rows_that_a_filter_leaves() -> None:
    found = answers(
        {"rows": Count("pk"), "share": Column(ShareOfTotal("rows"), places=4)},
        queryset=Entry.objects.filter(rank__gt=0),
        group_by=OWNERS,
    )
    everything = sum(row[1] for row in found)
    assert [row[2] for row in found] == [share(row[1], everything, 4) for row in found]


def test_a_total_restarts_with_another_key() -> None:
    found = answers(
        {"rows": Count("pk"), "running": RunningTotal("rows", partition_by="flag")},
        group_by={"flag": Key(F("flag")), "rank": Key(F("rank"))},
    )
    for flag in {row[0] for row in found}:
        rows = [row for row in found if row[0] == flag]
        assert [row[3] for row in rows] == running([row[2] for row in rows])


def test_a_share_of_the_whole_in_percent() -> None:
    found = answers(
        {"rows": Count("pk"), "share": Column(ShareOfTotal("rows", of=100), places=1)},
        group_by=OWNERS,
    )
    everything = sum(row[1] for row in found)
    assert [row[2] for row in found] == [share(row[1] * 100, everything, 1) for row in found]


VALUE = {"value": Count("pk"), "name": Max("text"), "place": Window(Rank(), order_by=Count("pk"))}


@pytest.mark.parametrize(
    ("columns", "ordering", "sentence"),
    [
        (
            {"share": Column(ShareOfTotal("valeu"), places=2)},
            [],
            "probe.share: ShareOfTotal names 'valeu', which is no column. Columns: value, name,",
        ),
        (
            {"running": RunningTotal("owner")},
            [],
            "probe.running: RunningTotal names 'owner', which is no column. Columns: value,",
        ),
        (
            {"running": RunningTotal("name")},
            [],
            "probe.running: RunningTotal takes a column of numbers, and 'name' is a Stock",
        ),
        (
            {"running": RunningTotal("place")},
            [],
            "probe.running: RunningTotal takes a column of the rows' own values, and 'place'"
            " depends on other rows. Name the column that it is made of.",
        ),
        (
            {"running": RunningTotal("value"), "again": RunningTotal("running")},
            [],
            "probe.again: RunningTotal takes a column of the rows' own values, and 'running'",
        ),
        (
            {"running": RunningTotal("value")},
            ["running"],
            "probe.running: RunningTotal cannot be in the order of itself ('running').",
        ),
        (
            {"running": RunningTotal("value", order_by=["-valeu"])},
            [],
            "probe.running: RunningTotal names 'valeu', which is no column. Columns: owner, value,",
        ),
        (
            {"share": ShareOfTotal("value")},
            [],
            "Quotient needs its decimal places",
        ),
    ],
)
def test_a_declaration_that_is_refused(
    columns: dict[str, Any], ordering: list[str], sentence: str
) -> None:
    with pytest.raises(DeclarationError) as caught:
        statement(VALUE | columns, group_by=OWNERS, ordering=ordering)
    assert sentence in str(caught.value)
