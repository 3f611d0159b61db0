"""What people read in the place of a group's key."""

from typing import Any

from django.contrib.gis.db.models import GeometryField
from django.db.models import Aggregate
from django.db.models.expressions import Col

from reports.expressions.base import Portable
from reports.expressions.joins import is_to_one
from reports.expressions.text.code_point import CodePoint


class Label(Portable, Aggregate):
    """`Label(alias)`: the one value that an annotation which depends on the key has in a group.

    For the engine, which has seen that it depends: the statement then groups by the key alone.
    """

    name = "Label"
    ignores_duplicates = True
    arity = 1
    gives_geometry = True

    def __init__(self, alias: str) -> None:
        super().__init__(alias)
        self.alias = alias

    def as_postgresql(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, Any]:
        if connection.pg_version >= 160000:
            return self.as_sql(compiler, connection, function="ANY_VALUE")
        if isinstance(self.output_field, GeometryField):  # they have no least
            return self.as_sql(compiler, connection, template="(ARRAY_AGG(%(expressions)s))[1]")
        return self.as_sql(compiler, connection, function="MIN")

    def as_mysql(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, Any]:
        sql, params = compiler.compile(self.get_source_expressions()[0])
        return sql, params  # any row's will do

    def as_sqlite(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, Any]:
        sql, params = compiler.compile(self.get_source_expressions()[0])
        return sql, params  # any row's will do


def depends(query: Any, label: Any, key: Any) -> bool:
    """Whether a resolved expression can have but one value for each value of another.

    That is seen of columns: where the key tells a row or points to one, and the label is of that
    row or of one that it points to in its turn.
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


def column_of(expression: Any) -> Col | None:
    """The column that an expression is, as it stands or by code point."""
    if isinstance(expression, CodePoint):
        (expression,) = expression.get_source_expressions()
    return expression if isinstance(expression, Col) else None
