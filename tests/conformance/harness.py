"""An expression, asked of the database under test and of plain Python, over the hostile rows.

`by_row` asks for a value of every entry, `by_group` for one of every owner's entries. Both go the
way of every report: declaration, statement, stream, canonical values. The oracle is a function of
a row's dictionary, or of a group's list of them; it knows nothing of SQL.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from decimal import Decimal
from functools import cache
from typing import Any

from django.db.models import F, QuerySet

from reports import Column, Report
from reports.columns import Key
from reports.queries.statement import Statement
from tests.hostile.fixture import rows
from tests.hostile.models import Entry

type Row = dict[str, Any]


class HeldSnapshot:
    """One snapshot for all statements of a module: to open one takes longer than most of them.

    It sees what was committed when the module asked first.
    """

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._connection: Any = None

    @contextmanager
    def snapshot(self, database: Any) -> Iterator[Any]:
        """The snapshot. An error ends it, as the server may have ended its transaction."""
        if self._connection is None:
            self._connection = self._stack.enter_context(database.snapshot())
        try:
            yield self._connection
        except BaseException as error:
            self._connection = None
            self._stack.__exit__(type(error), error, error.__traceback__)
            raise

    def close(self) -> None:
        """End the snapshot, if there is one."""
        self._connection = None
        self._stack.close()


held = HeldSnapshot()


@cache
def entries() -> tuple[Row, ...]:
    """Every entry, by id, with its owner's columns as `owner__id` and `owner__name`."""
    owners = {None: {"id": None, "name": None}, **{owner["id"]: owner for owner in rows().owners}}
    return tuple(
        row | {f"owner__{name}": value for name, value in owners[row["owner_id"]].items()}
        for row in sorted(rows().entries, key=lambda row: row["id"])
    )


@cache
def groups() -> dict[int | None, list[Row]]:
    """The entries of each owner, None for those without one."""
    found = defaultdict(list)
    for row in entries():
        found[row["owner_id"]].append(row)
    return dict(found)


def statement(
    columns: dict[str, Any],
    *,
    queryset: QuerySet[Any] | None = None,
    group_by: dict[str, Any] | None = None,
    ordering: Sequence[str] = (),
) -> Statement:
    """The statement of a report made of these columns (expressions, names or `Column`s)."""
    declared = {
        name: column if isinstance(column, Column) else Column(column)
        for name, column in columns.items()
    }
    meta = type("Meta", (), {"ordering": tuple(ordering), "permission": None})
    names = {"queryset": Entry.objects.all() if queryset is None else queryset, "Meta": meta}
    if group_by is not None:
        names["group_by"] = group_by
    return Statement(type("Probe", (Report,), names | declared)(), {}, "default")


def answers(columns: dict[str, Any], **options: Any) -> list[tuple[Any, ...]]:
    """The rows that the database under test answers."""
    return list(statement(columns, **options).stream(held))


def by_row(
    expression: Any,
    oracle: Callable[[Row], Any],
    *,
    places: int | None = None,
    queryset: QuerySet[Any] | None = None,
    where: Callable[[Row], bool] = lambda row: True,
) -> None:
    """Demand that every entry has the oracle's value. `where` says which rows `queryset` has."""
    columns = {"id": "pk", "found": Column(expression, places=places)}
    found = dict(answers(columns, queryset=queryset, ordering=["id"]))
    wanted = {row["id"]: oracle(row) for row in entries() if where(row)}
    assert found.keys() == wanted.keys()
    for row in entries():
        if row["id"] in wanted:
            same(found[row["id"]], wanted[row["id"]], row)


def by_group(
    expression: Any,
    oracle: Callable[[list[Row]], Any],
    *,
    places: int | None = None,
    queryset: QuerySet[Any] | None = None,
    where: Callable[[Row], bool] = lambda row: True,
) -> None:
    """Demand that every owner's entries have the oracle's value.

    Some servers read the groups of a derived table, which has no order, another way.
    """
    made = statement(
        {"found": Column(expression, places=places)},
        queryset=queryset,
        group_by={"owner": Key(F("owner_id"))},
    )
    found = dict(made.stream(held))
    assert dict(map(made.canonical, made.queryset.order_by())) == found, "without an order"
    wanted = {
        owner: oracle(kept)
        for owner, group in groups().items()
        if (kept := [row for row in group if where(row)])
    }
    assert found.keys() == wanted.keys()
    for owner, value in wanted.items():
        same(found[owner], value, {"owner": owner})


def same(found: Any, wanted: Any, where: Any) -> None:
    """Demand one value, of one type, with as many decimal places."""
    assert found == wanted, _differs(found, wanted, where)
    assert type(found) is type(wanted), _differs(found, wanted, where)
    if isinstance(found, Decimal):
        assert str(found) == str(wanted), _differs(found, wanted, where)


def _differs(found: Any, wanted: Any, where: Any) -> str:
    """What differs, written only then: a row is long, and there are millions of values."""
    return f"{found!r} not {wanted!r} in {where!r}"
