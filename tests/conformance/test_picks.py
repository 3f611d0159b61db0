"""Picks, against sorted() and Counter."""

from collections import Counter
from datetime import date
from decimal import Decimal
from functools import reduce
from operator import and_, or_, xor

import pytest
from django.db.models import DecimalField, ExpressionWrapper, F, OuterRef, Q, Subquery, Value

from reports.errors import DeclarationError, NotPortable
from reports.expressions import (
    BitAnd,
    BitOr,
    BitXor,
    BoolAnd,
    BoolOr,
    Count,
    First,
    Last,
    Mode,
    Sign,
)
from tests.conformance.harness import answers, by_group, by_row, entries, groups, statement
from tests.conformance.oracles import values
from tests.hostile.models import Entry, Long, Number, Owner

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("hostile")]

FIELDS = (
    *("text", "note", "rank", "number", "big", "huge", "amount", "price", "flag", "uid", "day"),
    *("clock", "at", "owner__name"),
)
BITS = {BitAnd: and_, BitOr: or_, BitXor: xor}


def is_positive(row):
    return (row["number"] or 0) > 0


WHERES = [(None, None), (Q(number__gt=0), is_positive), (Q(rank=3), lambda row: row["rank"] == 3)]


@pytest.mark.parametrize(("condition", "where"), WHERES, ids=["all", "positive", "few"])
@pytest.mark.parametrize(("pick", "of"), [(BoolAnd, all), (BoolOr, any)])
def test_truth(pick, of, condition, where):
    def oracle(rows):
        found = values(rows, "flag", where=where)
        return of(found) if found else None

    by_group(pick("flag", filter=condition), oracle)


@pytest.mark.parametrize(("pick", "of"), [(BoolAnd, all), (BoolOr, any)])
def test_truth_of_a_condition(pick, of):
    by_group(pick(Q(id__gte=500)), lambda rows: of(row["id"] >= 500 for row in rows))


@pytest.mark.parametrize("pick", BITS, ids=lambda pick: pick.__name__)
def test_bits_of_a_sign(pick):
    """Which is an integer on every database, that of a decimal too."""

    def oracle(rows):
        found = [(value > 0) - (value < 0) for value in values(rows, "price")]
        return reduce(BITS[pick], found) if found else None

    by_group(pick(Sign("price")), oracle)


@pytest.mark.parametrize(("condition", "where"), WHERES, ids=["all", "positive", "few"])
@pytest.mark.parametrize("pick", BITS, ids=lambda pick: pick.__name__)
@pytest.mark.parametrize("field", ["rank", "number", "big", "huge", "id"])
def test_bits(pick, field, condition, where):
    def oracle(rows):
        found = values(rows, field, where=where)
        return reduce(BITS[pick], found) if found else None

    by_group(pick(field, filter=condition), oracle)


@pytest.mark.parametrize("pick", [BoolAnd, BoolOr, *BITS, Mode], ids=lambda pick: pick.__name__)
def test_of_nothing(pick):
    field = "flag" if pick in (BoolAnd, BoolOr) else "number"
    by_group(pick(field, filter=Q(id__lt=0)), lambda rows: None)


def mode(found):
    counts = Counter(found)
    return min((value for value in counts if counts[value] == max(counts.values())), default=None)


@pytest.mark.parametrize(("condition", "where"), WHERES, ids=["all", "positive", "few"])
@pytest.mark.parametrize("field", FIELDS)
def test_mode(field, condition, where):
    by_group(Mode(field, filter=condition), lambda rows: mode(values(rows, field, where=where)))


@pytest.mark.parametrize("field", FIELDS)
def test_mode_of_everything(field):
    ((_, found),) = answers({"mode": Mode(field)}, group_by={"all": Value(1)})
    assert found == mode(values(list(entries()), field))


@pytest.mark.parametrize(
    "texts",
    [
        ["a", "A", "a", "A", "\u00e1", "a ", " a", ""],
        ["", " ", "", "  ", " ", "\t"],
        ["\U0001f600" * 20, "\U0001f600" * 20, "\U0001f600" * 19 + "\U0001f601"],
        ["%", "\\", '"', "\\", '"', "\x01", "'"],
        ["\u1e9e", "\u00df", "ss", "\u00df", "ss"],
    ],
)
def test_mode_of_short_texts(texts):
    Number.objects.bulk_create(
        Number(id=2_000_000 + number, text=text) for number, text in enumerate(texts)
    )
    # In the test's own transaction, which has the rows.
    asked = statement(
        {"mode": Mode("text")},
        queryset=Number.objects.filter(id__gte=2_000_000),
        group_by={"all": Value(1)},
    )
    assert [asked.canonical(row) for row in asked.queryset] == [(1, mode(texts))]


def first(rows, field, *keys, where=None):
    return next(iter(values(rows, field, *keys, where=where)), None)


def last(rows, field, *keys, where=None):
    return first(
        [row | {"_": None} for row in rows],
        field,
        *(key.removeprefix("-") if key.startswith("-") else f"-{key}" for key in keys),
        f"-{field}",
        where=where,
    )


PICKS = {First: first, Last: last}
ORDERS = [
    ("rank",),
    ("-day",),
    ("flag", "-note"),
    ("uid",),
    ("-price", "clock"),
    ("owner__name", "at"),
    ("-text", "rank"),
]


@pytest.mark.parametrize("pick", PICKS, ids=lambda pick: pick.__name__)
@pytest.mark.parametrize("keys", ORDERS, ids="".join)
@pytest.mark.parametrize("field", FIELDS)
def test_first_and_last(field, keys, pick):
    by_group(pick(field, order_by=keys), lambda rows: PICKS[pick](rows, field, *keys))


