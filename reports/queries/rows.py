"""The rows of a report: those of its queryset, however it was made.

A queryset with groups, windows or distinct() becomes a derived table, a sub-query in FROM. The
report's own filters, groups and windows then apply to its rows, not to the rows beneath them.
"""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from django.core.exceptions import FieldError
from django.db.models import Expression, F, Func, IntegerField, QuerySet
from django.db.models.expressions import Col, Ref
from django.db.models.sql import Query
from django.db.models.sql.datastructures import BaseTable

from reports.expressions.base import OfGivenType
from reports.expressions.functional_dependency import column_of
from reports.expressions.joins import SameRow, is_many, joined_keys, many_joined, many_tables
from reports.expressions.rounding import SortKey, comparable
from reports.expressions.spatial.placement import is_geometry
from reports.expressions.text.code_point import CodePoint
from reports.portability.rewrite import portable


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """A queryset whose rows are those of a report.

    identity    expressions that together identify a row
    is_derived  whether its table is a sub-query
    """

    queryset: QuerySet[Any]
    identity: Sequence[Any]
    is_derived: bool = False


def needs_derived_table(query: Any) -> bool:
    """Whether adding filters or groups to a query would change its rows."""
    return bool(
        query.group_by is not None
        or query.distinct
        or query.where.contains_over_clause
        or any(each.contains_over_clause for each in query.annotations.values())
    )


def rows_of(queryset: QuerySet[Any]) -> Rows:
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


def _told_by_order(query: Any, database: str) -> Iterator[Any]:
    """Yields the expressions that Django adds to GROUP BY or DISTINCT because of the order.

    The query then has the joins of its order, and a to-many join among them repeats rows.
    """
    alias = query.get_initial_alias()
    compiler = query.get_compiler(database)
    for order, _is_selected in compiler._order_by_pairs():  # noqa: SLF001 -- no other way to ask
        is_of_meta = compiler._meta_ordering is not None  # noqa: SLF001
        if is_of_meta and query.group_by is not None and not query.distinct:
            return  # Django ignores it
        resolved = order.resolve_expression(query, allow_joins=True, reuse=None)
        if query.group_by is None and not query.distinct:
            continue
        for key in resolved.get_group_by_cols():
            column = column_of(key)
            if not (query.default_cols and column is not None and column.alias == alias):
                yield comparable(portable(key))


def _queryset(queryset: QuerySet[Any], query: Any) -> QuerySet[Any]:
    return QuerySet(model=queryset.model, query=query, using=queryset.db)


def tell_rows(identity: Sequence[Any], keys: Sequence[Any]) -> bool:
    """Whether the resolved keys identify every row of a derived table."""
    return all(any(each == _plain(key) for key in keys) for each in identity)


def _plain(expression: Any) -> Any:
    """Returns the operand of a code point comparison, or the expression itself."""
    return (
        expression.get_source_expressions()[0] if isinstance(expression, CodePoint) else expression
    )


def primary_key(model: Any) -> list[F]:
    """Returns the fields of a model's primary key."""
    return [F(field.attname) for field in model._meta.pk_fields]


def unused(name: str, taken: Container[str]) -> str:
    """Returns the name, or a similar one that is not taken. Databases ignore case."""
    while name.casefold() in taken:
        name += "x"
    return name


def names_taken(query: Any) -> set[str]:
    """Returns the names of a query's annotations and of its model's fields, case-folded."""
    names = set(query.annotations)
    for field in query.get_meta().get_fields():
        names |= {
            name for word in ("name", "attname", "column") if (name := getattr(field, word, None))
        }
    return {name.casefold() for name in names}


def sql_of(query: Any, connection: Any) -> tuple[str, Any]:
    """Returns a query's SQL for a derived table, even if Django knows that it has no rows."""
    sql: tuple[str, Any] = query.get_compiler(connection=connection, elide_empty=False).as_sql()
    return sql


class WholeQuery(Query):
    """A query of aggregates over all rows. It has one row, even without rows to aggregate."""

    def get_compiler(
        self, using: Any = None, connection: Any = None, elide_empty: bool = False
    ) -> Any:
        return super().get_compiler(using, connection, elide_empty=False)


class DerivedTable(BaseTable):
    """A sub-query in FROM instead of a table."""

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
    """A column of a derived table, with the values of an expression that is selected there."""

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
        # Python may compute the value from what the database returns.
        of = self.source if self.output_field is self.source.output_field else self.output_field
        converters: list[Any] = of.get_db_converters(connection)
        return converters

    @property
    def identity(self) -> tuple[Any, ...]:
        return (type(self), self.table, self.name)


class Raw(OfGivenType, Func):
    """A geometry in the database's own form, without the conversion that a select adds."""

    arity = 1
    template = "%(expressions)s"

    def select_format(self, compiler: Any, sql: str, params: Any) -> tuple[str, Any]:
        return sql, params

    def get_group_by_cols(self) -> list[Any]:
        columns: list[Any] = self.get_source_expressions()[0].get_group_by_cols()
        return columns


def selected(expression: Any) -> Any:
    """Returns an expression in the form in which a derived table selects it."""
    return (
        Raw(expression, output_field=expression.output_field)
        if is_geometry(expression)
        else expression
    )


