"""Functional dependency: columns that have one value for each key of a group."""

from typing import Any

from django.contrib.gis.db.models import GeometryField
from django.db.models import Aggregate
from django.db.models.expressions import BaseExpression, Col

from geo.backends.compat import Compiler, Connection, Sql, postgresql_server_version
from reports.expressions.base import Portable
from reports.expressions.joins import is_to_one
from reports.expressions.text.code_point import CodePoint


class Label(Portable, Aggregate):
    """`Label(alias)`: the single value that an annotation has in a group, by its key.

    The statement has checked that it depends on the key, and so groups by the key only.
    """

    name = "Label"
    ignores_duplicates = True
    arity = 1
    gives_geometry = True

    def __init__(self, alias: str) -> None:
        super().__init__(alias)
        self.alias = alias

    def as_postgresql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        if postgresql_server_version(connection) >= 160000:
            return self.as_sql(compiler, connection, function="ANY_VALUE")
        if isinstance(self.output_field, GeometryField):  # geometries have no MIN
            return self.as_sql(compiler, connection, template="(ARRAY_AGG(%(expressions)s))[1]")
        return self.as_sql(compiler, connection, function="MIN")

    def as_mysql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        sql, params = compiler.compile(self.get_source_expressions()[0])
        return sql, params  # any row's will do

    def as_sqlite(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        sql, params = compiler.compile(self.get_source_expressions()[0])
        return sql, params  # any row's will do


def depends(query: Any, label: Any, key: Any) -> bool:
    """Whether a resolved expression has only one value for each value of another.

    That is known of columns: if the key identifies a row or refers to one, and the expression is of
    that row or of one that it refers to.
    """
    label, key = column_of(label), column_of(key)
    if label is None or key is None:
        return False
    if (label.alias, label.target) == (key.alias, key.target):
        return True
    tells = key.target.primary_key or (key.target.unique and not key.target.null)
    alias = label.alias
    while alias != key.alias:
        join = query.alias_map[alias]
        if join.parent_alias is None or not is_to_one(join.join_field):
            return False
        if join.parent_alias == key.alias and join.join_field is key.target:
            return True
        alias = join.parent_alias
    return bool(tells)


def column_of(expression: BaseExpression) -> Col | None:
    """Returns the column that an expression is, by itself or in code point order."""
    if isinstance(expression, CodePoint):
        (expression,) = expression.get_source_expressions()
    return expression if isinstance(expression, Col) else None
