"""Windows over rows in total order, and their frames."""

from collections.abc import Iterator, Sequence
from typing import Any, Unpack, cast

from django.db.models import (
    Expression,
    F,
    Func,
    IntegerField,
    OrderBy,
    RowRange,
    ValueRange,
    When,
)
from django.db.models.aggregates import Aggregate
from django.db.models.expressions import Case, Col, ExpressionList
from django.db.models.sql import Query

from geo.backends.compat import Compiler, Connection, ModelField, Sql, is_mariadb
from geo.backends.mysql.compiler import SQLCompiler
from reports import compat
from reports.compat import Resolving
from reports.errors import DeclarationError, NotPortable
from reports.expressions.aggregates.general import key_of, keys_of
from reports.expressions.base import Portable
from reports.expressions.joins import row_key
from reports.expressions.rounding import Comparable, comparable
from reports.expressions.windows.functions import WindowFunction


class Window(Portable, Expression):
    """`Window(expression, partition_by=, order_by=, frame=)`: a value for each row of a partition.

    The expression is a window function, or Sum, Avg, Count, Min, Max and other expressions of
    aggregates that support windows. NULL keys come last, ascending or descending; texts are ordered
    by code point.

    For RowNumber, Ntile, Lag, Lead, FirstValue, LastValue, NthValue and frames of rows (RowRange),
    rows with equal keys are ordered by the primary key, in a grouped report by the group's keys.
    Ranks and other aggregates treat such rows as equal.

    Without a frame an aggregate with an order includes all rows up to the current one and its
    equals; FirstValue, LastValue and NthValue include all rows up to the current one; without an
    order it is the whole partition. ValueRange with numbers takes one key, an integer. Sum and Avg
    are as exact as without a window. Raises NotPortable for an aggregate that some database does
    not support as a window, for DISTINCT and for a frame's exclusion.
    """

    window_compatible = False
    contains_aggregate = False
    contains_over_clause = True

    def __init__(
        self,
        expression: Any,
        partition_by: Any = None,
        order_by: Any = None,
        frame: Any = None,
        output_field: Any = None,
    ) -> None:
        super().__init__(output_field=output_field)
        (self.expression,) = compat.parsed(self, expression)
        self.partition_by = [Comparable(key) for key in compat.parsed(self, *keys_of(partition_by))]
        self.order_by = [key_of(key) for key in keys_of(order_by)]
        self.frame = _checked(frame)

    def rounded(self, places: int) -> "Window":
        """Returns the same, with a mean rounded to `places`."""
        if not hasattr(self.expression, "rounded"):
            return self
        copy = self.copy()
        copy.expression = self.expression.rounded(places)
        return copy

    def get_source_expressions(self) -> list[Any]:
        return [self.expression, *self.partition_by, *self.order_by]

    def set_source_expressions(self, exprs: Sequence[Any]) -> None:
        keys = 1 + len(self.partition_by)
        self.expression = exprs[0]
        self.partition_by, self.order_by = list(exprs[1:keys]), list(exprs[keys:])

    def resolved(self, query: Query | None = None, **context: Unpack[Resolving]) -> Expression:
        expression = self.expression.resolve_expression(query, **context)
        leaves = list(_leaves(expression))
        if not leaves:
            raise DeclarationError(
                f"Window takes a function of windows or an aggregate, not {self.expression!r}."
            )
        for leaf in leaves:
            _refuse(leaf)
        expression = _over(expression, lambda leaf: self._definition(leaf, query, context))
        return _Windowed(expression)

    def inferred_field(self) -> ModelField | None:
        # Before it is resolved: for lookups that are given an expression, Exact(Window(...), 1).
        field: ModelField = self.expression.output_field
        return field

    def _definition(self, leaf: Any, query: Query | None, context: Resolving) -> "_Over":
        is_function = isinstance(leaf, WindowFunction)
        if is_function and not leaf.goes_by_rows and not self.order_by:
            raise DeclarationError(f"Window({leaf.name}()) needs an order_by.")
        if is_function and not leaf.takes_frame and self.frame is not None:
            raise DeclarationError(f"{leaf.name} has no frame: leave it out of the Window.")
        by_rows = leaf.goes_by_rows if is_function else isinstance(self.frame, RowRange)
        keys = [
            OrderBy(Comparable(key.expression), descending=key.descending, nulls_last=True)
            for key in self.order_by
        ]
        frame = ""
        if not is_function or leaf.takes_frame:
            frame = _frame_sql(self.frame, is_ordered=bool(self.order_by), by_rows=by_rows)
        if by_rows:
            keys += _ties(query)
        over = _Over(
            ExpressionList(*self.partition_by) if self.partition_by else None, keys, frame
        ).resolve_expression(query, **context)
        assert isinstance(over, _Over)
        if isinstance(self.frame, ValueRange) and _has_offset(self.frame):
            over.by_one_integer()
        return over


