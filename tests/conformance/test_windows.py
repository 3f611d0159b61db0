"""Windows, against sorted() and lists."""

from collections import Counter, defaultdict
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from itertools import groupby, permutations

import pytest
from django.db.models import F, Q, RowRange, Value, ValueRange, WindowFrameExclusion

from reports import Column
from reports.columns import Key
from reports.errors import DeclarationError, NotPortable
from reports.expressions import (
    AnyValue,
    Avg,
    BitAnd,
    BoolAnd,
    BoolOr,
    Count,
    First,
    Max,
    Min,
    Mode,
    StringAgg,
    Sum,
)
from reports.expressions.aggregates.quantiles import Median, Percentile
from reports.expressions.aggregates.statistics import StdDev, Variance
from reports.expressions.json.lists import JSONList
from reports.expressions.windows.functions import (
    CumeDist,
    DenseRank,
    FirstValue,
    Lag,
    LastValue,
    Lead,
    NthValue,
    Ntile,
    PercentRank,
    Rank,
    RowNumber,
)
from reports.expressions.windows.window import Window
from tests.conformance.harness import answers, by_row, entries, groups
from tests.conformance.oracles import order, shown, values
from tests.hostile.models import Entry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("hostile")]

KEYS = [
    ("rank",),
    ("-rank",),
    ("text",),
    ("-note", "flag"),
    ("owner__name", "-day"),
    ("amount",),
    ("-at",),
    ("uid",),
    ("clock", "-price"),
]
PARTITIONS = [(), ("owner_id",), ("owner__name",), ("rank", "flag"), ("text",)]


def check(expression, of_partition, partition, keys=(), places=None, **window):
    """Demand the oracle's values: `of_partition` gives those of a list of rows."""
    partitions = defaultdict(list)
    for row in entries():
        partitions[tuple(row[name] for name in partition)].append(row)
    wanted = {}
    for rows in partitions.values():
        rows = sorted(rows, key=order(*keys, "id"))
        wanted |= {row["id"]: value for row, value in zip(rows, of_partition(rows), strict=True)}
    by_row(
        Window(expression, partition_by=list(partition), order_by=list(keys), **window),
        lambda row: wanted[row["id"]],
        places=places,
    )


def ranks(rows, keys):
    """Of sorted rows: (rank, dense rank, how many are up to the row and its equals)."""
    found = []
    for dense, (_, level) in enumerate(groupby(rows, order(*keys)), 1):
        level, rank = list(level), len(found) + 1
        found += [(rank, dense, rank + len(level) - 1)] * len(level)
    return found


def rounded(fraction, places):
    fraction = Fraction(fraction)
    units = abs(fraction) * 10**places
    half_up = int(units + Fraction(1, 2))
    return Decimal(half_up if fraction >= 0 else -half_up).scaleb(-places)


@pytest.mark.parametrize("partition", PARTITIONS, ids="".join)
@pytest.mark.parametrize("keys", KEYS, ids="".join)
def test_ranks(keys, partition):
    check(RowNumber(), lambda rows: range(1, len(rows) + 1), partition, keys)
    check(Rank(), lambda rows: [rank for rank, _, _ in ranks(rows, keys)], partition, keys)
    check(DenseRank(), lambda rows: [dense for _, dense, _ in ranks(rows, keys)], partition, keys)


@pytest.mark.parametrize("partition", PARTITIONS[:3], ids="".join)
@pytest.mark.parametrize("keys", KEYS[:4], ids="".join)
def test_shares(keys, partition):
    check(
        PercentRank(),
        lambda rows: [
            rounded(Fraction(rank - 1, max(len(rows) - 1, 1)), 6)
            for rank, _, _ in ranks(rows, keys)
        ],
        partition,
        keys,
        places=6,
    )
    check(
        CumeDist(),
        lambda rows: [rounded(Fraction(upto, len(rows)), 6) for _, _, upto in ranks(rows, keys)],
        partition,
        keys,
        places=6,
    )