@pytest.mark.parametrize("pick", PICKS, ids=lambda pick: pick.__name__)
@pytest.mark.parametrize(("condition", "where"), WHERES[1:], ids=["positive", "few"])
@pytest.mark.parametrize("field", ["text", "number", "amount", "flag", "day", "at"])
def test_first_and_last_filtered(field, condition, where, pick):
    by_group(
        pick(field, order_by=F("big").desc(), filter=condition),
        lambda rows: PICKS[pick](rows, field, "-big", where=where),
    )


@pytest.mark.parametrize("pick", PICKS, ids=lambda pick: pick.__name__)
def test_floats(pick):
    def oracle(rows):
        found = PICKS[pick](rows, "ratio", "id")
        if found is None:
            return None
        return Decimal(repr(found)).quantize(Decimal("0.001"), "ROUND_HALF_UP") + 0

    by_group(pick("ratio", order_by="id"), oracle, places=3)


@pytest.mark.parametrize("pick", [*PICKS, Mode], ids=lambda pick: pick.__name__)
def test_a_default(pick):
    options = {} if pick is Mode else {"order_by": "id"}
    by_group(
        pick("day", filter=Q(id__lt=0), default=date(2000, 1, 2), **options),
        lambda rows: date(2000, 1, 2),
    )
    by_group(pick("text", filter=Q(id__lt=0), default="none", **options), lambda rows: "none")
    by_group(pick("rank", filter=Q(id__lt=0), default=7, **options), lambda rows: 7)


@pytest.mark.parametrize("pick", [*PICKS, Mode], ids=lambda pick: pick.__name__)
@pytest.mark.parametrize("kind", list(Long.Kind))
def test_long_texts(kind, pick):
    rows = [
        {"text": text, "id": number}
        for text, number in Long.objects.filter(kind=kind).values_list("text", "id")
    ]
    options = {} if pick is Mode else {"order_by": "id"}
    ((_, found),) = answers(
        {"found": pick("text", **options)},
        queryset=Long.objects.filter(kind=kind),
        group_by={"kind": "kind"},
    )
    wanted = mode(values(rows, "text")) if pick is Mode else PICKS[pick](rows, "text", "id")
    assert found == wanted


@pytest.mark.parametrize("pick", [*PICKS, Mode], ids=lambda pick: pick.__name__)
def test_over_a_join_backwards(pick):
    options = {} if pick is Mode else {"order_by": "entry__id"}
    found = answers(
        {"text": pick("entry__text", **options), "count": Count("entry__text")},
        queryset=Owner.objects.all(),
        group_by={"id": "pk"},
    )
    for owner, text, count in found:
        rows = groups().get(owner, [])
        wanted = mode(values(rows, "text")) if pick is Mode else PICKS[pick](rows, "text", "id")
        assert (text, count) == (wanted, len(values(rows, "text")))


def test_in_a_sub_query():
    latest = (
        Entry.objects.filter(owner=OuterRef("owner"))
        .order_by()
        .values("owner")
        .annotate(latest=Last("text", order_by="at"))
        .values("latest")
    )
    wanted = {owner: last(rows, "text", "at") for owner, rows in groups().items()} | {None: None}
    by_row(Subquery(latest), lambda row: wanted[row["owner_id"]])


@pytest.mark.parametrize("pick", [*PICKS, Mode], ids=lambda pick: pick.__name__)
@pytest.mark.parametrize("field", ["text", "amount", "day"])
def test_groups_ordered_by_it(pick, field):
    options = {} if pick is Mode else {"order_by": "id"}
    found = [
        v
        for _, v in answers(
            {"f": pick(field, **options)}, group_by={"o": "owner_id"}, ordering=["-f"]
        )
    ]
    kept = [value for value in found if value is not None]
    assert found == [*sorted(kept, reverse=True), *[None] * (len(found) - len(kept))]


@pytest.mark.parametrize("pick", [*PICKS, Mode], ids=lambda pick: pick.__name__)
def test_groups_filtered_by_it(pick):
    options = {} if pick is Mode else {"order_by": "id"}
    queryset = (
        Entry.objects.order_by()
        .values("owner")
        .annotate(f=pick("number", **options))
        .filter(f__gt=0)
    )
    wanted = {}
    for owner, rows in groups().items():
        wanted[owner] = (
            mode(values(rows, "number")) if pick is Mode else PICKS[pick](rows, "number", "id")
        )
    assert {row["owner"]: row["f"] for row in queryset} == {
        owner: value for owner, value in wanted.items() if (value or 0) > 0
    }


REFUSED = [
    (Mode("ratio"), "Mode takes a .* not a FloatField"),
    (Mode("data"), "not a JSONField"),
    (First("data", order_by="id"), "not a JSONField"),
    (First("span", order_by="id"), "not a DurationField"),
    (BitAnd("flag"), "BitAnd takes a IntegerField, not a BooleanField"),
    (BitOr("amount"), "not a DecimalField"),
    (BoolAnd("number"), "BoolAnd takes a BooleanField, not a IntegerField"),
    (Mode(ExpressionWrapper(F("price"), DecimalField())), "decimals of declared places"),
]


@pytest.mark.parametrize(("expression", "sentence"), REFUSED)
def test_refusals(expression, sentence):
    with pytest.raises(NotPortable, match=sentence):
        answers({"found": expression}, group_by={"rank": "rank"})


@pytest.mark.parametrize("pick", PICKS, ids=lambda pick: pick.__name__)
def test_no_order(pick):
    with pytest.raises(DeclarationError, match="needs an order"):
        pick("text", order_by=())