class _Over(Portable, Expression):
    """OVER (...), in the place of an aggregate's FILTER."""

    contains_aggregate = False
    contains_over_clause = True

    def __init__(self, partition: Any, keys: Sequence[Any], frame: str) -> None:
        super().__init__()
        self.partition = partition
        self.keys = list(keys)
        self.frame = frame

    def get_source_expressions(self) -> list[Any]:
        return [self.partition, *self.keys]

    def set_source_expressions(self, exprs: Sequence[Any]) -> None:
        self.partition, *self.keys = exprs

    def get_group_by_cols(self) -> list[Any]:
        return [
            column
            for source in self.get_source_expressions()
            if source is not None
            for column in source.get_group_by_cols()
        ]

    def by_one_integer(self) -> None:
        """Makes the only key one for which databases support offsets, or raises."""
        if len(self.keys) != 1 or not isinstance(
            self.keys[0].expression.output_field, IntegerField
        ):
            raise NotPortable(
                "ValueRange with numbers takes one key, an integer, in order_by: distances of other"
                " types differ between the databases. Use RowRange, or order by an integer."
            )
        self.keys = [_IntegerKey(self.keys[0])]

    def as_sql(
        self, compiler: Compiler, connection: Connection, *, partition_first: str = ""
    ) -> Sql:
        partition, order = self._compiled(compiler)
        parts, params = [], []
        first = [(partition_first, ())] if partition_first else []
        for name, compiled in (("PARTITION BY", [*first, *partition]), ("ORDER BY", order)):
            if compiled:
                parts.append(f"{name} {', '.join(sql for sql, _ in compiled)}")
                params += [param for _, some in compiled for param in some]
        if self.frame:
            parts.append(self.frame)
        return f" OVER ({' '.join(parts)})", tuple(params)

    def as_mysql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        """Returns the SQL, with a sort of its own where MariaDB 11.8 would mix up windows.

        MariaDB sorts once for adjacent windows that extend each other. It compares neighbours only:
        if a window over all rows is between them, two windows with different orders get the same
        order. In such cases each gets a constant partition of its own.
        """
        part = ""
        if is_mariadb(connection):
            own = cast(SQLCompiler, compiler)
            if not own.sorts:
                own.sorts = _sorts(compiler)
            number = own.sorts[self.sort(compiler)]
            part = f"RAND() < -{number}" if number else ""
        return self.as_sql(compiler, connection, partition_first=part)

    def sort(self, compiler: Compiler) -> "Sort":
        """Returns the partition and the order, for comparison with other windows."""
        return tuple(
            tuple((sql, repr(tuple(params))) for sql, params in compiled)
            for compiled in self._compiled(compiler)
        )

    def _compiled(self, compiler: Compiler) -> tuple[list[Any], list[Any]]:
        """Returns SQL and parameters of each expression of the partition and the order."""
        partition = [] if self.partition is None else self.partition.get_source_expressions()
        order = [compiler.compile(key) for key in self.keys]
        return [compiler.compile(each) for each in partition], order


type Sort = tuple[tuple[Any, ...], ...]


def _sorts(compiler: Compiler) -> dict[Sort, int]:
    """Returns the sorts of a query's windows, numbered if MariaDB must keep them apart.

    It confuses none if there are at most two, or if all extend each other.
    """
    parts = (p for each in compiler.query.annotations.values() for p in each.flatten())
    found = list(dict.fromkeys(p.sort(compiler) for p in parts if isinstance(p, _Over)))
    partition, order = max(found, key=lambda sort: len(sort[1]))
    if len(found) <= 2 or all(sort == (partition, order[: len(sort[1])]) for sort in found):
        return dict.fromkeys(found, 0)
    return {sort: number for number, sort in enumerate(found, 1)}


class _IntegerKey(Portable, Func):
    """The only key of a frame with offsets, NULLs last without a second key."""

    arity = 1
    template = "%(expressions)s"

    def as_mysql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        (key,) = self.get_source_expressions()
        sql, params = compiler.compile(key.expression)
        # NULLs are last in descending order, so it is descending in either case.
        return f"{sql if key.descending else f'-({sql})'} DESC", params


class _Windowed(Portable, Func):
    """An expression whose aggregates and window functions have their windows."""

    arity = 1
    template = "%(expressions)s"
    contains_aggregate = False
    contains_over_clause = True

    def get_group_by_cols(self) -> list[Any]:
        columns: list[Any] = []
        for leaf in _leaves(self.get_source_expressions()[0]):
            for source in leaf.get_source_expressions():
                if source is not None:
                    columns += source.get_group_by_cols()
        return columns


def _leaves(expression: Any) -> Iterator[Any]:
    """Yields the aggregates and window functions within an expression."""
    if isinstance(expression, Aggregate | WindowFunction):
        yield expression
    elif hasattr(expression, "get_source_expressions"):
        for source in expression.get_source_expressions():
            yield from _leaves(source)


