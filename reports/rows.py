"""The rows of a report: what its queryset yields, whatever Django code made it.

A queryset that groups, has windows or distinct() becomes a derived table, a sub-query in FROM. The
report's own filters, groups and windows then apply to its rows, not to what its rows are made of.
"""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import FieldError
from django.db.models import Expression, F, Func, QuerySet
from django.db.models.expressions import Col, Ref
from django.db.models.sql import Query
from django.db.models.sql.datastructures import BaseTable

from reports.expressions.base import OfGivenType
from reports.expressions.geometries import is_geometry
from reports.expressions.labels import column_of, is_to_one
from reports.expressions.text import CodePoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """A queryset whose rows are those of a report.

    identity    expressions that together tell its rows apart
    is_derived  whether its table is a sub-query
    """

    queryset: QuerySet[Any]
    identity: Sequence[Any]
    is_derived: bool = False


def needs_derived_table(query: Any) -> bool:
    """Whether filters or groups that are added to a query would change what its rows are."""
    return bool(
        query.group_by is not None
        or query.distinct
        or query.where.contains_over_clause
        or any(each.contains_over_clause for each in query.annotations.values())
    )


def rows_of(queryset: QuerySet[Any]) -> Rows:
    """The rows of a queryset whose query is portable already."""
    query = queryset.query.clone()
    query.clear_ordering(force=True)
    query.standard_ordering = True  # after reverse()
    if not needs_derived_table(query):
        if not query.default_cols:  # values() that groups nothing only selects
            query.clear_select_fields()
            query.default_cols = True
            query.set_annotation_mask(None)
        identity = primary_key(queryset.model)
        return Rows(queryset=_queryset(queryset, query), identity=identity)
    derived = _Derived(query)
    return Rows(
        queryset=_queryset(queryset, derived.outer), identity=derived.identity, is_derived=True
    )


def _queryset(queryset: QuerySet[Any], query: Any) -> QuerySet[Any]:
    return QuerySet(model=queryset.model, query=query, using=queryset.db)


def tell_rows(identity: Sequence[Any], keys: Sequence[Any]) -> bool:
    """Whether no two rows of a derived table have the same values of these resolved keys."""
    return all(any(each == _plain(key) for key in keys) for each in identity)


def _plain(expression: Any) -> Any:
    """What an expression compares by code point, or itself."""
    return (
        expression.get_source_expressions()[0] if isinstance(expression, CodePoint) else expression
    )


def primary_key(model: Any) -> list[F]:
    """The fields of a model's primary key."""
    return [F(field.attname) for field in model._meta.pk_fields]


def many_tables(query: Any) -> set[str]:
    """The aliases of the tables that a query joins of which one row meets many."""
    return {
        alias
        for alias, join in query.alias_map.items()
        if query.alias_refcount[alias] and join.parent_alias and not is_to_one(join.join_field)
    }


def joined_keys(query: Any, tables: Container[str]) -> list[Col]:
    """The primary keys of these of the tables that a query joins.

    Together with the query's own they tell its rows apart.
    """
    return [
        Col(alias, field)
        for alias, join in query.alias_map.items()
        if alias in tables
        for field in join.join_field.related_model._meta.pk_fields
    ]


def unused(name: str, taken: Container[str]) -> str:
    """The name, or one like it that is not among those taken; databases ignore case."""
    while name.casefold() in taken:
        name += "x"
    return name


def names_taken(query: Any) -> set[str]:
    """The names that a query's annotations and its model's fields have, without case."""
    names = set(query.annotations)
    for field in query.get_meta().get_fields():
        names |= {
            name for word in ("name", "attname", "column") if (name := getattr(field, word, None))
        }
    return {name.casefold() for name in names}


def sql_of(query: Any, connection: Any) -> tuple[str, Any]:
    """A query as the text of a derived table, also where it is known to have no rows."""
    sql: tuple[str, Any] = query.get_compiler(connection=connection, elide_empty=False).as_sql()
    return sql


