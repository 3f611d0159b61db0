"""Filters, exclusions, relations and sub-queries in Django's own words, against plain Python."""

import operator
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When

from geo.backends.letters import LOWER
from reports.columns import Key
from reports.expressions import Coalesce, Count, Lower, Max, StringAgg, Sum
from tests.conformance.harness import Row, answers, by_group, by_row, entries, groups
from tests.hostile.fixture import rows
from tests.hostile.models import Entry, Owner

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("hostile")]

COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "exact": operator.eq,
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}
# A value of every type that is in the rows, or between some.
VALUES: dict[str, list[Any]] = {
    "rank": [0, 3],
    "number": [-1924, 0],
    "big": [2**40],
    "huge": [2**63 - 1, 0],
    "amount": [Decimal("0.000001"), Decimal("-0.000002")],
    "price": [Decimal("0.05"), Decimal("-2.5")],
    "flag": [True, False],
    "day": [date(2000, 2, 29)],
    "clock": [time(12, 59, 59), time(12, 59, 59, 1)],
    "at": [datetime(2000, 1, 1, 23, 59, 59, tzinfo=UTC), datetime(2000, 1, 1, tzinfo=UTC)],
    "text": ["a", "A", "a ", "", "\u00e1", "\U0001f600"],
    "note": ["a", "\uff41"],
    "owner__name": ["a", "A", ""],
    "owner": [3],
}
CASES = [
    (field, lookup, value) for field in VALUES for lookup in COMPARISONS for value in VALUES[field]
]


def ids(queryset: QuerySet[Any]) -> set[int]:
    return {number for (number,) in answers({"id": "pk"}, queryset=queryset)}


def where(test: Callable[[Row], Any]) -> set[int]:
    return {row["id"] for row in entries() if test(row)}


def value_of(row: Row, field: str) -> Any:
    return row["owner_id" if field == "owner" else field]


@pytest.mark.parametrize(("field", "lookup", "value"), CASES, ids=str)
def test_a_comparison(field: str, lookup: str, value: Any) -> None:
    compare = COMPARISONS[lookup]
    wanted = where(
        lambda row: value_of(row, field) is not None and compare(value_of(row, field), value)
    )
    condition = {f"{field}__{lookup}": value}
    assert ids(Entry.objects.filter(**condition)) == wanted
    # Excluded is what the condition is true of: a row whose value is NULL stays.
    everything = {row["id"] for row in entries()}
    assert ids(Entry.objects.exclude(**condition)) == everything - wanted


@pytest.mark.parametrize("lookup", COMPARISONS)
@pytest.mark.parametrize("value", [2**31, -(2**31) - 1, 2**40, -(2**63)])
def test_an_integer_past_those_of_its_field(lookup: str, value: int) -> None:
    """It is compared like any other: a NULL is neither more nor less."""
    compare = COMPARISONS[lookup]
    assert ids(Entry.objects.filter(**{f"number__{lookup}": value})) == where(
        lambda row: row["number"] is not None and compare(row["number"], value)
    )


@pytest.mark.parametrize("field", [*VALUES, "uid", "span", "data"])
def test_null_and_not(field: str) -> None:
    null = where(lambda row: value_of(row, field) is None)
    everything = {row["id"] for row in entries()}
    assert ids(Entry.objects.filter(**{f"{field}__isnull": True})) == null
    assert ids(Entry.objects.filter(**{f"{field}__isnull": False})) == everything - null
    if field != "data":  # there None would be a JSON null
        assert ids(Entry.objects.filter(**{field: None})) == null


@pytest.mark.parametrize("field", VALUES)
def test_a_list_and_a_range(field: str) -> None:
    values = VALUES[field]
    wanted = where(lambda row: value_of(row, field) in values)
    assert ids(Entry.objects.filter(**{f"{field}__in": [*values, None]})) == wanted
    if field not in ("flag", "owner"):
        least, most = min(values), max(values)
        assert ids(Entry.objects.filter(**{f"{field}__range": (least, most)})) == where(
            lambda row: value_of(row, field) is not None and least <= value_of(row, field) <= most
        )


def test_uuids() -> None:
    known = [row["uid"] for row in entries() if row["uid"]][:3]
    assert ids(Entry.objects.filter(uid=known[0])) == where(lambda row: row["uid"] == known[0])
    listed = [*known, UUID(int=0)]
    assert ids(Entry.objects.filter(uid__in=listed)) == where(lambda row: row["uid"] in listed)