def select(query: Any, columns: Mapping[str, Any]) -> None:
    """Makes a query select exactly these expressions by these names, in place."""
    query.clear_select_fields()
    query.default_cols = False
    query.select_related = False
    query.clear_deferred_loading()
    if isinstance(query.group_by, tuple):
        query.group_by = tuple(_group_key(key, columns) for key in query.group_by)
    query.annotations = {name: selected(each) for name, each in columns.items()}
    query.set_annotation_mask(None)


def _group_key(key: Any, columns: Mapping[str, Any]) -> Any:
    """Returns a reference to the selected key, so that both stay the same expression."""
    source = key.source if isinstance(key, Ref) else key
    if not isinstance(source, Col):
        for name, expression in columns.items():
            if expression is source or expression == source:
                return Ref(name, expression)
    return source


def as_table(queryset: QuerySet[Any], names: Sequence[str]) -> QuerySet[Any]:
    """Returns a queryset over a derived table whose columns are these annotations of another."""
    query = queryset.query.clone()
    query.clear_ordering(force=True)
    columns = {name: query.annotations[name] for name in names}
    select(query, columns)
    outer: Any = RowsQuery(queryset.model)
    table = outer.join(DerivedTable(query.get_meta().db_table, None, query))
    outer.annotations = {n: DerivedColumn(table, n, each) for n, each in columns.items()}
    return _queryset(queryset, outer)


def settle_group_by(query: Any) -> None:
    """Removes windows from GROUP BY, which a later aggregate added, and never leaves it empty.

    Django leaves GROUP BY out if all keys are constants: a group without rows would become a row.
    """
    query.group_by = tuple(
        key
        for key in query.group_by
        if not (isinstance(key, Ref) and key.source.contains_over_clause)
    )
    if not any(key.get_group_by_cols() for key in query.group_by):
        query.group_by += (OneGroup(),)


class OneGroup(OfGivenType, Expression):
    """A key that puts all rows into one group. A bare constant would be a column's number."""

    def __init__(self) -> None:
        super().__init__(output_field=IntegerField())

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return "(0 + 0)", ()


class RowsQuery(Query):
    """A query over a derived table.

    identity        expressions that together identify a row of the table
    columns         the columns of the model's fields that the table has
    selected_names  the names given to values() or distinct(), if the rows have only those
    joined          by to-many join within the table: its primary key's columns, by their name here
    """

    identity: Sequence[Any] = ()
    columns: frozenset[str] = frozenset()
    selected_names: tuple[str, ...] = ()
    joined: Mapping[str, Mapping[str, str]] = MappingProxyType({})

    def get_compiler(self, *args: Any, **kwargs: Any) -> Any:
        compiler: Any = super().get_compiler(*args, **kwargs)
        # No database knows the keys of a derived table, so no column depends on them.
        compiler.collapse_group_by = lambda expressions, having: expressions
        return compiler

    def set_values(self, fields: Any) -> None:
        """Selects these fields. Rows with aggregates stay grouped by their identity."""
        if self.group_by is True:  # True means all fields of the model, which may be missing here
            self.group_by = tuple(self.identity)
        super().set_values(fields)

    def join(self, join: Any, reuse: Any = None) -> str:
        """Joins a table. A path that may reuse the rows' joins reuses those within too."""
        if reuse is None and join.parent_alias and join not in self.alias_map.values():
            within = self._within(join)
            if columns := self.joined.get(within or ""):
                join = SameRow(join, self.base_table, columns)
        alias: str = super().join(join, reuse=reuse)
        return alias

    def _within(self, join: Any) -> str | None:
        """Returns the alias of the same join within the derived table, None if it has none."""
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


class _Derived:
    """Builds a query over a derived table that has the rows of another query."""

    def __init__(self, query: Any, ordered: Sequence[Any]) -> None:
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
            name: DerivedColumn(table, column, self._columns[column])
            for name, column in names.items()
        }
        self.outer.identity = [
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

    def _telling(self) -> Iterator[Any]:
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
            yield alias, {key.target.column: self._column("i", key) for key in keys}

    def _grouped_by(self) -> Iterator[Any]:
        """Yields all keys of Django's GROUP BY, as SQLCompiler.get_group_by finds them."""
        query = self._query
        named = set()
        if isinstance(query.group_by, tuple):
            yield from (key.source if isinstance(key, Ref) else key for key in query.group_by)
            named = {key.refs for key in query.group_by if isinstance(key, Ref)}
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

    def _column(self, name: str, expression: Any) -> str:
        """Returns the name of an expression's column. An expression is selected once."""
        for column, known in self._columns.items():
            if known == expression:
                return column
        name = unused(name, {column.casefold() for column in self._columns})
        self._columns[name] = expression
        return name


def _groups_by_window(query: Any, annotation: Any) -> bool:
    """Whether selecting an annotation would group by a window, which no database can do."""
    return query.group_by is not None and any(
        key.contains_over_clause for key in annotation.get_group_by_cols()
    )


def _own_fields(query: Any) -> list[Any]:
    """Returns the fields that are columns of the query's own table."""
    fields: list[Any] = query.get_meta().concrete_model._meta.local_concrete_fields
    return fields