class WholeQuery(Query):
    """A query of aggregates over all rows: one row, also where there are none."""

    def get_compiler(
        self, using: Any = None, connection: Any = None, elide_empty: bool = False
    ) -> Any:
        return super().get_compiler(using, connection, elide_empty=False)


class DerivedTable(BaseTable):
    """A sub-query in FROM, in the place of a table."""

    def __init__(self, table_name: str, table_alias: Any, query: Query) -> None:
        super().__init__(table_name, table_alias)
        self.query = query

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        sql, params = sql_of(self.query, connection)
        return f"({sql}) {connection.ops.quote_name(self.table_alias)}", params

    def relabeled_clone(self, change_map: Mapping[str, str]) -> "DerivedTable":
        alias = change_map.get(self.table_alias, self.table_alias)
        return type(self)(self.table_name, alias, self.query)

    @property
    def identity(self) -> tuple[Any, ...]:
        return (*super().identity, self.query)


class DerivedColumn(OfGivenType, Expression):
    """A column of a derived table, whose values are those of an expression selected there."""

    contains_column_references = True
    possibly_multivalued = False

    def __init__(self, table: str, name: str, source: Any) -> None:
        super().__init__(output_field=source.output_field)
        self.gives_geometry = isinstance(source, Col) or getattr(source, "gives_geometry", False)
        self.table = table
        self.name = name
        self.source = source

    def resolve_expression(self, *args: Any, **kwargs: Any) -> "DerivedColumn":
        return self

    def relabeled_clone(self, change_map: Mapping[str, str]) -> "DerivedColumn":
        return type(self)(change_map.get(self.table, self.table), self.name, self.source)

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        quote = connection.ops.quote_name
        return f"{quote(self.table)}.{quote(self.name)}", ()

    def get_group_by_cols(self) -> list[Any]:
        return [self]

    def get_db_converters(self, connection: Any) -> list[Any]:
        # The value may be one that Python makes of what the database gives.
        of = self.source if self.output_field is self.source.output_field else self.output_field
        converters: list[Any] = of.get_db_converters(connection)
        return converters

    @property
    def identity(self) -> tuple[Any, ...]:
        return (type(self), self.table, self.name)


class Raw(OfGivenType, Func):
    """A geometry as the database has it, where a select would convert it for a client."""

    arity = 1
    template = "%(expressions)s"

    def select_format(self, compiler: Any, sql: str, params: Any) -> tuple[str, Any]:
        return sql, params

    def get_group_by_cols(self) -> list[Any]:
        columns: list[Any] = self.get_source_expressions()[0].get_group_by_cols()
        return columns


def selected(expression: Any) -> Any:
    """An expression in the form in which a derived table selects it."""
    return (
        Raw(expression, output_field=expression.output_field)
        if is_geometry(expression)
        else expression
    )


def select(query: Any, columns: Mapping[str, Any]) -> None:
    """Let a query select these expressions by these names, and nothing else, in place."""
    query.clear_select_fields()
    query.default_cols = False
    query.select_related = False
    query.clear_deferred_loading()
    if isinstance(query.group_by, tuple):
        query.group_by = tuple(_group_key(key, columns) for key in query.group_by)
    query.annotations = {name: selected(each) for name, each in columns.items()}
    query.set_annotation_mask(None)


def _group_key(key: Any, columns: Mapping[str, Any]) -> Any:
    """What is grouped by, by the name that it is selected by: else more than it is grouped by."""
    source = key.source if isinstance(key, Ref) else key
    if not isinstance(source, Col):
        for name, expression in columns.items():
            if expression is source or expression == source:
                return Ref(name, expression)
    return source


def as_table(queryset: QuerySet[Any], names: Sequence[str]) -> QuerySet[Any]:
    """A queryset of a derived table that has these annotations of another as its columns."""
    query = queryset.query.clone()
    query.clear_ordering(force=True)
    columns = {name: query.annotations[name] for name in names}
    select(query, columns)
    outer: Any = RowsQuery(queryset.model)
    table = outer.join(DerivedTable(query.get_meta().db_table, None, query))
    outer.annotations = {n: DerivedColumn(table, n, each) for n, each in columns.items()}
    return _queryset(queryset, outer)


