"""Aggregates over several to-many relations, each over its own rows.

Joining two to-many relations pairs each row of one with each row of the other, and aggregates would
count every pair. In such a statement each relation's aggregates are computed in a derived table of
their own, with the same groups, and the tables are joined group by group.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Aggregate, Expression, IntegerField, Model, QuerySet, Value
from django.db.models.expressions import BaseExpression, Col, ExpressionList, OrderBy, Star
from django.db.models.sql import Query

from geo.backends.compat import Compiler, Connection, Sql
from reports.expressions.base import OfGivenType
from reports.expressions.functional_dependency import column_of
from reports.expressions.joins import many_joined, many_tables
from reports.queries.derived import DerivedColumn, DerivedTable, RowsQuery, derived, select, sql_of

type Joins = frozenset[str]
# The column by which the tables are joined. It must differ from the statement's aliases: MySQL and
# MariaDB would take an alias for it in ORDER BY.
NUMBER = "n"
# Parts of windows that are not values.
ORDERS = (OrderBy, ExpressionList)


def aggregates(expression: object) -> Iterator[Any]:
    """Yields the aggregates, but no windows, within an expression."""
    if _is_aggregate(expression):
        yield expression
    else:
        for source in sources_of(expression):
            yield from aggregates(source)


def _is_aggregate(expression: object) -> bool:
    return isinstance(expression, Aggregate) and not expression.contains_over_clause


def sources_of(expression: Any) -> list[BaseExpression]:
    if not hasattr(expression, "get_source_expressions"):
        return []
    return [each for each in expression.get_source_expressions() if each is not None]


def row_parts(expression: BaseExpression, known: Sequence[Any] = ()) -> Iterator[BaseExpression]:
    """Yields an expression's columns outside aggregates and outside `known` expressions."""
    if _is_aggregate(expression) or expression in known:
        return
    if isinstance(expression, Col | DerivedColumn):
        yield expression
    elif hasattr(expression, "get_external_cols"):
        for column in expression.get_external_cols():
            yield from row_parts(column, known)
    else:
        for source in sources_of(expression):
            yield from row_parts(source, known)


def is_aggregate(query: Query, aliases: Sequence[str]) -> bool:
    """Whether all these annotations consist of aggregates over all rows."""
    annotations = [query.annotations[alias] for alias in aliases]
    return all(
        each.contains_aggregate and not each.contains_over_clause and not any(row_parts(each))
        for each in annotations
    )


def has_total(query: Query, alias: str) -> bool:
    """Whether an aggregate that is valid in each group is also valid over all rows."""
    return all(getattr(each, "has_total", True) for each in aggregates(query.annotations[alias]))


def own_joins(before: Query, query: Query) -> Joins:
    """Returns the to-many joins that are part of a query's rows.

    These are its joins before columns were added, and the joins of keys and of single-row columns.
    """
    many = many_tables(query)
    if not many:
        return frozenset()
    parts = [p for each in query.annotation_select.values() for p in row_parts(each)]
    return frozenset(many_tables(before) | set(many_joined(query, *parts))) & many


@dataclass(frozen=True, slots=True)
class Unit:
    """A part of an expression whose aggregates are over the same rows.

    joins     the to-many joins that it needs in addition to those of the rows
    is_plain  whether repeated rows change its value
    """

    expression: Any
    joins: Joins
    is_plain: bool


def units(query: Query, expression: BaseExpression, own: Joins) -> Iterator[Unit]:
    """Yields the largest parts of an expression that can be a column of one table of groups."""
    leaves = list(aggregates(expression))
    if not leaves:
        return
    joins = {frozenset(many_joined(query, leaf)) - own for leaf in leaves}
    (first, *others) = joins
    is_value = not isinstance(expression, ORDERS) and not expression.contains_over_clause
    if others or not is_value or any(row_parts(expression)):
        for source in sources_of(expression):
            yield from units(query, source, own)
        return
    yield Unit(expression, first, is_plain=not all(map(_ignores_duplicates, leaves)))


