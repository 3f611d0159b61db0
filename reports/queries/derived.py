"""Derived tables: a query as the table of another one."""

from collections.abc import Container, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from django.core.exceptions import FieldError
from django.db.models import Expression, Func, IntegerField, Model, QuerySet
from django.db.models.expressions import BaseExpression, Col, Ref
from django.db.models.sql import Query
from django.db.models.sql.datastructures import BaseTable

from geo.backends.compat import Compiler, Connection, Sql
from reports import compat
from reports.expressions.base import OfGivenType
from reports.expressions.client_side import ClientSideExpression, DerivedValue
from reports.expressions.joins import SameRow, is_many
from reports.expressions.spatial.placement import is_geometry


def sql_of(query: Query, connection: Connection) -> Sql:
    """A query as the text of a derived table, also where it is known to have no rows."""
    sql: Sql = query.get_compiler(connection=connection, elide_empty=False).as_sql()
    return sql


class WholeQuery(Query):
    """A query of aggregates over all rows: one row, also where there are none."""

    def get_compiler(
        self,
        using: str | None = None,
        connection: Connection | None = None,
        elide_empty: bool = False,
    ) -> Compiler:
        compiler: Compiler = super().get_compiler(using, connection, elide_empty=False)
        return compiler


class DerivedTable(BaseTable):
    """A sub-query in FROM, in the place of a table."""

    table_alias: str

    def __init__(self, table_name: str, table_alias: str | None, query: Query) -> None:
        super().__init__(table_name, table_alias)
        self.query = query

    def as_sql(self, compiler: Compiler, connection: Connection) -> Sql:
        sql, params = sql_of(self.query, connection)
        return f"({sql}) {connection.ops.quote_name(self.table_alias)}", params

    def relabeled_clone(self, change_map: dict[str | None, str]) -> "DerivedTable":
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

    def as_sql(self, compiler: Compiler, connection: Connection) -> Sql:
        quote = connection.ops.quote_name
        return f"{quote(self.table)}.{quote(self.name)}", ()

    def get_group_by_cols(self) -> list[BaseExpression]:
        return [self]

    def get_db_converters(self, connection: Connection) -> list[Any]:
        converters: list[Any] = self.output_field.get_db_converters(connection)
        return converters

    @property
    def identity(self) -> tuple[Any, ...]:
        return (type(self), self.table, self.name)


def derived(table: str, name: str, source: BaseExpression) -> Expression:
    """The column of a derived table that selects an expression."""
    column = DerivedColumn(table, name, source)
    return DerivedValue(column, source) if isinstance(source, ClientSideExpression) else column


class Raw(OfGivenType, Func):
    """A geometry as the database has it, where a select would convert it for a client."""

    arity = 1
    template = "%(expressions)s"

    def select_format(self, compiler: Compiler, sql: str, params: Any) -> Sql:
        return sql, params

    def get_group_by_cols(self) -> list[BaseExpression]:
        columns: list[Any] = self.get_source_expressions()[0].get_group_by_cols()
        return columns


def selected(expression: BaseExpression) -> BaseExpression:
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


def _group_key(key: BaseExpression, columns: Mapping[str, Any]) -> BaseExpression:
    """What is grouped by, by the name that it is selected by: else more than it is grouped by."""
    source = compat.source_of(key) if isinstance(key, Ref) else key
    if not isinstance(source, Col):
        for name, expression in columns.items():
            if expression is source or expression == source:
                return Ref(name, expression)
    return source


def as_table(queryset: QuerySet[Model], names: Sequence[str]) -> QuerySet[Model]:
    """A queryset of a derived table that has these annotations of another as its columns."""
    query = queryset.query.clone()
    query.clear_ordering(force=True)
    columns = {name: query.annotations[name] for name in names}
    select(query, columns)
    outer: Any = RowsQuery(queryset.model)
    table = outer.join(DerivedTable(query.get_meta().db_table, None, query))
    outer.annotations = {n: derived(table, n, each) for n, each in columns.items()}
    return QuerySet(model=queryset.model, query=outer, using=queryset.db)


def settle_group_by(query: Any) -> None:
    """Group by no window, which an aggregate behind it has put there, and by something.

    Where all keys are constants Django leaves GROUP BY out: a group of no rows would be a row.
    """
    query.group_by = tuple(
        key
        for key in query.group_by
        if not (isinstance(key, Ref) and compat.source_of(key).contains_over_clause)
    )
    if not any(key.get_group_by_cols() for key in query.group_by):
        query.group_by += (OneGroup(),)


class OneGroup(OfGivenType, Expression):
    """What puts all rows into one group; a bare constant would be a column's number."""

    def __init__(self) -> None:
        super().__init__(output_field=IntegerField())

    def as_sql(self, compiler: Compiler, connection: Connection) -> Sql:
        return "(0 + 0)", ()


class RowsQuery(Query):
    """A query of a derived table.

    identity        expressions that together tell the rows of the table apart
    columns         those of its model's fields which the table has
    selected_names  what values() or distinct() named, where the rows have nothing else
    joined          of each join to many within the table, the columns that its primary key has here
    """

    identity: Sequence[Any] = ()
    columns: frozenset[str] = frozenset()
    selected_names: tuple[str, ...] = ()
    joined: Mapping[str, Mapping[str, str]] = MappingProxyType({})

    def get_compiler(self, *args: Any, **kwargs: Any) -> Compiler:
        compiler: Compiler = super().get_compiler(*args, **kwargs)
        # No database knows a key of a derived table, which tells its other columns.
        compat.keep_group_by(compiler)
        return compiler

    def set_values(self, fields: Any) -> None:
        """Select these; rows with aggregates stay apart by what tells them apart."""
        if self.group_by is True:  # which means all fields of the model, and here are others
            self.group_by = tuple(self.identity)
        super().set_values(fields)

    def join(self, join: Any, reuse: Any = None) -> str:
        """Join a table; a path that may share the joins of the rows shares those within too."""
        if join.parent_alias and join not in self.alias_map.values():
            within = self._within(join)
            if columns := self.joined.get(within or ""):
                join = SameRow(join, self.base_table, columns)
        alias: str = super().join(join, reuse=reuse)
        return alias

    def _within(self, join: Any) -> str | None:
        """The alias that a join of this query has within the derived table, if it has one."""
        table: Any = self.alias_map[self.base_table]
        if join.parent_alias is None:
            base: str = table.query.base_table
            return base
        before = self.alias_map[join.parent_alias]
        if is_many(before):  # its rows are others
            return None
        parent = self._within(before)
        within = table.query
        found = (
            alias
            for alias, each in reversed(within.alias_map.items())
            if parent is not None and each.parent_alias == parent and within.alias_refcount[alias]
            if each.join_field == join.join_field
        )
        return next(found, None)

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


def unused(name: str, taken: Container[str]) -> str:
    """The name, or one like it that is not among those taken; databases ignore case."""
    while name.casefold() in taken:
        name += "x"
    return name


def names_taken(query: Query) -> set[str]:
    """The names that a query's annotations and its model's fields have, without case."""
    names = set(query.annotations)
    for field in query.get_meta().get_fields():
        names |= {
            name for word in ("name", "attname", "column") if (name := getattr(field, word, None))
        }
    return {name.casefold() for name in names}