def group_by_no_window(query: Any) -> None:
    """Take windows out of what a query groups by, where an aggregate behind them has put them."""
    query.group_by = tuple(
        key
        for key in query.group_by
        if not (isinstance(key, Ref) and key.source.contains_over_clause)
    )


class RowsQuery(Query):
    """A query of a derived table.

    columns         those of its model's fields which the table has
    selected_names  what values() or distinct() named, where the rows have nothing else
    """

    columns: frozenset[str] = frozenset()
    selected_names: tuple[str, ...] = ()

    def get_compiler(self, *args: Any, **kwargs: Any) -> Any:
        compiler: Any = super().get_compiler(*args, **kwargs)
        # No database knows a key of a derived table, which tells its other columns.
        compiler.collapse_group_by = lambda expressions, having: expressions
        return compiler

    def names_to_path(self, names: Any, opts: Any, *args: Any, **kwargs: Any) -> Any:
        found = super().names_to_path(names, opts, *args, **kwargs)
        if opts is self.get_meta():
            path, _field, targets, _rest = found
            needed = path[0].join_field.get_joining_fields() if path else [(targets[0], None)]
            if any(own.column not in self.columns for own, _other in needed):
                raise FieldError(
                    f"The rows of the queryset have no {names[0]!r}: values() or distinct() leaves"
                    f" {', '.join(self.selected_names)}."
                )
        return found


class _Derived:
    """The query of a derived table that has the rows of another query."""

    def __init__(self, query: Any) -> None:
        self._query = query
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
        if not query.default_cols:
            fields = [each.target.name for each in map(column_of, self._own.values()) if each]
            self.outer.selected_names = (*fields, *names)
        select(query, self._columns)
        table = self.outer.join(DerivedTable(query.get_meta().db_table, None, query))
        self.outer.annotations = {
            name: DerivedColumn(table, column, self._columns[column])
            for name, column in names.items()
        }
        self.identity = [
            DerivedColumn(table, column, self._columns[column]) for column in dict.fromkeys(hidden)
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
        """The annotations that a row has one value of."""
        query = self._query
        if query.distinct or not query.default_cols:
            return dict(query.annotation_select)
        return {
            name: annotation
            for name, annotation in query.annotations.items()
            if name in query.annotation_select
            or annotation.contains_aggregate
            or not any(many_joined(query, annotation))
        }

    def _telling(self) -> Iterator[Any]:
        """The expressions that tell the rows apart."""
        query = self._query
        if query.distinct:
            yield from self._own.values()
            yield from self._named.values()
        elif isinstance(query.group_by, tuple):
            yield from (key.source if isinstance(key, Ref) else key for key in query.group_by)
        else:
            yield from (field.get_col(self._alias) for field in query.get_meta().pk_fields)
            if query.group_by is None:
                yield from joined_keys(query, many_tables(query))
            else:
                for annotation in self._named.values():
                    if not annotation.contains_aggregate and annotation.get_group_by_cols():
                        yield annotation

    def _column(self, name: str, expression: Any) -> str:
        """The name of the column for an expression, which is selected once."""
        for column, known in self._columns.items():
            if known == expression:
                return column
        name = unused(name, {column.casefold() for column in self._columns})
        self._columns[name] = expression
        return name


def _own_fields(query: Any) -> list[Any]:
    """The fields whose columns are those of the query's own table."""
    fields: list[Any] = query.get_meta().concrete_model._meta.local_concrete_fields
    return fields


def many_joined(query: Any, *expressions: Any) -> Iterator[str]:
    """The aliases of the tables of which these resolved expressions join many rows to one."""
    for column in Query._gen_cols(expressions, include_external=True):
        alias = column.alias
        while join := query.alias_map.get(alias):
            if not join.parent_alias:
                break
            if not is_to_one(join.join_field):
                yield alias
            alias = join.parent_alias
