"""The rows of a report: those of its queryset, however it was made.

A queryset with groups, windows or distinct() becomes a derived table, a sub-query in FROM. The
report's own filters, groups and windows then apply to its rows, not to the rows beneath them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Model, QuerySet
from django.db.models.expressions import BaseExpression, Ref
from django.db.models.sql import Query

from geo.backends.compat import column_name
from reports import compat
from reports.expressions.functional_dependency import column_of
from reports.expressions.joins import joined_keys, many_joined, many_tables
from reports.expressions.rounding import SortKey, comparable
from reports.expressions.text.code_point import CodePoint
from reports.portability.rewrite import portable
from reports.queries.derived import DerivedTable, RowsQuery, derived, select, unused


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """A queryset whose rows are those of a report.

    identity    expressions that together identify a row
    is_derived  whether its table is a sub-query
    """

    queryset: QuerySet[Model]
    identity: Sequence[Any]
    is_derived: bool = False


def needs_derived_table(query: Query) -> bool:
    """Whether adding filters or groups to a query would change its rows."""
    return bool(
        query.group_by is not None
        or query.distinct
        or query.where.contains_over_clause
        or any(each.contains_over_clause for each in query.annotations.values())
    )


def rows_of(queryset: QuerySet[Model]) -> Rows:
    """Returns the rows of a queryset whose query is already portable."""
    query = queryset.query.clone()
    with_order = query.clone()
    ordered = list(_told_by_order(with_order, queryset.db))
    if ordered or many_tables(with_order) != many_tables(query):
        query = with_order
    query.clear_ordering(force=True)
    query.standard_ordering = True  # as after reverse()
    if not needs_derived_table(query):
        if not query.default_cols:  # values() without aggregates only selects
            query.clear_select_fields()
            query.default_cols = True
            query.set_annotation_mask(None)
        identity = primary_key(queryset.model)
        return Rows(queryset=_queryset(queryset, query), identity=identity)
    outer = _Derived(query, ordered).outer
    return Rows(queryset=_queryset(queryset, outer), identity=outer.identity, is_derived=True)


def _told_by_order(query: Query, database: str) -> Iterator[BaseExpression]:
    """Yields the expressions that Django adds to GROUP BY or DISTINCT because of the order.

    The query then has the joins of its order, and a to-many join among them repeats rows.
    """
    alias = query.get_initial_alias()
    for order, is_of_meta in compat.order_of(query, database):
        if is_of_meta and query.group_by is not None and not query.distinct:
            return  # Django ignores it
        resolved = order.resolve_expression(query, allow_joins=True, reuse=None)
        if query.group_by is None and not query.distinct:
            continue
        for key in resolved.get_group_by_cols():
            column = column_of(key)
            if not (query.default_cols and column is not None and column.alias == alias):
                yield comparable(portable(key))


def _queryset(queryset: QuerySet[Model], query: Query) -> QuerySet[Model]:
    return QuerySet(model=queryset.model, query=query, using=queryset.db)


def tell_rows(identity: Sequence[Any], keys: Sequence[Any]) -> bool:
    """Whether the resolved keys identify every row of a derived table."""
    return all(any(each == _plain(key) for key in keys) for each in identity)


def _plain(expression: BaseExpression) -> BaseExpression:
    """Returns the operand of a code point comparison, or the expression itself."""
    return (
        expression.get_source_expressions()[0] if isinstance(expression, CodePoint) else expression
    )


def primary_key(model: Any) -> list[F]:
    """Returns the fields of a model's primary key."""
    return [F(field.attname) for field in model._meta.pk_fields]