@pytest.mark.parametrize(
    ("condition", "test"),
    [
        (Q(text="a") | Q(note="a"), lambda r: "a" in (r["text"], r["note"])),
        (Q(text="a") & ~Q(rank=1), lambda r: r["text"] == "a" and r["rank"] != 1),
        (~Q(text="a"), lambda r: r["text"] != "a"),
        (Q(text="a") ^ Q(rank=1), lambda r: (r["text"] == "a") != (r["rank"] == 1)),
        (Q(text=F("note")), lambda r: r["text"] is not None and r["text"] == r["note"]),
        (
            Q(text=F("owner__name")),
            lambda r: r["text"] is not None and r["text"] == r["owner__name"],
        ),
        (
            Q(text__lt=F("note")),
            lambda r: None not in (r["text"], r["note"]) and r["text"] < r["note"],
        ),
        (
            Q(rank__gt=F("number")),
            lambda r: None not in (r["rank"], r["number"]) and r["rank"] > r["number"],
        ),
        (
            Q(price__lt=F("rank")),
            lambda r: None not in (r["price"], r["rank"]) and r["price"] < r["rank"],
        ),
        (
            Q(number=F("rank") * 10 + 1),
            lambda r: None not in (r["rank"], r["number"]) and r["number"] == r["rank"] * 10 + 1,
        ),
        (Q(flag=True), lambda r: r["flag"] is True),
        (Q(pk__in=[]), lambda r: False),
    ],
    # A function has another address in each process, where pytest-xdist needs the same name.
    ids=lambda value: str(value) if isinstance(value, Q) else None,
)
def test_conditions_together(condition: Q, test: Callable[[Row], bool]) -> None:
    assert ids(Entry.objects.filter(condition)) == where(test)
    found = Case(When(condition, then=Value(1)), default=Value(0))
    by_row(found, lambda row: int(test(row)))
    by_group(Count("pk", filter=condition), lambda group: sum(bool(test(row)) for row in group))


def owners(queryset: QuerySet[Any]) -> set[int]:
    return {number for (number,) in answers({"id": "pk"}, queryset=queryset)}


@pytest.mark.parametrize("text", ["a", "A", "", "a ", "ss", "\u00df"])
def test_owners_of_entries_with_a_text(text: str) -> None:
    wanted = {row["owner_id"] for row in entries() if row["text"] == text} - {None}
    everybody = {owner["id"] for owner in rows().owners}
    inner = Entry.objects.filter(text=text)
    assert owners(Owner.objects.filter(Exists(inner.filter(owner=OuterRef("pk"))))) == wanted
    assert (
        owners(Owner.objects.filter(~Exists(inner.filter(owner=OuterRef("pk")))))
        == everybody - wanted
    )
    assert owners(Owner.objects.filter(pk__in=inner.values("owner"))) == wanted
    assert owners(Owner.objects.exclude(entry__text=text)) == everybody - wanted


def test_texts_among_those_of_a_sub_query() -> None:
    names = {owner["name"] for owner in rows().owners} - {None}
    found = ids(
        Entry.objects.filter(text__in=Owner.objects.filter(name__isnull=False).values("name"))
    )
    assert found == where(lambda row: row["text"] in names)


@pytest.mark.parametrize("field", ["text", "rank", "amount", "at", "note"])
@pytest.mark.parametrize("sign", ["", "-"])
def test_the_first_row_of_a_sub_query(field: str, sign: str) -> None:
    """In total order: NULLs last, ties by key."""
    first = Entry.objects.filter(owner=OuterRef("pk")).order_by(f"{sign}{field}").values("pk")[:1]
    found = dict(answers({"id": "pk", "first": Subquery(first)}, queryset=Owner.objects.all()))
    for owner in rows().owners:
        group = groups().get(owner["id"], [])
        present = sorted((row for row in group if row[field] is not None), key=lambda r: r["id"])
        present.sort(key=lambda row: row[field], reverse=bool(sign))
        absent = sorted(row["id"] for row in group if row[field] is None)
        wanted = [*(row["id"] for row in present), *absent]
        assert found[owner["id"]] == (wanted[0] if wanted else None)