def _ignores_duplicates(aggregate: BaseExpression) -> bool:
    return bool(
        getattr(aggregate, "distinct", False) or getattr(aggregate, "ignores_duplicates", False)
    )


def units_that_multiply(query: Query, own: Joins) -> list[Unit]:
    """Returns the units of a query's columns if one set of joined rows cannot serve them all.

    `own` are the joins that are part of the rows. The result is empty if no aggregate is over rows
    that another one's joins multiply.
    """
    found = [
        unit
        for annotation in query.annotation_select.values()
        for unit in units(query, annotation, own)
    ]
    every = frozenset[str]().union(*(unit.joins for unit in found))
    return found if any(unit.is_plain and unit.joins != every for unit in found) else []


def separated(
    queryset: QuerySet[Model],
    parts: Sequence[Unit],
    *,
    shown: Sequence[str],
    keys: Sequence[str],
) -> QuerySet[Model]:
    """Returns a queryset with the annotations `shown`, each aggregate over the joins that it needs.

    `keys` are the annotations that identify the queryset's rows; empty if there is one row.
    """
    query = SeparatedQuery(queryset.query, parts, shown=shown, keys=keys).outer
    return QuerySet(model=queryset.model, query=query, using=queryset.db)


class SeparatedQuery:
    """A query over several derived tables whose rows have the same groups."""

    def __init__(
        self,
        query: Query,
        parts: Sequence[Unit],
        *,
        shown: Sequence[str],
        keys: Sequence[str],
    ) -> None:
        self._query = query
        self._keys = [query.annotations[name] for name in keys]
        self._tables: list[tuple[Joins, dict[str, Any]]] = []
        self._columns: dict[Any, tuple[int, str]] = {}
        # The first table also has the keys and the single-row columns.
        for unit in sorted(parts, key=lambda each: (not each.is_plain, len(each.joins))):
            self._add(self._table_for(unit), unit.expression)
        self.outer: Any = RowsQuery(query.model)
        self._alias = self.outer.table_alias(query.get_meta().db_table, create=True)[0]
        annotations = {name: self._moved(query.annotations[name]) for name in shown}
        self.outer.alias_map[self._alias] = self._from()
        self.outer.annotations = annotations
        self.outer.identity = [self._moved(key) for key in self._keys]

    def _from(self) -> "SeparateTables":
        """Returns the table, or the joined tables, in FROM."""
        queries = [self._grouped(needed, columns) for needed, columns in self._tables]
        table = self._query.get_meta().db_table
        return SeparateTables(table, self._alias, queries, is_numbered=bool(self._keys))

    def _table_for(self, unit: Unit) -> int:
        for number, (joins, _columns) in enumerate(self._tables):
            if unit.joins <= joins and not unit.is_plain:
                return number
        return self._table_of(unit.joins)

    def _table_of(self, needed: Joins) -> int:
        for number, (joins, _columns) in enumerate(self._tables):
            if joins == needed:
                return number
        self._tables.append((needed, {}))
        return len(self._tables) - 1

    def _add(self, number: int, expression: object) -> None:
        if expression not in self._columns:
            columns = self._tables[number][1]
            name = f"v{len(columns)}"
            columns[name] = expression
            self._columns[expression] = number, name

    def _moved(self, expression: Any) -> Any:
        """Returns the expression over the columns of the derived tables."""
        if expression in self._columns:
            number, name = self._columns[expression]
            return derived(part_alias(self._alias, number), name, expression)
        if is_constant(expression):
            return expression
        if not (
            any(aggregates(expression))
            or expression.contains_over_clause
            or isinstance(expression, ORDERS)
        ):
            self._add(0, expression)
            return self._moved(expression)
        copy = expression.copy()
        copy.contains_aggregate = False
        sources = expression.get_source_expressions()
        copy.set_source_expressions([s if s is None else self._moved(s) for s in sources])
        return copy

    def _grouped(self, needed: Joins, columns: Mapping[str, Any]) -> Any:
        """Returns the query of one derived table: the same groups, with these columns."""
        query: Any = self._query.clone()
        query.clear_ordering(force=True)
        needless = {alias for other, _columns in self._tables for alias in other - needed}
        for alias in query.alias_map:
            if not needless.isdisjoint(_chain(query, alias)):
                query.alias_refcount[alias] = 0
        columns = dict(columns)
        if self._keys:
            columns[NUMBER] = self._number
            if query.group_by is True:  # True means by what is selected
                columns |= {f"t{number}": key for number, key in enumerate(self._keys)}
        select(query, columns or {NUMBER: Value(1)})
        return query

    @property
    def _number(self) -> BaseExpression:
        """Returns the expression that numbers the groups, by which the tables are joined."""
        # MySQL and MariaDB take a constant in ORDER BY for a column's number.
        keys = [key for key in self._keys if not is_constant(key)]
        if not keys:
            return Value(1)
        first, *others = keys
        column = column_of(first)
        if others or column is None or not column.target.primary_key:
            return GroupNumber(*keys)
        return first if column.alias == self._query.base_table else GroupNumber(first)