def tiles(rows, count):
    size, larger = divmod(len(rows), count)
    found = [tile for tile in range(1, count + 1) for _ in range(size + (tile <= larger))]
    return found[: len(rows)]


@pytest.mark.parametrize("count", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize("keys", [("rank",), ("-text",)], ids="".join)
def test_tiles(count, keys):
    check(Ntile(count), lambda rows: tiles(rows, count), ("owner_id",), keys)


def test_rows_are_numbered_without_an_order():
    check(RowNumber(), lambda rows: range(1, len(rows) + 1), ("flag",))


FIELDS = ["text", "number", "big", "amount", "flag", "day", "clock", "at", "uid", "owner__name"]


def neighbours(rows, field, offset, default=None):
    return [
        shown(rows[at]["_" if field is None else field], field)
        if 0 <= (at := n + offset) < len(rows)
        else default
        for n in range(len(rows))
    ]


@pytest.mark.parametrize("offset", [1, 3])
@pytest.mark.parametrize("field", FIELDS)
def test_neighbours(field, offset):
    for keys in (("rank",), ("-day", "flag")):
        check(
            Lag(field, offset), lambda rows: neighbours(rows, field, -offset), ("owner_id",), keys
        )
        check(
            Lead(field, offset), lambda rows: neighbours(rows, field, offset), ("owner_id",), keys
        )


DEFAULTS = [
    ("text", "nobody"),
    ("text", ""),
    ("number", 0),
    ("amount", Decimal("1.500000")),
    ("flag", False),
    ("day", date(2000, 1, 1)),
    ("at", datetime(2000, 1, 1, tzinfo=UTC)),
]


@pytest.mark.parametrize(("field", "default"), DEFAULTS)
def test_neighbours_with_a_default(field, default):
    check(
        Lag(field, 2, default),
        lambda rows: neighbours(rows, field, -2, default),
        ("rank",),
        ("text",),
    )
    check(
        Lead(field, default=default),
        lambda rows: neighbours(rows, field, 1, default),
        ("rank",),
        ("text",),
    )


def test_a_neighbour_with_a_column_for_a_default():
    def oracle(rows):
        found = neighbours(rows, "number", -1)
        return [rows[0]["big"], *found[1:]]

    check(Lag("number", 1, F("big")), oracle, ("owner_id",), ("rank",))


FRAMES = [
    RowRange(),
    RowRange(start=None, end=0),
    RowRange(start=0, end=None),
    RowRange(start=-2, end=0),
    RowRange(start=-1, end=1),
    RowRange(start=1, end=3),
    RowRange(start=-3, end=-1),
    RowRange(start=None, end=-1),
]


def framed(rows, frame):
    """The rows of each row's frame of rows."""
    for n in range(len(rows)):
        start = 0 if frame.start.value is None else max(0, n + frame.start.value)
        end = len(rows) if frame.end.value is None else max(0, n + frame.end.value + 1)
        yield rows[start:end]


@pytest.mark.parametrize("frame", FRAMES, ids=str)
@pytest.mark.parametrize("field", ["text", "amount", "day", "flag"])
def test_first_last_and_nth_of_a_frame(field, frame):
    def at(index):
        return lambda rows: [
            shown(kept[index][field], field)
            if len(kept) >= (index + 1 if index >= 0 else 1)
            else None
            for kept in framed(rows, frame)
        ]

    for expression, index in (
        (FirstValue(field), 0),
        (LastValue(field), -1),
        (NthValue(field, 2), 1),
    ):
        check(expression, at(index), ("owner_id",), ("rank",), frame=frame)


@pytest.mark.parametrize("keys", [(), ("-rank", "text")], ids="".join)
@pytest.mark.parametrize("field", ["text", "number"])
def test_first_and_last_without_a_frame(field, keys):
    check(FirstValue(field), lambda rows: [rows[0][field]] * len(rows), ("flag",), keys)
    check(
        LastValue(field),
        lambda rows: [row[field] if keys else rows[-1][field] for row in rows],
        ("flag",),
        keys,
    )


def total(rows, field):
    found = values(rows, field)
    return sum(found) if found else None


AGGREGATES = {
    "sum": (Sum, total),
    "min": (Min, lambda rows, field: min(values(rows, field), default=None)),
    "max": (Max, lambda rows, field: max(values(rows, field), default=None)),
    "count": (Count, lambda rows, field: len(values(rows, field))),
}


@pytest.mark.parametrize("frame", FRAMES, ids=str)
@pytest.mark.parametrize("name", AGGREGATES)
@pytest.mark.parametrize("field", ["number", "amount"])
def test_aggregates_of_frames_of_rows(field, name, frame):
    aggregate, oracle = AGGREGATES[name]
    check(
        aggregate(field),
        lambda rows: [oracle(kept, field) for kept in framed(rows, frame)],
        ("owner_id",),
        ("-rank", "text"),
        frame=frame,
    )


@pytest.mark.parametrize("frame", FRAMES, ids=str)
@pytest.mark.parametrize("field", ["number", "price"])
def test_moving_means(field, frame):
    def oracle(rows):
        for kept in framed(rows, frame):
            found = values(kept, field)
            yield rounded(Fraction(sum(found)) / len(found), 3) if found else None

    check(Avg(field), oracle, ("rank",), ("day",), places=3, frame=frame)


@pytest.mark.parametrize("name", AGGREGATES)
@pytest.mark.parametrize("keys", [("rank",), ("-rank", "flag"), ("owner__name",)], ids="".join)
@pytest.mark.parametrize(
    "frame", [None, ValueRange(None, 0), ValueRange(0, None), ValueRange()], ids=str
)
def test_level_rows_are_taken_together(name, keys, frame):
    aggregate, oracle = AGGREGATES[name]
    key = order(*keys)

    def of(rows):
        start, end = (None, 0) if frame is None else (frame.start.value, frame.end.value)
        places = [key(row) for row in rows]
        for place in places:
            yield oracle(
                [
                    other
                    for other, there in zip(rows, places, strict=True)
                    if (start is None or not there < place) and (end is None or not place < there)
                ],
                "amount",
            )

    check(aggregate("amount"), of, ("owner_id",), keys, frame=frame)


@pytest.mark.parametrize("name", AGGREGATES)
@pytest.mark.parametrize("field", ["number", "amount"])
def test_the_whole_partition_without_an_order(name, field):
    aggregate, oracle = AGGREGATES[name]
    check(aggregate(field), lambda rows: [oracle(rows, field)] * len(rows), ("text",))


@pytest.mark.parametrize("field", ["text", "day", "at", "clock", "uid", "big"])
def test_running_least_and_greatest_of_every_type(field):
    for name in ("min", "max"):
        aggregate, oracle = AGGREGATES[name]
        check(
            aggregate(field),
            lambda rows, oracle=oracle: [oracle(rows[:n], field) for n in range(1, len(rows) + 1)],
            ("owner_id",),
            ("rank",),
            frame=RowRange(None, 0),
        )


DISTANCES = [
    (-1, 1),
    (-2, 0),
    (0, 2),
    (-3, -1),
    (1, 2),
    (None, 1),
    (None, -1),
    (-1, None),
    (2, None),
]


@pytest.mark.parametrize("distance", DISTANCES, ids=str)
@pytest.mark.parametrize("key", ["rank", "-rank"])
@pytest.mark.parametrize("name", ["sum", "count"])
def test_frames_of_values(name, key, distance):
    start, end = distance
    aggregate, oracle = AGGREGATES[name]

    def of(rows):
        places = [
            None if row["rank"] is None else row["rank"] * (-1 if key == "-rank" else 1)
            for row in rows
        ]
        for place in places:
            kept = []
            for row, other in zip(rows, places, strict=True):
                if place is None:
                    inside = other is None or start is None
                else:
                    inside = (
                        (start is None or other is None or other >= place + start)
                        and (end is None or (other is not None and other <= place + end))
                        and (other is not None or end is None)
                    )
                if inside:
                    kept.append(row)
            yield oracle(kept, "amount")

    check(aggregate("amount"), of, ("owner_id",), (key,), frame=ValueRange(start, end))


@pytest.mark.parametrize("name", ["sum", "min", "count"])
def test_filtered(name):
    aggregate, oracle = AGGREGATES[name]
    check(
        aggregate("amount", filter=Q(number__gt=0)),
        lambda rows: [
            oracle([row for row in rows[:n] if (row["number"] or 0) > 0], "amount")
            for n in range(1, len(rows) + 1)
        ],
        ("owner_id",),
        ("rank",),
        frame=RowRange(None, 0),
    )


@pytest.mark.parametrize(("pick", "of"), [(BoolAnd, all), (BoolOr, any)])
def test_truth_so_far(pick, of):
    def oracle(rows):
        for n in range(1, len(rows) + 1):
            found = values(rows[:n], "flag")
            yield of(found) if found else None

    check(pick("flag"), oracle, ("owner_id",), ("rank",), frame=RowRange(None, 0))


def test_a_running_count_of_rows():
    check(
        Count("*"),
        lambda rows: range(1, len(rows) + 1),
        ("flag",),
        ("text",),
        frame=RowRange(None, 0),
    )


def test_a_default_of_an_aggregate():
    check(
        Max("number", default=-7),
        lambda rows: [max(values(kept, "number"), default=-7) for kept in framed(rows, FRAMES[-1])],
        ("rank",),
        ("day",),
        frame=FRAMES[-1],
    )


def test_windows_are_what_they_are_alone():
    """MariaDB sorts once for windows beside each other, and may confuse their orders."""
    windows = {
        "all": Window(Count("pk")),
        "by_day": Window(Rank(), order_by="-day"),
        "of_flag": Window(Sum("rank"), partition_by="flag"),
        "first": Window(FirstValue("pk"), partition_by="rank", order_by=["-day", "pk"]),
        "so_far": Window(Sum("rank"), order_by=["amount", "pk"]),
    }
    alone = {name: dict(answers({"id": "pk", name: each})) for name, each in windows.items()}
    for names in permutations(windows, 3):
        for key, *found in answers({"id": "pk"} | {name: windows[name] for name in names}):
            assert found == [alone[name][key] for name in names], (names, key)


def test_the_engine_orders_by_a_window():
    found = answers(
        {"place": Window(RowNumber(), order_by=F("text").desc()), "text": "text"},
        ordering=["place"],
    )
    wanted = sorted(entries(), key=order("-text", "id"))
    assert [text for _, text in found] == [row["text"] for row in wanted]


def test_rows_filtered_by_a_window():
    queryset = Entry.objects.annotate(
        place=Window(RowNumber(), partition_by="owner_id", order_by="-amount")
    ).filter(place__lte=2)
    wanted = {
        row["id"]
        for rows in groups().values()
        for row in sorted(rows, key=order("-amount", "id"))[:2]
    }
    assert set(queryset.values_list("pk", flat=True)) == wanted


@pytest.mark.parametrize("keys", [("-total",), ("total",)], ids="".join)
def test_groups_have_ranks(keys):
    total_of = {owner: total(rows, "number") for owner, rows in groups().items()}
    descending = keys[0].startswith("-")
    found = answers(
        {
            "total": Sum("number"),
            "place": Window(
                RowNumber(), order_by=Sum("number").desc() if descending else Sum("number")
            ),
            "before": Window(Lag(Sum("number")), order_by="owner_id"),
        },
        group_by={"owner": Key(F("owner_id"))},
    )
    rows = [{"owner": owner, "total": value} for owner, value in total_of.items()]
    places = {
        row["owner"]: place for place, row in enumerate(sorted(rows, key=order(*keys, "owner")), 1)
    }
    by_owner = sorted(rows, key=order("owner"))
    before = {
        row["owner"]: (by_owner[n - 1]["total"] if n else None) for n, row in enumerate(by_owner)
    }
    assert found == [
        (row["owner"], row["total"], places[row["owner"]], before[row["owner"]]) for row in by_owner
    ]


REFUSED = [
    (lambda: Window(StringAgg("text", ",")), "StringAgg cannot stand in a Window"),
    (lambda: Window(JSONList("text")), "JSONList cannot stand in a Window"),
    (lambda: Window(AnyValue("number")), "AnyValue cannot stand in a Window"),
    (lambda: Window(Mode("text")), "Mode cannot stand in a Window"),
    (lambda: Window(First("text", order_by="id")), "First cannot stand in a Window"),
    (lambda: Window(BitAnd("number")), "BitAnd cannot stand in a Window"),
    (lambda: Window(StdDev("number")), "StdDev or Variance cannot stand in a Window"),
    (lambda: Window(Variance("ratio")), "StdDev or Variance cannot stand in a Window"),
    (lambda: Window(Median("number")), "Median or Percentile cannot stand in a Window"),
    (
        lambda: Window(Percentile("number", "0.1", discrete=True)),
        "Median or Percentile cannot stand in a Window",
    ),
    (lambda: Window(Count("text", distinct=True)), "distinct=True. cannot stand in a Window"),
    (
        lambda: Window(Sum("number"), order_by="amount", frame=ValueRange(-1, 1)),
        "one key, an integer",
    ),
    (
        lambda: Window(Sum("number"), order_by=["rank", "id"], frame=ValueRange(-1, 1)),
        "one key, an int",
    ),
    (
        lambda: Window(
            Sum("number"), order_by="id", frame=RowRange(-1, 1, WindowFrameExclusion.CURRENT_ROW)
        ),
        "exclude rows from a frame",
    ),
]


@pytest.mark.parametrize(("make", "sentence"), REFUSED)
def test_what_is_not_portable(make, sentence):
    with pytest.raises(NotPortable, match=sentence):
        answers({"found": Column(make(), places=1)})


MEANINGLESS = [
    (lambda: Window(F("number"), order_by="id"), "takes a function of windows or an aggregate"),
    (lambda: Window(Rank()), "needs an order_by"),
    (lambda: Window(Rank(), order_by="id", frame=RowRange()), "Rank has no frame"),
    (lambda: Window(Sum("number"), frame=ValueRange(None, 0)), "needs an order_by"),
    (lambda: Window(Sum("number"), frame=RowRange(2, 1)), "begins before it ends"),
    (lambda: Window(Sum("number"), frame="rows"), "a RowRange or a ValueRange"),
    (lambda: RowNumber(), "stands in a Window"),
    (lambda: Lag("number"), "stands in a Window"),
]


@pytest.mark.parametrize(("make", "sentence"), MEANINGLESS)
def test_what_cannot_be_meant(make, sentence):
    with pytest.raises(DeclarationError, match=sentence):
        answers({"found": make()})


def test_a_literal_is_a_value_too():
    check(Lag(Value("x")), lambda rows: [None, *["x"] * (len(rows) - 1)], ("flag",), ("id",))


@pytest.mark.parametrize("key", ["rank", "flag", "text", "uid", "amount", "at"])
def test_groups_that_are_level_go_by_their_keys(key):
    """NULL last, UUIDs by their text."""
    found = answers(
        {"number": Window(RowNumber()), "among": Window(RowNumber(), order_by=Count("pk"))},
        group_by={"key": Key(F(key))},
    )
    counted = Counter(row[key] for row in entries())
    present = [value for value in counted if value is not None]
    wanted = [*sorted(present, key=str if key == "uid" else None), None]
    level = sorted(wanted, key=lambda value: counted[value])
    assert {row[0]: row[1:] for row in found} == {
        value: (wanted.index(value) + 1, level.index(value) + 1) for value in wanted
    }