def _refuse(leaf: Any) -> None:
    name = getattr(leaf, "name", None) or type(leaf).__name__
    if not leaf.window_compatible:
        raise NotPortable(f"{name} cannot stand in a Window: not every database supports it.")
    if getattr(leaf, "distinct", False):
        raise NotPortable(
            f"{name}(distinct=True) cannot stand in a Window: only one database supports it."
        )


def _over(expression: Any, definition: Any) -> Any:
    """Returns a copy of the expression with a window at each leaf."""
    if isinstance(expression, Aggregate):
        leaf = _with_condition_inside(expression)
        leaf.filter = definition(expression)
        leaf.contains_aggregate = False
        return leaf
    if isinstance(expression, WindowFunction):
        leaf = expression.copy()
        leaf.over = definition(expression)
        return leaf
    sources = expression.get_source_expressions()
    if not sources:
        return expression
    copy = expression.copy()
    compat.sources_changed(copy)
    copy.set_source_expressions([s if s is None else _over(s, definition) for s in sources])
    return copy


def _with_condition_inside(aggregate: Any) -> Any:
    """Returns the aggregate with its filter as a CASE, which makes room for OVER."""
    copy = aggregate.copy()
    if aggregate.filter is None:
        return copy
    first, *others = copy.source_expressions
    condition = aggregate.filter.condition
    copy.source_expressions = [_When(When(condition, then=first)), *others]
    copy.filter = None
    return copy


class _When(Portable, Case):
    """The value if an aggregate's filter is true, otherwise NULL."""


class _RowKey(Portable, Expression):
    """The identity of a statement's rows: its group keys, or the keys of its joined tables.

    It is determined when the statement is compiled and all joins are known.
    """

    def get_group_by_cols(self) -> list[Any]:
        return []

    def as_sql(self, compiler: Compiler, connection: Connection) -> Sql:
        query = compiler.query
        keys = query.group_by if isinstance(query.group_by, tuple) else row_key(query)
        orders = [
            OrderBy(comparable(key), nulls_last=None if _is_own_key(key, query) else True)
            for key in keys
        ]
        compiled = [compiler.compile(order) for order in orders]
        return ", ".join(sql for sql, _ in compiled), tuple(p for _, some in compiled for p in some)


def _is_own_key(key: Any, query: Query) -> bool:
    """Whether it is the primary key of a query's own table, which is never NULL."""
    return isinstance(key, Col) and key.alias == query.base_table and key.target.primary_key


def _ties(query: Query | None) -> list[Any]:
    """Returns the expressions that identify rows."""
    if query is None:
        return [_RowKey()]
    names = [
        *query.values_select,
        *(
            name
            for name, annotation in query.annotation_select.items()
            if not annotation.contains_aggregate and not annotation.contains_over_clause
        ),
    ]
    is_grouped = isinstance(query.group_by, tuple) or (
        query.group_by is None and query.annotation_select_mask is not None and names
    )
    if not is_grouped:
        return [_RowKey()]
    return [OrderBy(Comparable(F(name)), nulls_last=True) for name in names]


# Frames


def _checked(frame: Any) -> Any:
    if frame is None:
        return None
    if type(frame) not in (RowRange, ValueRange):
        raise DeclarationError(f"A Window's frame is a RowRange or a ValueRange, not {frame!r}.")
    if frame.exclusion is not None:
        raise NotPortable(
            "MySQL and MariaDB cannot exclude rows from a frame. Subtract them, as in"
            " Window(Sum(...)) - F(...)."
        )
    start, end = frame.start.value, frame.end.value
    if any(not isinstance(bound, int | None) for bound in (start, end)):
        raise DeclarationError(f"A frame's bounds are integers or None, not {start!r}, {end!r}.")
    if start is not None and end is not None and start > end:
        raise DeclarationError(f"A frame begins before it ends: not at {start} and {end}.")
    return frame


def _has_offset(frame: Any) -> bool:
    return bool(frame.start.value or frame.end.value)


def _frame_sql(frame: Any, *, is_ordered: bool, by_rows: bool) -> str:
    if frame is None:
        if not is_ordered:
            return "ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING"
        kind = "ROWS" if by_rows else "RANGE"
        return f"{kind} BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW"
    if isinstance(frame, ValueRange) and not is_ordered:
        raise DeclarationError("A ValueRange needs an order_by.")
    start = _bound(frame.start.value, "PRECEDING")
    return f"{frame.frame_type} BETWEEN {start} AND {_bound(frame.end.value, 'FOLLOWING')}"


def _bound(rows: int | None, unbounded: str) -> str:
    if rows is None:
        return f"UNBOUNDED {unbounded}"
    if not rows:
        return "CURRENT ROW"
    return f"{abs(rows)} {'PRECEDING' if rows < 0 else 'FOLLOWING'}"