def _chain(query: Query, alias: str | None) -> Iterator[str]:
    while alias is not None:
        yield alias
        alias = query.alias_map[alias].parent_alias


def is_constant(expression: object) -> bool:
    """Whether every row has the same value of an expression."""
    sources = sources_of(expression)
    return isinstance(expression, Value | Star) or (
        bool(sources) and all(map(is_constant, sources))
    )


def part_alias(alias: str, number: int) -> str:
    """Returns the alias of one of several derived tables."""
    return f"{alias}_{number}" if number else alias


class SeparateTables(DerivedTable):
    """Several derived tables in FROM, joined by the number of their group."""

    def __init__(
        self, table_name: str, table_alias: str, queries: Sequence[Any], *, is_numbered: bool
    ) -> None:
        super().__init__(table_name, table_alias, queries[0])
        self.queries = queries
        self.is_numbered = is_numbered

    def as_sql(self, compiler: Compiler, connection: Connection) -> Sql:
        join = "INNER JOIN" if self.is_numbered else "CROSS JOIN"
        joined, params = super().as_sql(compiler, connection)
        others, more = self.others_sql(connection, join)
        return joined + others, (*params, *more)

    def others_sql(self, connection: Connection, join: str) -> Sql:
        """Returns the SQL of all tables but the first, each joined to the first."""
        quote = connection.ops.quote_name
        number = f"{quote(self.table_alias)}.{quote(NUMBER)}"
        joined, params = "", list[object]()
        for place, query in enumerate(self.queries[1:], 1):
            sql, some = sql_of(query, connection)
            alias = quote(part_alias(self.table_alias, place))
            joined += f" {join} ({sql}) {alias}"
            if self.is_numbered:
                joined += f" ON {alias}.{quote(NUMBER)} = {number}"
            params += some
        return joined, tuple(params)

    def relabeled_clone(self, change_map: dict[str | None, str]) -> "SeparateTables":
        alias = change_map.get(self.table_alias, self.table_alias)
        return type(self)(self.table_name, alias, self.queries, is_numbered=self.is_numbered)


class GroupNumber(OfGivenType, Expression):
    """The number of a group among all groups in the order of these keys.

    With `is_dense`, groups with equal keys have the same number.
    """

    contains_aggregate = False
    contains_over_clause = True

    def __init__(self, *keys: Any, is_dense: bool = False) -> None:
        super().__init__(output_field=IntegerField())
        self.keys = list(keys)
        self.is_dense = is_dense

    def get_source_expressions(self) -> list[BaseExpression]:
        return self.keys

    def set_source_expressions(self, exprs: Sequence[Any]) -> None:
        self.keys = list(exprs)

    def get_group_by_cols(self) -> list[BaseExpression]:
        return []  # the query is already grouped by them

    def as_sql(self, compiler: Compiler, connection: Connection) -> Sql:
        compiled = [compiler.compile(key) for key in self.keys]
        order = ", ".join(sql for sql, _ in compiled)
        number = "DENSE_RANK" if self.is_dense else "ROW_NUMBER"
        return f"{number}() OVER (ORDER BY {order})", tuple(p for _, some in compiled for p in some)
