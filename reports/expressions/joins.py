"""The joins of a query: which of them multiply rows, and what identifies its rows."""

from collections.abc import Container, Iterator, Mapping
from typing import Any

from django.db.models.expressions import BaseExpression, Col
from django.db.models.sql import Query
from django.db.models.sql.datastructures import Join

from geo.backends.compat import Compiler, Connection, Sql
from reports import compat


def is_to_one(field: Any) -> bool:
    """Whether a join by this field finds at most one row."""
    return bool(field.many_to_one or field.one_to_one)


class SameRow(Join):
    """A to-many join of which a derived table contains one row: it finds that row again.

    table     the alias of the derived table
    columns   its column for each column of the joined table's primary key
    """

    table_alias: str

    def __init__(self, join: Any, table: str, columns: Mapping[str, str]) -> None:
        super().__init__(
            join.table_name,
            join.parent_alias,
            join.table_alias,
            join.join_type,
            join.join_field,
            join.nullable,
        )
        self.table = table
        self.columns = columns

    def as_sql(self, compiler: Compiler, connection: Connection) -> Sql:
        quote = connection.ops.quote_name
        alias, table = quote(self.table_alias), quote(self.table)
        same = (f"{alias}.{quote(k)} = {table}.{quote(c)}" for k, c in self.columns.items())
        return f"{self.join_type} {quote(self.table_name)} {alias} ON ({' AND '.join(same)})", ()

    def relabeled_clone(self, change_map: dict[str | None, str]) -> "SameRow":
        table = change_map.get(self.table, self.table)
        return type(self)(super().relabeled_clone(change_map), table, self.columns)


def is_many(join: Any) -> bool:
    """Whether one row may be joined to many rows of this table."""
    return (
        join.parent_alias is not None
        and not isinstance(join, SameRow)
        and not is_to_one(join.join_field)
    )


def many_tables(query: Query) -> set[str]:
    """Returns the aliases of the tables that a query joins many to one row."""
    return {
        alias
        for alias, join in query.alias_map.items()
        if query.alias_refcount[alias] and is_many(join)
    }


def many_joined(query: Query, *expressions: object) -> Iterator[str]:
    """The aliases of the tables of which these resolved expressions join many rows to one."""
    for column in compat.columns_of(expressions):
        alias = column.alias
        while join := query.alias_map.get(alias):
            if is_many(join):
                yield alias
            alias = join.parent_alias


def joined_keys(query: Any, tables: Container[str]) -> list[Col]:
    """Returns the primary keys of the joined tables with these aliases.

    Together with the query's own primary key they identify its rows.
    """
    return [
        Col(alias, field)
        for alias, join in query.alias_map.items()
        if alias in tables
        for field in join.join_field.related_model._meta.pk_fields
    ]


def row_key(query: Query) -> list[BaseExpression]:
    """Returns columns that identify the rows of a query without GROUP BY."""
    if identity := getattr(query, "identity", None):
        keys = list(identity)
    else:
        keys = [Col(query.base_table, field) for field in query.get_meta().pk_fields]
    # With aggregates each object is one row, whatever they join.
    return keys if query.group_by else [*keys, *joined_keys(query, many_tables(query))]