def test_aggregates_of_a_sub_query() -> None:
    mine = Entry.objects.filter(owner=OuterRef("pk")).order_by().values("owner")
    found = answers(
        {
            "id": "pk",
            "total": Subquery(mine.annotate(made=Sum("number")).values("made")),
            "greatest": Subquery(mine.annotate(made=Max("text")).values("made")),
            "texts": Subquery(mine.annotate(made=StringAgg("text", ",")).values("made")),
        },
        queryset=Owner.objects.all(),
    )
    for number, total, greatest, texts in found:
        group = groups().get(number, [])
        numbers = [row["number"] for row in group if row["number"] is not None]
        written = [row["text"] for row in group if row["text"] is not None]
        assert total == (sum(numbers) if numbers else None)
        assert greatest == (max(written) if written else None)
        assert texts == (",".join(sorted(written)) if written else None)


def test_a_filter_on_an_aggregate() -> None:
    queryset = Owner.objects.annotate(entries=Count("entry"), least=Max("entry__text"))
    found = owners(queryset.filter(entries__gt=40, least__gt="z"))
    wanted = {
        owner
        for owner, group in groups().items()
        if owner is not None
        and len(group) > 40
        and max((row["text"] for row in group if row["text"] is not None), default="") > "z"
    }
    assert found == wanted


def test_a_filter_on_a_huge_sum() -> None:
    queryset = Owner.objects.annotate(total=Sum("entry__huge"))
    totals = {
        owner: sum(row["huge"] for row in group if row["huge"] is not None)
        for owner, group in groups().items()
        if owner is not None and any(row["huge"] is not None for row in group)
    }
    assert any(abs(total) > 2**63 for total in totals.values())
    for limit in (0, 2**62, -(2**62)):
        assert owners(queryset.filter(total__gt=limit)) == {
            owner for owner, total in totals.items() if total > limit
        }
    for compare in ("gt", "lt"):  # with a number that is small enough for itself
        assert owners(queryset.filter(**{f"total__{compare}": F("id")})) == {
            owner for owner, total in totals.items() if COMPARISONS[compare](total, owner)
        }


MADE: dict[str, tuple[Any, Callable[[Row], Any]]] = {
    "text": (F("text"), lambda row: row["text"]),
    "note": (F("note"), lambda row: row["note"]),
    "Lower": (Lower("text"), lambda row: row["text"] and row["text"].translate(LOWER)),
    "Coalesce": (
        Coalesce("note", "text"),
        lambda row: row["text"] if row["note"] is None else row["note"],
    ),
    "+": (
        F("rank") + F("price"),
        lambda row: None if None in (row["rank"], row["price"]) else row["rank"] + row["price"],
    ),
    "day": (F("day"), lambda row: row["day"]),
}


@pytest.mark.parametrize("name", MADE)
def test_groups_of_a_sub_query(name: str) -> None:
    """Texts make groups by code point there too."""
    made, oracle = MADE[name]
    counted = Counter(oracle(row) for row in entries())
    groups = Entry.objects.values(group=made).annotate(number=Count("pk"))
    wanted = {owner["id"] for owner in rows().owners} & set(counted.values())
    assert owners(Owner.objects.filter(pk__in=groups.values("number"))) == wanted
    del counted[None]
    most = sorted(counted.values())[len(counted) // 2]
    kept = {value for value, number in counted.items() if number > most}
    groups = groups.filter(number__gt=most)
    found = ids(Entry.objects.annotate(made=made).filter(made__in=groups.values("group")))
    assert found == where(lambda row: oracle(row) in kept)
    if name in ("text", "note", "day"):
        groups = Entry.objects.values(name).annotate(number=Count("pk")).filter(number__gt=most)
        assert ids(Entry.objects.filter(**{f"{name}__in": groups.values(name)})) == found


@pytest.mark.parametrize("name", MADE)
def test_groups_that_the_queryset_makes(name: str) -> None:
    made, oracle = MADE[name]
    groups = Entry.objects.annotate(made=made).values("made").annotate(number=Count("pk"))
    found = answers({"number": "number"}, queryset=groups, group_by={"key": Key(F("made"))})
    assert dict(found) == Counter(oracle(row) for row in entries())


@pytest.mark.parametrize("field", ["text", "ratio", "uid", "amount", "huge", "at", "span"])
def test_values_are_among_those_of_a_sub_query_and_equal_their_own(field: str) -> None:
    present = where(lambda row: row[field] is not None)
    inner = Entry.objects.filter(**{f"{field}__isnull": False})
    assert ids(Entry.objects.filter(**{f"{field}__in": inner.values(field)})) == present
    mine = Entry.objects.filter(pk=OuterRef("pk")).values(field)[:1]
    assert ids(Entry.objects.filter(**{field: mine})) == present