class _Derived:
    """Builds a query over a derived table that has the rows of another query."""

    def __init__(self, query: Query, ordered: Sequence[Any]) -> None:
        self._query = query
        self._ordered = ordered
        self._alias = query.get_initial_alias()
        self._own: dict[str, Any] = {}
        self._named: dict[str, Any] = {}
        self._columns: dict[str, Any] = {}
        if query.default_cols:
            for field in _own_fields(query):
                self._own[field.column] = field.get_col(self._alias)
        else:
            self._take_selected()
        self._named |= self._annotations()
        self.outer: Any = RowsQuery(query.model)
        self._columns |= self._own
        names = {name: self._column(name, each) for name, each in self._named.items()}
        hidden = [self._column("i", each) for each in self._telling()]
        self.outer.columns = frozenset(self._own)
        self.outer.joined = dict(self._joined())
        if not query.default_cols:
            fields = [each.target.name for each in map(column_of, self._own.values()) if each]
            self.outer.selected_names = (*fields, *names)
        select(query, self._columns)
        table = self.outer.join(DerivedTable(query.get_meta().db_table, None, query))
        self.outer.annotations = {
            name: derived(table, column, self._columns[column]) for name, column in names.items()
        }
        self.outer.identity = [
            derived(table, column, self._columns[column]) for column in dict.fromkeys(hidden)
        ]

    def _take_selected(self) -> None:
        own = {field: field.column for field in _own_fields(self._query)}
        for name, expression in zip(self._query.values_select, self._query.select, strict=True):
            column = column_of(expression)
            if column is None or column.alias != self._alias or column.target not in own:
                self._named[name] = expression
            else:
                self._own[own[column.target]] = expression

    def _annotations(self) -> dict[str, Any]:
        """Returns the annotations that have one value in a row."""
        query = self._query
        if query.distinct or not query.default_cols:
            return dict(query.annotation_select)
        return {
            name: annotation
            for name, annotation in query.annotations.items()
            if name in query.annotation_select
            or annotation.contains_aggregate
            or not (any(many_joined(query, annotation)) or _groups_by_window(query, annotation))
        }

    def _telling(self) -> Iterator[BaseExpression]:
        """Yields the expressions that identify a row."""
        query = self._query
        if query.distinct:
            yield from self._own.values()
            yield from self._named.values()
            yield from self._ordered
        elif query.group_by is None:
            yield from (field.get_col(self._alias) for field in query.get_meta().pk_fields)
            yield from joined_keys(query, many_tables(query))
        else:
            yield from self._grouped_by()

    def _joined(self) -> Iterator[tuple[str, Mapping[str, str]]]:
        """Yields each to-many join that is part of a row, with its columns."""
        query = self._query
        if query.distinct or query.group_by is not None:
            return
        for alias in many_tables(query):
            keys = joined_keys(query, {alias})
            yield alias, {column_name(key.target): self._column("i", key) for key in keys}

    def _grouped_by(self) -> Iterator[BaseExpression]:
        """Yields all keys of Django's GROUP BY, as SQLCompiler.get_group_by finds them."""
        query = self._query
        named = set()
        if isinstance(query.group_by, tuple):
            yield from (
                compat.source_of(key) if isinstance(key, Ref) else key for key in query.group_by
            )
            named = {compat.name_of(key) for key in query.group_by if isinstance(key, Ref)}
        else:
            yield from (field.get_col(self._alias) for field in query.get_meta().pk_fields)
        for name, annotation in self._named.items():
            if name not in named:
                yield from annotation.get_group_by_cols()
        _where, having, _qualify = query.where.split_having_qualify(must_group_by=True)
        for key in having.get_group_by_cols() if having is not None else ():
            # A sort key cannot be shown, and its value identifies a row as well.
            yield key.get_source_expressions()[0] if isinstance(key, SortKey) else key
        yield from self._ordered

    def _column(self, name: str, expression: BaseExpression) -> str:
        """Returns the name of an expression's column. An expression is selected once."""
        for column, known in self._columns.items():
            if known == expression:
                return column
        name = unused(name, {column.casefold() for column in self._columns})
        self._columns[name] = expression
        return name


def _groups_by_window(query: Query, annotation: Any) -> bool:
    """Whether selecting an annotation would group by a window, which no database can do."""
    return query.group_by is not None and any(
        key.contains_over_clause for key in annotation.get_group_by_cols()
    )


def _own_fields(query: Any) -> list[Any]:
    """Returns the fields that are columns of the query's own table."""
    fields: list[Any] = query.get_meta().concrete_model._meta.local_concrete_fields
    return fields
